"""TensorFlow checkpoints, read without TensorFlow.

A checkpoint is a prefix with three kinds of files: ``.index`` tells where each
variable lies, ``.data-*`` holds their bytes, and ``.meta`` is the graph that
they belong to. The prefix may be a folder with a trailing slash, which hides
the files' names behind a dot.
"""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import AmbiguousNameError, IntegrityError, NotFoundError, WrongKindError
from catalog.storage import reading
from freeze.formats import graphdef, tensors
from freeze.formats.crc32c import masked
from freeze.formats.messages import BundleEntryProto, BundleHeaderProto, MetaGraphDef
from freeze.formats.table import items

if TYPE_CHECKING:
    from numpy.typing import NDArray

AVERAGE = "ExponentialMovingAverage"
"""How TensorFlow calls the variables of ``tf.train.ExponentialMovingAverage``."""

LARGEST = 1 << 26
"""Bytes of an index or a graph, which are without weights."""

SMALL = 1 << 26
MOST_GIVEN = 4
"""Bytes that may always be read from a file, and how often else its own size."""

Files = Callable[[str], "bytes | mmap.mmap"]


class Checkpoint:
    """The variables of a network, and the graph that they belong to.

    Parameters
    ----------
    name : str
        For messages: the prefix.
    files : callable
        Gives the content of one of its files by ending (``.index``).

    Attributes
    ----------
    entries : dict of str to BundleEntryProto
        By variable.
    is_averaged : bool
        Whether they are the moving averages, see `take_averages`.

    Raises
    ------
    IntegrityError
        The index is damaged.
    """

    def __init__(self, name: str, files: Files) -> None:
        self.name = name
        self.is_averaged = False
        self._files = files
        self._shards: dict[int, bytes | mmap.mmap] = {}
        self._given: Counter[int] = Counter()
        table = dict(items(self._read(".index"), f"{name}.index"))
        self._header = graphdef.decode(BundleHeaderProto, table.pop(b"", b""), f"{name}.index")
        if self._header.endianness or self._header.num_shards < 1:
            raise IntegrityError(f"{name}.index cannot be read.", why="Its header is not usable.")
        self.entries = {
            key.decode(errors="replace"): graphdef.decode(BundleEntryProto, value, f"{name}.index")
            for key, value in table.items()
        }

    @classmethod
    def open(cls, path: str | Path) -> Checkpoint:
        """Open a checkpoint on disk.

        Parameters
        ----------
        path : str or Path
            Its prefix, its folder, or one of its files.

        Raises
        ------
        NotFoundError
            There is none.
        AmbiguousNameError
            The folder holds several.
        WrongKindError
            It is of TensorFlow's old format, V1.
        IntegrityError
            It is damaged.
        """
        prefix = _prefix(path)
        return cls(prefix, lambda ending: _map(Path(f"{prefix}{ending}")))

    def tensor(self, name: str) -> NDArray[Any]:
        """Read a variable and check it against its checksum.

        Parameters
        ----------
        name : str

        Returns
        -------
        numpy.ndarray
            Read-only.

        Raises
        ------
        NotFoundError
            No such variable.
        IntegrityError
            It is damaged, or of a kind that only TensorFlow can read.
        """
        if name not in self.entries:
            raise NotFoundError(f"{self.name} has no variable {name}.")
        entry, label = self.entries[name], f"The variable {name} of {self.name}"
        if entry.slices:
            raise IntegrityError(f"{label} is stored in slices, which only TensorFlow can join.")
        kind = tensors.dtype(entry.dtype, label)
        if entry.size > graphdef.LARGEST:
            raise IntegrityError(f"{label} is too large for a graph.")
        shard = self._shard(entry.shard_id)
        self._given[entry.shard_id] += max(entry.size, 0)
        if self._given[entry.shard_id] > max(SMALL, MOST_GIVEN * len(shard)):
            raise IntegrityError(f"{label} is one of many that are the same bytes of a file.")
        data = shard[entry.offset : entry.offset + entry.size]
        if entry.offset < 0 or len(data) != entry.size:
            raise IntegrityError(f"{label} lies beyond the end of its file.")
        values = tensors.raw(data, kind, tensors.shape(entry.shape, label), label)
        if masked(data) != entry.crc32c:
            raise IntegrityError(f"{label} is damaged.", why="It does not match its checksum.")
        return values

    def averages(self) -> dict[str, str]:
        """The variables with an exponential moving average, and the name of that.

        Code that makes the averages in a scope of its own puts that before the name.
        """
        ends = f"/{AVERAGE}"
        shadows = {key.removesuffix(ends): key for key in self.entries if key.endswith(ends)}
        found = {key: shadow for key, shadow in shadows.items() if key in self.entries}
        for stem in shadows.keys() - found.keys():
            parts = stem.split("/")
            within = ("/".join(parts[start:]) for start in range(1, len(parts)))
            if name := next((each for each in within if each in self.entries), None):
                found.setdefault(name, shadows[stem])
        return found

    def take_averages(self) -> None:
        """Read moving averages in the place of the variables that have one, from now on."""
        self.is_averaged = True
        self.entries |= {name: self.entries[key] for name, key in self.averages().items()}

    @property
    def has_graph(self) -> bool:
        """Whether there is a ``.meta`` file."""
        try:
            return bool(self._files(".meta"))
        except NotFoundError:
            return False

    def metagraph(self) -> Any:
        """Read the graph that the variables belong to.

        Returns
        -------
        MetaGraphDef

        Raises
        ------
        NotFoundError
            The checkpoint has no ``.meta`` file.
        IntegrityError
            It is damaged.
        """
        name = f"{self.name}.meta"
        meta = graphdef.decode(MetaGraphDef, self._read(".meta"), name)
        graphdef.check(meta.graph_def, name)
        return meta

    def _read(self, ending: str) -> bytes:
        data = self._files(ending)
        if len(data) > LARGEST:
            raise IntegrityError(f"{self.name}{ending} is too large: it holds no weights.")
        return bytes(data)

    def _shard(self, number: int) -> bytes | mmap.mmap:
        if number not in self._shards:
            count = self._header.num_shards
            self._shards[number] = self._files(f".data-{number:05d}-of-{count:05d}")
        return self._shards[number]


