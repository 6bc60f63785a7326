"""What somebody trained, in whatever form it was saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import NotFoundError, WrongKindError
from freeze.formats import graphdef
from freeze.formats.dtypes import BOOL
from freeze.graph.rewrite import rewrite
from freeze.graph.walk import PLACEHOLDERS
from freeze.with_tensorflow import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from freeze.formats.checkpoint import Checkpoint
    from freeze.with_tensorflow import TensorFlow

KERAS = (".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class Trained:
    """A graph with the values of its variables.

    Attributes
    ----------
    graph : GraphDef
        Operations on references rewritten, so that variables may become constants.
    checkpoint : Checkpoint or None
        The values; None if they are in the graph already.
    declared : tuple of str
        Outputs that the model itself names.
    version : str
        Of the TensorFlow that wrote it; empty if it is not known.
    is_restored : bool
        Whether TensorFlow has it at hand, to compare with.
    """

    graph: Any
    checkpoint: Checkpoint | None = None
    declared: tuple[str, ...] = ()
    version: str = ""
    is_restored: bool = True

    @classmethod
    def open(cls, path: str, architecture: str, tensorflow: TensorFlow) -> Trained:
        """Open a checkpoint, a SavedModel, or a Keras file.

        Parameters
        ----------
        path : str
            A checkpoint's prefix, its folder, one of its files; a SavedModel's folder;
            a ``.keras`` or ``.h5`` file.
        architecture : str
            The function ``package.module:function`` that builds a checkpoint's graph; its
            ``.meta`` file is taken if empty.
        tensorflow : TensorFlow
            Asked for what only TensorFlow can read.

        Raises
        ------
        NotFoundError, IntegrityError, UsageError
            There is nothing that can be frozen.
        MissingExtraError
            Only TensorFlow can read it, and it is not installed.
        """
        place = Path(path)
        if architecture:
            return cls._built(path, architecture, tensorflow)
        if place.name == "saved_model.pb":
            place = place.parent
        if (place / "saved_model.pb").is_file():
            return cls._loaded("savedmodel", place, tensorflow)
        if place.suffix.lower() in KERAS:
            return cls._loaded("keras", place, tensorflow)
        return cls._saved(path)

    @classmethod
    def _saved(cls, path: str) -> Trained:
        """A checkpoint with its own graph: no TensorFlow is needed."""
        from freeze.formats.checkpoint import Checkpoint

        if Path(path).suffix == ".pb" and Path(path).is_file():
            raise WrongKindError(
                f"{path} is not a checkpoint.",
                why="A graph in a .pb file has no variables to freeze.",
                hint=f"zoo inspect {path}",
            )
        if not (Path(path).exists() or Path(f"{path}.index").exists()):
            raise NotFoundError(f"There is no checkpoint {path}.", why="No such file or folder.")
        checkpoint = Checkpoint.open(path)
        try:
            meta = checkpoint.metagraph()
        except NotFoundError as error:
            raise NotFoundError(
                error.message,
                why="It holds the graph of the checkpoint.",
                hint="Without it, name the function that builds the graph: zoo freeze "
                f"--architecture package.module:function --checkpoint {path} -o MODEL.pb",
            ) from None
        rewrite(meta.graph_def)
        version = meta.meta_info_def.tensorflow_version
        return cls(meta.graph_def, checkpoint, version=version, is_restored=False)

    @classmethod
    def _built(cls, path: str, architecture: str, tensorflow: TensorFlow) -> Trained:
        """A checkpoint whose graph a Python function builds."""
        from freeze.formats.checkpoint import Checkpoint

        require(f"The graph that {architecture} builds")
        checkpoint = Checkpoint.open(path)
        loaded = tensorflow.load("architecture", architecture, checkpoint.name)
        rewrite(loaded.graph)
        return cls(loaded.graph, checkpoint, loaded.outputs)

    @classmethod
    def _loaded(cls, kind: str, place: Path, tensorflow: TensorFlow) -> Trained:
        """A model that TensorFlow itself makes constants of."""
        if not place.exists():
            raise NotFoundError(f"There is no file {place}.")
        require(str(place))
        loaded = tensorflow.load(kind, str(place))
        return cls(loaded.graph, None, loaded.outputs, loaded.version)

    def restore(
        self, tensorflow: TensorFlow, outputs: Sequence[str], inputs: Sequence[str] = ()
    ) -> None:
        """Have TensorFlow restore what outputs need, unless it has.

        Raises
        ------
        IntegrityError
            They need more than computation; nothing was run.
        """
        if self.checkpoint and not self.is_restored:
            tensorflow.load("checkpoint", self.checkpoint.name, outputs, inputs)

    @property
    def booleans(self) -> list[str]:
        """Boolean placeholders: what may be fed false."""
        return [
            node.name
            for node in self.graph.node
            if node.op in PLACEHOLDERS and graphdef.type_of(node, "dtype") == BOOL
        ]
