"""The demo city's files keep the promises that their README makes."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from commonbeat.core.actor import ROLE_LABELS
from commonbeat.core.fields import Choice, Field, ShowWhen, clean
from commonbeat.core.personal_data import find_personal
from commonbeat.core.photos import clean_photo
from commonbeat.core.plain_language import readability
from commonbeat.core.protected_views import names_views
from commonbeat.interfaces.demo.pictures import draw
from commonbeat.kinds.concern import CONCERN

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"
FIXTURES = ROOT / "tests" / "fixtures"
LANGUAGES = ("en", "es", "ar")
REQUEST_FILES = {"lights": 33580, "sanitation": 25921, "other_types": 2461, "abandoned_vehicles_2016": 2635}
W3C = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")
LEADS_TO = {
    "serve": "curing",
    "reinspect": "assigned",
    "agree": "agreed",
    "breach": "reopened",
    "acknowledge": "acknowledged", "assign": "assigned", "ask": "waiting", "answer": "assigned",
    "recheck": "rechecking", "hand_over": "handed_over", "merge": "merged", "resolve": "resolved",
    "reopen": "reopened", "withdraw": "withdrawn",
}  # fmt: skip
PUBLICATION_STEPS = {"draft", "publish"}


def load(name: str) -> Any:
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


CATEGORIES = {category["code"]: category for category in load("categories.json")["categories"]}
CAST = load("cast.json")
USERS = {user["username"]: user for user in CAST["users"]}
TEAMS = {team["slug"]: team for team in CAST["teams"]}
RESIDENTS = {resident["key"]: resident for resident in CAST["residents"]}
STORIES = load("stories.json")
PHOTOS = load("photos.json")
FOLLOWERS = load("followers.json")
TEMPLATES = load("templates.json")
TAGS = {row["code"]: row for row in load("tags.json")}
TASKS = load("tasks.json")
AREAS = {item["properties"]["code"]: item for item in load("areas.geojson")["features"]}


@cache
def requests(name: str) -> list[dict[str, str]]:
    with gzip.open(DEMO / "requests" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def declared(sort: str) -> set[str]:
    """The slugs of the concern's outcomes, states or steps."""
    return {item.slug for item in getattr(CONCERN.workflow, sort)}


def fields_of(category: dict[str, Any]) -> list[Field]:
    """A category's questions as the fields that intake will ask."""
    return [
        Field(
            code=q["code"], label=q["label"]["en"], datatype=q["datatype"], required=q["required"],
            choices=tuple(Choice(c["key"], c["label"]["en"]) for c in q["choices"]), personal=q["personal"],
            show_when=(when := q["show_when"]) and ShowWhen(when["question"], frozenset(when["in"])),
        )
        for q in sorted(category["questions"], key=lambda q: q["order"])
    ]  # fmt: skip


def worded(words: dict[str, str]) -> bool:
    """True when there are words in every language, and the Arabic ones are Arabic."""
    return set(words) == set(LANGUAGES) and all(words.values()) and bool(re.search("[\u0600-\u06ff]", words["ar"]))


class TestAreas:
    def test_there_are_77_areas_and_275_beats_each_once_and_valid(self) -> None:
        for name, count, level in (("areas.geojson", 77, "community_area"), ("beats.geojson", 275, "beat")):
            features = load(name)["features"]
            assert len({item["properties"]["code"] for item in features}) == len(features) == count
            for item in features:
                polygon = shape(item["geometry"])
                assert polygon.is_valid and not polygon.is_empty, item["properties"]
                assert polygon.geom_type in {"Polygon", "MultiPolygon"}
                assert item["properties"]["level"] == level

    def test_areas_neither_overlap_nor_leave_gaps_inside_the_city(self) -> None:
        polygons = [shape(item["geometry"]) for item in AREAS.values()]
        assert shapely.coverage_is_valid(polygons)
        city = shape(load("city.geojson")["features"][0]["geometry"])
        assert shapely.union_all(polygons).symmetric_difference(city).area < 1e-9

    def test_names_are_written_as_people_write_them(self) -> None:
        names = {code: item["properties"]["name"] for code, item in AREAS.items()}
        assert (names["76"], names["59"], names["32"]) == ("O'Hare", "McKinley Park", "Loop")
        assert not any(name.isupper() for name in names.values())

    def test_populations_agree_between_the_files(self) -> None:
        with (DEMO / "population.csv").open(newline="", encoding="utf-8") as file:
            table = {row["code"]: row for row in csv.DictReader(file)}
        for code, item in AREAS.items():
            known = item["properties"]
            assert (known["name"], str(known["population_2000"]), str(known["population_2010"])) == (
                table[code]["name"], table[code]["population_2000"], table[code]["population_2010"],
            )  # fmt: skip
        assert sum(int(row["population_2010"]) for row in table.values()) == 2_695_598  # census of 2010

    def test_the_beat_in_three_pieces_is_one_multipolygon(self) -> None:
        beats = {item["properties"]["code"]: item for item in load("beats.geojson")["features"]}
        assert len(beats["3100"]["geometry"]["coordinates"]) == 3


