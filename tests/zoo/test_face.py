"""What `import zoo` hands on."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import zoo
from tests.support import ROOT

pytestmark = pytest.mark.slow


def test_only_public_names_are_listed_and_all_are_there() -> None:
    assert dir(zoo) == sorted(zoo.__all__)
    for name in zoo.__all__:
        assert getattr(zoo, name).__name__ == name
    with pytest.raises(AttributeError):
        zoo.nothing  # noqa: B018


def test_no_module_has_the_name_of_what_is_public() -> None:
    """It would take the name's place as soon as it is imported."""
    for name in zoo.__all__:
        assert not list((ROOT / "zoo").glob(f"{name}.py")) and not (ROOT / "zoo" / name).exists()


def test_every_error_that_a_caller_catches_is_public() -> None:
    from catalog import errors

    own = {name for name, each in vars(errors).items() if isinstance(each, type)}
    assert own - {"InterruptedByUserError"} <= set(zoo.__all__)


def test_importing_zoo_and_listing_models_imports_nothing_heavy() -> None:
    program = (
        "import sys, zoo; zoo.models(); zoo.info('msd-musicnn-1')\n"
        "heavy = {'numpy', 'tensorflow', 'openvino', 'matplotlib', 'requests', 'rich', 'typer'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_python_user_hears_only_warnings(
    tiny: Any, song: str, tmp_path: Path, store_home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import sys, zoo\n"
        "zoo.load('tiny.pb').predict('song.wav'); zoo.inspect('tiny.pb'); zoo.validate('tiny.pb')\n"
        "zoo.export('tiny.pb', 'tfjs')\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env=environment)
    assert capfd.readouterr() == ("", "")


def test_notes_go_to_the_logger(
    tiny: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tiny.path.with_suffix(".json").unlink()
    with caplog.at_level(logging.INFO, "zoo"):
        zoo.load(tiny.path)
    (note,) = caplog.messages
    assert "no metadata" in note


def test_what_is_returned_says_what_it_is(tiny: Any, tmp_path: Path, store_home: Path) -> None:
    assert repr(zoo.inspect(tiny.path)).startswith("Inspection(frozen-graph: input -> sigmoids")
    found = zoo.validate(tiny.path)
    assert not found.ok and repr(found).startswith(f"<Validation of {tiny.path}: ")
    exported = zoo.export(tiny.path, "tfjs", tmp_path / "tiny-tfjs", verify="reader")
    assert repr(exported).startswith(f"<Export {tmp_path / 'tiny-tfjs'}: sigmoids ")
    (model,) = zoo.models("msd-musicnn-1")
    assert repr(model) == "<ModelInfo msd-musicnn-1: auto-tagging, 3.2 MB, not installed>"
    assert repr(zoo.models("msd-musicnn-1")).split() == [
        "msd-musicnn-1",
        "auto-tagging",
        "3.2",
        "MB",
    ]
    assert "Classes" in str(zoo.info("msd-musicnn-1"))
