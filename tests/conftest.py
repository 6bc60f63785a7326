"""What every test may use: the reference data, an empty store, and what the machine can run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, SHARED, misbehaving

# Tests press Ctrl-C in children, which would ignore it if a shell runs this in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)


def _missing(marker: str) -> str | None:
    """Say what a marked test lacks on this machine, or None if it can run."""
    if marker == "tensorflow" and find_spec("tensorflow") is None:
        return "TensorFlow is not installed: pip install 'audiozoo[tensorflow]'"
    if marker == "node" and shutil.which("node") is None:
        return "Node.js is not installed"
    if marker == "browser" and shutil.which("node") is None:
        return "Node.js is not installed"
    if marker == "shared" and not SHARED.is_dir():
        return f"the reference data are not in {SHARED}"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what the machine cannot run; with ZOO_TEST_ALL=1 only reference data may be missing."""
    for item in items:
        for mark in item.iter_markers():
            reason = _missing(mark.name)
            if reason and (mark.name == "shared" or not os.environ.get("ZOO_TEST_ALL")):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if os.environ.get("ZOO_TEST_ALL"):
        for mark in item.iter_markers():
            reason = mark.name != "shared" and _missing(mark.name)
            if reason:
                pytest.fail(reason, pytrace=False)


@pytest.fixture
def shared() -> Path:
    """The folder of reference data; mark the test with ``shared``."""
    return SHARED


@pytest.fixture
def store_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store that ``ZOO_HOME`` points to."""
    home = tmp_path / "zoo-home"
    monkeypatch.setenv("ZOO_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built from this checkout."""
    folder = tmp_path_factory.mktemp("distributions")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    """The wheel, built from this checkout."""
    return next(distributions.glob("*.whl"))


@pytest.fixture
def server() -> Iterator[Any]:
    """A running server, good until told otherwise."""
    with misbehaving.running() as running:
        yield running


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the folder of the test is served."""
    handler = partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


@pytest.fixture(scope="session")
def _programs() -> Iterator[Any]:
    from tests.support.lasting import Programs

    programs = Programs()
    yield programs
    programs.close()


@pytest.fixture
def lasting_programs(_programs: Any) -> Iterator[None]:
    """Let one process convert all that tests write as ONNX, and one run all in TensorFlow.js."""
    with _programs.used():
        yield


@pytest.fixture
def tensorflowjs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of TensorFlow.js, in a store that is kept from run to run."""
    from catalog.errors import MissingExtraError
    from catalog.store import Store
    from zoo import npm

    home = ROOT / "build" / "store"
    monkeypatch.setenv("ZOO_HOME", str(home))
    try:
        return npm.tensorflowjs(Store(home))
    except MissingExtraError as error:
        if os.environ.get("ZOO_TEST_ALL"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """What ``package.json`` names, installed beside it once."""
    from filelock import FileLock

    folder = ROOT / "node_modules"
    done, wanted = folder / ".package-lock.json", ROOT / "package.json"
    command = ["npm", "install", "--no-package-lock", "--ignore-scripts", "--loglevel=error"]
    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build" / "node_modules.lock"):  # several processes may run tests
        if done.exists() and done.stat().st_mtime >= wanted.stat().st_mtime:
            return folder
        installed = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True)
        if installed.returncode == 0:
            done.touch()
            return folder
    if os.environ.get("ZOO_TEST_ALL"):
        pytest.fail(installed.stderr, pytrace=False)
    pytest.skip(f"npm install failed: {installed.stderr[:200]}")


@pytest.fixture(scope="session")
def driver(node_modules: Path) -> Iterator[Any]:
    """What drives the browsers, each of which is started once."""
    from tests.support.browsers import Driver

    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def chromium(driver: Any) -> Any:
    """Chromium alone, for what does not depend on the browser."""
    return _browser("chromium", driver)


@pytest.fixture(params=["chromium", "firefox", "webkit"])
def browser(request: pytest.FixtureRequest, driver: Any) -> Any:
    """Each browser: an instance of ``Browser`` of ``tests.support.browsers``."""
    return _browser(request.param, driver)


def _browser(name: str, driver: Any) -> Any:
    from tests.support.browsers import Browser, program

    if program(name) is None:
        reason = f"{name} is not installed: see CONTRIBUTING.md"
        pytest.fail(reason, pytrace=False) if os.environ.get("ZOO_TEST_ALL") else pytest.skip(
            reason
        )
    return Browser(name, driver)
