"""A trained model as a frozen graph, with the draft of its record beside it."""

from __future__ import annotations

import json
import logging
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError, UsageError
from catalog.storage import save
from freeze.formats import gaia

if TYPE_CHECKING:
    from collections.abc import Sequence

    from freeze.analysis.candidates import Output
    from freeze.analysis.summary import Input
    from validate.parity import Difference
    from zoo.freezing.freezer import Frozen
    from zoo.freezing.said import Said

log = logging.getLogger("zoo")


@dataclass(frozen=True)
class FrozenModel:
    """A frozen graph that was written.

    Attributes
    ----------
    output : Path
    inputs : tuple of Input
        Without training flags.
    outputs : tuple of Output
    parameters, size : int
        Numbers in the weights; bytes.
    sha256 : str
    max_abs : dict of str to float, or None
        How far each output is from TensorFlow's; None if that could not be compared.
    """

    output: Path
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    parameters: int
    size: int
    sha256: str
    max_abs: dict[str, float] | None

    def to_json(self) -> dict[str, Any]:
        """The document that ``zoo freeze --json`` prints."""
        return {
            "output": str(self.output),
            "inputs": [each.name for each in self.inputs],
            "outputs": [each.name for each in self.outputs],
            "parameters": self.parameters,
            "sha256": self.sha256,
            "verified": "tensorflow" if self.max_abs else "none",
            "max_abs": self.max_abs or None,
        }

    def __repr__(self) -> str:
        names = [", ".join(each.name for each in side) for side in (self.inputs, self.outputs)]
        verified = "verified" if self.max_abs else "not verified"
        return f"<FrozenModel {self.output}: {names[0]} -> {names[1]}, {verified}>"


def freeze(
    checkpoint: str | Path,
    output: str | Path,
    *,
    nodes: Sequence[str] = (),
    inputs: Sequence[str] = (),
    training_flags: Sequence[str] = (),
    keep_all: bool = False,
    architecture: str = "",
    moving_average: bool = False,
    classes: str | Path | Sequence[str] | None = None,
    license: str = "",
    author: str = "",
    extractor: str = "",
) -> FrozenModel:
    """Freeze a trained model, compare it with TensorFlow's, and draft its record.

    Parameters
    ----------
    checkpoint : str or Path
        The prefix or the folder of a checkpoint, a SavedModel, a ``.keras`` or ``.h5`` file, the
        ``.pb`` of a graph that was frozen with its training flags, or a ``.history`` of Gaia.
    output : str or Path
        The ``.pb`` to write; the draft is the ``.json`` beside it, if there is none.
    nodes : sequence of str
        The layers to keep; those at the end of the graph if empty.
    inputs : sequence of str
        Nodes to cut the graph at; its own placeholders if empty.
    training_flags : sequence of str
        Boolean inputs to set to false; found if empty.
    keep_all : bool
        Keep every node that does not need to change variables.
    architecture : str
        ``module:function`` that builds the graph, where there is no ``.meta`` file.
    moving_average : bool
        Take the exponential moving averages of the variables that have one.
    classes : path or sequence of str, optional
        Names in the order of the predictions, or a file of them, one per line.
    license : str
        SPDX id.
    author : str
        A name; an e-mail address may stand behind it, as in ``Ada <ada@lab.example>``.
    extractor : str
        The model whose embeddings a head reads: one beside the output, or of the catalog.

    Raises
    ------
    NotFoundError
        No such checkpoint or node, file of classes or extractor.
    UsageError
        It is not clear which node is the output, the outputs do not need the inputs, or
        classes or extractor do not fit.
    IntegrityError
        The model is damaged, or has operations that no network should have.
    ParityError
        The frozen graph does not compute what the original computes.
    MissingExtraError
        Only TensorFlow can read it, and it is not installed.
    StorageError

    Examples
    --------
    >>> zoo.freeze("checkpoint/model", "frozen.pb", nodes=["sigmoids"])
    <FrozenModel frozen.pb: input -> sigmoids, ...>
    """
    from freeze.trained import Trained
    from freeze.with_tensorflow import TensorFlow, is_installed
    from zoo.freezing import freezer, history
    from zoo.freezing.choice import choose
    from zoo.freezing.said import Said

    source, to = str(checkpoint), Path(output)
    if to.suffix != ".pb" or to.is_dir():
        raise UsageError(
            "The output must end in .pb.",
            why=f"{to} is a folder." if to.is_dir() else f"It was {to}.",
            hint=_command(source, to.with_suffix(".pb"), architecture),
        )
    said = Said.of(classes, license, author, extractor, to.parent)
    if source.endswith(gaia.ENDING):
        others = (nodes, inputs, training_flags, architecture, extractor)
        if any(others) or keep_all or moving_average:
            raise UsageError(
                "A history of Gaia has no nodes, and reads no embeddings.",
                hint=f"Leave these options out: {_command(source, to, '')}",
            )
        made, said = history.freeze(Path(source), said)
        _write(to, made, "", said)
        return _told(to, made, None)
    with TensorFlow() as tensorflow:
        trained = Trained.open(source, architecture, tensorflow, moving_average)
        if architecture and trained.checkpoint and trained.checkpoint.has_graph:
            log.warning(
                f"{source} has the graph that was trained, a .meta file, which {architecture} "
                "may differ from. To use it, leave --architecture out."
            )
        command = _command(source, to, architecture)
        for note in trained.notes:
            log.info(f"note: {note}")
        averages = trained.checkpoint.averages() if trained.checkpoint else {}
        if averages and not moving_average:
            log.warning(
                f"{source} also holds exponential moving averages of {len(averages)} of its "
                "variables, which networks are often judged with. These are not taken. "
                f"To take them: {command} --moving-average"
            )
        kept = choose(trained, nodes, inputs, training_flags, keep_all, command)
        frozen = freezer.freeze(trained, kept)
        differences = None
        if is_installed():
            log.info("Comparing with the original in TensorFlow …")
            differences = freezer.verify(frozen, trained, tensorflow)
    _write(to, frozen, trained.version, said)
    if frozen.lost:
        log.info(
            f"Left out {len(frozen.lost)} nodes that change variables: "
            f"{', '.join(frozen.lost[:3])} …"
        )
    if differences is None:
        log.warning(_unverified(is_installed()))
    return _told(to, frozen, differences)


