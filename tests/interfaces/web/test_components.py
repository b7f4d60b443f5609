"""Components, form templates, the agency's colour and the built files keep their promises."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.interfaces.web import agency_style
from commonbeat.interfaces.web.component_list import COMPONENTS
from commonbeat.interfaces.web.components import TEMPLATES, Component, FormRenderer, UndeclaredParameter
from commonbeat.interfaces.web.gallery import FormExample, gallery
from tests.conftest import City

HOSTILE = "\"><script>alert('1')</script>"
BUILT = TEMPLATES.parent / "static" / "commonbeat"
EXAMPLES = [
    pytest.param(component, example, id=f"{component.name}-{number}")
    for component in COMPONENTS
    for number, example in enumerate(component.examples)
]


def _poisoned(value: Any) -> Any:
    """The same example with every text replaced by an attack; keys and numbers stay."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, dict):
        return {key: _poisoned(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_poisoned(one) for one in value]
    return value


@pytest.mark.parametrize(("component", "example"), EXAMPLES)
def test_every_example_shows_the_words_it_was_given(component: Component, example: dict[str, Any]) -> None:
    html = component.render(example)
    assert "<" in html
    for name in ("title", "text", "label", "code", "summary"):
        if isinstance(example.get(name), str):
            assert example[name] in html


@pytest.mark.parametrize(("component", "example"), EXAMPLES)
def test_a_component_never_lets_markup_through(component: Component, example: dict[str, Any]) -> None:
    html = component.render(_poisoned(example))
    assert "<script" not in html
    assert '"">' not in html


def test_staff_find_every_component_with_its_parameters_in_the_gallery(city: City, signed_in: Any) -> None:
    page = signed_in(city.omar).get("/components/").content.decode()
    for component in COMPONENTS:
        assert f'id="component-{component.name}"' in page
        assert all(f"<code>{parameter}</code>" in page for parameter in component.parameters), component.name
    assert (
        page.count("What happened?") >= 2
        and "Form with mistakes" in page
        and "less than or equal to 99" in page
        and 'value="900"' in page
    )
    assert Client().get("/components/").status_code == 302, "it is for those who build pages"


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_a_component_declares_every_name_its_template_reads(component: Component) -> None:
    source = (TEMPLATES / component.template).read_text()
    inside = set(re.findall(r"{% for (?:\w+, )?(\w+) in", source)) | set(re.findall(r"{% for (\w+),", source))
    given = set(re.findall(r"[{% ](\w+)=", source))
    read = set(re.findall(r"{{ (\w+)[.| }]", source)) | set(re.findall(r"{% if (?:not )?(\w+)[. %]", source))
    assert read - inside - given - {"forloop"} <= set(component.parameters)


def test_a_misspelt_parameter_is_refused() -> None:
    with pytest.raises(UndeclaredParameter, match="titel"):
        COMPONENTS[0].render({"titel": "Wrong"})


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="(\w+)"', (BUILT / "icons.svg").read_text()))
    named = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r'icon\.html" with name="(\w+)"', template.read_text())
    }
    examples = {str(e["icon"]) for c in COMPONENTS for e in c.examples if "icon" in e}
    assert named and named | examples <= sprite


@pytest.mark.django_db
def test_the_gallery_shows_every_component() -> None:
    request = RequestFactory().get("/")
    html = render_to_string("pages/gallery.html", gallery(request), request=request)
    for component in COMPONENTS:
        assert f'id="component-{component.name}"' in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.django_db
def test_a_page_has_no_inline_code_and_asks_nobody_else() -> None:
    request = RequestFactory().get("/")
    html = render_to_string("pages/gallery.html", gallery(request), request=request)
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', html)


class _Hints(forms.Form):
    default_renderer = FormRenderer()
    plate = forms.CharField(label=HOSTILE, help_text=HOSTILE, required=False)
    kind = forms.ChoiceField(choices=[("a", HOSTILE)], widget=forms.RadioSelect)
    note = forms.CharField(widget=forms.Textarea, required=False)


def test_every_field_has_a_label_and_ties_its_hint_and_error_to_it() -> None:
    form = FormExample({"times": "many"}, renderer=FormRenderer())
    html = str(form)
    for field in form.visible_fields():
        if field.errors:
            assert f'id="{field.auto_id}_error"' in html
        if field.help_text:
            assert f'id="{field.auto_id}_helptext"' in html
        if field.id_for_label:
            assert f'for="{field.id_for_label}"' in html
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    pointed = {one for group in re.findall(r'aria-describedby="([^"]+)"', html) for one in group.split()}
    assert pointed and pointed <= ids
    assert html.count('aria-invalid="true"') >= 4


def test_optional_fields_say_so_in_words_and_required_ones_do_not() -> None:
    form = FormExample(renderer=FormRenderer())
    for field in form.visible_fields():
        assert ("(optional)" in field.as_field_group()) is (not field.field.required)


def test_labels_hints_and_choices_that_administrators_write_are_escaped() -> None:
    html = str(_Hints())
    assert "<script" not in html and html.count("&lt;script&gt;") == 3


def test_hidden_fields_are_not_dressed_up() -> None:
    assert re.search(r'<input type="hidden" name="token" value="example"(?![^>]*class=)', str(FormExample()))


def test_a_value_that_was_typed_is_kept_and_escaped() -> None:
    html = str(FormExample({"what": HOSTILE, "street": HOSTILE}, renderer=FormRenderer()))
    assert "<script" not in html and html.count("&lt;script&gt;") == 2


