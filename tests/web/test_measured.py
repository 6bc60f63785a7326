"""The resampler's filter in the page is the library's."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.support import ROOT


def points(path: Path) -> np.ndarray:
    found = re.search(r'"([A-Za-z0-9+/=]+)"', path.read_text())
    assert found
    return np.frombuffer(base64.b64decode(found[1]), "<f4")


def test_what_is_measured_is_what_the_page_has(tmp_path: Path) -> None:
    measured = tmp_path / "sinc.js"
    script = ROOT / "tools" / "measure_resampler.py"
    subprocess.run([sys.executable, str(script), str(measured)], check=True)
    shipped = points(ROOT / "zoo" / "web" / "sinc-medium.js")
    assert len(shipped) > 1000
    np.testing.assert_allclose(points(measured), shipped, atol=1e-6)
