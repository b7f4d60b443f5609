"""What is measured: each function loads one thing and returns what was seen, with the targets it should reach."""

from __future__ import annotations

import csv
import datetime as dt
import http.client
import random
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.city import RARE, UNCOMMON, sign_in
from benchmarks.load import FRESH_ID, FRESH_NUMBER
from benchmarks.site import ROOT, Server, Site, get, post

CATEGORY = "noise_residential"
HERE = (41.8855, -87.6545)
"""A point inside the demo city."""


ROUNDS = 4
"""A machine that others share is faster in one minute than in the next, so what is compared takes turns."""


def reports(bare: Server, product: Server) -> dict[str, dict[str, Any]]:
    """Reports by form and by program, each beside the bare insert, round by round; `of_bare` is the middle round's.

    While one is loaded the other rests. The worker takes part where reports come in, mails of earlier reports included.
    """
    plain = post("/insert", {"text": "one row"})
    told: dict[str, dict[str, Any]] = {"bare_insert": {}}
    with product.resting():
        bare.warm(plain)
    for name, request in (("intake", _by_form(product)), ("open311_intake", _by_program())):
        product.warm(request)
        told[name] = _beside(bare, plain, product, request, told["bare_insert"])
    return told


def _beside(bare: Server, plain: str, product: Server, request: str, yardstick: dict[str, Any]) -> dict[str, Any]:
    from commonbeat.cases.models import Case

    seconds, before = product.site.seconds / ROUNDS, Case.objects.count()
    rounds = []
    for _ in range(ROUNDS):
        with product.resting():
            simple = bare.run(plain, seconds=seconds)
        rounds.append((simple, product.run(request, seconds=seconds)))
    yardstick |= _pooled([simple for simple, _whole in rounds])
    told = _pooled([whole for _simple, whole in rounds])
    told["of_bare"] = round(median(whole["per_second"] / simple["per_second"] for simple, whole in rounds), 3)
    return told | _became(Case.objects.count() - before)


