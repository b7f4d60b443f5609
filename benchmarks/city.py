# ruff: noqa: E501 - SQL reads better in long lines
"""Builds what is measured: the demo's areas and categories, some staff, and as many cases of every kind as asked, by SQL.

The rows are the ones that the product's verbs write (case, reporter, first entry, public card), with invented words.
Their hashes are random, so the journal of a benchmark does not verify: reading it costs the same.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from benchmarks.site import ROOT, Site

CARDS_ON_MAP = 4000
WORDS = """
loud music street light dark corner car van parked weeks glass alley rubbish mattress dog barking night party
graffiti wall school gate speeding trucks signal broken window vacant house fence hole pavement ice tree
branch sign missing needle park bench crowd smell smoke engine idling horn alarm siren kitchen stairs hallway
neighbour landlord tenant shop owner delivery morning evening weekend again since winter spring children
playing traffic
""".split()  # noqa: SIM905
RARE = "calliope"
"""A word that one case in ten thousand has."""
UNCOMMON = "trampoline"
"""A word that one case in two hundred has."""

OTHER_KINDS = {
    "service": 6, "observation": 5, "field_report": 4, "tip": 2, "complaint": 1, "commendation": 1, "problem": 1,
    "mediation": 1, "follow_up": 1, "missing": 1, "conference": 1,
}  # fmt: skip
"""How many of a hundred cases are of each kind that is no concern."""

_CASES = """
INSERT INTO cases_case (client_id, kind, state, version, category_id, area_id, team_id, assignee_id, channel, language,
    text, address, lat, long, cell, opened_at, changed_at, closed_at, due_at, outcome, details, clocks)
SELECT gen_random_uuid(), kind, states ->> (i %% jsonb_array_length(states))::int, 2,
    CASE WHEN kind = 'concern' THEN category END, area, NULL, CASE WHEN i %% 3 = 0 THEN NULL ELSE officer END,
    (%(channels)s::text[])[1 + i %% 3], CASE WHEN i %% 9 = 0 THEN 'es' ELSE 'en' END, CASE WHEN sealed THEN '' ELSE words END,
    CASE WHEN sealed THEN '' ELSE (100 + i %% 8000) || ' N ' || street || ' St' END, lat, long,
    CASE WHEN NOT sealed THEN 622236750558396415 + (random() * 100000)::bigint END, opened, opened,
    CASE WHEN NOT is_open THEN opened + interval '3 days' END, CASE WHEN is_open THEN opened + interval '5 days' END,
    CASE WHEN is_open THEN '' ELSE 'fixed' END,
    '{"answers": {}}', jsonb_build_object('acknowledge', jsonb_build_object('hours', 24, 'due', opened + interval '1 day',
        'met', opened + interval '1 hour', 'left', NULL), 'respond', jsonb_build_object('hours', 120, 'due',
        opened + interval '5 days', 'met', CASE WHEN NOT is_open THEN opened + interval '3 days' END, 'left', NULL))
FROM (
    SELECT raw.*, kind = ANY(%(sealed)s::text[]) AS sealed,
        CASE WHEN kind <> ALL(%(sealed)s::text[]) THEN 41.7 + random() * 0.3 END AS lat,
        CASE WHEN kind <> ALL(%(sealed)s::text[]) THEN -87.8 + random() * 0.25 END AS long,
        %(states)s::jsonb -> kind -> CASE WHEN is_open THEN 'open' ELSE 'closed' END AS states
    FROM (
        SELECT i, %(at)s::timestamptz - (%(cases)s - i) * (interval '3000 days' / %(cases)s) AS opened,
            random() < CASE WHEN i > %(cases)s * 0.97 THEN 0.6 ELSE 0.002 END AS is_open,
            (%(kinds)s::text[])[1 + floor(random() * 100)::int] AS kind,
            (%(categories)s::int[])[1 + floor(power(random(), 2) * %(many_categories)s)::int] AS category,
            (%(areas)s::int[])[1 + i %% %(many_areas)s] AS area,
            (%(officers)s::int[])[1 + i %% %(many_officers)s] AS officer,
            w[1 + (random() * n)::int] || ' ' || w[1 + (random() * n)::int] || ' ' || w[1 + (random() * n)::int] || ' ' ||
            w[1 + (random() * n)::int] || ' ' || w[1 + (random() * n)::int] || ' ' || w[1 + (random() * n)::int] || ' ' ||
            w[1 + (random() * n)::int] || ' ' || w[1 + (random() * n)::int] || ' ' || w[1 + (random() * n)::int] || ' ' ||
            w[1 + (random() * n)::int] || ' number ' || i || CASE WHEN i %% 10000 = 7 THEN ' %(rare)s' ELSE '' END
            || CASE WHEN i %% 200 = 9 THEN ' %(uncommon)s' ELSE '' END AS words,
            w[1 + (random() * n)::int] AS street
        FROM generate_series(1, %(cases)s) AS i, (SELECT %(words)s::text[] AS w, %(last_word)s AS n) AS vocabulary
    ) AS raw
) AS made
"""
_REPORTERS = """
WITH people AS (
    INSERT INTO community_person (name, email, phone, address, language, created_at, apart)
    SELECT '', 'resident' || i || '@example.org', '', '', 'en', now(), false FROM generate_series(1, %(people)s) AS i RETURNING id
), numbered AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM people)
INSERT INTO cases_participant (case_id, role, person_id, told_by, hidden, code_digest, created_at)
SELECT c.id, 'reporter', CASE WHEN c.id %% 2 = 0 AND c.lat IS NOT NULL THEN numbered.id END,
    CASE WHEN c.id %% 2 = 0 AND c.lat IS NOT NULL THEN 'email' ELSE 'none' END, false, sha256(c.id::text::bytea), c.opened_at
