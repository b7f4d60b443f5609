"""Coming back to a tip: the code opens what both sides wrote, by forms alone, so that no address holds a secret."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commonbeat.cases import sealed_files, sealing
from commonbeat.cases.actions import Stale, act
from commonbeat.cases.categories import categories
from commonbeat.cases.danger import heard_in
from commonbeat.cases.models import Participant
from commonbeat.cases.returning import PHOTO_ONLY, reporter_actor, reporter_by_code
from commonbeat.community.agency import setting
from commonbeat.core.fields import Invalid
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.web.forms import say, say_refusal
from commonbeat.interfaces.web.public.alarm import note_shown, shown_before, unanswered
from commonbeat.interfaces.web.tip.frame import WRONG, new_visit, page, show, visitor
from commonbeat.journal.models import Entry
from commonbeat.kinds.tip.kind import TIP
from commonbeat.kinds.tip.reward import take_code

BAD_CODE = N_("We do not know this code. Check each character. If your tip has been destroyed, its code ends with it.")
OVER = N_("Your visit is over. Enter your code again.")
EMPTY = N_("Write something, or choose a photo.")
CHANGED = N_("We wrote to you in the meantime. Your message is still here: read ours first, then send yours.")
SENT = N_("We have your message.")
ASKED = N_("We will close it. Look in again if you want to know when.")
WRITE, END = "write", "ask_to_close"


@page("tip")
@require_http_methods(["GET", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Enter the code; then read, write, ask to close. Each page carries the visit on in a hidden field."""
    if request.method == "GET":
        return show(request, "code", {})
    if "visit" not in request.POST:
        code = request.POST.get("code", "")[:60]
        found = reporter_by_code(code, back=TIP.intake.back)
        if found is None:
            return show(request, "code", {"error": _(BAD_CODE), "code": code}, status=WRONG)
        return _conversation(request, found, text=request.POST.get("text", ""))
    number = visitor(request.POST["visit"])
    rows = Participant.objects.filter(pk=number or 0, role=Participant.Role.REPORTER, case__kind=TIP.slug)
    me = rows.select_related("case").first()
    if me is None:
        return show(request, "code", {"error": _(OVER), "typed": request.POST.get("text", "")}, status=WRONG)
    match request.POST.get("deed"):
        case "write":
            return _write(request, me)
        case "take_reward":
            return _reward(request, me)
        case "ask_to_close":
            return _take(request, me, END, {}, said=_(ASKED))
    return _conversation(request, me)


def _write(request: HttpRequest, me: Participant) -> HttpResponse:
    """Add a message with its photos; danger shows the emergency number first."""
    text, shown = request.POST.get("text", ""), request.POST.get("danger", "")
    uploads = [token[:200] for token in request.POST.getlist("upload")][:20]
    typed: dict[str, Any] = {"text": text, "uploads": uploads, "danger": shown}
    try:
        for sent in request.FILES.getlist("photo"):
            uploads.append(sealed_files.accept(sent.name or _("Photo"), sent.read(), at=timezone.now()))
    except Invalid as refused:
        return _conversation(request, me, **typed, error=" ".join(map(say, refused.problems)), status=WRONG)
    if not text.strip() and not uploads:
        return _conversation(request, me, **typed, error=_(EMPTY), status=WRONG)
    known = categories().get(me.case.category_id or 0)
    alarm = unanswered(heard_in(known, text, language=get_language() or "en"), shown)
    if alarm:
        typed["danger"] = note_shown(alarm, shown, at=timezone.now())
        return _conversation(request, me, **typed, alarm=alarm, words=alarm.said)
    return _take(
        request, me, WRITE, {"text": text.strip() or PHOTO_ONLY}, said=_(SENT), typed=typed, danger=shown_before(shown)
    )


def _reward(request: HttpRequest, me: Participant) -> HttpResponse:
    """Show the code of the reward, this once."""
    try:
        code = take_code(me.case, actor=reporter_actor(me), at=timezone.now())
    except Invalid as refused:
        return _conversation(request, me, error=" ".join(map(say, refused.problems)), status=WRONG)
    return _conversation(request, me, reward_code=code)


def _take(
    request: HttpRequest, me: Participant, step: str, data: dict[str, Any], *, said: str,
    typed: dict[str, Any] | None = None, danger: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """Take a step as the sender, and show how it stands now. Sent twice, it is refused and nothing is doubled."""
    kept, case = typed or {}, me.case
    seen = request.POST.get("seen", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    try:
        with transaction.atomic():
            act(case, step, data=data, actor=reporter_actor(me), at=timezone.now(), version=version, danger=danger)
            room = int(setting("max_photos")) * 2 - case.files.filter(by_reporter=True).count()
            tokens = list(kept.get("uploads") or ())[: max(room, 0)]
            sealed_files.claim(case, tokens, by_reporter=True, at=timezone.now())
    except Invalid as refused:
        return _conversation(request, me, **kept, error=" ".join(map(say, refused.problems)), status=WRONG)
    except NotAllowed as refused:
        return _conversation(request, me, **kept, error=say_refusal(refused), status=409)
    except Stale:
        me.case.refresh_from_db()
        return _conversation(request, me, **kept, error=_(CHANGED), status=409)
    return _conversation(request, me, said=said)


def _conversation(request: HttpRequest, me: Participant, *, status: int = 200, **more: Any) -> HttpResponse:
    """What both sides wrote, the latest last, and the forms to go on with."""
    case, flow = me.case, TIP.workflow
    steps = {step.slug for step in flow.options(case.state, actor=reporter_actor(me))}
    try:
        first, lost = sealing.said_in(case).text, False
    except sealing.Unreadable:
        first, lost = "", True
    outcome = flow.outcome(case.outcome)
    context = {
        "visit": new_visit(me.pk), "seen": case.version, "lost": lost, "first": first,
        "state": _(flow.state(case.state).public), "outcome": _(outcome.public) if outcome else "",
        "messages_of": _messages(me), "can_end": END in steps and not case.detail("wants_end"),
        "reward": case.detail("reward"),
        "photos": case.files.count(), "opened": case.opened_at, "asks": flow.state(case.state).waits,
    }  # fmt: skip
    return show(request, "conversation", context | more, status=status)


def _messages(me: Participant) -> list[dict[str, Any]]:
    """What was written on both sides; what was taken back is not shown."""
    entries = list(Entry.objects.about("case", me.case_id))
    gone = {entry.data.get("number") for entry in entries if entry.verb == "case.undone"}
    mine = [e for e in entries if e.audience != "internal" and e.number not in gone and e.verb != "case.opened"]
    found = []
    for entry in sealing.open_entries(me.case, mine):
        step = TIP.workflow.named(entry.verb.partition(".")[2])
        text = str((entry.personal or {}).get("text") or "")
        found.append(
            {
                "you": entry.actor_sort == "reporter",
                "at": entry.at,
                "text": text,
                "said": _(step.said) if step and step.said else "",
            }
        )
    return [one for one in found if one["text"] or one["said"]]
