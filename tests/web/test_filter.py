"""The resampler's filter in the page is Python's."""

from __future__ import annotations

import re

import pytest

from predictors.audio import sinc_medium
from tests.support import ROOT


@pytest.mark.parametrize("name", ["CUTOFF", "PEAK", "BETA", "REACH", "PHASES"])
def test_the_page_has_the_same_numbers(name: str) -> None:
    script = (ROOT / "zoo" / "web" / "resample.js").read_text()
    found = re.search(rf"^const {name} = ([\d.]+)(?: / (\d+))?;", script, re.M)
    assert found
    assert float(found[1]) / int(found[2] or 1) == getattr(sinc_medium, name)