class TestRequests:
    @pytest.mark.parametrize(("name", "count"), REQUEST_FILES.items())
    def test_every_row_of_the_window_is_there_with_a_zoned_day(self, name: str, count: int) -> None:
        rows = requests(name)
        assert len(rows) == count
        assert all(W3C.match(row["requested_datetime"]) for row in rows)
        assert all(row["status"] in {"open", "closed"} for row in rows)
        if name != "abandoned_vehicles_2016":
            assert all("2012-04-01" <= row["requested_datetime"][:10] <= "2013-07-17" for row in rows)

    @pytest.mark.parametrize("name", REQUEST_FILES)
    def test_every_type_of_the_city_has_exactly_one_category(self, name: str) -> None:
        owners = Counter(legacy for category in CATEGORIES.values() for legacy in category["legacy_names"])
        assert {owners[row["service_name"]] for row in requests(name)} == {1}

    def test_the_faults_named_in_the_readme_are_still_there(self) -> None:
        sanitation, lights = requests("sanitation"), requests("lights")
        doubled = {name: sum(n > 1 for n in Counter(row["service_request_id"] for row in rows).values())
                   for name, rows in (("sanitation", sanitation), ("lights", lights))}  # fmt: skip
        assert doubled == {"sanitation": 92, "lights": 12}
        assert sum("Dup" in row["status_notes"] for row in sanitation) == 1368
        assert sum(not row["closed_date"] for row in sanitation) == 54
        assert sum(not row["lat"] for row in sanitation) == 16
        assert not any(row["service_request_id"] for row in requests("abandoned_vehicles_2016"))

    def test_the_files_stay_small_enough_to_ship(self) -> None:
        assert sum(path.stat().st_size for path in (DEMO / "requests").iterdir()) < 6_000_000

    def test_the_small_fixtures_hold_forty_and_ten_rows_with_faults(self) -> None:
        with (FIXTURES / "requests_small.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 40
        assert sum(row["service_request_id"].startswith("FAULT-") for row in rows) == 8
        listed = json.loads((FIXTURES / "requests_small.json").read_text(encoding="utf-8"))
        text = (FIXTURES / "requests_small.xml").read_text(encoding="utf-8")
        in_xml = re.findall("<service_request_id>(.*?)</service_request_id>", text)
        assert [row["service_request_id"] for row in listed] == in_xml
        assert len(in_xml) == 10


class TestCategories:
    def test_there_are_enough_in_every_group_and_every_word_is_in_three_languages(self) -> None:
        assert len(CATEGORIES) >= 38
        groups = load("categories.json")["groups"]
        assert {c["group_code"] for c in CATEGORIES.values()} == {group["code"] for group in groups}
        for category in CATEGORIES.values():
            assert worded(category["name"]) and worded(category["description"]) and worded(category["group"])
            assert all(len(category["keywords"][language]) >= 3 for language in LANGUAGES), category["code"]
            assert not any("," in word or "،" in word for words in category["keywords"].values() for word in words)
            for question in category["questions"]:
                assert worded(question["label"]), (category["code"], question["code"])
                assert question["hint"] is None or worded(question["hint"])
                assert all(worded(choice["label"]) for choice in question["choices"])

    @pytest.mark.parametrize("code", CATEGORIES)
    def test_questions_can_be_asked_in_their_order(self, code: str) -> None:
        questions = CATEGORIES[code]["questions"]
        assert [q["order"] for q in questions] == list(range(1, len(questions) + 1))
        asked: dict[str, set[str]] = {}
        for field, question in zip(fields_of(CATEGORIES[code]), questions, strict=True):
            assert bool(field.choices) == field.datatype.endswith("list"), field.code
            if field.show_when:
                assert field.show_when.among <= asked[field.show_when.code], field.code
            assert question["code"] not in asked
            asked[field.code] = {choice.key for choice in field.choices}

    @pytest.mark.parametrize("code", CATEGORIES)
    def test_settings_are_ones_that_the_product_knows(self, code: str) -> None:
        category = CATEGORIES[code]
        assert set(category["outcomes"]) <= declared("outcomes")
        assert category["handlers"] and set(category["handlers"]) <= set(ROLE_LABELS)
        assert category["danger"] in {"never", "possible", "likely"}
        assert 0 < category["acknowledge_hours"] < category["respond_hours"]
        assert category["public"]["precision_m"] in {50, 100, 250, 500, 1000}, "never the reported point itself"
        assert category["public"]["text"] in {"none", "reviewed"}

    @pytest.mark.parametrize("code", CATEGORIES)
    def test_sensitive_matters_show_no_point_and_no_text(self, code: str) -> None:
        category = CATEGORIES[code]
        if category["sensitive"]:
            assert category["public"]["point"] is False
            assert category["public"]["text"] == "none"
            assert category["public"]["delay_hours"] >= 48

    @pytest.mark.parametrize("code", CATEGORIES)
    def test_nobody_without_arrest_powers_gets_work_that_needs_them(self, code: str) -> None:
        category = CATEGORIES[code]
        if category["needs_sworn"]:
            assert "cso" not in category["handlers"]
        assert category["cso_may_handle"] == ("cso" in category["handlers"])

    def test_a_license_plate_is_always_personal(self) -> None:
        plates = [q for c in CATEGORIES.values() for q in c["questions"] if "plate" in q["label"]["en"].lower()]
        assert len(plates) >= 3
        assert all(question["personal"] for question in plates)

    def test_a_vehicle_is_looked_at_again_after_72_hours(self) -> None:
        assert {c["code"]: c["recheck_hours"] for c in CATEGORIES.values() if c["recheck_hours"]} == {
            "abandoned_vehicle": 72
        }


class TestCast:
    def test_every_role_is_played_and_every_address_is_invented(self) -> None:
        assert {role for user in USERS.values() for role in user["roles"]} == set(ROLE_LABELS)
        assert len(USERS) == len(CAST["users"]) and len({user["email"] for user in CAST["users"]}) == len(USERS)
        people = CAST["users"] + CAST["residents"] + CAST["organisations"]
        assert all(person["email"].endswith("demo.example") for person in people if person["email"])
        assert all(re.fullmatch(r"312-555-01\d\d", person["phone"]) for person in people)
        assert len({person["phone"] for person in people}) == len(people)

    def test_every_area_has_one_team_and_one_officer(self) -> None:
        of_teams = [area for team in CAST["teams"] for area in team["areas"]]
        of_officers = [row["area"] for row in CAST["assignments"]]
        assert sorted(of_teams) == sorted(of_officers) == sorted(AREAS)
        assert all(USERS[row["user"]]["sworn"] for row in CAST["assignments"])

    def test_community_service_officers_are_not_sworn(self) -> None:
        assert all(not user["sworn"] for user in USERS.values() if "cso" in user["roles"])

    def test_teams_supervisors_and_covers_name_people_who_exist(self) -> None:
        assert {team["supervisor"] for team in CAST["teams"]} - {None} <= set(USERS)
        assert {user["team"] for user in USERS.values()} - {None} <= set(TEAMS)
        for row in CAST["cover"]:
            assert row["user"] != row["by"] and {row["user"], row["by"]} <= set(USERS)
            assert row["from_days"] <= row["to_days"]
        for organisation in CAST["organisations"]:
            assert USERS[organisation["contact"]]["organisation"] == organisation["key"]


class TestTemplatesAndRouting:
    def test_templates_use_the_same_known_fields_in_every_language(self) -> None:
        assert len(TEMPLATES["templates"]) >= 12
        for template in TEMPLATES["templates"]:
            assert set(template["categories"]) <= set(CATEGORIES)
            assert template["step"] in declared("steps")
            for part in ("subject", "body"):
                assert worded(template[part])
                used = [frozenset(re.findall(r"\{(\w+)\}", template[part][language])) for language in LANGUAGES]
                assert len(set(used)) == 1 and used[0] <= set(TEMPLATES["fields"]), template["code"]

    def test_rules_name_what_exists_and_the_last_one_catches_everything(self) -> None:
        rules = load("routing.json")
        groups = {category["group"]["en"] for category in CATEGORIES.values()}
        assert [rule["order"] for rule in rules] == sorted({rule["order"] for rule in rules})
        for rule in rules:
            assert set(rule["when"].get("category", [])) <= set(CATEGORIES), rule["name"]
            assert set(rule["when"].get("group", [])) <= groups, rule["name"]
            assert set(rule["when"].get("area", [])) <= set(AREAS), rule["name"]
            assert rule["then"].get("team", "far-north") in TEAMS and rule["then"].get("user", "omar") in USERS
            answer = rule["when"].get("answer")
            for code in rule["when"].get("category", []) if answer else []:
                asked = {q["code"]: {c["key"] for c in q["choices"]} for q in CATEGORIES[code]["questions"]}
                assert set(answer["in"]) <= asked[answer["question"]], rule["name"]
        assert rules[-1]["when"] == {} and rules[-1]["then"] == {"area_officer": True}


class TestStories:
    def test_there_are_stories_in_every_state_and_enough_published(self) -> None:
        assert len(STORIES) >= 60 and len({story["key"] for story in STORIES}) == len(STORIES)
        assert {story["state"] for story in STORIES} == declared("states")
        assert sum(any(s["step"] == "publish" for s in story["steps"]) for story in STORIES) >= 20
        assert {s["step"] for story in STORIES for s in story["steps"]} >= {
            "split",
            "link",
            "merge",
            "answer",
            "rate",
        }

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story["key"])
    def test_a_story_passes_intake(self, story: dict[str, Any]) -> None:
        assert clean(fields_of(CATEGORIES[story["category"]]), story["answers"]) == story["answers"]
        assert story["contact"] == "anonymous" or story["contact"] in RESIDENTS
        if story["lat"] is None:
            assert story["address"] == ""
        else:
            assert CATEGORIES[story["category"]]["sensitive"] is False
            place = shapely.Point(story["long"], story["lat"])
            area = shape(AREAS[story["area"]]["geometry"])
            assert area.contains(place) and area.boundary.distance(place) > 0.001, "its officer must be beyond doubt"

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story["key"])
    def test_a_story_is_told_in_order_and_before_the_day_of_loading(self, story: dict[str, Any]) -> None:
        hours = [step["after_hours"] for step in story["steps"]]
        assert hours == sorted(hours) and all(hour > 0 for hour in hours)
        assert -62 <= story["offset_days"] < 0 and 0 <= story["hour"] < 24
        assert max(hours, default=0) <= -24 * story["offset_days"] - story["hour"]

    def test_tags_name_sorts_of_matter_and_each_is_put_on_a_story(self) -> None:
        used = {code for story in STORIES for s in story["steps"] if s["step"] == "tag" for code in s["data"]["put_on"]}
        assert used == set(TAGS)
        words = [row[name] for row in TAGS.values() for name in ("name", "description")]
        assert [text for text in words if find_personal(text, language="en") or names_views(text)] == []

    def test_administrative_tasks_are_given_by_and_to_people_of_the_cast(self) -> None:
        assert {row["by"] for row in TASKS} | {row["owner"] for row in TASKS} <= set(USERS)
        assert [row["text"] for row in TASKS if find_personal(row["text"], language="en")] == []
        assert any("done" in row for row in TASKS) and any(row["by"] != row["owner"] for row in TASKS)

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story["key"])
    def test_its_steps_lead_to_its_state_and_outcome(self, story: dict[str, Any]) -> None:
        state, outcome = "new", None
        for step in story["steps"]:
            assert step["step"] in declared("steps") | PUBLICATION_STEPS
            state = LEADS_TO.get(step["step"], state)
            outcome = {
                "resolve": step["data"].get("outcome"),
                "merge": "duplicate",
                "withdraw": "withdrawn",
            }.get(step["step"], outcome)
            if step["step"] == "rate" and step["data"]["fixed"] == "no":
                state, outcome = "reopened", None
            if step["step"] in {"link", "merge"}:
                assert step["data"]["reference"] in {other["key"] for other in STORIES} - {story["key"]}
        assert (state, outcome) == (story["state"], story["outcome"])
        allowed = set(CATEGORIES[story["category"]]["outcomes"]) | {"duplicate", "withdrawn", None}
        assert outcome in allowed

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story["key"])
    def test_its_people_may_do_what_they_do(self, story: dict[str, Any]) -> None:
        given = {s["data"].get("user") for s in story["steps"]} | {s["data"].get("team") for s in story["steps"]}
        handlers = set(CATEGORIES[story["category"]]["handlers"]) | {"supervisor", "partner", "editor"}
        for step in story["steps"]:
            if step["by"] == "reporter":
                continue
            user = USERS[step["by"]]
            assert handlers.intersection(user["roles"]), step
            mine = not user["areas"] or story["area"] in user["areas"] or user["username"] in given
            assert mine, f"{step['by']} has nothing to do with area {story['area']}"
            assert "partner" not in user["roles"] or user["team"] in given

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story["key"])
    def test_public_words_are_plain_and_a_second_person_publishes_them(self, story: dict[str, Any]) -> None:
        drafts = [step for step in story["steps"] if step["step"] == "draft"]
        for step in drafts:
            for language, words in step["data"]["words"].items():
                assert set(words) == {"title", "said", "did"} and all(words.values())
                found = readability("\n".join(words.values()), language=language)
                assert found.grade is None or found.grade <= 8, (story["key"], language, found.grade)
        for step in story["steps"]:
            if step["step"] == "publish":
                assert drafts and drafts[-1]["by"] != step["by"]


