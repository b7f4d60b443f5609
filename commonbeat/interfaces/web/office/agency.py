"""The agency's page, its logo, and holidays by the year."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from commonbeat.cases import files
from commonbeat.community.agency import current, local_day
from commonbeat.community.models import Agency, Holiday
from commonbeat.core.actor import Role
from commonbeat.core.photos import PhotoRefused, clean_photo
from commonbeat.interfaces.access import actor_of, anyone, staff
from commonbeat.interfaces.web.office import changes
from commonbeat.interfaces.web.office.forms.agency import DAYS, AgencyForm
from commonbeat.interfaces.web.office.forms.places import HolidayImportForm
from commonbeat.journal import history
from commonbeat.journal.tracked import AGENCY

LOGO_BYTES = 2 * 1024 * 1024
LOGO_PIXELS = 4_000_000


def _stored() -> Agency:
    """The agency's row, made from the defaults at the first visit."""
    found = Agency.objects.filter(pk=1).first()
    if found is None:
        found = current()
        found.save(force_insert=True)
    return found


def _logo(form: AgencyForm) -> str | None:
    """The address of a new logo, "" for none, None to keep the present one; a bad file is an error of the form."""
    if form.cleaned_data.get("no_logo"):
        return ""
    given = form.cleaned_data.get("logo_file")
    if not given:
        return None
    try:
        photo = clean_photo(given.read(LOGO_BYTES + 1), max_bytes=LOGO_BYTES, max_pixels=LOGO_PIXELS)
    except PhotoRefused:
        form.add_error("logo_file", _("We cannot use this picture. Choose a PNG, JPEG or WebP file of at most 2 MB."))
        return None
    files.store(photo.data, photo.sha256)
    return reverse("agency_logo", kwargs={"sha": photo.sha256, "kind": photo.media_type.partition("/")[2]})


@staff(Role.ADMIN)
def agency(request: HttpRequest) -> HttpResponse:
    """Everything about the department on one page, saved as one change."""
    row, now = _stored(), timezone.now()
    form = AgencyForm(request.POST or None, request.FILES or None, instance=_stored())
    conflict = False
    if request.method == "POST" and form.is_valid():
        logo = _logo(form)
        if not form.errors:
            values = form.values() | ({} if logo is None else {"logo": logo})
            seen = request.POST.get("version", "")
            try:
                entry = history.change(
                    row, values, actor=actor_of(request), at=now, version=int(seen) if seen.isdigit() else None
                )  # type: ignore[attr-defined]
            except history.ChangedMeanwhile:
                conflict = True
            else:
                return redirect(reverse("office_agency") + (f"?saved={entry.number}" if entry else "?same=1"))
    saved = request.GET.get("saved", "")
    context = {
        "form": form, "section": "office", "version": history.version_of(row), "conflict": conflict, "saved": saved,
        "before": int(saved) - 1 if saved.isdigit() else None, "same": "same" in request.GET,
        "days": [(day, form[f"from_{n}"], form[f"until_{n}"]) for n, day in enumerate(DAYS)],
        "limits": [field for field in form if field.name.startswith("set_")],
        "plain": [field for field in form if not field.name.startswith(("set_", "from_", "until_"))],
    }  # fmt: skip
    return render(request, "pages/office/agency.html", context, status=409 if conflict else 422 if form.errors else 200)


@staff(Role.ADMIN)
def agency_history(request: HttpRequest) -> HttpResponse:
    """Every version of the agency's page."""
    row = _stored()
    items = [
        {"version": v, "what": changes.what(v), "lines": changes.lines(AGENCY, v, form=AgencyForm), "current": n == 0,
         "before": v.number - 1, "undoable": bool(v.changes)}
        for n, v in enumerate(history.history(row))
    ]  # fmt: skip
    context = {
        "obj": row.name,
        "items": items,
        "section": "office",
        "edit_url": reverse("office_agency"),
        "restore_url": reverse("office_agency_restore"),
    }
    return render(request, "pages/office/history.html", context)


@staff(Role.ADMIN)
@require_POST
def agency_restore(request: HttpRequest) -> HttpResponse:
    """Back to an older version of the agency's page."""
    number = request.POST.get("number", "")
    if not number.isdigit():
        raise Http404
    try:
        history.restore(_stored(), int(number), actor=actor_of(request), at=timezone.now())
    except history.NothingToRestore:
        messages.error(request, _("This version cannot be restored. Choose another one from the history."))
        return redirect("office_agency_history")
    messages.success(request, _("Restored."))
    return redirect("office_agency")


@anyone
@cache_control(public=True, max_age=31_536_000, immutable=True)
def logo(request: HttpRequest, sha: str, kind: str) -> HttpResponse:
    """The agency's logo, by its content; other files of this installation are not reached through here."""
    if not current().logo.endswith(f"/{sha}.{kind}"):
        raise Http404
    path = files.path_of(sha)
    if not path.exists():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type=f"image/{kind}")


@staff(Role.ADMIN)
def holidays_import(request: HttpRequest) -> HttpResponse:
    """Add the public holidays of a year; days that are there already stay as they are."""
    agency_row, now = current(), timezone.now()
    start = {"country": agency_row.country, "subdivision": agency_row.subdivision, "year": local_day(now).year}
    form = HolidayImportForm(request.POST or request.GET or None, initial=start)
    found: list[tuple[object, str]] = []
    if form.is_bound and form.is_valid():
        known = set(Holiday.objects.values_list("on", flat=True))
        found = [(day, name) for day, name in form.cleaned_data["days"] if day not in known]
        if request.method == "POST":
            for day, name in found:
                history.add(Holiday(), {"on": day, "name": name[:120]}, actor=actor_of(request), at=now)
            messages.success(request, _("%(count)s days were added.") % {"count": len(found)})
            return redirect("office_holiday_list")
    hidden = {name: form.cleaned_data[name] for name in ("country", "subdivision", "year")} if found else {}
    context = {
        "form": form,
        "found": found,
        "section": "office",
        "hidden": hidden,
        "asked": form.is_bound and not form.errors,
    }
    return render(request, "pages/office/holidays_import.html", context, status=422 if form.errors else 200)
