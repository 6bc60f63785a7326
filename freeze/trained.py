"""What somebody trained, in whatever form it was saved."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError, NotFoundError, UsageError, WrongKindError
from freeze.formats import graphdef, savedmodel
from freeze.formats.dtypes import BOOL
from freeze.graph.inference import VARIABLES
from freeze.graph.rewrite import rewrite
from freeze.graph.served import served
from freeze.graph.state import assigned, refuse_state, state
from freeze.graph.walk import PLACEHOLDERS
from freeze.operations.allowed import judge
from freeze.restoring.saved_model import refuse_effects
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
    original : tuple of str
        What TensorFlow loads to compare with, by its kind; empty if it has it at hand.
    assigned : dict of str to str
        The variables that nodes assign to, by the name of the node.
    notes : tuple of str
        What there is beside, and was not taken.
    """

    graph: Any
    checkpoint: Checkpoint | None = None
    declared: tuple[str, ...] = ()
    version: str = ""
    original: tuple[str, ...] = ()
    assigned: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def open(
        cls, path: str, architecture: str, tensorflow: TensorFlow, moving_average: bool = False
    ) -> Trained:
        """Open a checkpoint, a SavedModel, a Keras file, or a graph of constants.

        Parameters
        ----------
        path : str
            A checkpoint's prefix, its folder, one of its files; a SavedModel's folder;
            a ``.keras`` or ``.h5`` file; the ``.pb`` of a graph that was frozen already.
        architecture : str
            The function ``package.module:function`` that builds a checkpoint's graph; its
            ``.meta`` file is taken if empty.
        tensorflow : TensorFlow
            Asked for what only TensorFlow can read.
        moving_average : bool
            Take the exponential moving averages of a checkpoint's variables.

        Raises
        ------
        NotFoundError, IntegrityError, UsageError
            There is nothing that can be frozen.
        MissingExtraError
            Only TensorFlow can read it, and it is not installed.
        """
        place = Path(path)
        if architecture:
            return cls._built(path, architecture, tensorflow, moving_average)
        if place.name == savedmodel.FILE:
            place = place.parent
        is_saved_model = (place / savedmodel.FILE).is_file()
        is_graph = place.suffix == ".pb" and place.is_file()
        is_keras = place.suffix.lower() in KERAS
        if moving_average and (is_saved_model or is_graph or is_keras):
            raise UsageError(
                f"{path} has no moving averages to choose.",
                why="Only checkpoints hold them beside the variables.",
                hint=f"zoo freeze {path} -o MODEL.pb",
            )
        if is_saved_model:
            return cls._served(place, tensorflow)
        if is_keras:
            return cls._loaded("keras", place, tensorflow)
        return cls._constant(place) if is_graph else cls._saved(path, moving_average)

    @classmethod
    def _saved(cls, path: str, moving_average: bool) -> Trained:
        """A checkpoint with its own graph: no TensorFlow is needed."""
        if not (Path(path).exists() or Path(f"{path}.index").exists()):
            raise NotFoundError(f"There is no checkpoint {path}.", why="No such file or folder.")
        checkpoint = _checkpoint(path, moving_average)
        try:
            meta = checkpoint.metagraph()
        except NotFoundError as error:
            raise NotFoundError(
                error.message,
                why="It holds the graph of the checkpoint.",
                hint="Without it, name the function that builds the graph: zoo freeze "
                f"--architecture package.module:function --checkpoint {path} -o MODEL.pb",
            ) from None
        return cls._restored(checkpoint, meta.graph_def, meta.meta_info_def.tensorflow_version)

    @classmethod
    def _restored(cls, checkpoint: Checkpoint, graph: Any, version: str) -> Trained:
        """A graph of TensorFlow 1, whose variables zoo reads itself."""
        assigning = assigned(graphdef.by_name(graph))
        rewrite(graph)
        original = ("checkpoint", checkpoint.name)
        return cls(graph, checkpoint, (), version, original, assigning)

    @classmethod
    def _built(
        cls, path: str, architecture: str, tensorflow: TensorFlow, moving_average: bool
    ) -> Trained:
        """A checkpoint whose graph a Python function builds."""
        require(f"The graph that {architecture} builds")
        checkpoint = _checkpoint(path, moving_average)
        averages = checkpoint.averages() if moving_average else {}
        loaded = tensorflow.load("architecture", architecture, checkpoint.name, averages)
        assigning = assigned(graphdef.by_name(loaded.graph))
        rewrite(loaded.graph)
        return cls(loaded.graph, checkpoint, loaded.outputs, assigned=assigning)

    @classmethod
    def _constant(cls, place: Path) -> Trained:
        """A graph whose variables are constants already: its training flags may be left."""
        graph = graphdef.read(place)
        if any(node.op in VARIABLES for node in graph.node):
            raise WrongKindError(
                f"{place} is a graph without the values of its variables.",
                why="They are in a checkpoint: .index and .data files.",
                hint=f"Freeze that one, with its graph in a .meta file: zoo freeze {place.parent}",
            )
        return cls(graph, original=("graph", str(place)))

    @classmethod
    def _served(cls, place: Path, tensorflow: TensorFlow) -> Trained:
        """A SavedModel: one of TensorFlow 1, or of constants alone, needs no TensorFlow."""
        model = savedmodel.read(place / savedmodel.FILE)
        if not model.signatures:
            raise UsageError(f"{place} has no signature to freeze.", hint=_SIGNATURE)
        if len(model.signatures) > 1 and model.signatures[0] != savedmodel.SERVED:
            what = f"{place} has several signatures."
            raise UsageError(what, ", ".join(model.signatures), _SIGNATURE)
        others = ", ".join(model.signatures[1:])
        notes = (f"Its signature {savedmodel.SERVED} is frozen, not: {others}",) if others else ()
        with suppress(IntegrityError):  # of which TensorFlow knows more
            refuse_state(str(place), state(model.graph, model.outputs).items(), _STATELESS)
        graph, declared = served(model.graph, model.outputs)
        variables = str(place / savedmodel.VARIABLES)
        has_variables = Path(f"{variables}.index").is_file()
        if model.resources or judge(model.graph, model.outputs).variables:
            if model.resources or graph is not model.graph or not has_variables:
                return replace(cls._loaded("savedmodel", place, tensorflow), notes=notes)
            refuse_effects(place)
            found = cls._restored(_checkpoint(variables, False), graph, model.version)
            return replace(found, declared=tuple(declared), notes=notes)
        original = ("graph" if graph is model.graph else "savedmodel", str(place))
        return cls(graph, None, tuple(declared), model.version, original, notes=notes)

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
        """Have TensorFlow load the original with what outputs need, unless it has.

        Raises
        ------
        IntegrityError
            They need more than computation; nothing was run.
        """
        if not self.original:
            return
        kind, place = self.original
        if self.checkpoint:
            averages = self.checkpoint.is_averaged
            tensorflow.load(kind, place, outputs, inputs, averages)
        elif kind == "graph":
            tensorflow.load(kind, place, outputs, inputs)
        else:
            tensorflow.load(kind, place)

    @property
    def booleans(self) -> list[str]:
        """Boolean placeholders: what may be fed false."""
        return [
            node.name
            for node in self.graph.node
            if node.op in PLACEHOLDERS and graphdef.type_of(node, "dtype") == BOOL
        ]


_STATELESS = (
    "Save it without one, as Keras layers are with stateful=False, or with a signature that "
    "takes the state and gives the next one"
)
_SIGNATURE = "Save it with one: tf.saved_model.save(model, FOLDER, signatures=function)"


def _checkpoint(path: str, moving_average: bool) -> Checkpoint:
    """The variables of a checkpoint, or their moving averages.

    Raises
    ------
    UsageError
        There are none.
    """
    from freeze.formats.checkpoint import AVERAGE, Checkpoint

    checkpoint = Checkpoint.open(path)
    if moving_average:
        if not checkpoint.averages():
            raise UsageError(
                f"{path} holds no moving averages.",
                why=f"None of its variables ends in /{AVERAGE}.",
                hint=f"Freeze the variables themselves: zoo freeze {path} -o MODEL.pb",
            )
        checkpoint.take_averages()
    return checkpoint
