"""Cases, places, organisations and counts of incidents of a problem: linked, changed, taken off, with their history."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases.at_place import point_of
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, CaseLink
from commonbeat.community.agency import local_day
from commonbeat.community.models import Organisation
from commonbeat.community.places import locate, places
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.geography import BadPlace, check_place
from commonbeat.core.ids import BadReference, parse_reference, reference
from commonbeat.core.text import N_
from commonbeat.evidence.models import IncidentSource
from commonbeat.kinds.problem import incidents
from commonbeat.kinds.problem.effects import NO_ROW, row_of, say
from commonbeat.kinds.problem.models import IncidentCount, Partner, Place

NO_REFERENCES = N_("Give at least one reference.")
NO_SUCH_CASES = N_("There are no cases that you may see with these references: %(references)s. Check them.")
LINKED_ALREADY = N_("All of these are linked already.")
BAD_POINT = N_("Write the point as two numbers in degrees, such as 41.8781, -87.6298.")
NOT_SERVED = N_("This point is outside the area that we serve. Check the two numbers.")
TWICE = N_("This organisation is listed in this role already.")
ONE_WHERE = N_("Choose either a place of the problem or an area.")
NO_POINT = N_("This place has no point on the map. Add it to the place first, or choose an area.")
HOW_FAR = N_("Say how far around the place to count.")
WRONG_WAY = N_("The last day lies before the first. Turn them round.")


def connect(deed: Deed) -> None:
    """Link cases by their references: any number at once, those already linked are passed over."""
    words = str(deed.data["references"]).replace(",", " ").replace(";", " ").split()
    if not words:
        raise Invalid([Wrong("references", NO_REFERENCES)])
    numbers, bad = [], []
    for word in words:
        try:
            numbers.append(parse_reference(word))
        except BadReference:
            bad.append(word)
    found = Case.objects.visible_to(deed.actor).linkable().filter(pk__in=numbers)
    seen = set(found.values_list("pk", flat=True))
    bad += [reference(number) for number in numbers if number not in seen or number == deed.case.pk]
    if bad:
        raise Invalid([Wrong("references", NO_SUCH_CASES, {"references": ", ".join(bad)})])
    new = link_cases(deed.case, sorted(seen), at=deed.at)
    if not new:
        raise Invalid([Wrong("references", LINKED_ALREADY)])
    deed.made += new
    deed.facts["others"] = [link.other_id for link in new]  # whoever may not see one of them does not read which


def link_cases(problem: Case, numbers: list[int], *, at: dt.datetime) -> list[CaseLink]:
    """Relate cases to a problem; those that are linked already are left out."""
    rows = CaseLink.objects.filter(relation=CaseLink.Relation.RELATED)
    there = set(rows.filter(one=problem).values_list("other_id", flat=True))
    there |= set(rows.filter(other=problem).values_list("one_id", flat=True))
    return [
        CaseLink.objects.create(one=problem, other_id=number, relation=CaseLink.Relation.RELATED, created_at=at)
        for number in Case.objects.linkable().filter(pk__in=numbers).order_by("pk").values_list("pk", flat=True)
        if number not in there
    ]


def _day(deed: Deed, field: str) -> dt.date | None:
    given = deed.data.get(field)
    return dt.date.fromisoformat(str(given)[:10]) if given else None


def _point(deed: Deed) -> tuple[float, float] | None:
    """The point that was typed; else where earlier cases at that address lie, as far as this actor sees them."""
    text = str(deed.data.get("point") or "")
    if not text:
        return point_of(str(deed.data["name"]), actor=deed.actor)
    try:
        lat, long = (float(part) for part in text.replace(";", ",").split(","))
        check_place(lat, long)
    except (ValueError, BadPlace):
        raise Invalid([Wrong("point", BAD_POINT)]) from None
    if not locate(lat=lat, long=long).inside:
        raise Invalid([Wrong("point", NOT_SERVED)])
    return lat, long


def _place(deed: Deed) -> dict[str, Any]:
    """What the answers say of a place; the area of its point where nobody chose one."""
    given, point = deed.data, _point(deed)
    area = int(given["area"]) if given.get("area") else None
    if area is not None and area not in places().areas:
        raise Invalid([Wrong("area", NO_ROW)])
    if area is None and point:
        area = locate(lat=point[0], long=point[1]).area_id
    lat, long = point or (None, None)
    return {"name": given["name"], "role": given["role"], "note": str(given.get("note") or "")[:400],
            "area_id": area, "lat": lat, "long": long}  # fmt: skip


def add_place(deed: Deed) -> None:
    """Add a place and what it has to do with the problem."""
    deed.make(Place(problem_id=deed.case.pk, **_place(deed)))
    say(deed, deed.data["name"])


def change_place(deed: Deed) -> None:
    """Change a place; how it was stays on the timeline."""
    row = row_of(deed, Place.objects.filter(problem_id=deed.case.pk), "place")
    values = _place(deed)
    Place.objects.filter(pk=row.pk).update(**values)
    deed.facts["was"] = {name: getattr(row, name) for name in values}
    say(deed, row.name if row.name == values["name"] else f"{row.name} → {values['name']}")


def remove_place(deed: Deed) -> None:
    """Take a place off, with what was counted around it; the timeline keeps its name and the reason."""
    row = row_of(deed, Place.objects.filter(problem_id=deed.case.pk), "place")
    deed.facts["was"] = {name: getattr(row, name) for name in ("name", "role", "note", "area_id", "lat", "long")}
    say(deed, f"{row.name}\n{deed.data['reason']}")
    row.delete()


def add_partner(deed: Deed) -> None:
    """Add an organisation in a role."""
    found = Organisation.objects.filter(pk=int(deed.data["organisation"]), retired_at=None).first()
    if found is None:
        raise Invalid([Wrong("organisation", NO_ROW)])
    role = deed.data["role"]
    if Partner.objects.filter(problem_id=deed.case.pk, organisation=found, role=role).exists():
        raise Invalid([Wrong("role", TWICE)])
    note = str(deed.data.get("note") or "")[:400]
    deed.make(Partner(problem_id=deed.case.pk, organisation=found, role=role, note=note))
    deed.facts |= {"partner": found.name, "role": role}


def change_partner(deed: Deed) -> None:
    """Change what an organisation has to do with it."""
    row = _partner(deed)
    role, note = deed.data["role"], str(deed.data.get("note") or "")[:400]
    others = Partner.objects.filter(problem_id=deed.case.pk, organisation_id=row.organisation_id, role=role)
    if others.exclude(pk=row.pk).exists():
        raise Invalid([Wrong("role", TWICE)])
    Partner.objects.filter(pk=row.pk).update(role=role, note=note)
    deed.facts |= {"partner": row.organisation.name, "role": role, "was": {"role": row.role, "note": row.note}}


def remove_partner(deed: Deed) -> None:
    """Take an organisation off; what it does in the plan stays there."""
    row = _partner(deed)
    deed.facts |= {"partner": row.organisation.name, "was": {"role": row.role, "note": row.note}}
    say(deed, deed.data["reason"])
    row.delete()


def _partner(deed: Deed) -> Partner:
    rows = Partner.objects.filter(problem_id=deed.case.pk).select_related("organisation")
    found: Partner = row_of(deed, rows, "partner")
    return found


def count_incidents(deed: Deed) -> None:
    """Keep a query of incidents with how many they are today."""
    given = deed.data
    source = IncidentSource.objects.filter(slug=given["source"], retired_at=None).exclude(content="").first()
    if source is None:
        raise Invalid([Wrong("source", NO_ROW)])
    row = IncidentCount(
        problem_id=deed.case.pk, source=source, source_name=source.name,
        sorts=incidents.sorts_of(source, str(given.get("sorts") or "")),
        first_on=_day(deed, "first_on"), last_on=_day(deed, "last_on"), **_where(deed),
    )  # fmt: skip
    if row.first_on and row.last_on and row.last_on < row.first_on:
        raise Invalid([Wrong("last_on", WRONG_WAY)])
    incidents.count(row, at=deed.at)
    deed.make(row)
    deed.facts |= {"source": source.name, "n": row.n, "until": row.counted_until}


def _where(deed: Deed) -> dict[str, Any]:
    given = deed.data
    if bool(given.get("around")) == bool(given.get("area")):
        raise Invalid([Wrong("area", ONE_WHERE)])
    if given.get("area"):
        if int(given["area"]) not in places().areas:
            raise Invalid([Wrong("area", NO_ROW)])
        return {"area_id": int(given["area"])}
    place = row_of(deed, Place.objects.filter(problem_id=deed.case.pk), "around")
    if place.lat is None:
        raise Invalid([Wrong("around", NO_POINT)])
    if not given.get("radius_m"):
        raise Invalid([Wrong("radius_m", HOW_FAR)])
    return {"place": place, "radius_m": int(given["radius_m"])}


def count_again(deed: Deed) -> None:
    """Count by the same query as of today; the timeline keeps the number before."""
    row = _count_of(deed)
    before = {"n": row.n, "until": row.counted_until, "on": local_day(row.counted_at)}
    incidents.count(row, at=deed.at)
    row.save()
    deed.facts |= {"source": row.source_name, "n": row.n, "until": row.counted_until, "was": before}


def remove_count(deed: Deed) -> None:
    """Take a query off."""
    row = _count_of(deed)
    deed.facts |= {"source": row.source_name, "was": {"n": row.n, "until": row.counted_until, "sorts": row.sorts}}
    say(deed, deed.data["reason"])
    row.delete()


def _count_of(deed: Deed) -> IncidentCount:
    rows = IncidentCount.objects.filter(problem_id=deed.case.pk).select_related("source", "place", "area")
    found: IncidentCount = row_of(deed, rows, "counted")
    return found
