"""Templates whose constant parts are rendered once: they say what the plain ones say, in every language."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.template.base import TextNode
from django.utils.translation import override

from commonbeat.interfaces.web import folding

TAGS = "{% load i18n static %}"
PAGES = {
    "words.html": TAGS + "<p>{% translate 'Search' %} {% translate 'Search' as found %}{{ found }} {{ name }}</p>",
    "if.html": TAGS + "{% translate name|upper %}"
    "{% if name %}{% translate 'Save' %}{% else %}{% url 'home' %}{% endif %}",
    "address.html": TAGS + "{% url 'home' %} {% url 'inbox' as inbox %}{{ inbox }} {% static 'commonbeat/mark.svg' %}",
    "icon.html": TAGS + "<svg>{{ name }}{% if label %}{{ label }}{% endif %}{% static 'commonbeat/icons.svg' %}</svg>",
    "icons.html": '{% include "icon.html" with name="x" only %}{% include "icon.html" with name=name only %}'
    '{% include "icon.html" %}{% include "icon.html" with label=_("Search") only %}',
    "several.html": TAGS + "{% for one in languages %}{% language one %}{% translate 'Search' %}"
    '{% include "words.html" %}{% endlanguage %}{% endfor %}{% translate "Search" %}',
    "base.html": TAGS + "{% translate 'Search' %}[{% block inner %}{% translate 'Save' %}{% endblock %}]",
    "child.html": '{% extends "base.html" %}{% load i18n %}{% block inner %}{{ block.super }}'
    '{% translate "By" %}{% endblock %}',
    "itself.html": '{{ name }}{% if name %}{% include "itself.html" with label="y" only %}{% endif %}',
}  # fmt: skip
LANGUAGES = [code for code, _ in settings.LANGUAGES]


def _engine(*, folds: bool) -> Engine:
    plain = ("django.template.loaders.locmem.Loader", PAGES)
    loader = ("commonbeat.interfaces.web.folding.Loader", [plain]) if folds else plain
    libraries = {"i18n": "django.templatetags.i18n", "static": "django.templatetags.static"}
    return Engine(loaders=[loader], libraries=libraries)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_folded_page_says_the_same(name: str, language: str) -> None:
    plain, folded = _engine(folds=False), _engine(folds=True)
    values = {"name": "<Ana>", "languages": LANGUAGES}
    for spoken in (language, "en", language):
        with override(spoken):
            expected = plain.get_template(name).render(Context(values))
            assert folded.get_template(name).render(Context(values)) == expected


def test_what_is_constant_is_one_text_and_the_rest_is_not() -> None:
    with override("es"):
        icons = _engine(folds=True).get_template("icons.html").nodelist
        assert [type(node).__name__ for node in icons] == ["TextNode", "IncludeNode", "IncludeNode", "TextNode"]
        words = _engine(folds=True).get_template("words.html").nodelist
        assert isinstance(words[0], TextNode)
        assert words[0].s.startswith("<p>Buscar ")


def test_every_template_of_the_product_folds_in_every_language() -> None:
    engine = Engine.get_default()
    folder = Path(folding.__file__).parent / "templates"
    names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.html"))]
    assert len(names) > 100
    for language in LANGUAGES:
        with override(language):
            for name in names:
                texts = engine.get_template(name).nodelist
                assert not any(isinstance(a, TextNode) and isinstance(b, TextNode) for a, b in pairwise(texts)), name
