"""The folder of a published zoo: the old one or the new one, never half of either."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from filecmp import cmp
from pathlib import Path

from catalog.errors import StorageError, UsageError
from catalog.exchange import exchange
from catalog.listing import FILE
from catalog.locking import locked
from catalog.storage import for_group
from catalog.store import sha256_of

SUMS = "SHA256SUMS"
"""Lists every other file of a folder, as ``sha256sum -c`` reads it."""


@dataclass
class Change:
    """What publishing changed.

    Attributes
    ----------
    written, removed : list of str
        Paths in the folder.
    """

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A folder that ``zoo publish`` makes, and nobody else writes to.

    Attributes
    ----------
    folder : Path
        Absolute, links resolved.
    marker : str
        The file that tells what kind of folder it is: ``catalog.json`` or, of cards,
        ``cards.json``.
    """

    folder: Path
    marker: str = FILE

    @classmethod
    def at(cls, folder: Path, marker: str = FILE) -> Site:
        return cls(folder.expanduser().resolve(), marker)

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file, by path, as it was when it was published.

        Raises
        ------
        UsageError
            The folder holds anything that ``zoo publish`` did not put there.
        """
        if not self.folder.exists():
            return {}
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder} is not a folder.", hint="Choose a new one.")
        there = dict(_files(self.folder))
        listed = read_sums(self.folder / SUMS) if there.keys() >= {SUMS, self.marker} else {}
        strange = [
            path for path, plain in there.items() if not plain or path not in {*listed, SUMS}
        ]
        if strange:
            more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
            raise UsageError(
                f"{self.folder} holds files that zoo publish did not put there.",
                why=f"It contains {strange[0]}{more}.",
                hint="Name a new folder, or one that was published before in the same way.",
            )
        return listed

    @contextmanager
    def stage(self) -> Iterator[tuple[Path, Change]]:
        """A new folder beside this one, which takes its place when the block has ended.

        Files that are as they were stay the same files; if all are, nothing is done. Who is
        killed leaves the old folder or the new one, and what is left over beside it goes with
        the next time.

        Raises
        ------
        UsageError
            See `digests`; or somebody works in the folder, or publishes to it.
        StorageError
        """
        if self.folder in (Path.cwd(), *Path.cwd().parents):
            raise UsageError(
                f"{self.folder} is the current folder.",
                why="Publishing replaces the whole folder.",
                hint="Choose another, or run this from elsewhere.",
            )
        with _disk_errors(self.folder):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with locked(self._beside("lock"), wait=False) as mine:
                if not mine:
                    raise UsageError(f"Another process is publishing to {self.folder}.")
                yield from self._staged()

    def _staged(self) -> Iterator[tuple[Path, Change]]:
        new, old, change = self._beside("new"), self._beside("old"), Change()
        if old.exists():  # somebody was killed between two renames
            shutil.rmtree(old) if self.folder.exists() else old.rename(self.folder)
        before = self.digests()
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        try:
            yield new, change
            self._adopt(new, before, change)
            if change.written or change.removed:
                self._swap(new, old)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _beside(self, what: str) -> Path:
        return self.folder.with_name(f".{self.folder.name}.zoo-publish-{what}")

    def _adopt(self, new: Path, before: dict[str, str], change: Change) -> None:
        """Keep old files that are equal to new ones, and write down what is there."""
        for path, _ in _files(new):
            kept, made = self.folder / path, new / path
            if path in before and kept.is_file() and cmp(kept, made, shallow=False):
                made.unlink()
                _link(kept, made)
            else:
                change.written.append(path)
        sums = {path: _settled(new / path) for path, _ in _files(new)}
        change.removed += sorted(before.keys() - sums.keys())
        write_sums(new / SUMS, sums)
        for place, _, files in os.walk(new):  # the next to publish may be another of the group
            for made in (Path(place), *(Path(place, name) for name in files)):
                for_group(made)

    def _swap(self, new: Path, old: Path) -> None:
        """Let the new folder take the old one's place: in one step, where the system can."""
        if not self.folder.exists():
            new.rename(self.folder)
            return
        shutil.copymode(self.folder, new)
        if not exchange(new, self.folder):
            self.folder.rename(old)
            new.rename(self.folder)
            shutil.rmtree(old)


def read_sums(path: Path) -> dict[str, str]:
    """Digests by path; none if the file is not such a list."""
    found = {}
    for line in path.read_text("utf-8", errors="replace").splitlines():
        sha256, separator, name = line.partition("  ")
        if not separator:
            return {}
        found[name] = sha256
    return found


def write_sums(path: Path, digests: dict[str, str]) -> None:
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    path.write_text(lines, "utf-8", newline="\n")


def _files(folder: Path) -> Iterator[tuple[str, bool]]:
    """Every file in a folder by its path there, and whether it is a plain one."""
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in sorted([*files, *links]):
            path = Path(place, name)
            yield path.relative_to(folder).as_posix(), path.is_file() and not path.is_symlink()


def _settled(path: Path) -> str:
    """Have a file written to the disk itself; return its digest."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return sha256_of(path)


def _link(old: Path, new: Path) -> None:
    """Have a file in a second folder, itself or, where the disk knows no links, a copy."""
    try:
        new.hardlink_to(old)
    except OSError:
        shutil.copy2(old, new)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written.",
            why=error.strerror or str(error),
            hint="Choose a folder with a writable parent, on a disk with free space.",
        ) from error
