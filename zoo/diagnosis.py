"""What an installation consists of, and whether it is whole."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal
from urllib.parse import urlsplit

from catalog.errors import MissingExtraError, ZooError
from catalog.store import Store
from zoo.version import __version__

RUNTIMES = {"openvino": "", "tensorflow": "tensorflow", "onnxruntime": "onnx"}
"""What runs networks, and the extra that brings it."""
LIBRARIES = {
    "av": "",
    "numpy": "",
    "essentia": "descriptors",
    "pyarrow": "parquet",
    "scikit-learn": "train",
    "distributed": "dask",
}
"""What else an answer may depend on."""
PROGRAMS = {
    "node": ("node",),
    "npm": ("npm",),
    "browser": ("chromium", "google-chrome", "chrome", "firefox", "msedge"),
}
"""What exports and pages are tried with, under the names that it has."""
VARIABLES = (
    *("ZOO_HOME", "ZOO_CATALOG", "ZOO_MIRROR", "ZOO_OFFLINE", "ZOO_MEMORY", "ZOO_DEBUG"),
    *("NO_COLOR", "TERM", "PYTHONPATH"),
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    id : str
        Of the thing; several checks of the store may have troubles.
    status : {"passed", "failed", "not-applicable"}
        The last one: it is optional, and not installed.
    found : str or None
        A version, a place, or what is wrong.
    hint : str or None
        What to do, where there is something.
    """

    id: str
    status: Literal["passed", "failed", "not-applicable"]
    found: str | None = None
    hint: str | None = None


def diagnose() -> list[Check]:
    """Look at everything; every file of the store is read."""
    return [*versions(), *_programs(), *_environment(), *_catalog(), *_store()]


def versions() -> Iterator[Check]:
    """Versions of zoo, of Python, and of what zoo computes with; nothing of it is imported."""
    yield Check("zoo", "passed", __version__)
    yield Check("python", "passed", f"{platform.python_version()} ({sys.executable})")
    yield Check("system", "passed", platform.platform())
    for name, extra in {**RUNTIMES, **LIBRARIES}.items():
        try:
            yield Check(name, "passed", version(name))
        except PackageNotFoundError:
            if extra:
                hint = MissingExtraError.of(extra, "", tensorflow=name == "tensorflow").hint
                yield Check(name, "not-applicable", None, hint)
            else:
                yield Check(name, "failed", "not installed", "pip install audiozoo")


def _programs() -> Iterator[Check]:
    for name, commands in PROGRAMS.items():
        place = next(filter(None, map(shutil.which, commands)), None)
        yield Check(name, "passed" if place else "not-applicable", place)


def _environment() -> Iterator[Check]:
    """What changes the command's ways, without the passwords of addresses."""
    told = [f"{name}={_public(os.environ[name])}" for name in VARIABLES if name in os.environ]
    yield Check("environment", "passed", " ".join(told) or None)
    yield Check("encoding", "passed", f"{sys.stdout.encoding}, {sys.getfilesystemencoding()}")


def _public(value: str) -> str:
    """An address without the name and the password in it."""
    try:
        place = urlsplit(value).netloc
    except ValueError:
        return value
    return value.replace(place, place.rpartition("@")[2])


def _catalog() -> Iterator[Check]:
    from catalog.index import catalog

    try:
        yield Check("catalog", "passed", f"{len(catalog().models)} models")
    except ZooError as error:
        found = " ".join(filter(None, (error.message, error.why)))
        yield Check("catalog", "failed", found, error.hint or None)


def _store() -> Iterator[Check]:
    store = Store.default()
    place = next(path for path in (store.home, *store.home.parents) if path.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        found = f"{store.home} cannot be written."
        yield Check("store", "failed", found, "Choose another: export ZOO_HOME=…")
        return
    names = store.names()
    yield Check("store", "passed", f"{store.home} ({len(names)} models)")
    for id in names:
        for state in store.verify(id):
            if not state.ok:
                found = f"{id}: {state.path} is {state.status}."
                yield Check("store", "failed", found, f"To repair: zoo pull {id} --force")
