"""Cases that belong together: related, about the same matter, or one merged into the other."""

from __future__ import annotations

from django.db.models import Q

from commonbeat.cases.deed import Deed
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, CaseLink
from commonbeat.cases.telling import tell_of_same_matter
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.text import N_

NO_SUCH_CASE = N_("There is no case with this reference that you may see. Check the reference.")
LINKED = N_("These two cases are linked already.")
NOT_LINKED = N_("A sealed case is linked to cases of its own kind only, so that no other case tells of it.")
OTHER_KIND = N_("That case is of another kind. Link the two as the same matter instead; both go on.")
SAME_CASE = N_("This is the case itself. Give the reference of the other one.")
NO_LINK = N_("These two cases are not linked.")
OFF_THERE = N_("Take this link off on the page of the other case, so that nobody learns of it here.")
MERGED = N_("One of these was merged into the other or split off from it. That stays; reopen the merged one instead.")


def named_case(deed: Deed) -> Case:
    """The case whose reference was typed, if this actor may see it."""
    try:
        number = parse_reference(str(deed.data["reference"]))
    except BadReference:
        raise Invalid([Problem("reference", NO_SUCH_CASE)]) from None
    other = Case.objects.visible_to(deed.actor).filter(pk=number).first()
    if other is None:
        raise Invalid([Problem("reference", NO_SUCH_CASE)])
    if other.pk == deed.case.pk:
        raise Invalid([Problem("reference", SAME_CASE)])
    return other


def is_told_of(other: str, kind: Kind) -> bool:
    """True when a case of this kind may tell of one of the kind `other`.

    A timeline names what was done to all its readers, so none but its own sort tells of one that is sealed or walled.
    """
    theirs = KINDS[other]
    return other == kind.slug or not (kind.sealed or theirs.sealed or theirs.walled)


def other_case(deed: Deed) -> Case:
    """The case whose reference was typed, if this actor may see it and the two may be linked."""
    other = named_case(deed)
    if not is_told_of(other.kind, deed.kind):
        raise Invalid([Problem("reference", NOT_LINKED)])
    return other


def link(deed: Deed) -> None:
    """Relate this case to another one, or say that both are about the same matter; reporters may be told of that."""
    other, relation = other_case(deed), CaseLink.Relation(deed.data.get("relation") or CaseLink.Relation.RELATED)
    pair = {"one__in": [deed.case, other], "other__in": [deed.case, other]}
    if CaseLink.objects.filter(relation=relation, **pair).exists():
        raise Invalid([Problem("reference", LINKED)])
    deed.make(CaseLink(one=deed.case, other=other, relation=relation, created_at=deed.at))
    deed.facts |= {"other": other.pk}
    if relation == CaseLink.Relation.SAME and deed.data.get("tell"):
        tell_of_same_matter(deed, other)


def unlink(deed: Deed) -> None:
    """Take off that two cases belong together. One that was merged or split off stays a part of the other."""
    other = named_case(deed)
    found = CaseLink.objects.filter(one__in=[deed.case, other], other__in=[deed.case, other])
    if not found.exists():
        raise Invalid([Problem("reference", NO_LINK)])
    if not is_told_of(other.kind, deed.kind):
        raise Invalid([Problem("reference", OFF_THERE)])
    merged = Q(relation=CaseLink.Relation.DUPLICATE, one__outcome="duplicate")
    loose = list(found.exclude(Q(relation=CaseLink.Relation.CHILD) | merged))
    if not loose:
        raise Invalid([Problem("reference", MERGED)])
    for row in loose:
        deed.remove(row)
    deed.facts["other"] = other.pk
    deed.personal["text"] = deed.data.get("reason") or ""


def merge(deed: Deed) -> None:
    """Close this case as a duplicate of another; its reporters keep being told about the other."""
    other = other_case(deed)
    if other.kind != deed.case.kind:
        raise Invalid([Problem("reference", OTHER_KIND)])
    if other.outcome == "duplicate":
        raise Invalid([Problem("reference", N_("That case is itself a duplicate. Give the case it was merged into."))])
    repeats = {"one": deed.case, "other": other, "relation": CaseLink.Relation.DUPLICATE}
    if not CaseLink.objects.filter(**repeats).exists():  # merged, reopened, and merged again
        deed.make(CaseLink(**repeats, created_at=deed.at))
    deed.columns["outcome"] = "duplicate"
    deed.facts |= {"other": other.pk}
