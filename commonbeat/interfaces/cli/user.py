"""`commonbeat user`: the first administrator, a forgotten password, a lost telephone."""

from __future__ import annotations

import datetime as dt
import sys

import click
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from commonbeat.community.agency import local_day
from commonbeat.community.models import Team, User
from commonbeat.core.actor import ROLE_LABELS, SYSTEM, Role
from commonbeat.core.fields import Invalid
from commonbeat.journal import history
from commonbeat.journal.staffing import give_role, invite
from commonbeat.journal.verbs import record


@click.group()
def command() -> None:
    """Make accounts of staff, set passwords, and remove lost second factors."""


def _find(email: str) -> User:
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise click.ClickException(f"Nobody signs in as {email}. Check the address, or make the account: user create.")
    return user


def _ask_password(user: User) -> str:
    """A password typed twice, or one line of standard input where nobody can type."""
    password: str = (
        click.prompt("Password", hide_input=True, confirmation_prompt="Again")
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise click.ClickException(" ".join(refused.messages))
    return password


@transaction.atomic
def _set_password(user: User, password: str, *, at: dt.datetime) -> None:
    user.set_password(password)  # whoever is signed in with the old one is signed out by it
    user.save(update_fields=["password"])
    record("user", user.pk, "user.password_set", actor=SYSTEM, at=at, data={"by": "command line"})


@command.command()
@click.argument("email")
@click.option("--name", help="Full name; the address when not given.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]),
              help="What they are; may be repeated.")  # fmt: skip
@click.option("--team", "team_slug", help="Short name of their team; partners need one.")
@click.option("--sworn", is_flag=True, help="Has arrest powers.")
@click.option("--invite", "by_mail", is_flag=True, help="Mail a link to set a password instead of asking for one here.")
def create(
    email: str, name: str | None, roles: tuple[str, ...], team_slug: str | None, sworn: bool, by_mail: bool
) -> None:
    """Make an account. The password is asked for, or read from standard input."""
    try:
        validate_email(email)
    except ValidationError:
        raise click.ClickException(f"“{email}” is no e-mail address.")
    if User.objects.filter(email__iexact=email).exists():
        raise click.ClickException(f"{email} has an account already. Use: commonbeat user password {email}")
    team = Team.objects.filter(slug=team_slug).first() if team_slug else None
    if team_slug and team is None:
        raise click.ClickException(f"There is no team “{team_slug}”. Make it in the office first.")
    at = timezone.now()
    values = {"email": email.lower(), "name": name or email, "sworn": sworn, "team": team, "is_active": True}
    password = None if by_mail else _ask_password(User(email=email, name=name or ""))
    try:
        with transaction.atomic():
            user = _made(values, password, at=at)
            for role in roles:
                team_id = team.pk if team and role == Role.PARTNER else None
                give_role(user, role=role, team_id=team_id, since=local_day(at), actor=SYSTEM, at=at)
    except Invalid as refused:
        raise click.ClickException(" ".join(str(problem) for problem in refused.problems))
    labels = ", ".join(ROLE_LABELS[role] for role in roles)
    click.echo(f"{values['name']} can sign in as {email} ({labels}).")
    if by_mail:
        click.echo("A link to set a password is on its way; it works for seven days.")


def _made(values: dict[str, object], password: str | None, *, at: dt.datetime) -> User:
    if password is None:
        return invite(values, actor=SYSTEM, at=at)
    user = User(joined_at=at)
    user.set_password(password)
    history.add(user, values, actor=SYSTEM, at=at)
    return user


@command.command("password")
@click.argument("email")
def set_password(email: str) -> None:
    """Set a password anew; sessions that run on the old one end."""
    user = _find(email)
    _set_password(user, _ask_password(user), at=timezone.now())
    click.echo(f"{user.name} signs in with the new password from now on.")


@command.command("reset-mfa")
@click.argument("email")
@click.confirmation_option(prompt="Did you make sure that it is really this person who asks?")
def reset_mfa(email: str) -> None:
    """Remove every second factor of somebody who lost theirs; they set up a new one when they sign in."""
    user = _find(email)
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=user).delete()
        record("user", user.pk, "user.mfa_reset", actor=SYSTEM, at=timezone.now(), data={"removed": removed})
    if removed:
        click.echo(f"Removed {removed} second factors of {user.name}. The next sign-in asks for a new one.")
    else:
        click.echo(f"{user.name} has no second factor.")
