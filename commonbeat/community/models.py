"""Tables of who and where: the agency, areas, teams, users with their grants, and private persons."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q


class Agency(models.Model):
    """The department itself: one row, edited by administrators."""

    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60)
    logo = models.CharField(max_length=200, blank=True)
    accent = models.CharField(max_length=7, default="#17555c")
    emergency_number = models.CharField(max_length=30, default="911")
    crisis_number = models.CharField(max_length=30, default="988")
    non_emergency_number = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    timezone = models.CharField(max_length=60, default="America/Chicago")
    country = models.CharField(max_length=2, default="US")
    subdivision = models.CharField(max_length=6, blank=True, help_text="State or province, for public holidays.")
    jurisdiction = models.CharField(max_length=100, default="localhost", help_text="Open311 jurisdiction_id.")
    hours = models.JSONField(default=dict, help_text="Weekday 0–6 → list of [from, to], local time.")
    places_note = models.CharField(max_length=400, blank=True, help_text="Attribution shown beside maps and data.")
    settings = models.JSONField(default=dict, help_text="Numbers an agency may change: see community.agency.")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="agency_is_one")]


class ReferenceStamp(models.Model):
    """When a set of reference rows last changed: processes compare it before trusting their memory."""

    name = models.CharField(max_length=40, primary_key=True)
    stamp = models.BigIntegerField(default=0)


class Holiday(models.Model):
    """A day on which the office clocks stand still."""

    on = models.DateField(unique=True)
    name = models.CharField(max_length=120)


class Area(models.Model):
    """A named piece of the map: city, district, beat, community area. One hierarchy, boundaries by revision."""

    code = models.CharField(max_length=40)
    level = models.CharField(max_length=40, db_index=True)
    revision = models.CharField(max_length=40, default="1")
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    geometry = models.JSONField(help_text="GeoJSON geometry, EPSG:4326.")
    population = models.JSONField(default=dict, help_text="Year → residents.")
    serves = models.BooleanField(default=False, help_text="Concerns are filed under areas that serve.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["level", "code", "revision"], name="area_once_per_revision")
        ]

    def __str__(self) -> str:
        return self.name


class HouseNumber(models.Model):
    """Where a house stands, from the agency's own list of addresses. It says nothing about who lives there."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80, help_text="The street's name as `core.addresses` reads it.")
    direction = models.CharField(max_length=2, blank=True)
    sort = models.CharField(max_length=6, blank=True, help_text="Street, avenue …, in short.")
    number = models.PositiveIntegerField()
    lat = models.FloatField()
    long = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "number", "direction", "sort"], name="house_number_once")
        ]


class Organisation(models.Model):
    """A public body, business or group; its people are contacts of it, not of us."""

    name = models.CharField(max_length=200)
    sector = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    url = models.URLField(blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who share a queue. A team of a partner organisation receives what is handed to it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT)
    email = models.EmailField(blank=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="teams")
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    """Users by what they may do."""

    def active(self) -> UserQuerySet:
        """People who can sign in today."""
        return self.filter(is_active=True)

    def holding(self, *roles: str) -> UserQuerySet:
        """Active people with one of these roles now or later."""
        return self.active().filter(grants__role__in=roles, grants__until__isnull=True).distinct()


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address, the way they sign in."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Store a user; without a password nobody can sign in by password."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody of the department or a partner who signs in. Residents need no account."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    rank = models.CharField(max_length=80, blank=True)
    badge = models.CharField(max_length=40, blank=True)
    sworn = models.BooleanField(default=False, help_text="Has arrest powers; others get no work that needs them.")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    language = models.CharField(max_length=10, default="en")
    languages = models.JSONField(default=list, help_text="Languages spoken with residents.")
    phone = models.CharField(max_length=40, blank=True)
    bio = models.JSONField(default=dict, help_text="Public profile by language; shown only when `listed`.")
    listed = models.BooleanField(default=False, help_text="Shown to residents as their officer.")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    muted = models.JSONField(
        default=list, help_text="E-mails to staff that this person does not want; the inbox shows all."
    )

    objects = UserManager.from_queryset(UserQuerySet)()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role given to a user, everywhere or for areas or a team, from a day and until one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, help_text="One of `core.actor.Role`.")
    areas = models.ManyToManyField(Area, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)


class AreaAssignment(models.Model):
    """This officer looks after this area, from a day and until one: tenure is counted from here."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="assignments")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="assignment_ends_after_it_starts"
            )
        ]


class Cover(models.Model):
    """While `user` is away, `by` covers for them; both days count."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="covers")
    since = models.DateField()
    until = models.DateField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="cover_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(user=F("by")), name="nobody_covers_for_themselves"),
        ]


class Person(models.Model):
    """A private person who wrote to us: only what is needed to answer, and only as long as it is needed."""

    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True, help_text="Where a letter reaches them.")
    language = models.CharField(max_length=10, default="en")
    email_bounced_at = models.DateTimeField(null=True, blank=True)
    apart = models.BooleanField(
        default=False, help_text="Wrote on a matter that not everybody may know of: never found again for another one."
    )
    created_at = models.DateTimeField()
    shredded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["email"], name="person_email", condition=~Q(email="")),
            GinIndex(SearchVector("name", config="simple"), name="person_name_words", condition=~Q(name="")),
        ]


class OneTimeLink(models.Model):
    """A secret address that was mailed to somebody; only its digest is stored."""

    digest = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=30)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_kind", "subject_id"], name="onetimelink_subject")]


class ApiKey(models.Model):
    """A program's key: shown once, stored as a digest, limited to scopes and (for Open311) trusted as a channel."""

    name = models.CharField(max_length=120)
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=12, help_text="First characters, to recognise it by.")
    scopes = models.JSONField(default=list)
    areas = models.ManyToManyField(Area, blank=True)
    contact = models.EmailField(blank=True)
    per_minute = models.PositiveIntegerField(default=600)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)
