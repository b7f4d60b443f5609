"""How long answers of surveys are kept: after that the files go, and the figures that were shown of them stay."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.db import transaction

from commonbeat.cases.disposal import SCHEDULED, Rule
from commonbeat.community.agency import local_day, setting
from commonbeat.core.actor import SYSTEM
from commonbeat.core.text import N_
from commonbeat.evidence.surveys.actions import SUBJECT, files_of, forget_files
from commonbeat.evidence.surveys.models import SurveyWave
from commonbeat.journal.verbs import record

DAYS = "survey_answer_days"
REASON = N_("Answers are asked for to be counted. Once they were, and compared with the next wave, figures are enough.")
AT_ONCE = 50


def rule() -> Rule:
    """The line of the retention schedule."""
    return Rule(N_("Answers of surveys"), "", int(setting(DAYS)), REASON)


def due(*, at: dt.datetime) -> list[SurveyWave]:
    """Waves whose answers have had their time, the oldest first."""
    before = local_day(at) - dt.timedelta(days=int(setting(DAYS)))
    rows = SurveyWave.objects.filter(forgotten_at=None, last_on__lt=before).exclude(content="")
    return list(rows.select_related("series").order_by("last_on", "pk")[:AT_ONCE])


def forget_answers(*, at: dt.datetime) -> int:
    """Destroy the answers that are due, each wave in a transaction of its own; returns how many waves."""
    waves = due(at=at)
    for wave in waves:
        _forget(wave, at=at)
    return len(waves)


@transaction.atomic
def _forget(wave: SurveyWave, *, at: dt.datetime) -> None:
    found = SurveyWave.objects.select_for_update(of=("self",)).select_related("series").get(pk=wave.pk)
    if found.forgotten_at is not None:
        return
    gone = files_of(found)
    found.kept, found.forgotten_at = figures_of(found), at
    found.save(update_fields=["kept", "forgotten_at"])
    record(SUBJECT, found.pk, "wave.answers_forgotten", actor=SYSTEM, at=at,
           data={"survey": found.series.slug, "name": found.name, "n": found.n})  # fmt: skip
    forget_files(found.series.slug, gone)


def figures_of(wave: SurveyWave) -> dict[str, Any]:
    """Every figure that a look may show of a wave, of everybody and by each group; hidden ones are not in it.

    Empty where the file is gone already: nothing can be counted of it any more.
    """
    from commonbeat.evidence.surveys.frames import NoAnswers, load

    try:
        frame = load(wave)
    except NoAnswers:
        return {"weighted": False, "groups": {}, "questions": {}}
    groups = {key: frame.categories(key) for key in frame.groups}
    told = {key: {by: _counted(frame, question, by) for by in ("", *groups)}
            for key, question in frame.questions.items()}  # fmt: skip
    return {"weighted": frame.weighted, "groups": groups, "questions": told}


def _counted(frame: Any, question: Any, by: str) -> dict[str, Any]:
    from commonbeat.evidence.surveys.figures import ALL, Counted

    here = Counted(frame, question, by)
    values = {category: {figure.key: _plain(here.estimate(figure, category)) for figure in here.figures}
              for category in (ALL, *here.categories)}  # fmt: skip
    gaps = {category: {figure.key: _plain(here.gap(figure, category)) for figure in here.figures}
            for category in here.categories} if frame.wave.is_sample else {}  # fmt: skip
    return {"people": here.people, "lost": here.lost, "hides": here.hides, "values": values, "gaps": gaps}


def _plain(found: Any) -> dict[str, float] | None:
    """An estimate as JSON holds it; `people` and the rest were shown with it."""
    return None if found is None else {name: float(value) if name != "n" else int(value)
                                       for name, value in asdict(found).items()}  # fmt: skip


SCHEDULED.append(rule)
