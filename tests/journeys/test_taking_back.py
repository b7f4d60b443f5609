"""What administrators change, retire and remove really changes, and the history leads back to every version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from commonbeat.cases.keeping import RetentionRule
from commonbeat.cases.letters import offered_letters
from commonbeat.cases.models import Case, ResponseTemplate, RoutingRule, Tag
from commonbeat.cases.sound import limit_for
from commonbeat.cases.work_records import SoundLimit
from commonbeat.community.agency import calendar
from commonbeat.community.models import Area, Holiday, Organisation, Team
from commonbeat.community.places import places
from commonbeat.community.reference import touch
from commonbeat.evidence.models import CountedMeasure, IncidentSource
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys.models import SurveyQuestion, SurveySeries
from commonbeat.interfaces.web.office.editors import EDITORS
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry, Webhook
from commonbeat.kinds.field_report.models import IncidentSort
from commonbeat.publishing.records.models import Exemption
from tests import make
from tests.conftest import City

JULY_4 = dt.date(2028, 7, 4)
"""A Tuesday."""


def url(name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs=kwargs or None)


def letter() -> ResponseTemplate:
    return ResponseTemplate.objects.create(slug="read", language="en", title="Read", body="About {reference}.")


def rule(city: City, **fields: Any) -> RoutingRule:
    values = {"order": 1, "name": "Noise", "when": {"category": ["noise"]}, "team": city.team} | fields
    made = RoutingRule.objects.create(**values)
    touch("routing")
    return made


def source() -> IncidentSource:
    """Where incidents come from."""
    return IncidentSource.objects.create(
        slug="burglaries", name="Records system", noun="burglaries", created_at=make.NOW
    )


def question() -> SurveyQuestion:
    """What a survey asks."""
    series = SurveySeries.objects.create(slug="trust", name="Trust", created_at=make.NOW)
    return SurveyQuestion.objects.create(series=series, key="told", text="Would you tell us?", kind="yesno")


ROWS: dict[str, tuple[Callable[[City], Model], str, str]] = {
    "holiday": (lambda _: Holiday.objects.create(on=JULY_4, name="Fourth"), "name", "Independence Day"),
    "area": (lambda city: city.north, "name", "North Side"),
    "organisation": (lambda _: Organisation.objects.create(name="Streets"), "name", "Department of Streets"),
    "team": (lambda city: city.team, "name", "Street team"),
    "user": (lambda city: city.omar, "rank", "Sergeant"),
    "category": (lambda city: city.noise, "respond_hours", "7.0"),
    "routingrule": (rule, "name", "Noise to the team"),
    "template": (lambda _: letter(), "title", "We read it"),
    "tag": (lambda _: Tag.objects.create(code="night-market", name="Night market"), "name", "Night-time economy"),
    "soundlimit": (
        lambda _: SoundLimit.objects.create(zone="mixed", starts=dt.time(22), ends=dt.time(7), level_db=45),
        "source",
        "Ordinance 8-32",
    ),
    "retentionrule": (
        lambda _: RetentionRule.objects.create(kind="concern", outcome="fixed", days=730, basis="Schedule 12"),
        "days",
        "1460",
    ),
    "incidentsort": (lambda _: IncidentSort.objects.get(code="parking"), "name", "Cars in the way"),
    "exemption": (
        lambda _: Exemption.objects.create(code="7(1)(b)", title="Private", basis="5 ILCS 140/7", sorts=["person"]),
        "title",
        "Private information",
    ),
    "source": (lambda _: source(), "noun", "burglaries and attempts"),
    "survey": (
        lambda _: SurveySeries.objects.create(slug="trust", name="Trust", created_at=make.NOW),
        "name",
        "Trust in the neighborhood",
    ),
    "measure": (
        lambda _: CountedMeasure.objects.create(slug="burglaries", name="Burglaries", source=source()),
        "name",
        "Burglaries by day",
    ),
    "surveyquestion": (lambda _: question(), "about", "would"),
    "scorecard": (
        lambda _: ScorecardLine.objects.create(dimension="satisfaction", measure="concerns-on-time"),
        "says",
        "Only concerns of residents.",
    ),
    "webhook": (
        lambda _: Webhook.objects.create(name="Map", url="https://example.org/a", secret="x", created_at=make.NOW),
        "name",
        "City map",
    ),
}
"""For every editor a row, one of its fields, and what somebody types there."""


def as_typed(slug: str, row: Model, **changes: Any) -> dict[str, Any]:
    """What the form of a row sends when nobody changes anything, with changes."""
    form = EDITORS[slug].form(instance=EDITORS[slug].tracked.model._default_manager.get(pk=row.pk))
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None and value is not False} | changes


def test_every_editor_is_in_this_table() -> None:
    assert set(ROWS) == {editor.slug for editor in EDITORS}


@pytest.mark.parametrize("slug", ROWS)
def test_a_change_is_taken_back_with_one_press_and_can_be_made_again(city: City, signed_in: Any, slug: str) -> None:
    make_row, field, typed = ROWS[slug]
    row, ada = make_row(city), signed_in(city.ada)
    row.refresh_from_db()
    before = str(getattr(row, field))
    saved = ada.post(url(f"office_{slug}_edit", pk=row.pk), as_typed(slug, row, **{field: typed}), follow=True)
    row.refresh_from_db()
    assert str(getattr(row, field)) == typed, saved.content.decode()
    restore = url(f"office_{slug}_restore", pk=row.pk)
    assert f'action="{restore}"' in saved.content.decode(), "The page that says “Saved” offers to take it back."

    back = ada.post(restore, {"number": "0"}, follow=True)
    row.refresh_from_db()
    assert str(getattr(row, field)) == before and "Restored." in back.content.decode()
    again = ada.post(restore, {"number": "1"}, follow=True)
    row.refresh_from_db()
    assert str(getattr(row, field)) == typed and "Restored." in again.content.decode()

    verbs = [entry.verb for entry in Entry.objects.about(slug, row.pk)]
    assert verbs == [f"{slug}.changed", f"{slug}.restored", f"{slug}.restored"]
    history = ada.get(url(f"office_{slug}_history", pk=row.pk)).content.decode()
    assert history.count("Ada Admin") >= 3 and typed in history
    assert list(verify()) == []


@pytest.mark.parametrize("slug", ROWS)
def test_a_version_that_never_was_is_refused_and_changes_nothing(city: City, signed_in: Any, slug: str) -> None:
    row, ada = ROWS[slug][0](city), signed_in(city.ada)
    before, restore = as_typed(slug, row), url(f"office_{slug}_restore", pk=row.pk)
    refused = ada.post(restore, {"number": "99"}, follow=True)
    assert "This version cannot be restored" in refused.content.decode()
    assert ada.post(restore, {"number": "first"}).status_code == 404 and ada.get(restore).status_code == 302
    assert as_typed(slug, row) == before and not Entry.objects.about(slug, row.pk).exists()


def test_a_removed_holiday_is_a_working_day_again_and_the_journal_keeps_it(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    added = ada.post(url("office_holiday_add"), {"on": JULY_4.isoformat(), "name": "Independence Day"})
    day, kept = Holiday.objects.get(), Holiday.objects.create(on="2028-12-25", name="Christmas")
    assert added.status_code == 302 and JULY_4 in calendar().holidays
    remove = url("office_holiday_remove", pk=day.pk)
    assert f'action="{remove}"' in ada.get(url("office_holiday_edit", pk=day.pk)).content.decode()
    assert ada.get(remove).status_code == 302 and Holiday.objects.count() == 2, "a link removes nothing"

    gone = ada.post(remove, follow=True).content.decode()
    assert "Removed." in gone and "Independence Day" not in gone and "Christmas" in gone
    assert Holiday.objects.get() == kept and JULY_4 not in calendar().holidays
    entry = Entry.objects.get(verb="holiday.removed")
    assert entry.data["before"] == {"on": "2028-07-04", "name": "Independence Day"} and entry.actor_name == "Ada Admin"
    assert ada.post(remove).status_code == 404
    assert list(verify()) == []


def test_a_removed_rule_takes_no_more_cases(city: City, signed_in: Any) -> None:
    noise = rule(city)
    old = make.concern(city.noise).case
    assert old.team == city.team
    gone = signed_in(city.sam).post(url("office_routingrule_remove", pk=noise.pk), follow=True)
    assert "Removed." in gone.content.decode() and not RoutingRule.objects.exists()
    assert make.concern(city.noise).case.team is None
    assert Case.objects.get(pk=old.pk).team == city.team, "cases stay where they are"
    entry = Entry.objects.get(verb="routingrule.removed")
    assert entry.data["before"]["when"] == {"category": ["noise"]} and entry.actor_name == "Sam Supervisor"


def test_what_is_out_of_use_is_offered_no_more_until_it_is_put_back(city: City, signed_in: Any) -> None:
    ada, partner, words = signed_in(city.ada), Organisation.objects.create(name="Department of Streets"), letter()
    Team.objects.filter(pk=city.team.pk).update(organisation=partner)
    offers: dict[str, tuple[Model, Callable[[], bool]]] = {
        "organisation": (
            partner,
            lambda: f'<option value="{partner.pk}">' in ada.get(url("office_team_add")).content.decode(),
        ),
        "team": (
            city.team,
            lambda: f'<option value="{city.team.pk}">' in ada.get(url("office_routingrule_add")).content.decode(),
        ),
        "template": (words, lambda: words in offered_letters("resolve", language="en")),
    }
    for slug, (row, is_offered) in offers.items():
        name = getattr(row, "title", "") or getattr(row, "name", "")
        retire, page = url(f"office_{slug}_retire", pk=row.pk), url(f"office_{slug}_edit", pk=row.pk)
        assert is_offered() and "Put back into use" not in ada.get(page).content.decode(), slug
        assert "It is out of use." in ada.post(retire, follow=True).content.decode()
        assert not is_offered() and "Put back into use" in ada.get(page).content.decode(), slug
        assert name not in _names(ada, slug) and name in _names(ada, slug, retired="1")
        assert "It is in use again." in ada.post(retire, follow=True).content.decode()
        assert is_offered() and name in _names(ada, slug), slug
        assert [e.verb for e in Entry.objects.about(slug, row.pk)] == [f"{slug}.retired", f"{slug}.unretired"]
    city.team.refresh_from_db()
    assert city.team.organisation == partner, "what refers to it stays"


def _names(client: Client, slug: str, **query: str) -> set[str]:
    """What the list of an editor shows in its first column."""
    table = client.get(url(f"office_{slug}_list"), query).context["table"]
    return {str(line["cells"][0]["text"]) for line in table["rows"]}


def test_the_office_chooses_the_level_under_which_concerns_are_filed(city: City, signed_in: Any) -> None:
    beat, ada = make.area("Beat 12", level="beat", code="12", serves=False), signed_in(city.ada)
    assert make.concern(city.noise).case.area_id == city.north.pk
    page = ada.post(url("office_areas_serving"), {"level": "beat"}, follow=True).content.decode()
    assert "filed under this level from now on" in page
    assert places().serving_level == "beat" and make.concern(city.noise).case.area_id == beat.pk
    assert set(Area.objects.filter(serves=True)) == {beat}
    changed = Entry.objects.filter(verb="area.changed")
    assert {e.subject_id: e.data["after"] for e in changed} == {
        city.north.pk: {"serves": False}, city.south.pk: {"serves": False}, beat.pk: {"serves": True},
    }  # fmt: skip

    refused = ada.post(url("office_areas_serving"), {"level": "province"}, follow=True)
    assert "alert--error" in refused.content.decode() and set(Area.objects.filter(serves=True)) == {beat}
    assert ada.get(url("office_areas_serving")).status_code == 302


def test_a_change_of_a_stored_rule_is_tried_on_past_cases_and_not_saved(city: City, signed_in: Any) -> None:
    noise = rule(city)
    first, other = make.concern(city.noise).case, make.concern(city.vehicle).case
    sam, attempt = signed_in(city.sam), url("office_routing_try", pk=noise.pk)
    same = sam.post(attempt, as_typed("routingrule", noise)).content.decode()
    assert "0 cases would change" in same and first.reference not in same
    typed = as_typed("routingrule", noise, categories=["abandoned-vehicle"], name="Vehicles")
    page = sam.post(attempt, typed).content.decode()
    assert "2 cases would change" in page and "Vehicles" in page and "not saved" in page
    assert first.reference in page and other.reference in page and "Outreach team" in page
    noise.refresh_from_db()
    assert noise.name == "Noise" and noise.when == {"category": ["noise"]}
    assert not Entry.objects.about("routingrule", noise.pk).exists()

    wrong = sam.post(attempt, typed | {"team": ""})
    assert wrong.status_code == 422 and "Say who gets the case" in wrong.content.decode()
    assert sam.post(url("office_routing_try", pk=noise.pk + 1), typed).status_code == 404


def test_a_sound_limit_out_of_use_holds_no_more_until_it_is_put_back(city: City, signed_in: Any) -> None:
    ada, night = signed_in(city.ada), dt.time(23)
    row = SoundLimit.objects.create(zone="mixed", starts=dt.time(22), ends=dt.time(7), level_db=45)
    touch("sound_limits")
    retire = url("office_soundlimit_retire", pk=row.pk)
    assert limit_for("mixed", night) == row
    assert "It is out of use." in ada.post(retire, follow=True).content.decode()
    assert limit_for("mixed", night) is None
    assert "It is in use again." in ada.post(retire, follow=True).content.decode()
    assert limit_for("mixed", night) == row


def test_what_is_counted_is_listed_and_retired(city: City, signed_in: Any) -> None:
    row, ada = ROWS["measure"][0](city), signed_in(city.ada)
    assert str(row.name) in ada.get(url("office_measure_list")).content.decode()  # type: ignore[attr-defined]
    assert "Records system" in ada.get(url("office_source_list")).content.decode()  # it ends under Evidence
    assert ada.post(url("office_measure_retire", pk=row.pk)).status_code == 302
    row.refresh_from_db()
    assert row.retired_at is not None  # type: ignore[attr-defined]
