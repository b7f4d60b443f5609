"""The doctor says what is wrong with a broken installation and what to do, and touches nothing."""

from __future__ import annotations

from tests.config.conftest import Installation


def test_an_empty_place_is_described_and_left_empty(installation: Installation) -> None:
    code, said = installation.commonbeat("doctor")
    assert code == 1
    assert "does not exist yet. The first start makes it." in said
    assert "The embedded database does not run. Start the product: commonbeat serve" in said
    assert not installation.data.exists()


def test_an_unreadable_address_of_the_database_is_named(installation: Installation) -> None:
    installation.environment["DATABASE_URL"] = "mysql://somewhere/x"
    code, said = installation.commonbeat("doctor")
    assert code == 1 and "DATABASE_URL cannot be read" in said


def test_a_database_that_is_away_is_named_within_seconds(installation: Installation) -> None:
    installation.environment["DATABASE_URL"] = "postgresql://x@127.0.0.1:1/x"
    code, said = installation.commonbeat("doctor")
    assert code == 1 and "The database does not answer: connection failed" in said
    assert "Nothing more can be said before the database answers." in said


def test_faults_of_a_running_installation_are_told_with_what_to_do(installation: Installation) -> None:
    assert installation.commonbeat("database", "start")[0] == 0
    code, said = installation.commonbeat("doctor")
    assert code == 1 and "changes of this version. Make a backup, then run: commonbeat migrate" in said
    assert installation.commonbeat("migrate")[0] == 0
    (installation.data / "keys").chmod(0o755)
    installation.environment |= {
        "COMMONBEAT_URL": "http://police.example.org", "COMMONBEAT_MFA": "0", "COMMONBEAT_SMTP_PORT": "1",
        "COMMONBEAT_HOSTS": "other.example.org",
    }  # fmt: skip
    code, said = installation.commonbeat("doctor")
    assert code == 1
    for sentence in (
        "Others on this machine can read the keys.", "No worker has been at work yet",
        "The mail server localhost:1 cannot be used", "http://police.example.org is not encrypted.",
        "COMMONBEAT_HOSTS does not name police.example.org", "Staff sign in with a password alone.",
        "commonbeat user create you@example.org --role admin", "There is no category",
        "No area serves", "The department has no name yet.",
    ):  # fmt: skip
        assert sentence in said, said
    assert "Traceback" not in said
