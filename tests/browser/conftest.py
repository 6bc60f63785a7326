"""A folder with the web engine and models, and what the tests observe in each browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from convert import tfjs
from predictors.predictor import Predictor
from tests.support import ROOT
from tests.support.observed import Observed, require_written
from zoo.exporting.preparation import ExportOptions, prepare
from zoo.exporting.reference import ReferenceModel

Publish = Callable[..., str]

WEB = ROOT / "zoo" / "web"
PAGE = """<!doctype html><link rel="icon" href="data:,"><script type="module">
import * as zoo from "./zoo/zoo.js"; window.zoo = zoo;</script><p>here"""


@pytest.fixture(scope="session")
def observed() -> Iterator[Observed]:
    """What tests observe; at the end, the documentation has to say the same."""
    found = Observed()
    yield found
    require_written(found, "formats", "numbers.md")
    require_written(found, "features", "web.md")


@pytest.fixture
def site(tensorflowjs: Path, tmp_path: Path) -> Path:
    """A folder with the engine, and a page that has it as ``zoo``."""
    folder = tmp_path / "site"
    (folder / "zoo").mkdir(parents=True)
    for module in WEB.glob("*.js"):
        (folder / "zoo" / module.name).symlink_to(module)
    (folder / "zoo" / "tfjs").symlink_to(tensorflowjs)
    (folder / "index.html").write_text(PAGE)
    return folder


@pytest.fixture
def publish(site: Path) -> Publish:
    """Write a model of a predictor into the site, with its front-end; return its address."""

    def written(predictor: Predictor, name: str = "", frontend: bool = True) -> str:
        model, record = predictor.model, predictor.record
        layers = tuple(layer.name for layer in record.outputs)
        original = ReferenceModel(model, layers)
        order = ExportOptions(record.id, "tfjs", frontend=frontend, extractor=bool(model.extractor))
        folder = site / (name or record.id)
        tfjs.write(prepare(original, order), folder)
        return f"{folder.name}/"

    return written
