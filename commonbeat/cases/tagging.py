"""The step that puts tags on a case and takes them off: every kind of case declares it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commonbeat.cases.deed import Deed
from commonbeat.cases.tags import Tag, tag_by_code
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.core.workflow import Step, step

NO_SUCH_TAG = N_("There is no tag “%(code)s”. Choose one of the list; administrators add others.")
OUT_OF_USE = N_("The tag “%(name)s” is out of use. Choose another one.")
BOTH = N_("“%(name)s” cannot be put on and taken off at once. Choose one of the two.")
NOTHING_TO_DO = N_("Nothing would change: choose a tag that is not on the case yet, or one to take off.")


def tag_step(*, at: Iterable[str], by: Iterable[str]) -> Step:
    """The step `tag` of a kind. It stays internal: neither the reporter nor the public learns of tags."""
    fields = (
        Field(
            "put_on", N_("Put on"), "multivaluelist", source="tag",
            hint=N_("Tags say what the matter is about, never who somebody is."),
        ),
        Field("take_off", N_("Take off"), "multivaluelist", source="tag_on"),
        Field("note", N_("Note for colleagues"), "text"),
    )  # fmt: skip
    return step("tag", N_("Change tags"), at=at, by=by, fields=fields, then=tag, key="t", bulk=True)


def tag(deed: Deed) -> None:
    """Change the tags of a case; what is there already, or is not, is passed over. Raises `Invalid`."""
    on, off = _known(deed, "put_on"), _known(deed, "take_off")
    for row in on:
        if row.retired_at is not None and row.pk not in deed.case.tags:
            raise Invalid([Problem("put_on", OUT_OF_USE, {"name": row.name})])
        if row in off:
            raise Invalid([Problem("take_off", BOTH, {"name": row.name})])
    held = set(deed.case.tags)
    put_on, taken_off = [row for row in on if row.pk not in held], [row for row in off if row.pk in held]
    if not put_on and not taken_off:
        raise Invalid([Problem("put_on", NOTHING_TO_DO)])
    deed.columns["tags"] = sorted((held | {row.pk for row in put_on}) - {row.pk for row in taken_off})
    deed.facts |= {"put_on": [row.code for row in put_on], "taken_off": [row.code for row in taken_off]}
    if deed.data.get("note"):
        deed.personal["text"] = deed.data["note"]


def _known(deed: Deed, name: str) -> Sequence[Tag]:
    found = []
    for code in deed.data.get(name) or ():
        row = tag_by_code(str(code))
        if row is None:
            raise Invalid([Problem(name, NO_SUCH_TAG, {"code": code})])
        found.append(row)
    return found
