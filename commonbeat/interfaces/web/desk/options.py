"""The lists that desk pages choose from: ready-made option tags for filters, choices for step forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from commonbeat.cases.categories import Known, categories, offered
from commonbeat.cases.inbox import SORTS, Wanted
from commonbeat.cases.kind import KINDS
from commonbeat.cases.sound import zones
from commonbeat.cases.tags import offered_tags, tags, tags_of
from commonbeat.community.models import Team, User
from commonbeat.community.places import places
from commonbeat.community.reference import Remembered
from commonbeat.interfaces.web.desk.words import CHANNELS
from commonbeat.interfaces.web.forms import Options

Pairs = list[tuple[str, str]]


def _load_people() -> tuple[Pairs, Pairs]:
    users = User.objects.active().filter(grants__isnull=False).distinct().order_by("name").values_list("pk", "name")
    teams = Team.objects.filter(retired_at=None).order_by("name").values_list("pk", "name")
    return [(str(pk), name) for pk, name in users], [(str(pk), name) for pk, name in teams]


people = Remembered(_load_people, "officers", "teams", "users")
"""Everybody who works cases and every team, by name; touch "officers" after changing them."""


def residents_languages() -> Pairs:
    """Languages that residents are served in: those of the pages, and those that categories have words in."""
    found = {code: str(name) for code, name in settings.LANGUAGES}
    for known in categories().values():
        for code in known.texts:
            if code not in found:
                found[code] = LANG_INFO.get(code, {}).get("name_local", code)
    return list(found.items())


def _load_lists() -> dict[str, dict[str, Pairs]]:
    return {}


_made = Remembered(_load_lists, "categories", "areas", "tags")


def _lists(language: str) -> dict[str, Pairs]:
    """Choices of the filters in a language, made once for as long as categories, areas and tags stay the same."""
    made = _made()
    if language not in made:
        known = sorted(categories().values(), key=lambda k: k.text(language).name)
        flows = [kind.workflow for kind in KINDS]
        states = {s.slug: gettext(s.label) for flow in flows for s in flow.states}
        outcomes = {o.slug: gettext(o.label) for flow in flows for o in flow.outcomes}
        made[language] = {
            "category": [(str(k.row.pk), k.text(language).name) for k in known],
            "group": sorted({(g, g) for k in known if (g := k.text(language).group)}),
            "area": [(str(area.pk), area.name) for area in places().serving],
            "state": [("open", gettext("Every open state")), *states.items()],
            "tag": [(str(number), tag.name) for number, tag in tags().items()],
            "outcome": list(outcomes.items()),
            "channel": [(slug, gettext(label)) for slug, label in CHANNELS.items()],
            "language": residents_languages(),
            "sort": [(slug, gettext(label)) for slug, label in SORTS.items()],
        }
    return made[language]


@lru_cache(maxsize=256)
def _tags(pairs: tuple[tuple[str, str], ...]) -> str:
    # Both parts are escaped here; hundreds of options are too many for a widget's templates.
    return "".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in pairs)


def _chosen(pairs: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    value = f'value="{escape(chosen)}"'
    return mark_safe(_tags(tuple(pairs)).replace(value, f"{value} selected", 1))


FILTERS = ("category", "group", "area", "state", "assignee", "team", "tag", "outcome", "channel", "language")


def filter_options(wanted: Wanted, *, inside: bool) -> dict[str, SafeString]:
    """Option tags of every filter, with what is chosen marked; tags only where there are any to choose from."""
    lists, (users, teams) = _lists(get_language() or "en"), people()
    nobody = [("none", gettext("Nobody"))]
    every = lists | {"assignee": nobody + users, "team": nobody + teams}
    shown = [name for name in FILTERS if name != "tag" or (inside and every["tag"])]
    made = {name: _chosen([("", gettext("Any")), *every[name]], getattr(wanted, name)) for name in shown}
    return made | {"sort": _chosen(lists["sort"], wanted.order)}


def chosen_labels(wanted: Wanted) -> list[tuple[str, str]]:
    """The filters that are set, each with the words of its choice."""
    lists, (users, teams) = _lists(get_language() or "en"), people()
    every = lists | {"assignee": [("none", gettext("Nobody")), *users], "team": [("none", gettext("Nobody")), *teams]}
    found = []
    for name, value in wanted.address().items():
        if name in every and name != "sort":
            found.append((name, dict(every[name]).get(value, value)))
        elif name not in {"view", "sort", "q"}:
            found.append((name, value))
    return found


def step_sources(kind: str, category_id: int | None, held: Sequence[Sequence[int]]) -> dict[str, Options]:
    """Choices of the lists that steps name: who can take it, how it can end, which tags. Two statements.

    `held` are the tags of each case: offered to put on is what some case lacks, to take off what some case has.
    """
    language = get_language() or "en"
    users = User.objects.active().filter(grants__isnull=False).distinct().order_by("name").values_list("pk", "name")
    teams = Team.objects.filter(retired_at=None).select_related("organisation").order_by("name")
    ours = [(team.pk, team.name) for team in teams if team.organisation_id is None]
    partners = [(team.pk, f"{team.name}, {team.organisation.name}") for team in teams if team.organisation]
    known = categories().get(category_id) if category_id else None
    allowed = set(known.row.outcomes) if known else set()
    ends = [
        (o.slug, gettext(o.label))
        for o in KINDS[kind].workflow.outcomes
        if (not allowed or o.slug in allowed) and o.offered
    ]
    return {
        "user": list(users),
        "team": [(gettext("Our teams"), ours), (gettext("Partners"), partners)] if partners else ours,
        "outcome": ends,
        "category": category_choices(language),
        "language": residents_languages(),
        "sound_zone": [(zone, zone) for zone in zones()],
        "whom": [(whom, whom) for whom in ("reporter", "owner", "other") if whom != "owner" or _has_owners(known)],
        "tag": [(tag.code, tag.name) for tag in offered_tags() if not all(tag.pk in numbers for numbers in held)],
        "tag_on": [(tag.code, tag.name) for tag in tags_of(chain.from_iterable(held))],
    }


def _has_owners(known: Known | None) -> bool:
    """True where a notice to an owner is a part of how the category is worked."""
    return known is not None and "notice" in known.row.procedures


def category_choices(language: str, *, kind: str = "") -> Options:
    """Categories in use, by group: those of the public pages, or all of one kind."""
    groups: dict[str, list[tuple[int, str]]] = {}
    found = [k for k in categories().values() if k.row.kind == kind and not k.row.retired_at] if kind else offered()
    for known in found:
        words = known.text(language)
        groups.setdefault(words.group, []).append((known.row.pk, words.name))
    return [(group, sorted(rows, key=lambda row: row[1])) for group, rows in sorted(groups.items())]
