"""How willing people are to report, beside what is recorded: each part a number of its own, never one made-up index.

Engagement can raise reporting, and recorded crime with it. The parts are residents' reports, who found a condition
first, who gives a name, which questions of surveys say, and tips. None of them alone is willingness.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.safeguards import Tombstone
from commonbeat.community.agency import setting, zone
from commonbeat.core.numbers import suppress_table
from commonbeat.core.text import N_
from commonbeat.evidence import readings, reporting_measures
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import Measure, measures
from commonbeat.evidence.readings import NUMBER, Reading, nothing
from commonbeat.evidence.scorecard.cards import RECORDED, Card
from commonbeat.evidence.scorecard.dimensions import Dimension
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys import readings as survey_readings
from commonbeat.evidence.surveys.models import SurveyQuestion

MORE = N_(
    "People report more than the year before. Recorded incidents can rise with it although no more of them happen."
)
FEWER = N_(
    "People report less than the year before. Recorded incidents can fall with it although no fewer of them happen."
)
SAME = N_("Whether people report more or less than the year before cannot be told from chance.")
UNKNOWN = N_("How reporting changed is not known yet, so a change of recorded incidents may be one of reporting.")
APART = N_("None of these is part of recorded crime, and none alone says how willing people are to report.")
_TIPS = N_("Tips of all sorts that came in, also those destroyed since. Of the whole city only, small numbers hidden.")
_NOT_TIPS = N_("One case that everybody talks about brings many tips: their number is no measure of trust by itself.")
_ASKED = N_("What people answer in a survey. Some forget, and some say what they think is right.")
RECORDED_TITLE = N_("Recorded")
OTHER_TIME = N_(
    "Recorded incidents are those of %(crime)s, reports of residents those of %(heard)s. Two different times say "
    "nothing about each other: bring in newer incidents."
)
CITY = N_("Tips are told for the whole city only.")


def recorded(slug: str = "") -> tuple[list[Measure], Measure | None]:
    """Measures of incidents, and the one to show: that asked for, the scorecard's, or the first."""
    offered = [one for one in measures() if one.source]
    known = {one.slug: one for one in offered}
    line = ScorecardLine.objects.filter(dimension=ScorecardLine.Dimension.CRIME, retired_at=None).first()
    wanted = slug if slug in known else line.measure if line and line.measure in known else ""
    return offered, known.get(wanted) or (offered[0] if offered else None)


def parts(crime: Measure | None, areas: AreaSet, *, area: int | None, at: dt.datetime) -> list[Card]:
    """Recorded incidents, then each part of reporting."""
    found = [_stored(crime, areas, area)] if crime else []
    found += [_stored(one, areas, area) for one in reporting_measures.COMPONENTS]
    questions = SurveyQuestion.objects.exclude(about="").filter(series__retired_at=None).select_related("series")
    found += [_asked(one, areas, area) for one in questions.order_by("series__name", "position")]
    return [*found, _tips(area, at)]


def _stored(one: Measure, areas: AreaSet, area: int | None) -> Card:
    years = readings.years_of(one, areas)

    def of(place: int | None) -> Reading:
        return readings.read(one, years, area=place)

    title = RECORDED_TITLE if one.source else one.name
    says = tuple(_(text) for text in (one.says, one.silent, RECORDED if one.source else "") if text)
    return Card(Dimension(one.slug, title, "", ""), of(area), None, _(one.name), _(one.noun), says, one.notice,
                ("measure", one.slug), of)  # fmt: skip


def _asked(question: SurveyQuestion, areas: AreaSet, area: int | None) -> Card:
    told = survey_readings.asked(question)

    def of(place: int | None) -> Reading:
        return survey_readings.read(told, area="" if place is None else areas.codes[place], areas=areas.slug)

    about = SurveyQuestion.About(question.about)
    where = ("question", str(told.now.wave.pk), question.series.slug, question.key) if told.now else ()
    return Card(Dimension(f"question-{question.pk}", str(about.label), "", ""), of(area), None, question.text, "",
                (_(_ASKED),), question.series.name, where, of)  # fmt: skip


def _tips(area: int | None, at: dt.datetime) -> Card:
    card = Dimension("tips", N_("Tips"), "", "")
    told = nothing(NUMBER, _(CITY)) if area is not None else _tips_of_years(at)
    return Card(card, told, None, _("Tips received"), _("tips"), (_(_TIPS), _(_NOT_TIPS)))


def _tips_of_years(at: dt.datetime) -> Reading:
    """The last whole year and the one before, out of one suppressed table; destroyed tips count.

    Calendar years, not the last twelve months: the difference of two such sums would give single months away.
    """
    year = at.astimezone(zone()).year - 1
    sealed = [kind.slug for kind in KINDS if kind.sealed]
    there = Case.objects.filter(kind__in=sealed).annotate(year=ExtractYear("opened_at", tzinfo=zone()))
    gone = Tombstone.objects.filter(kind__in=sealed).annotate(year=ExtractYear("opened_on"))
    row = dict.fromkeys((year - 1, year), 0)
    for rows in (there, gone):
        for one, n in rows.filter(year__in=row).values_list("year").annotate(n=Count("pk")).order_by():
            row[one] += n
    cells = suppress_table({"tips": row}, minimum=int(setting("minimum_count"))).cells["tips"]
    now, before, facts = cells[year], cells[year - 1], {"period": str(year)}
    if not isinstance(now, int):
        return nothing(NUMBER, _(readings.HIDDEN), **facts)
    known: dict[str, Any] = facts | {"n": now}
    if not isinstance(before, int):
        return Reading(NUMBER, value=float(now), alone=_(readings.HIDDEN), **known)
    known["before_period"] = str(year - 1)
    return readings.count_reading(now, before, known, unit=NUMBER, people=1.0, phi=1.0)


def caveat(cards: list[Card]) -> str:
    """What the change of residents' reports means for recorded incidents."""
    heard = next((card.reading for card in cards if card.dimension.slug == reporting_measures.HEARD.slug), None)
    crime = cards[0].reading if cards and cards[0].dimension.title == RECORDED_TITLE else None
    if heard and crime and crime.period and heard.period and crime.period != heard.period:
        return _(OTHER_TIME) % {"crime": crime.period, "heard": heard.period}
    if heard is None or heard.change is None:
        return _(UNKNOWN)
    return _({1: MORE, -1: FEWER, 0: SAME}[heard.change.direction])
