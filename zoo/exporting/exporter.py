"""Networks in other formats, kept only if they compute the same."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from catalog.errors import MissingExtraError, OfflineError, UsageError
from catalog.leftovers import working_folder
from catalog.record import Record
from catalog.storage import ELSEWHERE, save, storage_errors
from zoo.exporting.preparation import (
    ExportOptions,
    Quantization,
    Verification,
    prepare,
    reference_of,
)
from zoo.exporting.written import Format, archived, check_place, place, size

if TYPE_CHECKING:
    from convert.export_graph import ExportGraph
    from zoo.exporting.proof import LayerProof
    from zoo.finding import Found

log = logging.getLogger("zoo")

_ENDINGS = {"tfjs": ("", ".zip"), "onnx": (".onnx",), "pb": (".pb",)}


@dataclass(frozen=True)
class Export:
    """A file or folder that was written.

    Attributes
    ----------
    output : Path
    format : {"tfjs", "onnx", "pb"}
    exported : ExportGraph
    layers : list of LayerProof
        How far each is from the reference.
    size : int
        In bytes.
    license : str or None
    """

    output: Path
    format: Format
    exported: ExportGraph
    layers: list[LayerProof]
    size: int
    license: str | None

    def to_json(self) -> dict[str, Any]:
        """The document that ``zoo export --json`` prints."""
        return {
            "output": str(self.output),
            "format": self.format,
            "ok": True,
            "layers": [layer.to_json() for layer in self.layers],
        }

    def __repr__(self) -> str:
        layers = ", ".join(f"{layer.name} {layer.max_abs:.1e}" for layer in self.layers)
        return f"<Export {self.output}: {layers} from the original>"


def export(
    name: str | Path | Found,
    to: Format,
    output: str | Path | None = None,
    *,
    layers: Sequence[str] = (),
    with_frontend: bool = False,
    with_extractor: bool = False,
    quantize: Quantization | None = None,
    converter: Literal["zoo", "tensorflowjs"] = "zoo",
    verify: Verification | None = None,
) -> Export:
    """Write a network in another format, read it back, compare it, and only then place it.

    A TensorFlow.js model is compared twice: as zoo's own reader has it, and in real
    TensorFlow.js where Node.js is there and TensorFlow.js is in the store or can be fetched.

    Parameters
    ----------
    name : str, Path or Found
        A name in the catalog, or a path as `zoo.load` takes it.
    to : {"tfjs", "onnx", "pb"}
    output : str or Path, optional
        A folder or, if its name ends so, a .zip archive, an .onnx or a .pb file; in the
        current folder, named after the model, if not given.
    layers : sequence of str
        Purposes or nodes; all of the record's if empty.
    with_frontend, with_extractor : bool
        Put the front-end, or a head's extractor, into the graph.
    quantize : {"float16", "uint16", "uint8"}, optional
    converter : {"zoo", "tensorflowjs"}
    verify : {"node", "reader"}, optional
        Require the proof in real TensorFlow.js, or leave it out.

    Raises
    ------
    ParityError
        What was written does not compute what the original computes.
    UsageError
        It cannot be exported so.

    Examples
    --------
    >>> zoo.export("tiny.pb", "tfjs", with_frontend=True)
    <Export tiny-tfjs: sigmoids ..., logits ..., embeddings ... from the original>
    """
    if to != "tfjs" and (converter != "zoo" or verify):
        raise UsageError(f"A converter and a verification are for TensorFlow.js, not for {to}.")
    if to == "pb" and quantize:
        raise UsageError(
            "A frozen graph is not quantized.", why="Essentia cannot read quantized graphs."
        )
    target = None if output is None else Path(output)
    called = name if isinstance(name, str | Path) else name.record.id
    if target and target.suffix not in _ENDINGS[to] and not (to == "tfjs" and target.is_dir()):
        _refuse(called, target, to)
    options = ExportOptions(
        *(str(called), to, tuple(layers), with_frontend, with_extractor),
        *(quantize, converter, verify),
    )
    return _export(options, target, name)


def _refuse(name: str | Path, path: Path, to: Format) -> None:
    """Refuse a name whose ending is that of another format."""
    if to == "tfjs":
        if path.suffix not in (".onnx", ".pb", ".json"):
            return  # a folder may have a dot in its name
        right = path.with_suffix("")
    else:
        right = path.with_suffix(f".{to}")
    wanted = "be a folder or end in .zip" if to == "tfjs" else f"end in .{to}"
    raise UsageError(
        f"The output must {wanted}, and {path} does not.",
        hint=f"zoo export {name} --to {to} --output {right}",
    )


def _export(options: ExportOptions, to: Path | None, model: str | Path | Found) -> Export:
    from predictors.runtimes.openvino_engine import import_openvino
    from zoo.exporting import proof
    from zoo.exporting.readers import in_node, reader

    reference = reference_of(options, model)
    to = to or Path(default_name(reference.record.id, options.to))
    check_place(to, options.to)
    with ThreadPoolExecutor(1) as thread:
        # OpenVINO computes what is expected while the export is written and read back. It is
        # imported before, and its input made: of Python's own work, only one is done at a time.
        import_openvino()
        trials = [
            (fed, thread.submit(proof.expected, reference, fed, options.frontend))
            for fed in proof.inputs(reference, options.frontend)
        ]
        exported = prepare(reference, options)
        with storage_errors(to, ELSEWHERE):
            to.parent.mkdir(parents=True, exist_ok=True)
            with working_folder(to.parent) as stage:
                written = stage / default_name(reference.record.id, options.to)
                _write(exported, written, options)
                limit = proof.LIMITS[options.quantize]
                if reference.record.descriptors:  # support vectors have large coefficients
                    limit = max(limit, proof.ENGINE_LIMIT)
                names = proof.names(exported)
                read = reader(exported, written, options.to, reference.model, names)
                layers = proof.prove(exported, trials, read, limit)
                proof.require(layers, str(to))
                if options.to == "tfjs" and options.verify != "reader":
                    run = in_node(exported, written, names)
                    limit = max(limit, proof.ENGINE_LIMIT)
                    try:
                        checked = proof.prove(exported, trials, run, limit)
                        proof.require(checked, f"{to} in TensorFlow.js")
                        layers = list(map(proof.worse, layers, checked))
                    except (MissingExtraError, OfflineError) as error:
                        if options.verify:
                            raise
                        log.info(f"TensorFlow.js itself was not asked. {error.message} {error.why}")
                if to.suffix == ".zip":
                    written = archived(written)
                bytes_written = size(written)
                place(written, to)
    if options.to == "pb" and not to.with_suffix(".json").exists():
        save(to.with_suffix(".json"), _beside(to, reference.record).to_json().encode())
    return Export(to, options.to, exported, layers, bytes_written, reference.record.license)


def default_name(id: str, to: Format) -> str:
    return {"tfjs": f"{id}-tfjs", "onnx": f"{id}.onnx", "pb": f"{id}.pb"}[to]


def _write(exported: ExportGraph, path: Path, options: ExportOptions) -> None:
    if options.to == "onnx":
        from convert import onnx

        onnx.write(exported, path, options.quantize)
    elif options.to == "pb":
        from freeze.formats.graphdef import serialize

        path.write_bytes(serialize(exported.graph))
    elif options.converter == "tensorflowjs":
        from convert import official

        official.write(exported, path, options.quantize)
    else:
        from convert import tfjs

        tfjs.write(exported, path, options.quantize)


def _beside(graph: Path, record: Record) -> Record:
    """The record to put beside a frozen graph, under its name; files are the original's."""
    zoo = {key: value for key, value in record.zoo.items() if key not in ("files", "recipe")}
    return Record({**record.document, "zoo": {**zoo, "id": graph.stem}})