def _pooled(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Rounds as one: rates and processor time of all answers, times of the round in the middle."""
    answers = sum(one["answers"] for one in rounds)
    told: dict[str, Any] = {
        "answers": answers,
        "per_second": round(sum(o["per_second"] for o in rounds) / len(rounds), 1),
    }
    told |= {name: median(one[name] for one in rounds) for name in ("p50_ms", "p99_ms")}
    spent = [name for name in rounds[0] if name.endswith("_cpu_ms")]
    return told | {name: round(sum(o[name] * o["answers"] for o in rounds) / answers, 2) for name in spent}


def _became(made: int) -> dict[str, int]:
    """How many cases there are more, and how many rows are missing that each of them has to have."""
    from commonbeat.cases.models import Case, Participant
    from commonbeat.journal.models import Delivery, Entry
    from commonbeat.publishing.models import PublicCase

    newest = Case.objects.order_by("-id").values("id")[:made]
    rows = (
        Participant.objects.filter(case_id__in=newest),
        Entry.objects.filter(subject_kind="case", subject_id__in=newest, verb="case.opened"),
        Delivery.objects.filter(entry__subject_kind="case", entry__subject_id__in=newest),
        PublicCase.objects.filter(case_id__in=newest),
    )
    return {"cases": made, "incomplete": made * len(rows) - sum(found.count() for found in rows)}


def _by_form(server: Server) -> str:
    """Through the front door: form, checks, routing, case, journal, mail, card, receipt."""
    token = _form_token(server)
    fields = {
        "csrfmiddlewaretoken": token, "client_id": FRESH_ID.decode(), "category": _plain_category(), "who": "email",
        "text": f"Loud music from the flat above every night after eleven, report {FRESH_NUMBER.decode()}.",
        "address": "1200 W Madison St", "lat": str(HERE[0]), "long": str(HERE[1]), "told": "all", "language": "en",
        "email": f"rosa{FRESH_NUMBER.decode()}@example.org", "name": "Rosa Resident",
    }  # fmt: skip
    return post("/report/concern/", fields, cookies={"csrftoken": token})


def _by_program() -> str:
    """From another program: the same way through the house, without a form to check and a receipt to draw."""
    from django.utils import timezone

    from commonbeat.community.access import make_key

    _key, secret = make_key("Benchmark", scopes=["open311"], at=timezone.now(), per_minute=10_000_000)
    fields = {
        "api_key": secret, "service_code": _plain_category(), "lat": str(HERE[0]), "long": str(HERE[1]),
        "description": f"Loud music from the flat above every night after eleven, report {FRESH_NUMBER.decode()}.",
        "address_string": "1200 W Madison St", "email": f"rosa{FRESH_NUMBER.decode()}@example.org",
        "first_name": "Rosa", "last_name": "Resident",
    }  # fmt: skip
    return post(_open311_path(), fields)


def _plain_category() -> str:
    from commonbeat.cases.categories import categories

    rows = sorted(categories().values(), key=lambda known: (known.row.code != CATEGORY, known.row.code))
    plain = [
        k for k in rows if not k.row.sensitive and k.row.danger == "never" and not any(f.required for f in k.fields)
    ]
    return (plain or rows)[0].row.code


def _form_token(server: Server) -> str:
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    link.request("GET", "/report/")
    answer = link.getresponse()
    answer.read()
    found = re.search(r"csrftoken=(\w+)", answer.headers.get("Set-Cookie", ""))
    if found is None:
        raise RuntimeError("The report form set no form token.")
    return found[1]


def inbox(server: Server) -> dict[str, Any]:
    """The first page of 50 for a supervisor who sees everything."""
    return server.load(get("/desk/?view=all", cookies=sign_in("sam@example.org")))


def officer_inbox(server: Server) -> dict[str, Any]:
    """The first page of an officer's own areas, what most people open in the morning."""
    return server.load(get("/desk/", cookies=sign_in("officer3@example.org")))


def case_page(server: Server) -> dict[str, Any]:
    """Pages of cases, a hundred in turn."""
    from commonbeat.cases.models import Case
    from commonbeat.core.ids import reference

    cookies = sign_in("sam@example.org")
    numbers = Case.objects.filter(kind="concern").order_by("-id").values_list("id", flat=True)[:20_000:200]
    return server.load(*[get(f"/desk/{reference(n)}/", cookies=cookies) for n in numbers])


def search(server: Server) -> dict[str, Any]:
    """Full-text searches by a supervisor: rare, uncommon, common, and several words in turn, one at a time."""
    cookies = sign_in("sam@example.org")
    words = (RARE, UNCOMMON, "graffiti", "street+light", "dog+barking+night", "nowhere")
    return server.load(*[get(f"/desk/?view=all&q={w}", cookies=cookies) for w in words], connections=2)


def search_everything(server: Server) -> dict[str, Any]:
    """The same words by an officer through the search over everything: cases of each kind, people, places, pages."""
    cookies = sign_in("officer3@example.org")
    words = (RARE, UNCOMMON, "graffiti", "street+light", "dog+barking+night", "nowhere")
    return server.load(*[get(f"/desk/search/?q={w}", cookies=cookies) for w in words], connections=2)


def area_map(server: Server) -> dict[str, Any]:
    """The public map of an area with 4,000 cards, compressed as browsers ask for it."""
    from commonbeat.community.models import Area

    area = Area.objects.filter(serves=True).order_by("id").values_list("id", flat=True)[0]
    return server.load(get(f"/areas/{area}/cards.geojson", headers={"Accept-Encoding": "gzip"}))


def open311(server: Server) -> dict[str, Any]:
    """The Open311 list of 1,000 requests of the last 90 days as JSON."""
    told = server.load(get(f"{_open311_path()}?page_size=1000"), connections=4)
    if told["bytes_per_answer"] < 100_000:
        raise RuntimeError("The list is not a thousand requests long: there are too few cards in 90 days.")
    return told


def _open311_path() -> str:
    from django.urls import reverse

    return reverse("open311-requests", args=["json"])


def importing(site: Site, *, records: int) -> dict[str, Any]:
    """The product's importer on a GeoReport file: records a second, and the most memory it needed."""
    path = site.data / f"requests-{records}.csv"
    _write_requests(path, records)
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "commonbeat", "import", "open311", str(path), "--source", f"bench {time.time_ns()}"],
        env=site.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said, _ = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"The import failed:\n{said}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {
        "records": records,
        "seconds": round(seconds, 1),
        "per_second": round(records / seconds),
        "peak_mb": round(peak),
    }


def _write_requests(path: Path, records: int) -> None:
    from commonbeat.cases.categories import categories

    codes = [known.row.code for known in categories().values() if known.row.retired_at is None]
    dice, day = random.Random(7), dt.datetime(2024, 1, 1, 8, tzinfo=dt.UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(
            ["service_request_id", "requested_datetime", "updated_datetime", "status", "status_notes", "service_code",
             "description", "address", "lat", "long"]
        )  # fmt: skip
        for number in range(records):
            opened = day + dt.timedelta(minutes=number)
            closed = number % 10 != 0
            lines.writerow(
                [f"24-{number:08}", opened.isoformat(), (opened + dt.timedelta(days=closed)).isoformat(),
                 "closed" if closed else "open", "Completed" if closed else "", dice.choice(codes),
                 f"Light out in front of number {number}", f"{number % 9000} N State St",
                 round(dice.uniform(41.75, 41.95), 6), round(dice.uniform(-87.72, -87.64), 6)]
            )  # fmt: skip
