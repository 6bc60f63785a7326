"""The lines of JavaScript that the page on exports shows, as anybody would run them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT, lab
from zoo import load
from zoo.exporting.exporter import export

SAMPLES = """\
import fs from "node:fs";
const samples = Float32Array.from(JSON.parse(fs.readFileSync("clip.json")));
"""


@pytest.mark.node
def test_ten_lines_of_stock_tensorflowjs_tag_audio(
    node_modules: Path, address: str, tmp_path: Path
) -> None:
    network = lab.Network(tmp_path)
    export(network.path, "tfjs", tmp_path / "tiny-tfjs", with_frontend=True, verify="reader")
    clip = lab.impulses(16000)
    (tmp_path / "clip.json").write_text(json.dumps(clip.tolist()))
    (code,) = re.findall(
        r"```js\n(.*?loadGraphModel.*?)```", (ROOT / "docs" / "exports.md").read_text(), re.S
    )
    code = code.replace("msd-musicnn-1-tfjs/", f"{address}/tiny-tfjs/")
    code = code.replace("model/Sigmoid", "sigmoids").replace("(mean, 5)", "(mean, 2)")
    (tmp_path / "page.mjs").write_text(SAMPLES + code)
    (tmp_path / "node_modules").symlink_to(node_modules)
    ran = subprocess.run(
        ["node", "page.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    said = [line.split() for line in ran.stdout.splitlines() if line.startswith(("quiet", "loud"))]
    expected = load(network.path).predict(clip, 16000).top(2)
    assert [tag for tag, _ in said] == [tag for tag, _ in expected], ran.stderr
    assert [float(score) for _, score in said] == pytest.approx([s for _, s in expected], abs=1e-4)
