"""A model rebuilt from its authors' own release, as its record's recipe says."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.download.address import require_online
from catalog.errors import ChecksumError, IntegrityError, NetworkError, NotFoundError, StorageError
from catalog.leftovers import working_folder
from catalog.storage import for_group, make_folder

if TYPE_CHECKING:
    from catalog.fields import Recipe
    from freeze.formats.checkpoint import Checkpoint

LARGEST_MEMBER = 1 << 30
"""Bytes that a file in a wheel may unpack to."""


def build(recipe: Recipe, folder: Path) -> bytes:
    """Build a frozen graph from a checkpoint in a published wheel.

    The wheel is fetched by ``pip`` through the user's own index settings, checked,
    and read as an archive; none of its code runs.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        Where the wheel is, or goes.

    Returns
    -------
    bytes
        The serialized GraphDef; the same bytes every time.

    Raises
    ------
    NetworkError
        The wheel cannot be fetched, or ``ZOO_OFFLINE`` forbids it.
    ChecksumError
        It is not the one that the recipe means.
    IntegrityError
        The checkpoint is damaged.
    """
    with zipfile.ZipFile(_wheel(recipe, folder)) as wheel:
        return frozen(recipe, _checkpoint(wheel, recipe.checkpoint))


def frozen(recipe: Recipe, checkpoint: Checkpoint) -> bytes:
    """Freeze a checkpoint as a recipe says.

    Parameters
    ----------
    recipe : Recipe
    checkpoint : Checkpoint

    Returns
    -------
    bytes
        The serialized GraphDef.
    """
    from freeze.formats.graphdef import serialize
    from freeze.frozen import freeze

    return serialize(freeze(checkpoint, recipe.outputs, recipe.training_flags))


def _wheel(recipe: Recipe, folder: Path) -> Path:
    """Find the wheel in the folder, or fetch it and move it there once it is checked."""
    for wheel in folder.glob(_pattern(recipe)):
        if _sha256(wheel) == recipe.wheel_sha256:
            return wheel
    try:
        make_folder(folder)
        with working_folder(folder) as fresh:
            wheel = _download(recipe, fresh)
            found = _sha256(wheel)
            if found != recipe.wheel_sha256:
                raise ChecksumError(
                    f"{wheel.name} is not the published one.",
                    why=f"Its SHA-256 is {found}, not {recipe.wheel_sha256}.",
                    hint="Check which package index pip is set to: pip config list",
                )
            placed = wheel.replace(folder / wheel.name)
            for_group(placed)
            return placed
    except OSError as error:
        raise StorageError(f"{folder} cannot be written.", why=str(error.strerror)) from None


def _pattern(recipe: Recipe) -> str:
    return f"{recipe.distribution.replace('-', '_')}-{recipe.version}-*.whl"


def _download(recipe: Recipe, folder: Path) -> Path:
    """Have pip fetch the wheel.

    Raises
    ------
    OfflineError
    NetworkError
        It could not, for whatever reason pip has.
    """
    requirement = f"{recipe.distribution}=={recipe.version}"
    require_online(requirement)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--dest", str(folder), requirement]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(folder.glob(_pattern(recipe)), None)
    if refused := re.search(r"Error: \[Errno (\d+)\] (.+)", ran.stderr):  # a full disk, perhaps
        raise OSError(int(refused[1]), refused[2])
    if ran.returncode or wheel is None:
        said = [line for line in ran.stderr.splitlines() if "ERROR" in line or "No module" in line]
        why = said[-1] if said else "pip gave no reason."
        by_hand = f"Try it by hand: {sys.executable} -m pip download --no-deps {requirement}"
        install = f"Install pip first: {sys.executable} -m ensurepip"
        raise NetworkError(
            f"{requirement} could not be fetched.",
            why=why,
            hint=install if "No module named pip" in why else by_hand,
        )
    return wheel


def _checkpoint(wheel: zipfile.ZipFile, prefix: str) -> Checkpoint:
    """Open a checkpoint inside a wheel."""
    from freeze.formats.checkpoint import Checkpoint

    def member(ending: str) -> bytes:
        name = f"{prefix}{ending}"
        try:
            if wheel.getinfo(name).file_size > LARGEST_MEMBER:
                raise IntegrityError(f"{name} is too large for a checkpoint.")
            return wheel.read(name)
        except KeyError:
            raise NotFoundError(f"{Path(str(wheel.filename)).name} has no file {name}.") from None

    return Checkpoint(prefix, member)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
