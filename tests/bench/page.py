"""How long a page takes for a clip, and how long it stands still meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from itertools import product
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
from tests.bench.overlap import HOPS, PAGE_AIMS
from tests.bench.patch import in_python
from tests.bench.row import Row
from tests.support import ROOT
from tests.support.browsers import ISOLATED, Browser, Driver, program
from zoo import npm
from zoo.exporting.preparation import ExportOptions, prepare
from zoo.exporting.reference import ReferenceModel

PAGE = """<!doctype html><link rel="icon" href="data:,"><script type="module">
import * as zoo from "./zoo/zoo.js"; window.zoo = zoo;</script><p>here"""
MODEL, ALONE = "msd-musicnn-1", "alone"
"""Folders of the network, and of the same one that computes each patch for itself."""

SECONDS = 30
LONGEST = 50
"""Milliseconds that a page may stand still before people feel it."""


def page() -> list[Row]:
    """Audio to results in Chromium's wasm against the network's own time, and that to Python's."""
    graph = network(MODEL, f"{MODEL}.pb")
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
            return [
                *_times(chromium, site),
                *_threads(chromium, site, graph),
                *_in_node(site, graph),
                *_overlap(chromium, site),
            ]


def _times(chromium: Browser, site: Path) -> list[Row]:
    """How long clips take, and the page stands still."""
    runs = [_measure(chromium, site, f"clip.{kind}") for _ in range(5) for kind in ("wav", "mp3")]
    song = _measure(chromium, site, "song.mp3")
    found = {
        f"a page: first result of a {SECONDS} s WAV, read and resampled": (
            "inference of its patch, wasm",
            [run["first"] / run["alone"] for run in runs[::2]],
            "≤ 1.5",
            "resampling and features of its seconds",
        ),
        f"a page: all results of a {SECONDS} s WAV or MP3, decoded and resampled": (
            "inference of its patches, wasm",
            [run["total"] / run["patch"] / run["patches"] for run in runs],
            "≤ 1.5",
            "decoding, resampling and features",
        ),
        "a page: its longest stall meanwhile": (
            f"{LONGEST} ms",
            [run["stall"] / LONGEST for run in runs],
            "≤ 1",
            "drawing the results",
        ),
        "a page: its longest stall over five minutes of MP3": (
            f"{LONGEST} ms",
            [song["stall"] / LONGEST],
            "≤ 1",
            "handing over slices of the file",
        ),
    }
    return [
        Row(what, to, median(values), aim, rest) for what, (to, values, aim, rest) in found.items()
    ]


def _threads(chromium: Browser, site: Path, graph: Path) -> list[Row]:
    """A patch with one thread, and with one for each core (four at most)."""
    model = Model(catalog().find(MODEL), graph)
    layer = model.record.layer("predictions").name
    ways = _ways()
    page: dict[int, list[float]] = {threads: [] for threads in ways}
    python: dict[int, list[float]] = {threads: [] for threads in ways}
    for _ in range(3):
        for threads, headers in ways.items():
            measured = _measure(chromium, site, "clip.wav", headers, ALONE)
            if measured["threads"] != threads:
                raise AssertionError(f"{measured['threads']} of {threads} threads were there.")
            page[threads].append(measured["patch"])
            python[threads].append(in_python(model, layer, threads))
    return [
        Row(
            f"MusiCNN's patch in a page, wasm in Chromium, threads: {threads}",
            f"in Python, threads: {threads}",
            median(page[threads]) / median(python[threads]),
            "≤ 8" if threads == 1 else "",
            f"{median(page[threads]):.0f} ms against {median(python[threads]):.0f} ms",
        )
        for threads in ways
    ]


def _in_node(site: Path, graph: Path) -> list[Row]:
    """The same in Node.js, with its threads."""
    model = Model(catalog().find(MODEL), graph)
    layer = model.record.layer("predictions").name
    script = Path(__file__).with_name("threads.mjs")
    command = [
        "node",
        str(script),
        (site / "zoo" / "node.js").as_uri(),
        f"{(site / ALONE).as_uri()}/",
    ]
    node, python = [], []
    for _ in range(3):
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        node.append(told["patch"])
        python.append(in_python(model, layer, told["threads"]))
    threads = told["threads"]
    return [
        Row(
            f"MusiCNN's patch in zoo.js in Node.js, threads: {threads}",
            f"in Python, threads: {threads}",
            median(node) / median(python),
            "",
            f"{median(node):.0f} ms against {median(python):.0f} ms",
        )
    ]


def _ways() -> dict[int, Mapping[str, str]]:
    """Headers of hosts whose pages have one thread, and one for each core (four at most)."""
    return {1: {}, min(4, os.cpu_count() or 1): ISOLATED}


def _overlap(chromium: Browser, site: Path) -> list[Row]:
    """A patch that overlaps with the one before it, against one that is computed for itself.

    The quickest of each is taken: a page cannot tell processor time from that of others.
    """
    rows = []
    models = [f"{MODEL}/", f"{ALONE}/"]
    for (threads, headers), (name, (hop, _)) in product(_ways().items(), HOPS.items()):
        args = {"models": models, "file": "clip.wav", "seconds": 9, "hop": hop, "rounds": 4}
        shared, alone = map(min, _ask(chromium, site, headers, task="turns", **args))
        what = f"MusiCNN's patches in a page, wasm in Chromium, threads: {threads}, {name} apart"
        aim = f"≤ {1 / PAGE_AIMS[name]:.2f}" if threads == 1 else ""
        rest = f"{shared:.0f} ms against {alone:.0f} ms"
        rows.append(Row(what, "each patch for itself", shared / alone, aim, rest))
    return rows


def _publish(graph: Path, site: Path) -> None:
    """A page with the engine, a model and a clip in two formats."""
    record = catalog().find(MODEL)
    shutil.copytree(ROOT / "zoo" / "web", site / "zoo")
    shutil.copytree(npm.tensorflowjs(Store.default()), site / "zoo" / "tfjs")
    (site / "index.html").write_text(PAGE)
    layers = tuple(layer.name for layer in record.outputs)
    order = ExportOptions(record.id, "tfjs", frontend=True)
    exported = prepare(ReferenceModel(Model(record, graph), layers), order)
    tfjs.write(exported, site / MODEL)
    tfjs.write(replace(exported, patches=None), site / ALONE)
    noise = np.random.default_rng(0).normal(0, 0.1, (SECONDS * 44100, 2))
    for ending in ("wav", "mp3"):
        soundfile.write(site / f"clip.{ending}", noise, 44100)
    soundfile.write(site / "song.mp3", np.tile(noise, (300 // SECONDS, 1)), 44100)


def _measure(
    chromium: Browser,
    site: Path,
    file: str,
    headers: Mapping[str, str] | None = None,
    model: str = MODEL,
) -> dict[str, Any]:
    found: dict[str, Any] = _ask(
        chromium, site, headers, task="measure", model=f"{model}/", file=file
    )
    return found


def _ask(
    chromium: Browser, site: Path, headers: Mapping[str, str] | None = None, **args: Any
) -> Any:
    script = ROOT / "tests" / "browser" / "engine.mjs"
    with chromium.serving(site, headers=headers) as url:
        return chromium.visit(script, url, args=args)
