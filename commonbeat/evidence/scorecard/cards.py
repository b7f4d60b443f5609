"""The five, each with what stands behind it and what it says: read from what is stored, for staff and for residents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence import readings
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.looks.asking import CannotLook
from commonbeat.evidence.measures import NoMeasure, measure
from commonbeat.evidence.readings import NUMBER, Reading, nothing
from commonbeat.evidence.scorecard import published
from commonbeat.evidence.scorecard.dimensions import FIVE, Dimension
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys import readings as survey_readings
from commonbeat.evidence.surveys.asking import cautions

NOT_CHOSEN = N_("Nothing is chosen for this yet.")
NOT_PUBLIC = N_("The department has not published a number for this yet.")
GONE = N_("What was chosen is gone or out of use. Choose again.")
RECORDED = N_("Recorded incidents are not all incidents: trust in the police changes how many are reported.")


@dataclass(frozen=True)
class Card:
    """One of the five. `of` reads one area by its place in the set; `reading` is of whom the page asks for."""

    dimension: Dimension
    reading: Reading
    line: ScorecardLine | None = None
    name: str = ""
    noun: str = ""
    says: tuple[str, ...] = ()
    credit: str = ""
    where: tuple[str, ...] = ()
    """What leads to the whole of it: `measure` and its slug, or `question`, the wave, the survey and its key."""
    of: Callable[[int], Reading] | None = field(default=None, repr=False)

    @property
    def is_chosen(self) -> bool:
        """Whether anything stands behind it."""
        return self.line is not None


def cards(areas: AreaSet | None, *, area: int | None = None, public: bool = False) -> list[Card]:
    """All five, for the whole or the area at this place of the set. The number of statements does not grow with
    areas."""
    rows = ScorecardLine.objects.filter(retired_at=None).select_related("question__series")
    lines = {row.dimension: row for row in rows if row.public or not public}
    return [_card(one, lines.get(one.slug), areas, area, public) for one in FIVE]


def _card(one: Dimension, line: ScorecardLine | None, areas: AreaSet | None, area: int | None, public: bool) -> Card:
    if line is None:
        return Card(one, nothing(NUMBER, _(NOT_PUBLIC if public else NOT_CHOSEN)))
    return _of_question(one, line, areas, area) if line.question else _of_measure(one, line, areas, area, public)


def _of_measure(one: Dimension, line: ScorecardLine, areas: AreaSet | None, area: int | None, public: bool) -> Card:
    try:
        found = measure(line.measure)
    except NoMeasure:
        return Card(one, nothing(NUMBER, _(GONE)), line)
    if areas is None:
        return Card(one, nothing(NUMBER, _(readings.NOT_COUNTED)), line, _(found.name))
    rate = line.per_residents and found.sort == "count"
    if public:
        told = published.published(found, areas)

        def of(place: int | None) -> Reading:
            return published.read(told, area=place, rate=rate)
    else:
        years = readings.years_of(found, areas)

        def of(place: int | None) -> Reading:
            return readings.read(found, years, area=place, rate=rate)

    said = tuple(_(text) for text in (line.says, found.says, found.silent, RECORDED if found.source else "") if text)
    return Card(one, of(area), line, _(found.name), _(found.noun), said, found.notice, ("measure", found.slug), of)


def _of_question(one: Dimension, line: ScorecardLine, areas: AreaSet | None, area: int | None) -> Card:
    question = line.question
    assert question is not None
    told = survey_readings.asked(question, line.figure)
    name, noun, said = question.text, "", [line.says] if line.says else []
    where: tuple[str, ...] = ()
    if told.now is not None:
        try:
            counted = told.counted(told.now, "")
            noun = told.now.pick(counted).label
            said += cautions(told.now.frame)
        except CannotLook:
            noun = ""
        where = ("question", str(told.now.wave.pk), question.series.slug, question.key)
    slug = areas.slug if areas else ""
    codes = areas.codes if areas else ()

    def of(place: int | None) -> Reading:
        return survey_readings.read(told, area="" if place is None else codes[place], areas=slug)

    return Card(one, of(area), line, name, noun, tuple(said), question.series.name, where, of)
