"""A data set: a folder of Parquet files with a row for each file of audio."""

from __future__ import annotations

import io
import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import IntegrityError, UsageError
from freeze.child import sentence
from zoo.addresses import is_address
from zoo.collecting.folders import Folder, folder
from zoo.predicting.locks import locked
from zoo.predicting.results import printable
from zoo.version import __version__

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    from zoo.predicting.settings import Stamp

log = logging.getLogger("zoo")

ROWS, BYTES, SECONDS = 4096, 64 << 20, 300
"""A part is written when it is this long, this large, or this old."""

Cells = dict[str, Any]

_MALFORMED = (AttributeError, LookupError, TypeError, ValueError)

SETTINGS, STAMPS = b"zoo", b"zoo.stamps"
"""Keys of a part's metadata: what its numbers depend on; size and time of each row's file."""


class DataSet:
    """A folder of parts; each is written whole, and each file of audio has one row in all.

    Parameters
    ----------
    place : str
        A folder, or an address of one.
    schema : pyarrow.Schema
        Its columns, and the names of the classes.
    settings : dict
        What the numbers depend on, with ``options`` and ``models``, and what they are.
    force : bool
        Whether to begin anew, whatever is there.

    Raises
    ------
    UsageError
        What is there is no data set of these models, options and columns, or another run
        writes it now.
    IntegrityError
        A part is damaged.
    StorageError
    """

    def __init__(
        self,
        place: str,
        schema: pyarrow.Schema,
        settings: Mapping[str, Any],
        *,
        force: bool = False,
    ) -> None:
        self.folder: Folder = folder(place)
        self.schema = schema
        self._settings: dict[str, Any] = json.loads(json.dumps(settings))
        self._parts: dict[bytes, int] = {}
        self._done: set[bytes] = set()
        self._fresh: dict[str, tuple[Cells, Stamp]] = {}
        self._again: dict[int, dict[str, tuple[Cells, Stamp]]] = {}
        self._size = 0
        self._since = monotonic()
        self._lock = ExitStack()
        if not is_address(place):
            self._lock = locked(Path(place), Path(place))
        try:
            self._next = self._begin(force)
        except BaseException:
            self.close()
            raise

    def is_done(self, file: str, stamp: Stamp) -> bool:
        """Tell whether a file has a row without an error, and has not changed since."""
        return _key(file, stamp) in self._done

    def add(self, cells: Cells, stamp: Stamp) -> None:
        """Take the row of a file, in place of its earlier one; write what has grown enough."""
        file = cells["file"]
        part = self._parts.get(_key(file))
        waiting = self._fresh if part is None else self._again.setdefault(part, {})
        waiting[file] = cells, stamp
        if cells["error"] is None:
            self._done.add(_key(file, stamp))
        self._size += sum(_bytes(value) for value in cells.values())
        rows = len(self._fresh) + sum(map(len, self._again.values()))
        if rows >= ROWS or self._size >= BYTES or monotonic() - self._since >= SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write all rows that were taken."""
        if self._fresh:
            self._write(self._next, list(self._fresh.values()))
            self._next += 1
            self._fresh.clear()
        for part, changed in self._again.items():
            earlier = self.rows(part)
            self._write(
                part, [changed.get(cells["file"], (cells, stamp)) for cells, stamp in earlier]
            )
        self._again.clear()
        self._size, self._since = 0, monotonic()

    def rows(self, part: int) -> list[tuple[Cells, Stamp]]:
        """The rows of a part, with size and time of their files."""
        with read(self.folder, _name(part)) as file:
            stamps = _stamps(file.schema_arrow.metadata)
            return list(zip(file.read().to_pylist(), stamps, strict=True))

    def close(self) -> None:
        """Let other runs write it."""
        self._lock.close()

    def _begin(self, force: bool) -> int:
        """Learn what is done; return the number of the next part."""
        numbers = {name: _number(name) for name in self.folder.names()}
        ours = {name: number for name, number in numbers.items() if number is not None}
        if force:
            for name in ours:
                self.folder.remove(name)
            return 0
        foreign = [name for name in numbers if name not in ours and name[0] not in "._"]
        if foreign:
            raise self._refused(f"It holds {foreign[0]}, which zoo did not write.")
        for name, number in ours.items():
            self._learn(name, number)
        return max(ours.values(), default=-1) + 1

    def _learn(self, name: str, number: int) -> None:
        with read(self.folder, name) as file:
            metadata = file.schema_arrow.metadata or {}
            self._compare(metadata, file.schema_arrow)
            table = file.read(["file", "error"])
            columns = (table[each].to_pylist() for each in ("file", "error"))
            rows = list(zip(*columns, _stamps(metadata), strict=True))
        for path, error, stamp in rows:
            self._parts[_key(path)] = number
            if error is None:
                self._done.add(_key(path, stamp))

    def _compare(self, metadata: Mapping[bytes, bytes], schema: pyarrow.Schema) -> None:
        try:
            was = dict(json.loads(metadata[SETTINGS]))
            models, wanted = dict(was["models"]), self._settings["models"]
        except (KeyError, TypeError, ValueError):
            raise self._refused("This version of zoo did not write it.") from None
        if list(models) != list(wanted):
            raise self._refused(
                f"It contains results of {', '.join(models)}, not of {', '.join(wanted)}."
            )
        if models != wanted:
            raise self._refused("A model or its record has changed since it was written.")
        if was.get("options") != self._settings["options"] or not schema.equals(self.schema):
            raise self._refused("It was made with other options or columns.")

    def _refused(self, why: str) -> UsageError:
        return UsageError(
            f"{self.folder} was not changed.",
            why=why,
            hint="Name another folder, or start this one over: --force",
        )

    def _write(self, part: int, rows: list[tuple[Cells, Stamp]]) -> None:
        import pyarrow
        from pyarrow import parquet

        stamps = np.array([stamp for _, stamp in rows], "<i8")
        metadata = {
            **(self.schema.metadata or {}),
            SETTINGS: json.dumps({"version": __version__, **self._settings}).encode(),
            STAMPS: b64encode(stamps.tobytes()),  # some readers want metadata to be text
        }
        table = pyarrow.Table.from_pylist([cells for cells, _ in rows], self.schema)
        stream = io.BytesIO()
        parquet.write_table(table.replace_schema_metadata(metadata), stream)
        self.folder.write(_name(part), stream.getvalue())
        self._parts |= {_key(cells["file"]): part for cells, _ in rows}


def parts(folder: Folder) -> list[str]:
    """The names of the parts in a folder."""
    return [name for name in folder.names() if _number(name) is not None]


@contextmanager
def read(folder: Folder, name: str) -> Iterator[ParquetFile]:
    """Open a part of a data set; what shows in the block that it is damaged is told, too.

    Raises
    ------
    IntegrityError
        It is no Parquet file, or not one that `DataSet` wrote.
    """
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(folder.open(name)) as file:
            yield file
    except (pyarrow.ArrowException, OSError, *_MALFORMED) as error:
        if isinstance(error, OSError) and error.errno:  # a disk's, not a reader's
            raise
        raise IntegrityError(
            f"{folder}/{name} is damaged.",
            why=sentence(error),
            hint=f"Its files are computed again without it: rm {folder}/{name}",
        ) from None


def _name(part: int) -> str:
    return f"part-{part:06d}.parquet"


def _number(name: str) -> int | None:
    middle = name.removeprefix("part-").removesuffix(".parquet")
    is_part = middle.isdecimal() and name == _name(int(middle))
    return int(middle) if is_part else None


def _stamps(metadata: Mapping[bytes, bytes]) -> list[tuple[int, int]]:
    pairs = np.frombuffer(b64decode(metadata[STAMPS]), "<i8").reshape(-1, 2)
    return [(int(size), int(time)) for size, time in pairs]


def _key(file: str, stamp: Stamp | None = None) -> bytes:
    """A short name for a file: a million of them are held at once."""
    text = printable(file) if stamp is None else f"{printable(file)}\0{stamp[0]}\0{stamp[1]}"
    return blake2b(text.encode(), digest_size=16).digest()


def _bytes(value: Any) -> int:
    return value.nbytes if isinstance(value, np.ndarray) else 16
