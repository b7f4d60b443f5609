"""What a resident reads when we are late, and when the outcome was published in their language."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.publishing.models import Publication
from commonbeat.publishing.outcomes import edit, publish
from tests import make
from tests.conftest import City


def test_a_report_whose_day_has_passed_says_that_we_are_late(city: City) -> None:
    long_ago = make.concern(city.noise, at=timezone.now() - dt.timedelta(days=60))
    fresh = make.concern(city.noise, at=timezone.now())
    for opened, late in ((long_ago, True), (fresh, False)):
        page = Client().post("/return/", {"code": opened.code}, follow=True).content.decode()
        assert ("We are late with the next step" in page) is late
        assert ("The next step comes by" in page) is not late


def test_a_card_gives_the_published_words_in_the_readers_language(city: City) -> None:
    case = make.concern(city.noise, language="es").case
    sam, now = city.actor(city.sam), timezone.now()
    act(case, "resolve", data={"outcome": "fixed", "message": "Hablamos con ellos."}, actor=sam, at=now)
    drafted = Publication.objects.get()
    words = {
        "es": {"title": "Calma", "said": "Ruido", "did": "Hablamos con ellos."},
        "en": {"title": "Quiet", "said": "Noise", "did": "We spoke with them."},
    }
    edit(drafted, words=words, actor=sam, at=now, version=drafted.version)
    publish(drafted, actor=city.actor(city.ed), at=now, version=drafted.version)
    for language, said in (("en", "We spoke with them."), ("es", "Hablamos con ellos.")):
        page = Client(headers={"accept-language": language}).get(f"/cases/{case.reference}/").content.decode()
        assert said in page
