"""How long a page takes for a clip, and how long it stands still meanwhile."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile

from catalog.errors import MissingExtraError
from catalog.index import catalog
from catalog.store import Store
from convert import tfjs
from predictors.model import Model
from tests.bench.essentia import network
from tests.bench.row import Row
from tests.support import ROOT
from tests.support.browsers import Browser, Driver, program
from zoo import npm
from zoo.exporting.exporter import ExportOptions, prepare
from zoo.exporting.reference import ReferenceModel

PAGE = """<!doctype html><link rel="icon" href="data:,"><script type="module">
import * as zoo from "./zoo/zoo.js"; window.zoo = zoo;</script><p>here"""
SECONDS = 30
LONGEST = 50
"""Milliseconds that a page may stand still before people feel it."""


def page() -> list[Row]:
    """Audio to results in Chromium's wasm against the network's own time."""
    graph = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None or not program("chromium"):
        return []
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch, "site")
        try:
            _publish(graph, site)
        except MissingExtraError as error:
            print(f"(left out: {error.message})", file=sys.stderr)
            return []
        with closing(Driver()) as driver:
            chromium = Browser("chromium", driver)
            runs = [_measure(chromium, site, name) for _ in range(5) for name in ("wav", "mp3")]
    ratios = {
        f"first result of a {SECONDS} s WAV, read and resampled": (
            "inference of its patch",
            [run["first"] / run["patch"] for run in runs[::2]],
            "≤ 1.5",
        ),
        f"all results of a {SECONDS} s WAV or MP3, decoded and resampled": (
            "inference of its patches",
            [run["total"] / run["patch"] / run["patches"] for run in runs],
            "≤ 1.5",
        ),
        "longest stall of the page meanwhile": (
            f"{LONGEST} ms",
            [run["stall"] / LONGEST for run in runs],
            "≤ 1",
        ),
    }
    return [Row(what, to, median(values), aim) for what, (to, values, aim) in ratios.items()]


def _publish(graph: Path, site: Path) -> None:
    """A page with the engine, a model and a clip in two formats."""
    record = catalog().find("msd-musicnn-1")
    shutil.copytree(ROOT / "zoo" / "web", site / "zoo")
    shutil.copytree(npm.tensorflowjs(Store.default()), site / "zoo" / "tfjs")
    (site / "index.html").write_text(PAGE)
    layers = tuple(layer.name for layer in record.outputs)
    order = ExportOptions(record.id, "tfjs", frontend=True)
    tfjs.write(prepare(ReferenceModel(Model(record, graph), layers), order), site / record.id)
    noise = np.random.default_rng(0).normal(0, 0.1, (SECONDS * 44100, 2))
    for ending in ("wav", "mp3"):
        soundfile.write(site / f"clip.{ending}", noise, 44100)


def _measure(chromium: Browser, site: Path, ending: str) -> dict[str, Any]:
    script = ROOT / "tests" / "browser" / "engine.mjs"
    args = {"task": "measure", "model": "msd-musicnn-1/", "file": f"clip.{ending}"}
    found: dict[str, Any] = chromium.run(script, site, args=args)
    return found
