"""Photos of a case: shown to those who may see the case, covered in parts, released to the public."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases import files, sealed_files
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile
from commonbeat.cases.sealing import Unreadable
from commonbeat.core.fields import Invalid
from commonbeat.core.photos import Region
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.access import anyone, staff
from commonbeat.interfaces.web.desk.case import read_case
from commonbeat.interfaces.web.forms import say, say_refusal
from commonbeat.publishing.photos import hide_photo, public_photo, redact_photo, release_photo

VARIANTS = ("small", "original", "redacted")


def serve(data: bytes, media_type: str, *, cache: str) -> HttpResponse:
    """The bytes of a picture, and nothing that a browser could take for a page."""
    shown = media_type in {"image/jpeg", "image/png", "image/webp"}
    answer = HttpResponse(data, content_type=media_type if shown else "application/octet-stream")
    answer["Content-Disposition"] = "inline" if shown else "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = cache
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def read_variant(case: Case, photo: CaseFile, variant: str) -> tuple[bytes, str]:
    """The bytes and the type of one form of a photo, or 404."""
    try:
        if KINDS[case.kind].sealed:
            small = variant == "small"
            data = sealed_files.small(case, photo) if small else sealed_files.read(case, photo)
            return data, "image/jpeg" if small else photo.media_type
        if variant == "small":
            return files.small(photo.sha256), "image/jpeg"
        if variant == "redacted":
            if not photo.redacted_sha256:
                raise Http404
            return files.read(photo.redacted_sha256), photo.media_type
        return files.read(photo.sha256), photo.media_type
    except (FileNotFoundError, Unreadable):
        raise Http404 from None


@staff()
@require_safe
def file(request: HttpRequest, number: int, variant: str) -> HttpResponse:
    """A photo for staff who may see its case; 404 for everybody else."""
    photo = CaseFile.objects.filter(pk=number).first()
    if photo is None or variant not in VARIANTS:
        raise Http404
    case = Case.objects.visible_to(request.actor).filter(pk=photo.case_id).defer("search").first()  # type: ignore[attr-defined]
    if case is None:
        raise Http404
    cache = "private, no-store" if KINDS[case.kind].sealed else "private, max-age=300"
    return serve(*read_variant(case, photo, variant), cache=cache)


@anyone
@require_safe
def public_file(request: HttpRequest, number: int, variant: str = "public") -> HttpResponse:
    """A released photo, as the public may see it: the covered copy where there is one."""
    photo = public_photo(number, at=timezone.now())
    if photo is None:
        raise Http404
    sha = photo.redacted_sha256 or photo.sha256
    try:
        data = files.small(sha) if variant == "thumb" else files.read(sha)
    except FileNotFoundError:
        raise Http404 from None
    return serve(data, "image/jpeg" if variant == "thumb" else photo.media_type, cache="public, max-age=300")


def _photo(case: Case, number: int) -> CaseFile:
    found = case.files.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@staff()
@require_safe
def photo_page(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The photo, what is covered, and whether the public may see it."""
    return show_photo(request, read_case(request, reference), number)


def show_photo(
    request: HttpRequest, case: Case, number: int, *, errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    """The page of one photo."""
    photo = _photo(case, number)
    context = {
        "case": case, "reference": case.reference, "photo": photo, "errors": errors or [],
        "regions": _covered(photo),
        "case_url": f"/desk/{case.reference}/", "image_url": f"/files/{number}/original/", "section": "inbox",
        "stays_inside": KINDS[case.kind].sealed,
    }  # fmt: skip
    return render(request, "pages/desk/photo.html", context, status=422 if errors else 200)


def _covered(photo: CaseFile) -> list[dict[str, str]]:
    """The boxes that cover the photo now, in per cent: covering more must not uncover them."""
    return [
        {side: f"{value * 100:.2f}" for side, value in zip("xywh", region, strict=True)} for region in photo.regions
    ]


def regions_in(given: QueryDict) -> list[Region]:
    """Boxes as the script sends them (fractions), or as typed without it (per cent). Raises `ValueError`."""
    found: list[Region] = []
    for text in given.getlist("region"):
        x, y, w, h = (float(part) for part in text.split(","))
        found.append((x, y, w, h))
    rows = zip(*(given.getlist(f"region_{side}") for side in "xywh"), strict=False)
    for row in rows:
        if any(part.strip() for part in row):
            x, y, w, h = (float(part.replace(",", ".")) / 100 for part in row)
            found.append((x, y, w, h))
    if len(found) > 100 or any(not 0 <= value <= 1 for region in found for value in region):
        raise ValueError
    return found


@staff()
@require_POST
def photo_change(request: HttpRequest, reference: str, number: int, change: str) -> HttpResponse:
    """Cover parts of a photo, release it, or take it back."""
    case = read_case(request, reference)
    photo = _photo(case, number)
    actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
    try:
        if change == "redact":
            redact_photo(photo, regions=regions_in(request.POST), actor=actor, at=at)
            messages.success(request, gettext("Covered. Look at the copy, then say whether it may be public."))
        elif change == "release":
            release_photo(photo, nothing_personal=request.POST.get("nothing_personal") == "on", actor=actor, at=at)
            messages.success(request, gettext("The public may see this photo now."))
        elif change == "hide":
            hide_photo(photo, actor=actor, at=at)
            messages.success(request, gettext("Taken back: the public does not see this photo any more."))
        else:
            raise Http404
    except Invalid as refused:
        return show_photo(request, case, number, errors=[{"text": say(p)} for p in refused.problems])
    except ValueError:
        bad = gettext("Give each box a place and a size inside the picture, in numbers.")
        return show_photo(request, case, number, errors=[{"text": bad}])
    except NotAllowed as refused:
        return show_photo(request, case, number, errors=[{"text": say_refusal(refused)}])
    return HttpResponseRedirect(f"/desk/{case.reference}/files/{photo.pk}/")
