"""Files of answers become waves that can be taken back, weighted and counted; small cells and persons stay out."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from commonbeat.community.models import Area, User
from commonbeat.core.fields import Invalid
from commonbeat.evidence.areas import area_set
from commonbeat.evidence.panels import denominator
from commonbeat.evidence.surveys import actions, columns, populations, weighting
from commonbeat.evidence.surveys.asking import SurveyAsk
from commonbeat.evidence.surveys.columns import Use
from commonbeat.evidence.surveys.due import next_wave
from commonbeat.evidence.surveys.figures import ALL, Counted
from commonbeat.evidence.surveys.frames import load
from commonbeat.evidence.surveys.looks import SURVEY_LOOKS
from commonbeat.evidence.surveys.models import PopulationTable, SurveyWave, WaveImport
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.evidence import surveying
from tests.evidence.surveying import actor, as_csv, rows


@pytest.fixture
def devi(city: City) -> User:
    """An analyst; the city's areas are those of 2010."""
    Area.objects.update(revision="2010")
    return make.user("Devi Analyst", "analyst")


def _stored() -> list[Path]:
    return sorted(path for path in (Path(settings.FILES_ROOT) / "surveys").rglob("*") if path.is_file())


def test_each_column_is_guessed_and_what_points_at_a_person_is_never_taken_in(devi: User) -> None:
    wave = surveying.wave(devi, as_csv(rows()))
    brought = wave.imports.get()
    roles = {use["column"]: use["role"] for use in brought.uses}
    assert roles == {
        "Respondent": "key", "Name": "", "E-mail": "", "What should change?": "", "Area": "area", "Age": "group",
        "Language": "group", "Respect": "scale", "Called": "yesno", "Worry": "choice",
    }  # fmt: skip
    assert set(brought.left_out) == {"Name", "E-mail", "What should change?"}
    kept = b"".join(path.read_bytes() for path in _stored())
    assert b"example.org" not in kept and b"Person 7" not in kept and b"street 7" not in kept and b"R17" not in kept
    frame = load(wave)
    assert frame.n == 200 and set(frame.groups) == {"age", "language", "area"}
    assert set(frame.groups["area"]) == {"north", "south"}
    assert np.isnan(frame.answers["called"]).sum() > 5  # “don't know” is no answer


@pytest.mark.parametrize("column", ["Name", "E-mail", "What should change?"])
def test_whoever_asks_for_it_a_column_about_persons_stays_out(devi: User, column: str) -> None:
    wave, lines = surveying.wave(devi, as_csv(rows())), rows(seed=2)
    for number, line in enumerate(lines):  # so few that they could be a group
        line[1], line[2] = ("Ann", "Bob")[number % 2], ("ann@example.org", "bob@example.org")[number % 2]
    brought = actions.bring(wave, io.BytesIO(as_csv(lines)), name="b.csv", actor=actor(devi), at=make.NOW)
    uses = [Use.from_dict(use | ({"role": "group"} if use["column"] == column else {})) for use in brought.uses]
    with pytest.raises(columns.BadUses, match=r"point at a person|in their own words"):
        actions.confirm(brought, uses, actor=actor(devi), at=make.NOW)


def test_rule_01_what_people_believe_is_no_group(devi: User) -> None:
    wave = surveying.wave(devi, as_csv(rows()))
    lines = [[*line, "Lutheran" if n % 2 else "Catholic"] for n, line in enumerate(rows(seed=3))]
    for head in ("Religion", "Community"):
        content = as_csv(lines, head=(*surveying.HEAD, head))
        brought = actions.bring(wave, io.BytesIO(content), name="c.csv", actor=actor(devi), at=make.NOW)
        uses = [Use.from_dict(use | ({"role": "group"} if use["column"] == head else {})) for use in brought.uses]
        with pytest.raises(columns.BadUses, match="believe"):
            actions.confirm(brought, uses, actor=actor(devi), at=make.NOW)


def test_every_row_is_accounted_for(devi: User) -> None:
    lines = rows(60)
    lines[3][0] = lines[50][0]  # the same questionnaire twice
    lines[5][7:] = ["", "don't know", ""]  # answers nothing
    lines[6][7] = "Very much so"  # not on the scale
    lines[7][4] = "Atlantis"
    brought = surveying.wave(devi, as_csv(lines, tail=surveying.BROKEN)).imports.get()
    assert brought.reasons == {"doubled": 1, "no-answer": 1, "bad-answer": 1, "other-area": 1, "broken": 1}
    assert brought.counts == {"read": 61, "taken": 58, "rejected": 3, "noted": 2}


