"""Several modules in one script."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from zoo.publishing.inline import script


def run(text: str, expression: str) -> Any:
    """What an expression is worth after a script."""
    code = f"{text}\nconsole.log(JSON.stringify({expression}));"
    done = subprocess.run(["node", "-"], input=code, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """Two modules that have a name in common, a classic script, and one that hands on."""
    (tmp_path / "old").mkdir()
    (tmp_path / "old/classic.js").write_text("globalThis.classic = 7;")
    (tmp_path / "size.js").write_text(
        "const STEP = 2;\nexport const SIZE = 5;\nexport function twice(x) { return STEP * x; }\n"
    )
    (tmp_path / "shape.js").write_text(
        'import "./old/classic.js";\n'
        'import {\n  SIZE,\n  twice,\n} from "./size.js";\n\n'
        "const STEP = 3;\n"
        "export class Shape { area = STEP * twice(SIZE) + classic; }\n"
    )
    (tmp_path / "main.js").write_text(
        'export { Shape } from "./shape.js";\nexport { SIZE, twice } from "./size.js";\n'
    )
    return tmp_path


@pytest.mark.node
def test_modules_keep_their_names_to_themselves(modules: Path) -> None:
    assert run(script(modules / "shape.js"), "new shape_js.Shape().area") == 37


@pytest.mark.node
def test_what_a_module_hands_on_is_there(modules: Path) -> None:
    text = script(modules / "main.js")
    assert text.count("STEP = 2") == 1
    assert run(text, "[Object.keys(main_js), main_js.twice(main_js.SIZE)]") == [
        ["Shape", "SIZE", "twice"],
        10,
    ]


@pytest.mark.node
def test_the_engine_is_one_script_without_imports() -> None:
    text = script(ROOT / "zoo/web/zoo.js")
    assert "\nimport " not in text and "\nexport " not in text
    keys = run(text.replace("import.meta.url", "'file:///zoo.js'"), "Object.keys(zoo_js)")
    assert set(keys) == {
        "decode", "microphone", "Ensemble", "Model", "DescriptorModel", "readDescriptors",
        "parts", "note", "Prediction", "highest", "resample",
    }  # fmt: skip
