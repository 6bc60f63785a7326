"""Front-ends in the graph on processors that calculate in half precision, as in phones."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.record import Record
from convert import tfjs
from convert.export_graph import ExportGraph
from convert.frontend_graph import attach
from freeze.formats import graphdef
from predictors.features.families import FAMILIES
from predictors.features.frontends import FSDSINET, MUSICNN, TEMPOCNN, VGGISH
from predictors.features.patching import Patching
from tests.support import lab

PAGE = """<!doctype html>
<link rel="icon" href="data:,">
<title>Half precision</title>
<script src="tfjs/tf-core.es2017.min.js"></script>
<script src="tfjs/tf-converter.es2017.min.js"></script>
<script src="tfjs/tf-backend-webgl.es2017.min.js"></script>
"""
PATCHES = 3


@pytest.mark.browser
def test_front_ends_work_in_half_precision(
    chromium: Any, tensorflowjs: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text(PAGE)
    shutil.copytree(tensorflowjs, site / "tfjs")
    expected = {}
    for frontend in (MUSICNN, VGGISH, TEMPOCNN, FSDSINET):
        family = next(each for each in FAMILIES if each.frontend is frontend)
        document, path = lab.passthrough(tmp_path, (-1, *family.shape))
        network = ExportGraph.of(graphdef.read(path), ["input"], Record(document), family)
        folder = site / frontend.name
        tfjs.write(attach(network, family), folder)
        frames = family.frames + (PATCHES - 1) * family.hop
        clip = np.random.default_rng(4).uniform(-1, 1, (frames - 1) * frontend.hop)
        patching, audio = Patching(family, family.hop), clip.astype(np.float32)
        audio.tofile(folder / "audio.f32")
        expected[frontend.name] = np.concatenate([patching.feed(audio), *patching.finish()])

    script = Path(__file__).with_name("half_precision.mjs")
    found = chromium.run(script, site, args=list(expected))

    for name, patches in expected.items():
        assert len(patches) == PATCHES
        np.testing.assert_allclose(found[name], patches, rtol=0, atol=0.05, err_msg=name)
