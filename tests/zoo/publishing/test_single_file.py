"""A model's page in one file."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from catalog.index import catalog
from zoo.publishing import pages
from zoo.publishing.single_file import WASM, WEBGL, single_file

VENDORED = ("tf-core.es2017.min.js", "tf-converter.es2017.min.js", "tf-backend-wasm.es2017.min.js")


@pytest.fixture
def html(tmp_path: Path) -> str:
    """A page whose vendored scripts try to end it."""
    for path, data in pages.assets().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    (tmp_path / "zoo/tfjs").mkdir()
    for name in VENDORED:
        (tmp_path / "zoo/tfjs" / name).write_text('self.tf = "</script><!--<script>";')
    (tmp_path / "zoo" / WEBGL).write_text("self.webgl = 1;")
    (tmp_path / "zoo" / WASM).write_bytes(b"\0asm")
    folder = tmp_path / "models/msd-musicnn-1/tfjs"
    folder.mkdir(parents=True)
    manifest = [{"paths": ["a.bin"], "weights": []}, {"paths": ["b.bin"], "weights": []}]
    (folder / "model.json").write_text(json.dumps({"weightsManifest": manifest, "x": "</script>"}))
    (folder / "a.bin").write_bytes(b"first ")
    (folder / "b.bin").write_bytes(b"second")
    published = pages.Published(catalog().find("msd-musicnn-1"), tfjs="tfjs")
    return single_file("Our models", published, tmp_path)


def scripts(html: str) -> dict[str, str]:
    """What stands in each script: by its id, or its place."""
    found = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.S)
    named = re.compile(r'id="(\w+)"')
    return {
        (name[1] if (name := named.search(attributes)) else str(place)): text
        for place, (attributes, text) in enumerate(found)
    }


def test_it_holds_all_weights(html: str) -> None:
    found = scripts(html)
    assert base64.b64decode(found["weights"]) == b"first second"
    assert base64.b64decode(found["wasm"]) == b"\0asm"
    assert json.loads(found["network"])["x"] == "</script>"


def test_its_worker_needs_no_other_file(html: str) -> None:
    worker = scripts(html)["worker"]
    assert worker.count('self.tf = "<\\/script><\\!--<script>";') == len(VENDORED)
    assert "self.webgl = 1;" in worker
    assert "\nimport " not in worker


def test_its_policy_allows_these_scripts_and_no_other(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    allowed = set(re.findall(r"'sha256-([^']+)'", policy[1].replace("&#39;", "'")))
    texts = [text for name, text in scripts(html).items() if name.isdecimal()]
    texts += re.findall(r"<style>(.*?)</style>", html, re.S)
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts}
    assert len(digests) == 3
    assert allowed == digests


def test_it_asks_for_nothing(html: str) -> None:
    tags = re.sub(r"(<(script|style)[^>]*>).*?</\2>", r"\1", html, flags=re.S)
    assert not re.search(r"<(script|img|audio|iframe)[^>]*\bsrc=", tags)
    assert re.findall(r'<link[^>]*href="([^":]*):', tags) == ["data"]
