"""The island stands alone: a notebook needs nothing else of the product, and the product starts without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats.phrase import phrase

ROOT = Path(__file__).parents[2]


def modules_after(code: str) -> set[str]:
    """Names of the modules that a fresh Python has loaded."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint('\\n'.join(sys.modules))"],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return set(told.stdout.split())


def test_a_notebook_loads_neither_django_nor_the_rest_of_the_product() -> None:
    loaded = modules_after("from commonbeat.evidence import stats")
    assert "django" not in loaded
    ours = {name for name in loaded if name.startswith("commonbeat")}
    assert all(
        name in {"commonbeat", "commonbeat.evidence"} or name.startswith("commonbeat.evidence.stats") for name in ours
    )
    assert "altair" not in loaded  # pictures are drawn only when asked for


def test_the_web_process_starts_without_statistics() -> None:
    loaded = modules_after("import commonbeat.config.wsgi")
    assert "django" in loaded
    assert not {name for name in loaded if name.startswith(("commonbeat.evidence.stats", "scipy", "altair"))}


def test_an_unknown_design_names_those_that_there_are() -> None:
    with pytest.raises(LookupError, match="poisson-did"):
        stats.design("crystal-ball")


def test_a_phrase_keeps_its_numbers_for_another_language() -> None:
    told = phrase("{count} of {all} areas", count=3, all=77)
    assert told.said() == "3 of 77 areas"
    assert told.said({"{count} of {all} areas": "{count} de {all} zonas"}.__getitem__) == "3 de 77 zonas"
    assert json.loads(json.dumps(told.as_dict())) == told.as_dict()
    with pytest.raises(TypeError, match="not list"):
        phrase("{all}", all=[1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("estimate", "interval", "said"),
    [
        (0.78, (0.7, 0.9), "22 % lower than expected without the programme (95 % interval: 10 % to 30 % lower)"),
        (1.3, (1.1, 1.6), "30 % higher than expected without the programme (95 % interval: 10 % to 60 % higher)"),
        (
            0.95,
            (0.8, 1.1),
            "no clear difference from what was expected without the programme; anything between -20 % and",
        ),
    ],
)
def test_an_effect_is_said_so_that_it_can_be_read_aloud(
    estimate: float, interval: tuple[float, float], said: str
) -> None:
    sizes = stats.Sizes(5, 72, 0, 12, 12, 300, 250)
    effect = stats.Effect(
        design="x", options={}, data="", estimand=phrase("…"), scale=stats.Scale.RATIO, estimate=estimate,
        interval=interval, p=0.5, sizes=sizes, outcome="burglaries",
    )  # fmt: skip
    assert said in effect.sentence()
    assert effect.percent == pytest.approx(100 * (estimate - 1))
    with pytest.raises(LookupError, match="no check"):
        effect.check("horoscope")


def test_an_open_interval_survives_json() -> None:
    effect = stats.Effect(
        design="x", options={}, data="", estimand=phrase("…"), scale=stats.Scale.DIFFERENCE, estimate=-3.0,
        interval=(float("-inf"), float("inf")), p=0.5, sizes=stats.Sizes(1, 5, 0, 8, 4, 30, 25), outcome="burglaries",
        checks=(stats.Check("odd", stats.State.NOTE, phrase("{much:+.0f} %", much=float("inf"))),),
        extra={"breakdown": float("inf")},
    )  # fmt: skip
    assert stats.from_json(effect.to_json()) == effect
    assert "Infinity" not in effect.to_json()
    assert str(stats.Effect.from_json(effect.to_json()).check("odd").meaning) == "+inf %"


def test_a_refusal_is_false_and_says_what_was_found_and_needed() -> None:
    short = stats.Shortfall(
        "periods-before", phrase("at least {least}.", least=8), phrase("3 months before the start.")
    )
    refusal = stats.Refusal("poisson-did", (short,))
    assert not refusal
    assert refusal.sentence() == "3 months before the start. Needed: at least 8."
    assert refusal.reason == short.found
