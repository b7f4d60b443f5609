"""Raw rows of a file of service requests: CSV, JSON or XML, also gzipped, read piece by piece."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

import click
import ijson
import orjson
from lxml import etree

Row = Mapping[str, Any]

_CONTAINERS = ("service_requests", "requests", "results", "value", "data", "items")
_REQUEST_TAGS = frozenset({"request", "service_request", "row"})
csv.field_size_limit(1024 * 1024)


class BadFile(click.ClickException):
    """The file as a whole cannot be read; the message says what to do."""


def format_of(start: bytes) -> str:
    """csv, json or xml, by the first characters."""
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] in (b"[", b"{"):
        return "json"
    return "xml" if head[:1] == b"<" else "csv"


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """The content of a file, gunzipped when it is gzipped, whatever its name says."""
    start = file.read(2)
    file.seek(0)
    return cast(IO[bytes], gzip.GzipFile(fileobj=file)) if start == b"\x1f\x8b" else file


def read_rows(path: Path, file: IO[bytes]) -> Iterator[Row]:
    """Every row of an open file. Raises `BadFile` when it is none of the formats or breaks off."""
    content = io.BufferedReader(cast(io.RawIOBase, unpacked(file)))
    sort = format_of(content.peek(64)[:64])
    try:
        match sort:
            case "json":
                yield from _json_rows(path, content)
            case "xml":
                yield from _xml_rows(content)
            case _:
                yield from _csv_rows(content)
    except (ijson.JSONError, etree.XMLSyntaxError, EOFError, gzip.BadGzipFile, csv.Error) as error:
        raise BadFile(f"{path} breaks off or is damaged ({error}). Rows before that are filed; get the file again.")


def _csv_rows(content: IO[bytes]) -> Iterator[Row]:
    text = io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline="")
    first = text.readline()
    if not first.strip():
        return
    delimiter = max(",;\t|", key=first.count)
    header = next(csv.reader([first], delimiter=delimiter))
    for values in csv.reader((line.replace("\x00", "") for line in text), delimiter=delimiter):
        if values:
            yield dict(itertools.zip_longest(header, values[: len(header)], fillvalue=""))


def _json_rows(path: Path, content: io.BufferedReader[Any]) -> Iterator[Row]:
    if content.peek(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        yield from _flat(ijson.items(content, "item", use_float=True))
        return
    prefix = _list_in(content)
    with path.open("rb") as again:
        whole = unpacked(again)
        if prefix:
            yield from _flat(ijson.items(whole, f"{prefix}.item", use_float=True))
        else:
            yield from rows_of(next(ijson.items(whole, "", use_float=True)))


def _list_in(content: IO[bytes]) -> str:
    """Where in a JSON object the list of requests begins."""
    for prefix, event, _ in ijson.parse(content):
        if event == "start_array" and prefix.rpartition(".")[2] in (*_CONTAINERS, "request"):
            return str(prefix)
    return ""


def _flat(values: Iterator[Any]) -> Iterator[Row]:
    for value in values:
        yield from rows_of(value)


def rows_of(value: Any) -> Iterator[Row]:
    """Rows in a JSON value, however it is wrapped. Raises `BadFile` for an error that came as an answer."""
    if isinstance(value, list):
        for item in value:
            yield from rows_of(item)
    elif isinstance(value, Mapping):
        inner = next(
            (value[name] for name in (*_CONTAINERS, "request") if isinstance(value.get(name), list | dict)), None
        )
        if inner is not None and "service_request_id" not in value:
            yield from rows_of(inner)
        elif "description" in value and "code" in value and "requested_datetime" not in value:
            raise BadFile(f"The source answers with an error: {value['code']} {value['description']}")
        else:
            yield value


def _xml_rows(content: IO[bytes]) -> Iterator[Row]:
    events = etree.iterparse(
        content,
        events=("end",),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=False,
    )
    for _, element in events:
        tag = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if tag == "error":
            raise BadFile(f"The source answers with an error: {' '.join(' '.join(element.itertext()).split())}")
        if tag in _REQUEST_TAGS:
            yield {etree.QName(child).localname: (child.text or "") for child in element if isinstance(child.tag, str)}
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def rows_in_answer(body: bytes) -> list[Row]:
    """The rows of one answer of an endpoint. Raises `BadFile` when it is none."""
    match format_of(body[:64]):
        case "json":
            try:
                return list(rows_of(orjson.loads(body)))
            except orjson.JSONDecodeError as error:
                raise BadFile(f"The source answers with damaged JSON ({error}).")
        case "xml":
            try:
                return list(_xml_rows(io.BytesIO(body)))
            except etree.XMLSyntaxError as error:
                raise BadFile(f"The source answers with damaged XML ({error}).")
        case _:
            raise BadFile("The source answers neither in JSON nor in XML. Check the address: it should end in /v2.")
