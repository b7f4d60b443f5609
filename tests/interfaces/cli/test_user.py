"""Accounts from the command line."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from click.testing import Result
from django.utils import timezone

from commonbeat.community.access import actor_for
from commonbeat.community.models import User
from commonbeat.interfaces.cli.user import command
from commonbeat.journal.models import Delivery, Entry
from tests.conftest import City

Run = Callable[..., Result]
PASSWORD = "three horses in a field"


def test_the_first_administrator_can_sign_in_and_administer(db: None, run: Run) -> None:
    result = run(
        command, "create", "Ada@Example.org", "--name", "Ada", "--role", "admin", stdin=f"{PASSWORD}\n".encode()
    )
    assert result.exit_code == 0, result.output
    ada = User.objects.get(email="ada@example.org")
    assert ada.check_password(PASSWORD) and actor_for(ada, at=timezone.now()).has("admin")
    assert Entry.objects.about("user", ada.pk)[0].verb == "user.added"


def test_a_weak_password_and_a_known_address_are_refused(city: City, run: Run) -> None:
    weak = run(command, "create", "new@example.org", "--role", "officer", stdin=b"password\n")
    assert (
        weak.exit_code == 1 and "too short" in weak.output and not User.objects.filter(email="new@example.org").exists()
    )
    again = run(command, "create", city.omar.email.upper(), "--role", "officer", stdin=PASSWORD.encode())
    assert again.exit_code == 1 and "has an account already" in again.output


def test_a_partner_needs_a_team(city: City, run: Run) -> None:
    refused = run(command, "create", "p@example.org", "--role", "partner", stdin=PASSWORD.encode())
    assert (
        refused.exit_code == 1 and "team" in refused.output and not User.objects.filter(email="p@example.org").exists()
    )
    done = run(command, "create", "p@example.org", "--role", "partner", "--team", "outreach", stdin=PASSWORD.encode())
    assert done.exit_code == 0, done.output
    assert User.objects.get(email="p@example.org").grants.get().team == city.team


def test_an_invitation_is_mailed_instead_of_a_password(db: None, run: Run) -> None:
    assert run(command, "create", "n@example.org", "--role", "editor", "--invite").exit_code == 0
    assert Delivery.objects.get().template == "invitation"
    assert not User.objects.get().has_usable_password()


def test_a_password_is_set_anew_and_recorded(city: City, run: Run) -> None:
    assert run(command, "password", city.omar.email, stdin=PASSWORD.encode()).exit_code == 0
    city.omar.refresh_from_db()
    assert city.omar.check_password(PASSWORD)
    assert Entry.objects.about("user", city.omar.pk).get().verb == "user.password_set"
    assert run(command, "password", "nobody@example.org", stdin=b"x").exit_code == 1


def test_a_lost_second_factor_is_removed_after_a_question(city: City, run: Run) -> None:
    Authenticator.objects.create(user=city.omar, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert run(command, "reset-mfa", city.omar.email, stdin=b"n\n").exit_code == 1
    assert Authenticator.objects.count() == 1
    assert "Removed 1" in run(command, "reset-mfa", city.omar.email, stdin=b"y\n").output
    assert not Authenticator.objects.exists()
    assert Entry.objects.about("user", city.omar.pk).get().data == {"removed": 1}
