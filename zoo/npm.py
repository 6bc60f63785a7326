"""TensorFlow.js, from npm: fetched once, compared with known digests, and kept in the store."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from catalog.download.address import require_online
from catalog.errors import ChecksumError, MissingExtraError
from catalog.leftovers import working_folder
from catalog.locking import locked
from catalog.storage import for_group, make_folder, storage_errors

if TYPE_CHECKING:
    from catalog.store import Store

VENDOR = Path(__file__).parent / "web" / "vendor"
"""``packages.json``: which files of which packages, each with npm's own digest of it."""

SECONDS = 300
"""That npm may take."""

RETRIES = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
"""Its own are made for servers: without a network it would be silent for a minute."""


def tensorflowjs(store: Store) -> Path:
    """The folder of TensorFlow.js and its licenses, fetched if it is not there yet.

    Parameters
    ----------
    store : Store

    Returns
    -------
    Path
        With ``tf-core.es2017.min.js``, ``tf-converter…``, ``tf-backend-wasm…``,
        ``tf-backend-webgl…``, ``tf-backend-webgpu…``, ``tf-backend-cpu…``, the wasm binaries,
        ``LICENSE`` and ``NOTICE``; nobody may change it.

    Raises
    ------
    OfflineError
        It is not there, and ``ZOO_OFFLINE`` is set.
    MissingExtraError
        There is no npm, or it cannot fetch the packages.
    ChecksumError
        npm brings other packages than expected.
    StorageError
    """
    told = (VENDOR / "packages.json").read_bytes()
    packages = json.loads(told)
    name = f"tfjs-{packages[0]['version']}-{hashlib.sha256(told).hexdigest()[:8]}"
    folder = store.home / "npm" / name
    if folder.is_dir():
        return folder
    require_online("TensorFlow.js")
    with storage_errors(folder):
        make_folder(folder.parent)
        with locked(store.parts / "npm.lock"):
            if not folder.is_dir():  # another process may have been first
                with working_folder(store.parts) as stage:
                    _fill(stage, packages).rename(folder)
                for path in (folder, *folder.iterdir()):
                    for_group(path)
    return folder


def _fill(stage: Path, packages: list[dict[str, Any]]) -> Path:
    """Make the folder beside the archives that it comes from."""
    _pack([f"{package['name']}@{package['version']}" for package in packages], stage)
    archives = {_integrity(path): path for path in stage.glob("*.tgz")}
    folder = stage / "tfjs"
    folder.mkdir()
    for package in packages:
        archive = archives.get(package["integrity"])
        if archive is None:
            raise ChecksumError(
                f"npm delivered a different {package['name']} {package['version']} than expected.",
                why=f"Its integrity is not {package['integrity']}.",
                hint="See which registry npm is set to: npm config get registry",
            )
        for name, data in _members(archive, package["files"]):
            (folder / name).write_bytes(data)
    shutil.copyfile(VENDOR / "NOTICE", folder / "NOTICE")
    return folder


def _pack(packages: list[str], folder: Path) -> None:
    """Let npm put the archives of packages into a folder; nothing of them is run."""
    npm = shutil.which("npm")
    if npm is None:
        raise _missing("There is no npm.")
    settings = ["--ignore-scripts", "--loglevel=error", *RETRIES]
    command = [npm, "pack", *settings, *packages]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise _missing(f"npm took longer than {SECONDS} seconds.") from None
    if done.returncode:
        raise _missing(_complaint(done.stderr) or f"npm ended with exit code {done.returncode}.")


def _missing(why: str) -> MissingExtraError:
    return MissingExtraError(
        "TensorFlow.js cannot be fetched.",
        why=why,
        hint="Install Node.js with npm, and see that this works: npm view @tensorflow/tfjs version",
    )


def _complaint(stderr: str) -> str:
    """What npm says went wrong."""
    errors = ("npm error ", "npm ERR! ")
    lines = [line[len(errors[0]) :] for line in stderr.splitlines() if line.startswith(errors)]
    return "npm says: " + "; ".join(lines[:2]) if lines else ""


def _integrity(archive: Path) -> str:
    """The digest of an archive as npm writes it."""
    digest = hashlib.sha512(archive.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"


def _members(archive: Path, files: list[str]) -> Iterator[tuple[str, bytes]]:
    """Files of an archive of known digest, under their own names without folders."""
    with tarfile.open(archive) as opened:
        for file in files:
            member = opened.extractfile(f"package/{file}")
            assert member is not None, file
            yield PurePosixPath(file).name, member.read()