def test_the_error_summary_leads_to_each_field() -> None:
    form = FormExample({"street": "Main"}, renderer=FormRenderer())
    html = render_to_string("components/errors.html", {"form": form})
    ids = set(re.findall(r'\sid="([^"]+)"', str(form)))
    targets = re.findall(r'href="#([^"]+)"', html)
    assert len(targets) == 4 and set(targets) <= ids


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_any_accent_an_agency_chooses_can_be_read(colour: tuple[int, int, int]) -> None:
    sheet = agency_style.agency_stylesheet("#{:02x}{:02x}{:02x}".format(*colour))
    found = {
        name: agency_style.parse_colour(value)
        for name, value in re.findall(r"--agency-([a-z-]+):(#[0-9a-f]{6});", sheet)
    }
    contrast = agency_style.contrast
    assert contrast(found["accent"], found["on-accent"]) >= 4.5
    assert contrast(found["link"], agency_style.PAPER) >= 4.5
    assert contrast(found["accent-strong"], found["accent-soft"]) >= 4.5
    assert contrast(found["link-dark"], agency_style.NIGHT) >= 4.5
    assert contrast(found["on-accent-dark"], found["accent-dark"]) >= 4.5


@pytest.mark.parametrize("text", ["", "red", "#fff", "#12345", "#1234567", "#000000;}body{display:none", "url(x)"])
def test_only_a_plain_colour_gets_into_the_style_sheet(text: str) -> None:
    with pytest.raises(agency_style.BadColour):
        agency_style.agency_stylesheet(text)


def _sent(name: str) -> int:
    packed = BUILT / f"{name}.br"
    return (packed if packed.exists() else BUILT / name).stat().st_size


def test_what_a_first_visit_loads_is_small() -> None:
    assert _sent("app.css") <= 20_000
    assert _sent("app.js") <= 8_000
    fonts = sum(font.stat().st_size for font in BUILT.glob("fonts/*.woff2"))
    whole = sum(_sent(name) for name in ("app.css", "app.js", "icons.svg", "mark.svg")) + fonts
    assert whole <= 80_000  # leaves 20 kB of the 100 for the page itself


def test_a_page_without_a_map_does_not_ask_for_map_files() -> None:
    script = (BUILT / "app.js").read_text()
    assert "maplibre" not in script.lower()
    assert re.findall(r'import\("\./parts/map-', script)


@pytest.mark.parametrize("path", sorted(BUILT.rglob("*.css")), ids=lambda path: path.name)
def test_style_sheets_fetch_only_their_own_fonts(path: Path) -> None:
    css = path.read_text()
    assert "@import" not in css and "://" not in css
    for url in re.findall(r"url\(([^)]*)\)", css):
        assert (path.parent / url.strip("\"'")).is_file()


def test_the_style_sheet_of_tips_asks_for_nothing_more() -> None:
    assert "url(" not in (BUILT / "tip.css").read_text()


def test_scripts_name_no_other_host_than_those_in_the_libraries_own_texts() -> None:
    harmless = {
        "www.w3.org",  # names of the SVG and XHTML vocabularies
        "github.com", "maplibre.org", "wiki.openstreetmap.org",  # licences and words of error messages
        "maplibre.invalid",  # a base for relative addresses; .invalid never resolves
    }  # fmt: skip
    found = {
        host
        for path in BUILT.rglob("*js")
        for host in re.findall(r"https?://([a-zA-Z0-9.-]+)", path.read_text(errors="replace"))
    }
    assert found <= harmless


def test_no_script_evaluates_text() -> None:
    for name in ("app.js", *(str(p.relative_to(BUILT)) for p in BUILT.glob("parts/redact-*.js"))):
        assert not re.findall(r"\beval\(|new Function|innerHTML|document\.write", (BUILT / name).read_text())


def test_the_packed_files_hold_what_the_plain_ones_hold() -> None:
    packed = list(BUILT.rglob("*.gz"))
    assert len(packed) >= 8
    for path in packed:
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()


def test_left_and_right_are_start_and_end_in_the_built_style_sheet() -> None:
    css = (BUILT / "app.css").read_text()
    assert not re.findall(r"(?:margin|padding|border)-(?:left|right)\b", css)
    assert not re.findall(r"[;{](?:left|right):", css)


def test_the_lock_file_holds_hashes_and_no_addresses() -> None:
    lock = json.loads((TEMPLATES.parents[3] / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages and all("resolved" not in entry and entry.get("integrity") for entry in packages.values())


def test_passkeys_run_from_files_of_their_own() -> None:
    for name in ("mfa/js/webauthn.js", "mfa/js/webauthn-json.js", "account/js/onload.js"):
        found = finders.find(name)
        assert isinstance(found, str)
        assert not re.findall(r"\beval\(|new Function|createElement\(.script", Path(found).read_text())


@pytest.mark.django_db
def test_the_agencys_accent_is_served_as_a_style_sheet(client: Client) -> None:
    answer = client.get("/agency.css")
    assert answer["Content-Type"].startswith("text/css")
    assert b"--agency-accent:#" in answer.content


@pytest.mark.django_db
def test_a_language_is_chosen_without_javascript_and_only_a_cookie_remembers_it(client: Client) -> None:
    answer = client.post("/language/", {"language": "es", "next": "/agency.css"})
    assert (answer.status_code, answer["Location"]) == (302, "/agency.css")
    assert client.cookies["language"].value == "es"
    assert "sessionid" not in client.cookies


@pytest.mark.django_db
def test_choosing_a_language_never_leads_to_another_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "es", "next": "https://elsewhere.example/"})
    assert "elsewhere" not in answer["Location"]
