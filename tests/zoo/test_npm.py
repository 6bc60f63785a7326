"""TensorFlow.js from npm: fetched once, and only what is expected."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.errors import ChecksumError, MissingExtraError, OfflineError
from catalog.store import Store
from zoo import npm

SCRIPT = b"the engine"


class Registry:
    """An npm on the PATH that brings one archive, or whatever a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked = folder / "asked"
        self.says("shutil.copy(here / 'engine.tgz', 'engine-1.0.0.tgz')")

    def says(self, code: str) -> None:
        """What it does when it is run."""
        lines = (
            f"#!{sys.executable}",
            "import pathlib, shutil, sys, time",
            "here = pathlib.Path(__file__).parent",
            "with (here / 'asked').open('a') as log: print(*sys.argv[1:], file=log)",
            code,
        )
        program = self.folder / "npm"
        program.write_text("\n".join(lines))
        program.chmod(0o755)

    @property
    def count(self) -> int:
        return len(self.asked.read_text().splitlines()) if self.asked.exists() else 0


def archive(path: Path, files: dict[str, bytes]) -> str:
    """Write an npm package; return its integrity."""
    with tarfile.open(path, "w:gz") as opened:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    digest = hashlib.sha512(path.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    folder, vendor = tmp_path / "bin", tmp_path / "vendor"
    folder.mkdir()
    vendor.mkdir()
    integrity = archive(
        folder / "engine.tgz", {"dist/engine.js": SCRIPT, "dist/unasked.js": b"other"}
    )
    package = {"name": "engine", "version": "1.0.0", "integrity": integrity}
    (vendor / "packages.json").write_text(json.dumps([{**package, "files": ["dist/engine.js"]}]))
    (vendor / "NOTICE").write_text("whose it is")
    monkeypatch.setattr(npm, "VENDOR", vendor)
    monkeypatch.setenv("PATH", str(folder))
    return Registry(folder)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def test_the_files_asked_for_are_kept_with_their_notice(store: Store, registry: Registry) -> None:
    folder = npm.tensorflowjs(store)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "engine.js": SCRIPT,
        "NOTICE": b"whose it is",
    }
    assert folder.parent == store.home / "npm"
    asked = registry.asked.read_text().split()
    assert asked[0] == "pack" and asked[-1] == "engine@1.0.0" and "--ignore-scripts" in asked


def test_npm_is_asked_once_and_never_again(
    store: Store, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = npm.tensorflowjs(store)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    monkeypatch.setenv("PATH", "")

    assert npm.tensorflowjs(store) == first
    assert registry.count == 1


def test_two_who_ask_at_once_share_one_answer(store: Store, registry: Registry) -> None:
    registry.says("time.sleep(0.3); shutil.copy(here / 'engine.tgz', 'engine-1.0.0.tgz')")
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(npm.tensorflowjs, [store] * 4))

    assert len(folders) == 1 and (folders.pop() / "engine.js").read_bytes() == SCRIPT
    assert registry.count == 1


def test_another_package_than_the_pinned_one_is_refused(store: Store, registry: Registry) -> None:
    archive(registry.folder / "engine.tgz", {"dist/engine.js": b"the engine, and a thief"})

    with pytest.raises(ChecksumError, match=r"engine 1\.0\.0"):
        npm.tensorflowjs(store)
    assert not list((store.home / "npm").iterdir())
    assert not list(store.parts.iterdir())


def test_other_pins_have_another_folder(store: Store, registry: Registry) -> None:
    first = npm.tensorflowjs(store)
    pins = npm.VENDOR / "packages.json"
    pins.write_text(pins.read_text().replace('"dist/engine.js"', '"dist/unasked.js"'))

    second = npm.tensorflowjs(store)
    assert (first / "engine.js").exists() and (second / "unasked.js").read_bytes() == b"other"


def test_offline_nothing_is_asked(
    store: Store, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_OFFLINE", "1")

    with pytest.raises(OfflineError, match=r"TensorFlow\.js"):
        npm.tensorflowjs(store)
    assert registry.count == 0


def test_without_npm_the_way_out_is_told(
    store: Store, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(MissingExtraError, match="no npm") as caught:
        npm.tensorflowjs(store)
    assert caught.value.exit_code == 6 and "Node.js" in caught.value.hint


def test_what_npm_complains_of_is_told(store: Store, registry: Registry) -> None:
    registry.says("sys.exit('npm warn old\\nnpm error code ENOTFOUND\\nnpm error no route')")

    with pytest.raises(MissingExtraError, match="npm says: code ENOTFOUND; no route"):
        npm.tensorflowjs(store)
    assert not list((store.home / "npm").iterdir())


def test_an_npm_that_hangs_is_given_up(
    store: Store, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "SECONDS", 0.2)
    registry.says("time.sleep(30)")

    with pytest.raises(MissingExtraError, match="longer than"):
        npm.tensorflowjs(store)


@pytest.mark.node
def test_the_pinned_packages_are_those_that_npm_brings(store: Store) -> None:
    folder = npm.tensorflowjs(store)

    notice = (npm.VENDOR / "NOTICE").read_text()
    packages = json.loads((npm.VENDOR / "packages.json").read_text())
    assert all(f"{package['name'].split('-')[-1]}" in notice for package in packages)
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert (folder / "tf-core.es2017.min.js").stat().st_size > 100_000
    assert (folder / "tfjs-backend-wasm-simd.wasm").read_bytes().startswith(b"\0asm")
