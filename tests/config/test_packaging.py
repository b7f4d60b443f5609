"""The lists of dependencies agree, and lock files name no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import commonbeat

ROOT = Path(commonbeat.__file__).parent.parent


def lines_of(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text()
    return sorted(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def test_the_package_and_the_run_list_name_the_same_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert sorted(project["dependencies"]) == lines_of("run.in")


@pytest.mark.parametrize("name", ["run.txt", "build.txt", "dev.txt"])
def test_lock_files_hold_versions_and_hashes_but_no_address_or_folder_of_a_machine(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    assert not re.search(r"https?://|file:|--index-url|--find-links|(?<![\w.])/(home|work|opt|tmp|root)/", text)
    pinned = [line for line in text.splitlines() if re.match(r"^[a-z0-9]", line, re.IGNORECASE)]
    assert pinned and all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)


def test_both_lists_agree_on_every_version_they_share() -> None:
    def versions(name: str) -> set[str]:
        return {line.split(" ")[0] for line in lines_of(name) if re.match(r"^[a-z0-9].*==", line)}

    assert versions("run.txt") <= versions("dev.txt")