FROM cases_case AS c JOIN numbered ON numbered.place = c.id %% %(people)s
"""
_SUBJECTS = """
INSERT INTO cases_participant (case_id, role, user_id, told_by, hidden, created_at)
SELECT c.id, role, (%(officers)s::int[])[1 + (c.id + shift) %% %(many_officers)s], 'none', false, c.opened_at
FROM cases_case AS c, (VALUES ('subject', 0), ('chain', 1)) AS named(role, shift) WHERE c.kind = 'complaint'
"""
_HAZARDS = """
INSERT INTO observation_hazard (case_id, sort, harm, charge, seen_on, recheck_on, expires_on)
SELECT id, (%(sorts)s::text[])[1 + id %% %(many_sorts)s], (ARRAY['low', 'medium', 'high'])[1 + id %% 3], 'unknown',
    opened_at::date, opened_at::date + 30, opened_at::date + 180
FROM cases_case WHERE kind = 'observation'
"""
_ENTRIES = """
INSERT INTO journal_entry (subject_kind, subject_id, number, at, verb, actor_sort, actor_name, audience, data, previous, hash)
SELECT 'case', c.id, step.number, c.opened_at + step.number * interval '1 hour', step.verb, step.sort, step.name, 'reporter',
    step.data || jsonb_build_object('kind', c.kind, 'category', c.category_id, 'area', c.area_id, 'channel', c.channel, 'language', c.language),
    sha256((c.id * 10 + step.number)::text::bytea), sha256((c.id * 10 + step.number + 1)::text::bytea)
FROM cases_case AS c, (VALUES
    (1, 'case.opened', 'anonymous', '', '{"danger": null, "routing": {"rule": "", "team": null, "user": null, "looks": []}}'::jsonb),
    (2, 'case.acknowledge', 'staff', 'Omar Officer', '{"from": "new", "to": "acknowledged"}'::jsonb)
) AS step(number, verb, sort, name, data)
"""
_CARDS = """
INSERT INTO publishing_publiccase (case_id, reference, kind, category_id, area_id, closed, state, outcome, text, answer,
    language, lat, long, opened_at, changed_at, closed_at, expected_at, agency, media, visible_at, hidden, version)
SELECT c.id, 'B' || c.id, c.kind, c.category_id, c.area_id, c.closed_at IS NOT NULL, c.state, c.outcome, '', '', c.language,
    round(c.lat::numeric, 4), round(c.long::numeric, 4), c.opened_at, c.changed_at, c.closed_at, c.due_at, '', '[]',
    c.opened_at, false, 0