def test_the_same_file_does_not_double_and_an_import_is_taken_back(devi: User) -> None:
    content = as_csv(rows())
    wave = surveying.wave(devi, content)
    before = (wave.content, wave.n)
    with pytest.raises(Invalid, match="already"):
        actions.bring(wave, io.BytesIO(content), name="again.csv", actor=actor(devi), at=make.NOW)
    second = actions.bring(wave, io.BytesIO(as_csv(rows(150, seed=9))), name="b.csv", actor=actor(devi), at=make.NOW)
    actions.confirm(second, [Use.from_dict(use) for use in second.uses], actor=actor(devi), at=make.NOW)
    assert SurveyWave.objects.get().n == 150
    second = WaveImport.objects.select_related("wave").get(pk=second.pk)
    actions.undo(second, actor=actor(devi), at=make.NOW)
    wave.refresh_from_db()
    assert (wave.content, wave.n) == before and load(wave).n == 200


@pytest.mark.django_db(transaction=True)
def test_a_deleted_wave_leaves_its_reason_and_no_answer(devi: User) -> None:
    wave = surveying.wave(devi, as_csv(rows()))
    pk = wave.pk
    assert _stored()
    with pytest.raises(Invalid):
        actions.delete_wave(wave, reason=" ", actor=actor(devi), at=make.NOW)
    actions.delete_wave(wave, reason="The institute asked for it.", actor=actor(devi), at=make.NOW)
    assert not SurveyWave.objects.exists() and not _stored()
    entry = Entry.objects.filter(verb="wave.deleted", subject_id=pk).get()
    assert entry.data["reason"] == "The institute asked for it."


AGES = "age group,people\n18–29,400\n30-59,400\n60+,200\n"


def test_weights_meet_the_population_and_say_what_they_cost(devi: User) -> None:
    wave = surveying.wave(devi, as_csv(rows(400)))
    table = surveying.population(devi, AGES, group="Age")
    assert table.columns == {"area": "", "group": "age group", "number": "people"} and table.rows.count() == 3
    plan = weighting.Plan({"age": table.pk}, {}, most=0)
    with pytest.raises(Invalid) as refused:
        weighting.weight(wave, plan, actor=actor(devi), at=make.NOW)
    assert "30–59" in str(refused.value)  # the table writes 30-59
    joined = weighting.Plan({"age": table.pk}, weighting.read_joins("30-59 = 30–59"), most=0)
    cost = weighting.weight(wave, joined, actor=actor(devi), at=make.NOW)
    wave.refresh_from_db()
    frame = load(wave)
    young = frame.sample.weights[frame.groups["age"] == "18–29"].sum() / frame.sample.weights.sum()
    assert young == pytest.approx(0.4, abs=1e-6)
    assert 200 < cost.effective_n < 400 and wave.weighting["cost"]["design_effect"] > 1
    plain, weighted = _good(wave, weights=False), _good(wave, weights=True)
    assert weighted < plain - 0.02  # the young think less of the police, and there are more of them than answered


def _good(wave: SurveyWave, *, weights: bool) -> float:
    kept, wave.weights = wave.weights, wave.weights if weights else ""
    frame = load(wave)
    wave.weights = kept
    counted = Counted(frame, frame.questions["respect"])
    found = counted.estimate(counted.figures[0])
    assert found is not None
    return found.value


def test_a_category_that_nobody_answered_is_refused_in_plain_words(devi: User) -> None:
    wave = surveying.wave(devi, as_csv(rows(300)))
    table = surveying.population(devi, AGES + "90+,20\n", group="Age")
    plan = weighting.Plan({"age": table.pk}, weighting.read_joins("30-59 = 30–59"))
    with pytest.raises(Invalid, match="Nobody of “90\\+” in Age answered"):
        weighting.weight(wave, plan, actor=actor(devi), at=make.NOW)
    joined = weighting.read_joins("30-59 = 30–59\n90+ = 60+")
    assert weighting.weight(wave, weighting.Plan({"age": table.pk}, joined), actor=actor(devi), at=make.NOW)
    with pytest.raises(Invalid, match="Line 2"):
        weighting.read_joins("a = b\nnonsense")


def test_a_feedback_form_is_not_a_sample_whatever_one_does(devi: User) -> None:
    wave = surveying.wave(devi, as_csv(rows(300)), sampling="form")
    table = surveying.population(devi, AGES.replace("30-59", "30–59"), group="Age")
    with pytest.raises(Invalid, match="Weighting cannot make a sample"):
        weighting.weight(wave, weighting.Plan({"age": table.pk}, {}), actor=actor(devi), at=make.NOW)
    for look in SURVEY_LOOKS:
        shown = look.show(SurveyAsk(wave, "respect", "age"))
        assert "nothing about anybody else" in shown.sentence and "interval" not in shown.sentence, look.slug
        assert any("is not a sample" in words for words in shown.cautions)
        assert "interval" not in " ".join(map(str, shown.columns))


