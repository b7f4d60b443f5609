"""Routes of Open311: each reads what was asked, calls one function, answers in the format of the address."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from commonbeat.cases import files
from commonbeat.cases.categories import by_code, categories
from commonbeat.cases.models import CaseFile
from commonbeat.interfaces.access import anyone, key
from commonbeat.interfaces.api.open311 import bulk, catalogue, filing, listing, updates
from commonbeat.interfaces.api.open311.asking import Asked, check_jurisdiction
from commonbeat.interfaces.api.open311.replies import Refused, errors, no_key, reply, speaks, too_many
from commonbeat.interfaces.limits import allowed, limited
from commonbeat.publishing.models import PublicCase

READ = ("GET", "HEAD")
EVERY = ("GET", "HEAD", "POST")
counted = limited("api", methods=EVERY, refuse=too_many)
DESCRIPTION = Path(__file__).with_name("openapi.yaml")


def language_of(request: HttpRequest) -> str:
    """The language of category words: what `locale` asks for, or the first that the program accepts and we have."""
    asked = request.GET.get("locale") or request.POST.get("locale") or ""
    wanted = [asked.lower()] + [tag for tag, _q in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    written = {language for known in categories().values() for language in known.texts}
    fits = (tag for tag in wanted if tag in written or tag.split("-")[0] in written)
    return next(fits, None) or get_language() or "en"


def reading(request: HttpRequest) -> tuple[Asked, str]:
    """The parameters and language of a GET for our jurisdiction."""
    asked = Asked(request.GET)
    check_jurisdiction(asked)
    return asked, language_of(request)


def _writing(request: HttpRequest) -> Asked:
    """The form of a POST from a key that is within its limit."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > filing.most_bytes():
        raise Refused(413, _("This request is too large. Send fewer or smaller photos."))
    asked = Asked(request.POST)
    check_jurisdiction(Asked(request.GET))
    check_jurisdiction(asked)
    return asked


def within_limit(request: HttpRequest) -> bool:
    """Count one request of the key; False when it had its number for this minute."""
    sender = request.key  # type: ignore[attr-defined]
    return allowed("key", sender.pk.to_bytes(8, "big"), most=sender.per_minute, seconds=60)


@anyone
def landing(request: HttpRequest) -> HttpResponse:
    """A page for people: what this is, where the endpoint is, how to get a key."""
    found = catalogue.discovery()
    examples = [reverse("open311-services", args=["json"]), reverse("open311-requests", args=["json"])]
    return render(request, "pages/api/open311.html", {"discovery": found, "examples": examples})


@anyone
@counted
@speaks(*READ)
def discovery(request: HttpRequest, fmt: str) -> HttpResponse:
    """Where the endpoint is."""
    return reply("discovery", catalogue.discovery(), fmt)


@anyone
@counted
@speaks(*READ)
def services(request: HttpRequest, fmt: str) -> HttpResponse:
    """What can be reported, here or at a place."""
    asked, language = reading(request)
    lat, long = asked.number("lat", low=-90, high=90), asked.number("long", low=-180, high=180)
    return reply("services", catalogue.services(language, lat=lat, long=long), fmt)


@anyone
@counted
@speaks(*READ)
def service(request: HttpRequest, code: str, fmt: str) -> HttpResponse:
    """The questions of one service."""
    _asked, language = reading(request)
    known = by_code(code)
    found = next((kind for kind, offered in catalogue.reportable() if known and offered.row.pk == known.row.pk), None)
    if known is None or found is None:
        raise Refused(
            404, _("There is no service_code “%(code)s”. Take one from the service list.") % {"code": code[:60]}
        )
    return reply("service_definition", catalogue.definition(found, known, language), fmt)


@anyone
@counted
@speaks(*EVERY)
def requests(request: HttpRequest, fmt: str) -> HttpResponse:
    """GET: a page of public requests. POST: a new report, by a program with a key."""
    if request.method == "POST":
        return _file(request, fmt=fmt)
    asked, language = reading(request)
    found, last = listing.list_requests(asked, language, at=timezone.now())
    response = reply("service_requests", found, fmt)
    if last and not asked.one("service_request_id"):
        more = request.GET.copy()
        more.pop("page", None)
        more["after"] = last
        response["Link"] = f'<{request.path}?{more.urlencode()}>; rel="next"'
    return response


