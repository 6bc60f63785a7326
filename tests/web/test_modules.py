"""The modules of the web engine, each tested in Node against what Python says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPTS = sorted(path.stem for path in HERE.glob("*.mjs") if path.stem != "reference")

pytestmark = pytest.mark.node


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_module_does_what_python_does(script: str, reference: Path) -> None:
    done = subprocess.run(
        ["node", "--test", str(HERE / f"{script}.mjs")],
        env={**os.environ, "ZOO_REFERENCE": str(reference)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
