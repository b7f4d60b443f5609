"""RULES 4 against a real server: a whole tip, then everything that it left behind is searched for its sender."""

from __future__ import annotations

import base64
import json
import re
import socket
import subprocess
import tarfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from commonbeat.config.cluster import programs

TOLD = "Zebulon hides copper cable under the lantern bridge every Thursday."
MESSAGE = "Zebulon moved it to the barge on Sunday."
BROWSER = "Trace-Browser/7.3 (Invented)"
CATEGORY = {"code": "tip_other", "kind": "tip", "group": {"en": "Tips"}, "name": {"en": "Something else"}}
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


class Server:
    """The product itself, served on an empty installation."""

    def __init__(self, installation: Any, folder: Path) -> None:
        self.installation = installation
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        installation.environment |= {
            "COMMONBEAT_URL": f"http://127.0.0.1:{self.port}", "COMMONBEAT_LOG": "DEBUG",
            "DJANGO_SETTINGS_MODULE": "commonbeat.config.settings",
        }  # fmt: skip
        assert installation.commonbeat("migrate")[0] == 0
        (folder / "tips.json").write_text(json.dumps([CATEGORY]))
        assert installation.commonbeat("import", "categories", folder / "tips.json")[0] == 0
        self.log = (folder / "log").open("w+b")
        self.process = subprocess.Popen(
            [installation.python_path, "-m", "commonbeat", "serve", "--port", str(self.port), "--workers", "1"],
            env=installation.environment, stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip
        installation.processes.append(self.process)
        until = time.monotonic() + 120
        while True:
            try:
                self.ask("/tip/")
                return
            except OSError:
                assert time.monotonic() < until and self.process.poll() is None, self.logged().decode()[-3000:]
                time.sleep(0.5)

    def ask(self, path: str, **form: str) -> str:
        """A page, as the sender's browser asks for it."""
        data = urllib.parse.urlencode(form).encode() if form else None
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"User-Agent": BROWSER})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert "Set-Cookie" not in answer.headers
            return answer.read().decode()

    def logged(self) -> bytes:
        """Everything that the server said."""
        self.log.flush()
        return Path(self.log.name).read_bytes()


@pytest.fixture
def server(installation: Any, tmp_path: Path) -> Any:
    made = Server(installation, tmp_path)
    yield made
    made.log.close()


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


def _encodings(secret: str) -> list[bytes]:
    """A text as it might lie somewhere: plain, UTF-16, hex, base64 at every offset."""
    raw = secret.encode()
    coded = [base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)]
    return [raw, secret.encode("utf-16-le"), raw.hex().encode(), *(part for part in coded if len(part) >= 12)]


def test_rule_04_database_files_and_logs_tell_nothing_of_a_tip_or_its_sender(server: Server, tmp_path: Path) -> None:
    token = _hidden(server.ask("/tip/"), "token")
    number = re.search(r'<option value="(\d+)">Something else', server.ask("/tip/"))
    assert number
    sent = server.ask("/tip/", token=token, category=number[1], text=TOLD, who="Zebulon", address="Lantern bridge")
    code = CODE.search(sent)
    assert code
    page = server.ask("/tip/return/", code=code[0])
    assert TOLD in page
    visit = {name: _hidden(page, name) for name in ("visit", "seen")}
    page = server.ask("/tip/return/", **visit, deed="write", text=MESSAGE)
    assert MESSAGE in page
    copy = tmp_path / "copy.tar"
    assert server.installation.commonbeat("backup", copy)[0] == 0
    server.process.terminate()
    server.process.wait(60)
    with tarfile.open(copy) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path / "copy", filter="data")
    assert not [name for name in names if name.startswith("keys")]
    restore = [str(programs() / "pg_restore"), "-f", "-", str(tmp_path / "copy" / "database.dump")]
    dump = subprocess.run(restore, capture_output=True, check=True).stdout
    assert b"tip_other" in dump and b"cases_case" in dump
    data = server.installation.data
    files = {path: path.read_bytes() for path in data.rglob("*") if path.is_file() and not path.is_symlink()}
    files |= {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    files |= {Path("dump"): dump, Path("log"): server.logged()}
    assert len(files) > 20
    bare = code[0].replace("-", "")
    for secret in (TOLD, MESSAGE, "Zebulon", "copper cable", code[0], bare, BROWSER, "Trace-Browser"):
        for coded in _encodings(secret):
            where = [str(path) for path, content in files.items() if coded in content]
            assert not where, f"{secret} as {coded!r} in {where}"
    assert b"127.0.0.1 -" not in server.logged() and b"POST /tip" not in server.logged()
