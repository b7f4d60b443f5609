"""Editors of what the city consists of for the department: days off, areas, organisations, teams."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from commonbeat.community.models import Area, Holiday, Organisation, Team
from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor, yes
from commonbeat.interfaces.web.office.forms.places import AreaForm, HolidayForm, OrganisationForm, TeamForm
from commonbeat.journal import tracked as rows


def _population(area: Any) -> str:
    years = sorted(area.population)
    return f"{area.population[years[-1]]:,} ({years[-1]})" if years else ""


HOLIDAYS = EDITORS.add(
    Editor(
        tracked=rows.HOLIDAY,
        form=HolidayForm,
        title=gettext_lazy("Holidays"),
        one=gettext_lazy("Holiday"),
        add_label=gettext_lazy("Add a day"),
        intro=gettext_lazy("Days on which the office is closed and clocks stand still."),
        columns=(
            Column(gettext_lazy("Day"), lambda day: date_format(day.on, "DATE_FORMAT")),
            Column(gettext_lazy("Name"), "name"),
        ),
        rows=lambda: Holiday.objects.order_by("-on"),
        search=("name",),
        retires=False,
        removes=True,
        views=(),
        links=(("office_holidays_import", gettext_lazy("Add a year's public holidays")),),
    )
)

AREAS = EDITORS.add(
    Editor(
        tracked=rows.AREA,
        form=AreaForm,
        title=gettext_lazy("Areas"),
        one=gettext_lazy("Area"),
        add_label=gettext_lazy("Add areas"),
        intro=gettext_lazy("The map: districts, beats, neighbourhoods. Boundaries come from a GeoJSON file."),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("Code"), "code"),
            Column(gettext_lazy("Level"), lambda area: area.level.replace("_", " ")),
            Column(gettext_lazy("Revision"), "revision"),
            Column(gettext_lazy("Residents"), _population, number=True),
            Column(gettext_lazy("Takes concerns"), lambda area: yes(area.serves)),
        ),
        rows=lambda: Area.objects.defer("geometry").order_by("level", "name"),
        search=("name", "code", "level"),
        adds=False,
        retires=False,
        links=(
            ("office_areas_upload", gettext_lazy("Upload boundaries")),
            ("office_areas_populations", gettext_lazy("Upload populations")),
        ),
        before_list="pages/office/parts/levels.html",
        list_context=lambda request: _levels(),
    )
)


def _levels() -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    current = Area.objects.filter(retired_at__isnull=True).values_list("level", "revision", "serves")
    for level, revision, serves in current:
        row = found.setdefault(
            level, {"level": level, "name": level.replace("_", " "), "count": 0, "revisions": set(), "serves": False}
        )
        row["count"] += 1
        row["revisions"].add(revision)
        row["serves"] |= serves
    return {"levels": sorted(found.values(), key=lambda row: row["level"])}


ORGANISATIONS = EDITORS.add(
    Editor(
        tracked=rows.ORGANISATION,
        form=OrganisationForm,
        title=gettext_lazy("Partner organisations"),
        one=gettext_lazy("Organisation"),
        add_label=gettext_lazy("Add an organisation"),
        intro=gettext_lazy("City departments, mediators, shelters: whoever takes over what is not police work."),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("Sort"), "sector"),
            Column(gettext_lazy("E-mail address"), "email"),
            Column(gettext_lazy("Telephone"), "phone"),
        ),
        rows=lambda: Organisation.objects.order_by("name"),
        search=("name", "sector"),
    )
)

TEAMS = EDITORS.add(
    Editor(
        tracked=rows.TEAM,
        form=TeamForm,
        title=gettext_lazy("Teams"),
        one=gettext_lazy("Team"),
        add_label=gettext_lazy("Add a team"),
        intro=gettext_lazy("People who share a queue, here or at a partner."),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("Partner"), lambda team: team.organisation.name if team.organisation_id else ""),
            Column(gettext_lazy("People"), lambda team: team.people, number=True),
            Column(gettext_lazy("Areas"), lambda team: ", ".join(area.name for area in team.areas.all())),
        ),
        rows=lambda: _teams(),
        search=("name", "slug"),
    )
)


def _teams() -> Any:
    from django.db.models import Count, Prefetch, Q

    areas = Prefetch("areas", queryset=Area.objects.only("id", "name").order_by("name"))
    people = Count("members", filter=Q(members__is_active=True))
    return Team.objects.select_related("organisation").prefetch_related(areas).annotate(people=people).order_by("name")
