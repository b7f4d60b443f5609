"""Takes the finished report and gives the receipt: kept lean, since it has to stand a whole city after a storm."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Hashable
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commonbeat.cases.actions import Opened, Report, open_case
from commonbeat.cases.models import Case
from commonbeat.core.actor import ANONYMOUS
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import return_code
from commonbeat.core.qr import CodeDrawer
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.forms import say
from commonbeat.interfaces.web.public.draft import Draft
from commonbeat.interfaces.web.public.report import show_alarm, show_page, start_again
from commonbeat.interfaces.web.public.report_checks import first_problem, questions_form
from commonbeat.interfaces.web.stencil import fill

_PAGE_OF = {"category": "what", "where": "where", "photos": "details"}


@anyone
@never_cache
@limited("report")
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Open the case and show its receipt. Sent twice, it is one case, and the code is shown only once."""
    if request.method == "GET":
        return start_again(request)  # type: ignore[no-any-return]
    draft, language, at = Draft(request.POST), get_language() or "en", timezone.now()
    alarm = draft.alarm(language=language)
    if alarm:
        return show_alarm(request, draft, alarm, page="summary")
    wrong = first_problem(draft)
    if wrong:
        return show_page(request, draft, wrong[0], errors=wrong[1])
    try:
        opened = _open_once(draft, language=language, at=at)
    except Invalid as refused:
        return _mend(request, draft, refused, language=language)
    return show_receipt(request, opened, draft, language=language)


def _open_once(draft: Draft, *, language: str, at: dt.datetime) -> Opened:
    """Open the case, or find the one that this very report became before."""
    report, sent = draft.report(language=language), draft.client_id
    kind = draft.known.row.kind if draft.known else ""
    opened = _open_or_find(kind, report, sent, at=at)
    if opened.replayed and sent and _differs(report, opened.case):
        # A kept draft whose answer never arrived was changed into another report: it must not vanish.
        own = uuid.uuid5(sent, f"{report.category_id}/{report.address}/{report.text.strip()}")
        opened = _open_or_find(kind, report, own, at=at)
    return opened


def _differs(report: Report, case: Case) -> bool:
    return (report.category_id, report.text.strip(), report.address) != (case.category_id, case.text, case.address)


def _open_or_find(kind: str, report: Report, sent: uuid.UUID | None, *, at: dt.datetime) -> Opened:
    try:
        return open_case(kind, report, actor=ANONYMOUS, at=at, client_id=sent)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was faster.
        found = Case.objects.filter(client_id=sent).first() if sent else None
        if found is None:
            raise
        return Opened(found, None, replayed=True)


def _mend(request: HttpRequest, draft: Draft, refused: Invalid, *, language: str) -> HttpResponse:
    """The page with the first problem, and everything that was typed."""
    page = _PAGE_OF.get(refused.problems[0].code, "details")
    errors = {p.code: say(p) for p in refused.problems if _PAGE_OF.get(p.code) == page}
    form = questions_form(draft, language=language, bound=True) if page == "details" else None
    return show_page(request, draft, page, errors=errors, form=form)


def show_receipt(request: HttpRequest, opened: Opened, draft: Draft, *, language: str) -> HttpResponse:
    """Reference, code and what happens next; this page is the only place where the code is ever shown."""
    known, clocks = draft.known, opened.case.clocks
    fixed: dict[str, Hashable] = {
        "section": "report", "replayed": opened.replayed, "category": known.text(language).name if known else "",
        "told_by": _one_of(draft.get("who"), "email", "phone"), "told": _one_of(draft.get("told"), "questions"),
        "sensitive": bool(known and known.row.sensitive),
    }  # fmt: skip
    holes: dict[str, Any] = {"reference": opened.case.reference, "email": draft.get("email")}
    for name, which in (("read_by", "acknowledge"), ("answer_by", "respond")):
        if which in clocks:
            moment = timezone.localtime(dt.datetime.fromisoformat(clocks[which]["due"]))
            holes[name] = _day(moment.date(), language)
    if opened.code:
        holes |= {"code": opened.code, "qr": qr_svg(opened.code, _("Code that opens the page to follow your report"))}
        # An address reads from left to right, also among Arabic words.
        fixed["return_shown"] = format_html('<bdi dir="ltr">{}/return/</bdi>', settings.SITE_URL)
    page = fill(request, "pages/public/report/receipt.html", fixed, holes)
    return HttpResponse(page, status=200 if opened.replayed else 201, headers={"Cache-Control": "no-store"})


def _one_of(typed: str, *possible: str) -> str:
    return typed if typed in possible else ""


@lru_cache(maxsize=500)
def _day(on: dt.date, language: str) -> str:
    with override(language):
        return date_format(on, pgettext("date format with weekday", "l, F j"))


def return_address(code: str) -> str:
    """Where a code leads. It stands behind the #, which browsers never send: no log can hold it."""
    return f"{settings.SITE_URL}/return/#code={code}"


@cache
def _drawer() -> CodeDrawer:
    return CodeDrawer(return_address(""), return_code())


def qr_svg(code: str, title: str) -> SafeString:
    """The QR code of a return address as SVG inside the page."""
    return mark_safe(_drawer().svg(code, title))
