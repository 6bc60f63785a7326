"""``zoo.js`` as a package: built by bundlers, from another host, in a Worker, and in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

import zoo
from tests.conftest import QuietHandler
from tests.support import lab
from zoo.exporting.exporter import export
from zoo.publishing import package, pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = Path(__file__).parent / "packages"
BUILDS = {
    "esbuild": [
        *("esbuild", "app.js", "worker=audiozoo/worker.js", "--bundle", "--format=esm"),
        "--outdir=dist",
    ],
    "vite": ["vite", "build", "--logLevel", "error"],
    "webpack": ["webpack", "--config", "webpack.config.cjs"],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, node_modules: Path) -> Path:
    """A folder with an app, and the package among its modules."""
    from catalog.store import Store
    from tests.support import ROOT
    from zoo import npm

    folder = tmp_path_factory.mktemp("project")
    pages.write_assets(folder)
    modules = folder / "node_modules"
    modules.mkdir()
    (folder / "zoo").rename(modules / "audiozoo")
    source = npm.tensorflowjs(Store(ROOT / "build" / "store"))
    package.copy_tensorflowjs(source, modules / "audiozoo" / "tfjs")
    network = lab.Network(folder)
    export(network.path, "tfjs", folder / "tiny", with_frontend=True, verify="reader")
    for path in HERE.iterdir():
        shutil.copy(path, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="{}"></script>'
    (folder / "index.html").write_text(html.format("./app.js"))
    (folder / "plain.html").write_text(html.partition("<script")[0])
    (folder / "page.html").write_text(html.format("./dist/app.js"))
    (folder / "main.html").write_text(html.format("./dist/main.js"))
    return folder


@pytest.fixture(scope="module")
def expected(project: Path) -> Any:
    """What Python hears."""
    times = np.arange(80_000, dtype=np.float64)
    heard = zoo.load(str(project / "tiny.pb")).predict(
        np.asarray(np.sin(times * times) / 2, np.float32), 16_000
    )
    return pytest.approx(heard.activations, abs=1e-3)


def build(project: Path, node_modules: Path, bundler: str) -> None:
    shutil.rmtree(project / "dist", ignore_errors=True)
    tool, *arguments = BUILDS[bundler]
    command = [str(node_modules / ".bin" / tool), *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("bundler", BUILDS)
def test_it_is_bundled(
    bundler: str, chromium: Any, project: Path, node_modules: Path, expected: Any
) -> None:
    build(project, node_modules, bundler)
    path = {"esbuild": "page.html", "vite": "dist/index.html", "webpack": "main.html"}[bundler]
    if bundler == "esbuild":  # which leaves the addresses of files as they are
        shutil.copytree(project / "node_modules/audiozoo/tfjs", project / "dist/tfjs")
        names = {path.name for path in (project / "dist").iterdir()}
        assert names == {"app.js", "worker.js", "tfjs"}

    heard = chromium.run(HERE / "heard.mjs", project, args={"path": path})
    assert isinstance(heard, list), heard
    assert np.array(heard) == expected


class Shared(QuietHandler):
    """Lets pages of other hosts have its files."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()


OWN_WORKER = """(async () => {
    const worker = new Worker("own-worker.js", { type: "module" });
    return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
    });
})()"""


def test_it_runs_in_pages_of_other_hosts_and_in_a_worker(
    chromium: Any, project: Path, expected: Any
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Shared, directory=str(project))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        script = HERE / "heard.mjs"
        stranger = project / "stranger.html"  # opened from the disk, it is no page of the server
        stranger.write_text(stranger.read_text().replace("HOST", url))
        for args in ({"path": stranger.as_uri()}, {"path": "plain.html", "code": OWN_WORKER}):
            heard = chromium.visit(script, url, args=args)
            assert isinstance(heard, list), heard
            assert np.array(heard) == expected
        server.shutdown()


def test_it_runs_in_nodejs(project: Path, expected: Any) -> None:
    command = ["node", "node.mjs", "tiny/"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert np.array(said["rows"]) == expected
    assert said["threads"] == min(4, said["cores"])


def test_memory_stays_as_it_is_over_many_loads_and_songs(project: Path) -> None:
    command = ["node", "--expose-gc", "memory.mjs", "tiny/"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    for in_use in json.loads(done.stdout).values():
        assert min(in_use[-3:]) < 1.25 * min(in_use[:3])
