"""The types of ``zoo.js``, as a page in TypeScript uses them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from zoo.publishing import pages

PAGE = """\
import { Model, decode, microphone } from "./zoo/zoo.js";

const model = await Model.load("models/tiny/tfjs/", { backend: "webgl" });
const { samples, sampleRate } = await decode(new Blob());
const prediction = await model.predict(samples, sampleRate, {
  onresult: ({ decoded }) => console.log(decoded?.tempo?.bpm ?? decoded?.pitch?.frequencies[0]),
});
const names: string[] = prediction.top(5).map(({ name }) => name);
const opened = await microphone(model, { onresult: ({ time }) => console.log(time.toFixed(1)) });
await opened.stop();
export { names };
"""

pytestmark = pytest.mark.node


def _complaints(folder: Path, node_modules: Path, page: str) -> str:
    (folder / "zoo").mkdir(exist_ok=True)
    for path, data in pages.assets().items():
        if path.startswith("zoo/zoo."):
            (folder / path).write_bytes(data)
    (folder / "page.ts").write_text(page)
    options = ("--strict", "--noEmit", "--target", "es2022", "--module", "preserve")
    tsc = [str(node_modules / ".bin" / "tsc"), *options, "page.ts"]
    return subprocess.run(tsc, cwd=folder, capture_output=True, text=True).stdout


def test_a_page_in_typescript_knows_what_zoo_js_gives(tmp_path: Path, node_modules: Path) -> None:
    assert _complaints(tmp_path, node_modules, PAGE) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"webgl"', '"webnn"'),
        ("top(5)", "best(5)"),
        ("decoded?.tempo?.bpm", "decoded.tempo.bpm"),
        ("names: string[]", "names: number[]"),
    ],
)
def test_a_wrong_use_is_an_error(
    right: str, wrong: str, tmp_path: Path, node_modules: Path
) -> None:
    assert "error TS" in _complaints(tmp_path, node_modules, PAGE.replace(right, wrong))
