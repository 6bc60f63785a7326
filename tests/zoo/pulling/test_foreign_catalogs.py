"""Catalogs that somebody wrote to harm who adds them: refused whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from catalog.listing import LARGEST
from tests.support import misbehaving
from tests.support.laboratory import LAB

pytestmark = pytest.mark.usefixtures("lab")

Zoo = Callable[..., Any]


def _changed(change: Callable[[Any], object]) -> bytes:
    document = deepcopy(LAB)
    change(document)
    return json.dumps(document).encode()


def _file(**values: Any) -> Callable[[Any], object]:
    return lambda document: document["models"][0]["files"][0].update(values)


def _block(**values: Any) -> Callable[[Any], object]:
    return lambda document: document["models"][0]["record"]["zoo"].update(values)


HOSTILE: dict[str, bytes | Callable[[Any], object]] = {
    "path up": _file(path="../x.pb"),
    "path up inside": _file(path="lab-net-1/../../x.pb"),
    "path absolute": _file(path="/etc/passwd"),
    "path to another host": _file(path="//203.0.113.1/x.pb"),
    "path with an address": _file(path="http://203.0.113.1/x.pb"),
    "path with https": _file(path="https://203.0.113.1/x.pb"),
    "path with an escape": _file(path="%2e%2e/x.pb"),
    "path with a backslash": _file(path="..\\x.pb"),
    "path with a query": _file(path="x.pb?y"),
    "path that makes patterns slow": _file(path="a" * 150 + "!"),
    "path empty": _file(path=""),
    "path a list": _file(path=["x.pb"]),
    "no digest": lambda document: document["models"][0]["files"][0].pop("sha256"),
    "digest null": _file(sha256=None),
    "digest short": _file(sha256="0" * 63),
    "no size": lambda document: document["models"][0]["files"][0].pop("size"),
    "size a text": _file(size="7"),
    "size negative": _file(size=-1),
    "size true": _file(size=True),
    "no files": lambda document: document["models"][0].update(files=[]),
    "unknown key": lambda document: document.update(run="rm -rf"),
    "id up": _block(id="../../../evil"),
    "id absolute": _block(id="/tmp/evil"),
    "id of a hidden file": _block(id=".evil"),
    "id of the manifest": _block(id="manifest"),
    "id with a line": _block(id="evil\n"),
    "id a number": _block(id=7),
    "id very long": _block(id="e" * 4000),
    "id twice": lambda document: document["models"].append(document["models"][0]),
    "id twice but for case": _block(id="EARS-1"),
    "no id": lambda document: document["models"][0]["record"]["zoo"].pop("id"),
    "kind unknown": _block(kind="virus"),
    "extractor of itself": _block(kind="head", extractor={"id": "lab-net-1"}),
    "extractor a head": _block(kind="head", extractor={"id": "task-ears-1"}),
    "no record": lambda document: document["models"][0].pop("record"),
    "record a list": lambda document: document["models"][0].update(record=[]),
    "classes numbers": lambda document: document["models"][0]["record"].update(classes=[1, 2]),
    "schema a text": lambda document: document["models"][0]["record"].update(schema="x"),
    "terminal escapes": lambda document: document.update(title="\x1b[2Jowned"),
    "a title of lines": lambda document: document.update(title="x\nerror: y"),
    "a lone surrogate": lambda document: document.update(title="\ud800"),
    "not a number": lambda document: document.update(title=float("nan")),
    "another format": lambda document: document.update(format=2),
    "format a list": lambda document: document.update(format=[1]),
    "models an object": lambda document: document.update(models={}),
    "too many models": lambda document: document.update(models=document["models"] * 600),
    "no title": lambda document: document.pop("title"),
    "a list": b"[]",
    "nothing": b"",
    "null": b"null",
    "half": json.dumps(LAB).encode()[:200],
    "no text": b"\xff\xfe\x00",
    "deep": b'{"format":1,"title":"x","models":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep in a record": json.dumps(LAB).encode().replace(
        b'"Hears kazoos."', b"[" * 20_000 + b"]" * 20_000, 1
    ),
    "huge": b'{"format": 1, "title": "' + b"x" * LARGEST + b'", "models": []}',
    "many digits": b'{"format": ' + b"1" * 100_000 + b"}",
    "a page": b"<!doctype html><title>x</title>",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_catalog_is_refused_whole(
    zoo: Zoo, lab: str, name: str, server: Any, store_home: Path, tmp_path: Path
) -> None:
    made = HOSTILE[name]
    server.files["/zoo/catalog.json"] = made if isinstance(made, bytes) else _changed(made)
    answer = zoo("catalog", "add", "lab", lab, "--json")
    assert answer.code == 5, (answer.out, answer.err)
    assert answer.document["error"]["why"]
    assert zoo("pull", "ears-1", "--catalog", lab).code == 5
    assert not (store_home / "catalogs").exists()
    assert not (store_home / "models").exists()
    assert [path.name for path in tmp_path.iterdir()] == [store_home.name]
    assert all(path.startswith("/zoo/catalog.json") for path, _ in server.requests)


def test_an_endless_catalog_is_cut_off(zoo: Zoo, lab: str, server: Any) -> None:
    server.files["/zoo/catalog.json"] = b'{"a": "' + b"x" * (LARGEST * 3)
    server.manner = misbehaving.unannounced
    assert zoo("catalog", "add", "lab", lab).code == 5


def test_a_redirect_to_plain_http_is_not_followed(zoo: Zoo, lab: str, server: Any) -> None:
    server.manner = misbehaving.redirect("http://203.0.113.1/catalog.json")
    assert zoo("catalog", "add", "lab", lab).code == 4


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_folder_whose_catalog_is_no_file_is_refused(zoo: Zoo, tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    os.mkfifo(tmp_path / "odd" / "catalog.json")
    assert zoo("catalog", "add", "lab", "odd").code == 3