FROM cases_case AS c WHERE c.kind = ANY(%(public)s::text[])
"""


def found(site: Site) -> None:
    """Make the database, import areas and categories, and add staff; nothing when that was done before."""
    site.command("django", "migrate", "--verbosity", "0")
    site.command("import", "areas", str(ROOT / "demo/areas.geojson"), "--level", "community_area", "--serves")
    site.command("import", "categories", str(ROOT / "demo/categories.json"))
    _staff()


def _staff() -> None:
    from commonbeat.cases.models import RoutingRule
    from commonbeat.community.models import Area, AreaAssignment, RoleGrant, Team, User
    from commonbeat.community.reference import touch

    joined, since = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.date(2020, 1, 1)
    team = Team.objects.create(slug="outreach", name="Outreach team")
    sam = User.objects.create_user("sam@example.org", name="Sam Supervisor", joined_at=joined, team=team)
    RoleGrant.objects.create(user=sam, role="supervisor", since=since)
    areas = list(Area.objects.filter(serves=True).order_by("id"))
    for number in range(20):
        officer = User.objects.create_user(f"officer{number}@example.org", name=f"Officer {number}", joined_at=joined)
        grant = RoleGrant.objects.create(user=officer, role="officer", since=since)
        mine = areas[number::20]
        grant.areas.set(mine)
        AreaAssignment.objects.bulk_create(AreaAssignment(user=officer, area=area, since=since) for area in mine)
    RoutingRule.objects.create(
        order=1, name="Vehicles", when={"group": ["Vehicles"], "hours": {"from": "08:00", "to": "18:00"}}, team=team
    )
    RoutingRule.objects.create(order=2, name="Spanish", when={"language": ["es"], "channel": ["phone"]}, team=team)
    RoutingRule.objects.create(order=3, name="The officer of the area", area_officer=True)
    touch("officers")
    touch("routing")


def fill(cases: int, *, at: dt.datetime) -> None:
    """Replace all cases by this many; takes some 2 minutes for a million."""
    from django.db import connection

    from commonbeat.cases.categories import Category
    from commonbeat.community.models import Area, User
    from commonbeat.kinds.observation.vocabulary import SORTS

    areas = list(Area.objects.filter(serves=True).order_by("id").values_list("id", flat=True))
    categories = list(
        Category.objects.filter(retired_at=None, sensitive=False).order_by("id").values_list("id", flat=True)
    )
    officers = list(User.objects.filter(grants__role="officer").order_by("id").values_list("id", flat=True))
    values: dict[str, Any] = {
        "cases": cases, "at": at, "areas": areas, "many_areas": len(areas), "categories": categories,
        "many_categories": len(categories), "officers": officers, "many_officers": len(officers), "words": WORDS,
        "last_word": len(WORDS) - 1, "channels": ["web", "phone", "open311"], "people": max(1, cases // 10),
        "sorts": [sort.key for sort in SORTS], "many_sorts": len(SORTS), **_kinds(),
    }  # fmt: skip
    sql = _CASES.replace("%(rare)s", RARE).replace("%(uncommon)s", UNCOMMON)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE cases_case, journal_entry, journal_seal, community_person RESTART IDENTITY CASCADE")
        cursor.execute("SELECT setseed(0.42)")
        for statement in (sql, _REPORTERS, _SUBJECTS, _HAZARDS, _ENTRIES, _CARDS):
            cursor.execute(statement, values)
        # One area gets so many cards with a point; all others keep their share.
        cursor.execute(
            "UPDATE publishing_publiccase SET area_id = %(first)s WHERE case_id IN (SELECT case_id FROM "
            "publishing_publiccase WHERE area_id <> %(first)s ORDER BY case_id DESC LIMIT greatest(0, %(most)s - "
            "(SELECT count(*) FROM publishing_publiccase WHERE area_id = %(first)s)))",
            {"first": areas[0], "most": CARDS_ON_MAP},
        )
        cursor.execute(
            "UPDATE publishing_publiccase SET hidden = true WHERE case_id IN (SELECT case_id FROM publishing_publiccase "
            "WHERE area_id = %(first)s ORDER BY case_id DESC OFFSET %(most)s)",
            {"first": areas[0], "most": CARDS_ON_MAP},
        )
        cursor.execute("VACUUM ANALYZE")


def _kinds() -> dict[str, Any]:
    """What the statements ask about kinds: a hundred slots, states, and which are public or sealed."""
    from commonbeat.cases.kind import KINDS

    slots = [slug for slug, share in OTHER_KINDS.items() for _ in range(share)]
    ends = ("merged", "withdrawn")
    states = {
        kind.slug: {
            "open": [state.slug for state in kind.workflow.states if not state.closed],
            "closed": [state.slug for state in kind.workflow.states if state.closed and state.slug not in ends],
        }
        for kind in KINDS
    }
    return {
        "kinds": slots + ["concern"] * (100 - len(slots)), "states": json.dumps(states),
        "sealed": [kind.slug for kind in KINDS if kind.sealed], "public": [kind.slug for kind in KINDS if kind.public],
    }  # fmt: skip


def sign_in(email: str) -> dict[str, str]:
    """The cookie of somebody who is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from commonbeat.community.models import User

    user = User.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "commonbeat.interfaces.web.sessions.StaffBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["second_factor"] = True
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}