class TestPhotosAndFollowers:
    @pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo["name"])
    def test_a_photo_is_drawn_the_same_each_time_and_its_plate_is_covered(self, photo: dict[str, Any]) -> None:
        story = next(story for story in STORIES if story["key"] == photo["story"])
        assert not CATEGORIES[story["category"]]["sensitive"]
        picture = draw(photo["scene"])
        assert picture == draw(photo["scene"])
        clean_photo(picture, max_bytes=1_000_000, max_pixels=2_000_000)
        if shown := photo.get("public"):
            assert 0 < shown["after_hours"] <= -24 * story["offset_days"] - story["hour"]
            has_plate = "DEMO" in story["answers"].get("plate", "")
            assert bool(shown["cover"]) == has_plate, "a plate is personal"
            assert all(0 <= value <= 1 for region in shown["cover"] for value in region)

    @pytest.mark.parametrize("follower", FOLLOWERS, ids=lambda follower: follower["resident"])
    def test_a_follower_has_an_address_and_follows_what_exists(self, follower: dict[str, Any]) -> None:
        assert RESIDENTS[follower["resident"]]["email"]
        assert follower.get("area", "22") in AREAS and follower.get("category", "graffiti") in CATEGORIES
        opened = {story["key"]: story["offset_days"] for story in STORIES}
        assert opened.get(follower.get("case"), -60) < follower["offset_days"] < 0
        assert {"area", "category", "case"} & set(follower)


def test_the_readme_repeats_the_citys_disclaimer() -> None:
    text = re.sub(r"[\s>]+", " ", (DEMO / "README.md").read_text(encoding="utf-8"))
    assert "It is understood that the data provided at this site is being used at one's own risk." in text
    assert "modified for use from its original source, www.cityofchicago.org" in text


def test_days_are_midnights_of_chicago_in_summer_and_winter() -> None:
    offsets = {row["requested_datetime"][5:7]: row["requested_datetime"][19:] for row in requests("lights")}
    assert (offsets["07"], offsets["01"]) == ("-05:00", "-06:00")
    assert all(datetime.fromisoformat(r["requested_datetime"]).hour == 0 for r in requests("lights")[:500])
