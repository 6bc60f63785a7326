"""The wheel and the sdist hold what an installation needs."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from tests.support import ROOT

ROOMS = ("catalog", "convert", "freeze", "predictors", "validate", "zoo")


def test_the_wheel_holds_six_packages_and_every_record(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    top = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert top == set(ROOMS)
    records = {str(path.relative_to(ROOT)) for path in (ROOT / "catalog/models").rglob("*.json")}
    assert records
    assert records | {"catalog/schema.json"} <= names
    assert {f"{room}/py.typed" for room in ROOMS} <= names


def test_the_sdist_holds_the_tests_and_every_record(distributions: Path) -> None:
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    records = {str(path.relative_to(ROOT)) for path in (ROOT / "catalog/models").rglob("*.json")}
    assert records <= names
    assert {"Makefile", "README.md", "LICENSE", "tests/conftest.py", "pyproject.toml"} <= names
