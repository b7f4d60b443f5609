"""Reads the text of a PDF back, by the maps from glyphs to characters that a reader for the blind uses."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)
"""What is packed may end with any byte, also a carriage return: only the line feed is not part of it."""
SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\)|\b(ET)\b", re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Read:
    """What a document says: its text in the order of drawing, its title and language, and whether it is tagged."""

    text: str
    title: str
    language: str
    tagged: bool


def _inflated(body: bytes) -> bytes:
    found = STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found[1]) if b"/FlateDecode" in body[: found.start()] else found[1]


def _objects(data: bytes) -> dict[int, bytes]:
    found = {int(number): body for number, body in OBJECT.findall(data)}
    for body in list(found.values()):
        if b"/ObjStm" not in body[:400]:
            continue
        inner = _inflated(body)
        first = int(re.search(rb"/First (\d+)", body)[1])  # type: ignore[index]
        numbers = [int(word) for word in inner[:first].split()]
        starts = numbers[1::2]
        for number, start, end in zip(numbers[::2], starts, [*starts[1:], len(inner)], strict=False):
            found[number] = inner[first + start : first + end]
    return found


def _characters(cmap: bytes) -> dict[int, str]:
    def words(text: bytes) -> str:
        return bytes.fromhex(text.decode()).decode("utf-16-be")

    known: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for glyph, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            known[int(glyph, 16)] = words(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for low, high, text in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(high, 16) - int(low, 16) + 1):
                start = words(text)
                known[int(low, 16) + step] = start[:-1] + chr(ord(start[-1]) + step)
    return known


def _plain(text: bytes) -> bytes:
    """A literal string without its escapes."""

    def one(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8)]) if code[:1].isdigit() else LETTERS.get(code, code)

    return ESCAPED.sub(one, text)


def _string(body: bytes, name: bytes) -> str:
    found = re.search(rb"/" + name + rb"\s*\(((?:\\.|[^\\()])*)\)|/" + name + rb"\s*<(\w+)>", body)
    if found is None:
        return ""
    raw = bytes.fromhex(found[2].decode()) if found[2] else _plain(found[1])
    return raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")


def text_of(data: bytes) -> Read:
    """Read a PDF as Typst writes it."""
    assert data.startswith(b"%PDF-")
    objects = _objects(data)
    whole = b"\n".join(body for body in objects.values())
    fonts: dict[bytes, dict[int, str]] = {}
    for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", whole):
        points_to = re.search(rb"/ToUnicode (\d+) 0 R", objects.get(int(number), b""))
        if points_to:
            fonts[name] = _characters(_inflated(objects[int(points_to[1])]))
    parts: list[str] = []
    for body in objects.values():
        content = _inflated(body) if b"stream" in body and b"/ObjStm" not in body[:400] else b""
        if b" Tf" not in content:
            continue
        font: dict[int, str] = {}
        for name, literal, ended in SHOWN.findall(content):
            if name:
                font = fonts.get(name, {})
            elif ended:
                parts.append(" ")
            else:
                codes = _plain(literal)
                parts += [font.get(int.from_bytes(codes[at : at + 2], "big"), "") for at in range(0, len(codes), 2)]
    tagged = b"/StructTreeRoot" in whole and b"/Marked true" in whole
    info = re.search(rb"/Info (\d+) 0 R", data)
    title = _string(objects[int(info[1])], b"Title") if info else ""
    return Read(re.sub(r"\s+", " ", "".join(parts)), title, _string(whole, b"Lang"), tagged)