def _told(to: Path, frozen: Frozen, differences: Sequence[Difference] | None) -> FrozenModel:
    return FrozenModel(
        to,
        tuple(each for each in frozen.summary.inputs if each.role == "input"),
        frozen.outputs,
        frozen.summary.parameters,
        len(frozen.data),
        frozen.sha256,
        None if differences is None else {each.layer: each.max_abs for each in differences},
    )


def _command(source: str, to: Path, architecture: str) -> str:
    """The command that freezes it, for a hint."""
    options = f" --architecture {shlex.quote(architecture)}" if architecture else ""
    return f"zoo freeze {shlex.quote(source)}{options} -o {shlex.quote(str(to))}"


def _write(to: Path, frozen: Frozen, version: str, said: Said) -> None:
    """Write the graph, and the draft of its record; one that is there is brought up to date."""
    from predictors.heads import like_embeddings
    from zoo.freezing.draft import draft, gaps
    from zoo.freezing.revision import Existing

    record = to.with_suffix(".json")
    document = draft(to.stem, frozen.summary, frozen.data, version, said)
    existing = Existing.read(record)
    save(to, frozen.data)
    if existing:
        existing.revise(to, document, said)
    if record.exists():
        return
    save(record, json.dumps(document, indent=4, ensure_ascii=False).encode() + b"\n")
    if said.descriptors:
        log.info(f"Wrote {record}")
        return
    open_ = gaps(document)
    log.info(f"Wrote {record}, a draft." + (f" To fill in: {', '.join(open_)}" if open_ else ""))
    if "zoo.extractor" in open_:
        width = document["schema"]["inputs"][0]["shape"][-1]
        log.info(f"  {like_embeddings(width)} Name the one that it reads: --extractor MODEL")
    log.info(f"  Its purposes and inference are guesses. Then: zoo validate {shlex.quote(str(to))}")


def _unverified(installed: bool) -> str:
    if installed:
        return "Not verified: TensorFlow cannot run the original on random input."
    missing = MissingExtraError.of("tensorflow", "", tensorflow=True)
    return (
        "Not verified: TensorFlow, the reference, is not installed. "
        f"To compare, freeze again after this: {missing.hint}"
    )
