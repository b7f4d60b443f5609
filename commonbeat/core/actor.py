"""Who acts: the one argument that every verb takes, made once per request and never changed."""

from dataclasses import dataclass, field
from enum import StrEnum

from commonbeat.core.text import N_


class Role(StrEnum):
    """What somebody is to the department; a grant gives one, everywhere or for areas or a team."""

    OFFICER = "officer"  # sworn: outreach and neighbourhood officers
    CSO = "cso"  # community service officer, not sworn
    LIAISON = "liaison"
    PROGRAMME = "programme"  # programme and school officers
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    STANDARDS = "standards"  # professional standards
    RECORDS = "records"
    EDITOR = "editor"  # publishes what others drafted
    ADMIN = "admin"
    PARTNER = "partner"
    OVERSIGHT = "oversight"


ROLE_LABELS: dict[str, str] = {
    Role.OFFICER: N_("Officer"),
    Role.CSO: N_("Community service officer"),
    Role.LIAISON: N_("Liaison officer"),
    Role.PROGRAMME: N_("Programme and school officer"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.ANALYST: N_("Analyst"),
    Role.STANDARDS: N_("Professional standards"),
    Role.RECORDS: N_("Records officer"),
    Role.EDITOR: N_("Publisher"),
    Role.ADMIN: N_("Administrator"),
    Role.PARTNER: N_("Partner organisation"),
    Role.OVERSIGHT: N_("Oversight board"),
}

WORKERS = frozenset({Role.OFFICER, Role.CSO, Role.LIAISON, Role.PROGRAMME})
"""Roles that work cases day by day."""

INSIDERS = WORKERS | {Role.SUPERVISOR, Role.RECORDS, Role.ADMIN, Role.STANDARDS, Role.ANALYST, Role.EDITOR}
"""Roles inside the department; everybody else reads no internal notes, tags and contact details."""

DESK_ROLES = WORKERS | {Role.SUPERVISOR}
"""Roles of the department's own desk: they stand in for each other."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role, limited to areas or a team; no limits means everywhere."""

    role: str
    area_ids: frozenset[int] = frozenset()
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting, and what they may do.

    `sort` is one of anonymous, reporter (came back by code or link to one case), staff, key (a program with
    an API key) and system (the product itself: clocks, imports). `covers` are the users for whom they stand in today.
    """

    sort: str = "anonymous"
    user_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    covers: frozenset[int] = frozenset()
    participant_id: int | None = None
    case_id: int | None = None
    key_id: int | None = None
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        held = {grant.role for grant in self.grants}
        if self.sort in {"reporter", "system", "key"}:
            held.add(self.sort)
        object.__setattr__(self, "roles", frozenset(held))

    @property
    def is_staff(self) -> bool:
        """True for signed-in people of the department or a partner with at least one role."""
        return self.sort == "staff" and bool(self.grants)

    @property
    def staff_id(self) -> int:
        """The user who acts, where only signed-in people can; raises `LookupError` for anybody else."""
        if self.user_id is None:
            raise LookupError("Nobody is signed in.")
        return self.user_id

    def has(self, *roles: str) -> bool:
        """True when the actor holds one of these roles."""
        return not self.roles.isdisjoint(roles)


def lent(own: tuple[Grant, ...], theirs: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """What standing in for somebody adds: their areas and teams for one's own role, never their role itself."""
    added = [
        Grant(mine.role, grant.area_ids, grant.team_id)
        for grant in theirs
        for mine in own
        if mine.role == grant.role or {mine.role, grant.role} <= DESK_ROLES
    ]
    return tuple(dict.fromkeys(grant for grant in added if grant not in own))


ANONYMOUS = Actor()
SYSTEM = Actor(sort="system", name="Commonbeat")
