"""What a run has found so far, file by file, so that it can be taken up again."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from catalog.errors import StorageError, UsageError
from catalog.storage import ELSEWHERE, storage_errors
from zoo.predicting import rows
from zoo.predicting.locks import locked
from zoo.predicting.results import Result, same_name
from zoo.predicting.rows import Layout, Line, Row
from zoo.predicting.settings import Settings, Stamp

log = logging.getLogger("zoo")

VERSION = 1


class _Place(NamedTuple):
    """Where the line of a file begins, and what it is good for."""

    offset: int
    stamp: Stamp
    good: bool
    whole: bool


class Journal:
    """A file beside a table with a line for each file that was heard; its last one counts.

    The first line holds the settings, and one before a model's first answer its layout.
    Nothing is rewritten but what a kill leaves unfinished: the last line, without an end.
    No other run can open it until it is closed.

    Parameters
    ----------
    target : Path
        The table, picture or folder that shows what is here.
    settings : Settings
    named : iterable of str
        The files of this run.
    whole : bool
        Whether activations over time are needed, and not only what a table shows.
    force : bool
        Whether to begin anew, whatever is there.

    Attributes
    ----------
    layouts : dict of str to Layout
        By the models' ids, of those that said anything.

    Raises
    ------
    UsageError
        The target is not what zoo wrote with these settings, or another run writes it now.
    StorageError
    """

    def __init__(
        self,
        target: Path,
        settings: Settings,
        named: Iterable[str] = (),
        *,
        whole: bool = False,
        force: bool = False,
    ) -> None:
        self.target = target
        self.path = journal_path(target)
        self.settings = settings
        self.whole = whole
        self.layouts: dict[str, Layout] = {}
        self._places: dict[str, _Place] = {}
        self._tables: list[str] = []
        self._end = 0
        self._lock = locked(target, self.path)
        try:
            with storage_errors(self.path, ELSEWHERE):
                if force or not self._recover(set(map(same_name, named))):
                    self._begin()
        except BaseException:
            self.close()
            raise

    def is_done(self, file: str, stamp: Stamp | None) -> bool:
        """Tell whether a file was heard without an error, and has not changed since."""
        place = self._places.get(same_name(file))
        if place is None or not place.good or place.stamp != stamp:
            return False
        return place.whole or not self.whole

    def knows(self, file: str) -> bool:
        """Tell whether anything is kept of a file."""
        return same_name(file) in self._places

    def add(self, results: Sequence[Result], stamp: Stamp | None) -> None:
        """Append what the models say of a file."""
        for result in results:
            if result.prediction and result.model not in self.layouts:
                layout = self.layouts[result.model] = Layout.of(result.prediction)
                self._append({"model": result.model, **vars(layout)})
        line = {**rows.kept(results, whole=self.whole), "stamp": stamp or (0, 0)}
        self._learn(line, self._append(line))

    def rows(self) -> Iterator[Row]:
        """What is known, file by file, in the order in which the files were first heard."""
        return map(rows.row, self._lines(self._places))

    def results(self, files: Iterable[str] | None = None) -> Iterator[list[Result]]:
        """What the models said over time of files, of all if none are named.

        Left out are those of which that was not kept.
        """
        names = self._places if files is None else map(same_name, files)
        whole = [name for name in names if name in self._places and self._places[name].whole]
        for line in self._lines(whole):
            yield rows.results(line, self.layouts, self.settings.options["layer"])

    def will_write(self, table: Path) -> None:
        """Take note of a table that is about to be put in its place."""
        if (found := _digest(table)) not in self._tables[-1:]:
            self._tables.append(found)
            self._append({"table": found})

    def remove(self) -> None:
        """Remove it, where nothing is to be taken up again."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let other runs write the target."""
        self._lock.close()

    def _recover(self, named: set[str]) -> bool:
        """Learn what is done; False if nothing can be gone on with.

        Raises
        ------
        UsageError
            What is there must not be touched.
        """
        lines = _lines(self.path)
        there = self.target.is_file()
        header, self._end = next(lines, (None, 0))
        if header is None:
            if there:
                raise foreign(self.target, "This version of zoo did not write it.")
            return False
        try:
            known = self._compared(header)
            for line, end in lines:
                self._learn(line, self._end)
                self._end = end
        except (LookupError, TypeError, ValueError, AttributeError):
            raise UsageError(
                f"{self.path} is not a journal that this version of zoo can read.",
                hint=f"Name another file, or start {self.target} over: --force",
            ) from None
        if there and _digest(self.target) not in self._tables:
            raise foreign(self.target, "It was changed since zoo wrote it.")
        if known == self.settings.models:
            return True
        if others := len(self._places.keys() - named):
            why = f"The models have changed, and {others} of its files were not named this time."
            raise foreign(self.target, why)
        log.info("The models have changed: all files are computed again.")
        return False

    def _compared(self, header: Line) -> Mapping[str, Sequence[str]]:
        """The digests of the models that said what is here, where all else is as wanted."""
        options, models = header["options"], header["models"]
        if header["journal"] != VERSION:
            raise ValueError
        if why := self.settings.unlike(options, models):
            raise foreign(self.target if self.target.exists() else self.path, why)
        return dict(models)

    def _begin(self) -> None:
        """Forget everything; the first row will be written behind a new header."""
        self.layouts.clear()
        self._places.clear()
        self._tables = [_digest(self.target)] if self.target.is_file() else []
        self._end = 0

    def _learn(self, line: Line, offset: int) -> None:
        if "file" in line:
            rows.check(line, self.layouts)
            size, time = line["stamp"]
            good, whole = rows.is_good(line), rows.is_whole(line)
            self._places[line["file"]] = _Place(offset, (size, time), good, whole)
        elif "model" in line:
            self.layouts[line["model"]] = Layout.read(line)
        else:
            self._tables.append(line["table"])

    def _append(self, line: Line) -> int:
        """Write a line, the first one behind the header; return where it begins."""
        before: list[Line] = []
        if not self._end:
            before = [{"journal": VERSION, **vars(self.settings)}]
            before += [{"table": table} for table in self._tables]
        texts = [json.dumps(each).encode() + b"\n" for each in [*before, line]]
        try:
            with (
                storage_errors(self.path, ELSEWHERE),
                self.path.open("r+b" if self._end else "wb") as file,
            ):
                file.seek(self._end)
                file.write(b"".join(texts))
                file.flush()
                self._end = file.tell()
        except StorageError:
            if not self._end:  # a journal of nothing
                self.path.unlink(missing_ok=True)
            raise
        return self._end - len(texts[-1])

    def _lines(self, names: Iterable[str]) -> Iterator[Line]:
        """The lines of files, as they are asked for."""
        file = None
        try:
            for name in names:
                with storage_errors(self.path, ELSEWHERE):
                    file = file or self.path.open("rb")
                    file.seek(self._places[name].offset)
                    line = file.readline()
                yield json.loads(line)
        finally:
            if file:
                file.close()


def journal_path(target: Path) -> Path:
    """Where the journal of a table or a folder is: beside it."""
    target = target if target.name else target.absolute()
    return target.with_name(f"{target.name}.journal")


def _lines(path: Path) -> Iterator[tuple[Line, int]]:
    """The lines of a file and where they end, but for a last one that is not finished."""
    if not path.exists():
        return
    with path.open("rb") as file:
        end = 0
        for text in file:
            if text.endswith(b"\n"):
                end += len(text)
                try:
                    line = json.loads(text)
                except ValueError:
                    line = None
                yield line if isinstance(line, dict) else {}, end


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def foreign(target: Path, why: str) -> UsageError:
    """Refuse to overwrite what a run did not write, or with other settings."""
    return UsageError(
        f"{target} was not changed.",
        why=why,
        hint="Name another file, or start this one over: --force",
    )