def _prefix(path: str | Path) -> str:
    """Find the prefix that a user may have meant."""
    text = str(path)
    if not Path(text).is_dir():
        prefix = re.sub(r"\.(index|meta|data-\d{5}-of-\d{5})$", "", text)
        _refuse_first_format(prefix)
        return prefix
    found = sorted(Path(text).glob("*.index"))
    if not found:
        for graph in Path(text).glob("*.meta"):
            _refuse_first_format(str(graph.with_suffix("")))
        raise NotFoundError(f"There is no checkpoint in {text}.", why="No file ends in .index.")
    if len(found) > 1:
        raise AmbiguousNameError(
            f"{text} holds {len(found)} checkpoints.",
            why=", ".join(file.stem for file in found),
            hint=f"Name one: {found[-1].with_suffix('')}",
        )
    return str(found[0]).removesuffix(".index")


def _refuse_first_format(prefix: str) -> None:
    """Name the format of TensorFlow before 1.0: one file of variables, and no index.

    Raises
    ------
    WrongKindError
    """
    shards = Path(prefix).parent.glob(f"{Path(prefix).name}-?????-of-?????")
    is_whole = Path(f"{prefix}.index").exists() or not Path(f"{prefix}.meta").is_file()
    if not is_whole and (Path(prefix).is_file() or any(shards)):
        load = f"tf.train.import_meta_graph('{prefix}.meta').restore(s, '{prefix}')"
        raise WrongKindError(
            f"{prefix} is a checkpoint of the old format (V1).",
            why="It has no .index; TensorFlow wrote such before version 1.0.",
            hint='Convert it with TensorFlow: python -c "import tensorflow.compat.v1 as tf; '
            f"tf.disable_v2_behavior(); s = tf.Session(); {load}; "
            f"tf.train.Saver().save(s, '{prefix}-v2')\"",
        )


def _map(path: Path) -> bytes | mmap.mmap:
    """Map a file into memory: of large checkpoints most bytes are never needed."""
    with reading(path), path.open("rb") as file:
        if not path.stat().st_size:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