def test_rule_10_cells_of_few_people_are_hidden_and_cannot_be_worked_out(devi: User) -> None:
    lines = rows(120)
    for number, line in enumerate(lines):
        line[6] = "Polish" if number < 6 else "English" if number < 80 else "Spanish"
        line[8] = "yes" if number % 2 else "no"
    lines[90][8] = "yes"
    wave = surveying.wave(devi, as_csv(lines))
    frame = load(wave)
    counted = Counted(frame, frame.questions["called"], "language")
    shown = {category: counted.estimate(counted.figures[0], category) for category in counted.categories}
    assert shown["Polish"] is None
    # Everybody less the two others would give the six away: one of them is hidden as well.
    assert sum(found is None for found in shown.values()) >= 2 and counted.shows(counted.figures[0], ALL)
    worry = Counted(frame, frame.questions["worry"])
    few = next(figure for figure in worry.figures if "Noise" in figure.label)
    assert np.nansum(few.values) < 10 and not worry.shows(few)
    text = str(SURVEY_LOOKS["groups"].show(SurveyAsk(wave, "called", "language")).rows)
    assert "Polish" in text and "*" in text


def test_the_trend_tells_a_change_and_the_cadence_the_next_wave(devi: User) -> None:
    first = surveying.wave(devi, as_csv(rows(400)))
    second = surveying.wave(devi, as_csv(rows(400, seed=7, young=0.9)), name="Fall", series=first.series, month=9)
    shown = SURVEY_LOOKS["trend"].show(SurveyAsk(second, "respect"))
    assert [row[0] for row in shown.rows] == ["Spring", "Fall"]
    assert "it fell by" in shown.sentence and shown.rows[1][6] < 0
    due = next_wave(first.series, today=make.NOW.date())
    assert due is not None and due.on.isoformat() == "2026-03-28" and due.soon and not due.late


def test_a_known_question_is_not_answered_on_another_scale(devi: User) -> None:
    wave = surveying.wave(devi, as_csv(rows()))
    lines = [[*line[:7], "3", *line[8:]] for line in rows(seed=5)]
    brought = actions.bring(wave, io.BytesIO(as_csv(lines)), name="b.csv", actor=actor(devi), at=make.NOW)
    uses = [Use.from_dict(use | ({"scale": "1-10"} if use["column"] == "Respect" else {})) for use in brought.uses]
    with pytest.raises(columns.BadUses, match="answered differently before"):
        actions.confirm(brought, uses, actor=actor(devi), at=make.NOW)


def test_populations_are_what_rates_are_counted_per_until_they_are_taken_back(devi: User, city: City) -> None:
    Area.objects.filter(code="north").update(population={"2020": 77})
    text = "code,people\nnorth,1500\nsouth,800\nelsewhere,3\nsouth,-2\n"
    table = surveying.population(devi, text, areas=surveying.AREAS)
    assert table.reasons == {"no-area": 1, "below-zero": 1} and table.counts["taken"] == 2
    areas = area_set(surveying.AREAS)
    assert denominator("residents", areas, (2020.5,)).ravel().tolist() == [1500, 800]
    grouped = "code,age,people\nnorth,young,1000\nnorth,old,200\nsouth,young,500\n"
    adults = surveying.population(devi, grouped, name="Adults", areas=surveying.AREAS, group="Age")
    assert populations.margin(adults, by_area=False) == {"young": 1500, "old": 200}
    assert populations.margin(adults, by_area=True) == {"north": 1200, "south": 500}
    # Groups may leave people out, so rates go on being counted per everybody.
    assert denominator("residents", areas, (2020.5,)).ravel().tolist() == [1500, 800]
    later = surveying.population(devi, text.replace("1500", "1600"), name="Newer", areas=surveying.AREAS)
    with pytest.raises(Invalid, match="later table"):
        populations.undo(table, actor=actor(devi), at=make.NOW)
    populations.undo(later, actor=actor(devi), at=make.NOW)
    assert denominator("residents", areas, (2020.5,)).ravel().tolist() == [1500, 800]
    populations.undo(table, actor=actor(devi), at=make.NOW)
    assert Area.objects.get(code="north").population == {"2020": 77}
    assert "2020" not in Area.objects.get(code="south").population
    homes = surveying.population(devi, "code,homes\nnorth,40\nsouth,60\n", name="Homes", areas=surveying.AREAS,
                                 residents=False)  # fmt: skip
    assert denominator("homes", areas, (2021.0,)).ravel().tolist() == [40, 60]
    populations.undo(homes, actor=actor(devi), at=make.NOW)
    assert PopulationTable.objects.filter(state="undone").count() == 3  # adults still serve