@key("open311", refuse=no_key)
def _file(request: HttpRequest, *, fmt: str) -> HttpResponse:
    if not within_limit(request):
        return too_many(request)
    _writing(request)
    actor = request.actor  # type: ignore[attr-defined]
    opened = filing.file_report(request, actor=actor, language=language_of(request), at=timezone.now())
    return reply("service_requests", [opened], fmt)


@anyone
@counted
@speaks(*READ)
def one_request(request: HttpRequest, number: str, fmt: str) -> HttpResponse:
    """One public request."""
    asked, language = reading(request)
    return reply("service_requests", listing.one_request(number, asked, language, at=timezone.now()), fmt)


@anyone
@counted
@speaks(*READ)
def token(request: HttpRequest, token: str, fmt: str) -> HttpResponse:
    """Reports get their id at once, so no token is ever given out: an id stands for itself."""
    asked, language = reading(request)
    found = listing.one_request(token, asked, language, at=timezone.now())
    return reply("service_requests", [{"service_request_id": found[0]["service_request_id"], "token": token}], fmt)


@anyone
@counted
@speaks(*EVERY)
def service_request_updates(request: HttpRequest, fmt: str) -> HttpResponse:
    """GET: what changed in public. POST: an update of a partner's system."""
    if request.method == "POST":
        return _update(request, fmt=fmt)
    asked, language = reading(request)
    return reply("service_request_updates", updates.list_updates(asked, language, at=timezone.now()), fmt)


@key("open311:updates", refuse=no_key)
def _update(request: HttpRequest, *, fmt: str) -> HttpResponse:
    if not within_limit(request):
        return too_many(request)
    asked = _writing(request)
    taken = updates.take_update(asked, actor=request.actor, at=timezone.now())  # type: ignore[attr-defined]
    return reply("service_request_updates", [taken], fmt)


@anyone
@counted
@speaks(*READ, formats=bulk.FORMATS)
def everything(request: HttpRequest, fmt: str) -> HttpResponseBase:
    """All public requests as a file: GeoReport Bulk, as it is read, without holding it in memory."""
    asked, language = reading(request)
    since, before = asked.moment("start_date"), asked.moment("end_date", ends=True)
    parts = bulk.FORMATS[fmt](language=language, since=since, before=before, at=timezone.now())
    response = StreamingHttpResponse(parts, content_type=bulk.CONTENT_TYPES[fmt])
    response["Content-Disposition"] = f'attachment; filename="requests.{fmt}"'
    return response


@anyone
@counted
@speaks(*READ)
def media(request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
    """A photo of a public card: only what somebody released, redacted where that was done."""
    card = PublicCase.objects.shown(timezone.now()).filter(reference=reference).only("media").first()
    photo = CaseFile.objects.filter(pk=number, case_id=card.pk, public=True).first() if card else None
    if card is None or photo is None or number not in card.media:
        raise Http404
    try:
        opened = files.path_of(photo.redacted_sha256 or photo.sha256).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(opened, content_type=photo.media_type, headers={"Cache-Control": "public, max-age=300"})


@anyone
@speaks(*READ)
def openapi(request: HttpRequest) -> HttpResponse:
    """This interface as an OpenAPI document."""
    return HttpResponse(DESCRIPTION.read_bytes(), content_type="application/yaml; charset=utf-8")


@anyone
@counted
@speaks(*EVERY, "PUT", "PATCH", "DELETE")
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Everything else below /open311/: a clear 404 in the format of the address, or 400 for an unknown one."""
    ending = rest.rpartition("/")[2].rpartition(".")[2] if "." in rest.rpartition("/")[2] else ""
    if ending and ending not in {"xml", "json"}:
        said = _("There is no format “%(fmt)s”. End the address with .xml or .json.")
        return errors("xml", 400, [said % {"fmt": ending[:20]}])
    raise Http404
