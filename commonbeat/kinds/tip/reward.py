"""A reward for a tip, paid to whoever holds a second code: the payer learns the sum and nothing of the tip."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from commonbeat.cases.actions import act
from commonbeat.cases.codes import code_digest
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case
from commonbeat.community.agency import local_day
from commonbeat.community.models import OneTimeLink
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.ids import BadCode, return_code
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record

PURPOSE = "tip-reward"
VALID = dt.timedelta(days=180)
"""So long a reward waits, and the tip lives at least as long as that."""
OFFERED, TAKEN, PAID = "offered", "taken", "paid"

FIELDS = (
    Field("amount", N_("Amount"), required=True, maximum=40, hint=N_("With its currency, for example $500.")),
    Field("message", N_("Where and how to collect it"), "text", required=True,
          hint=N_("For example: at any branch of the bank, with the code alone. Nobody asks for a name.")),
)  # fmt: skip

NO_REWARD = N_("No reward waits here. If its code was shown before, it cannot be shown again.")
GIVEN = N_("The code of this reward was shown already.")
BAD_CODE = N_("This is not the code of a reward, or it is too old. Check each character.")
PAID_BEFORE = N_("This reward was paid on %(day)s.")
NO_NUMBER = N_("Enter the number of your payment, so that the books agree.")


def offer(deed: Deed) -> None:
    """Say on the sender's page that a reward waits; its code is made when the sender asks for it."""
    held = deed.case.detail("reward") or {}
    if held.get("state") in {TAKEN, PAID}:
        raise Invalid([Problem("amount", GIVEN)])
    deed.columns["details"] = deed.case.details | {"reward": {"amount": deed.data["amount"], "state": OFFERED}}
    deed.personal["text"] = deed.data["message"]
    deed.facts["amount"] = deed.data["amount"]
    if deed.case.dispose_on:
        deed.columns["dispose_on"] = max(deed.case.dispose_on, local_day(deed.at + VALID))


def taken(deed: Deed) -> None:
    """Note that the sender saw the code of the reward."""
    held = deed.case.detail("reward") or {}
    if held.get("state") != OFFERED:
        raise Invalid([Problem("reward", NO_REWARD)])
    deed.columns["details"] = deed.case.details | {"reward": held | {"state": TAKEN}}


def paid(deed: Deed) -> None:
    """Note that it was paid."""
    held = deed.case.detail("reward") or {}
    deed.columns["details"] = deed.case.details | {"reward": held | {"state": PAID}}


@transaction.atomic
def take_code(case: Case, *, actor: Actor, at: dt.datetime, version: int | None = None) -> str:
    """The code of the reward, made now and shown this once. Raises `Invalid`, `NotAllowed` and `Stale`."""
    act(case, "take_reward", data={}, actor=actor, at=at, version=version)
    code = return_code()
    OneTimeLink.objects.create(
        digest=code_digest(code), purpose=PURPOSE, subject_kind="case", subject_id=case.pk,
        data={"amount": case.details["reward"]["amount"]}, created_at=at, expires_at=at + VALID,
    )  # fmt: skip
    return code


def find(code: str, *, at: dt.datetime) -> OneTimeLink:
    """The reward behind a code. Raises `Invalid`."""
    try:
        digest = code_digest(code)
    except BadCode:
        raise Invalid([Problem("code", BAD_CODE)]) from None
    found = OneTimeLink.objects.filter(digest=digest, purpose=PURPOSE, expires_at__gt=at).first()
    if found is None:
        raise Invalid([Problem("code", BAD_CODE)])
    if found.used_at:
        raise Invalid([Problem("code", PAID_BEFORE, {"day": local_day(found.used_at).isoformat()})])
    return found


@transaction.atomic
def pay(code: str, *, number: str, actor: Actor, at: dt.datetime) -> str:
    """Note the payment of a reward under a number of the payer's books; returns the amount. Raises `Invalid`."""
    if not number.strip():
        raise Invalid([Problem("number", NO_NUMBER)])
    link = find(code, at=at)
    if not OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=at):
        raise Invalid([Problem("code", PAID_BEFORE, {"day": local_day(at).isoformat()})])
    act(Case.objects.select_for_update().get(pk=link.subject_id), "pay", data={}, actor=SYSTEM, at=at)
    amount = str(link.data["amount"])
    record(
        "reward", link.pk, "reward.paid", actor=actor, at=at, first=True,
        data={"amount": amount, "number": number.strip()[:80]},
    )  # fmt: skip
    return amount
