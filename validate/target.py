"""What can be validated: a model of the catalog, a metadata file, a network, or both."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.errors import IntegrityError, NotFoundError, UsageError, ZooError
from catalog.index import in_catalog
from catalog.record import Record
from catalog.storage import storage_errors
from freeze.formats import gaia
from freeze.formats.savedmodel import is_saved_model
from freeze.network_file import HistoryFile, NetworkFile, opened, runnable
from predictors.features.families import choose
from validate import agreement, files, graph, history, metadata, run
from validate.agreement import DescribedGraph
from validate.graph import TensorInfo
from validate.record import CheckedRecord
from validate.report import Check, Report, failed, not_applicable

LARGEST_METADATA = 16 << 20
"""Bytes; the largest known file has 0.03 million."""

SAMPLES = 1 << 20
"""Of audio, for a network of which nothing is known."""

NETWORKS = (".pb", ".onnx", ".zip", gaia.ENDING)


@dataclass(frozen=True)
class Target:
    """A thing to judge.

    Attributes
    ----------
    name : str
        As the user named it.
    id : str
        The identity that the record must have.
    record : Record or None
        From the catalog.
    metadata : Path or None
        The JSON file, where the record comes from one.
    network : NetworkFile or None
    """

    name: str
    id: str
    record: Record | None = None
    metadata: Path | None = None
    network: NetworkFile | None = None


def of_path(path: Path) -> list[Target]:
    """The targets that a path means; a network and the JSON of its name belong together.

    Raises
    ------
    NotFoundError
        Nothing is there, or nothing that can be judged.
    """
    if not path.exists():
        raise NotFoundError(f"There is no file {path}.")
    if not path.is_dir() and not path.is_file():
        raise NotFoundError(f"{path} is not a file.", why="It is a device, a pipe or a socket.")
    if is_saved_model(path):
        folder = path if path.is_dir() else path.parent
        return [Target(str(path), folder.resolve().name, network=opened(path))]
    if _is_tfjs(path):
        folder = path if path.is_dir() else path.parent
        return [Target(str(path), folder.resolve().name, network=NetworkFile(path))]
    if path.is_dir():
        with storage_errors(path):
            stems = {each.with_suffix("") for each in path.iterdir() if _is_target(each)}
        targets = [target for stem in sorted(stems) for target in _of_stem(stem)]
        if not targets:
            raise NotFoundError(
                f"{path} contains nothing to validate.",
                why="It contains no .json, .pb, .onnx, .zip or .history.",
            )
        return targets
    if path.suffix == ".json":
        networks = [each for each in map(path.with_suffix, NETWORKS) if each.exists()]
        network = runnable(networks[0]) if networks else None
        return [Target(str(path), path.stem, None, path, network)]
    beside = path.with_suffix(".json")
    return [Target(str(path), path.stem, None, beside if beside.exists() else None, runnable(path))]


def of_pair(document: Path, network: NetworkFile) -> Target:
    """A metadata file and a network, whatever their names."""
    for path in (document, network.path):
        if not path.exists():
            raise NotFoundError(f"There is no file {path}.")
    return Target(str(document), document.stem, metadata=document, network=network)


def of_model(model: Record) -> Target:
    """A model of the catalog, with what is installed of it."""
    from catalog.store import Store

    store = Store.default()
    manifest = store.manifest_of(model)
    network = store.network(model) if manifest else None
    if network and network.suffix not in NETWORKS:
        network = None
    record = store.record(model) if manifest else model
    file = runnable(network) if network else None
    return Target(model.id, model.id, record=record, network=file)


def _is_target(path: Path) -> bool:
    return path.is_file() and (path.suffix == ".json" or path.suffix in NETWORKS)


def _of_stem(stem: Path) -> Iterator[Target]:
    """Every network of one name with its metadata, or the metadata alone."""
    document = stem.with_name(f"{stem.name}.json")
    found = document if document.exists() else None
    networks = [p for s in NETWORKS if (p := stem.with_name(f"{stem.name}{s}")).exists()]
    if not networks:
        yield Target(str(document), stem.name, metadata=found)
    for network in networks:
        yield Target(str(network), stem.name, metadata=found, network=runnable(network))


def _is_tfjs(path: Path) -> bool:
    return (path.is_dir() or path.suffix == ".json") and NetworkFile(path).kind == "tfjs"


def judge(target: Target, also: Collection[str] = ()) -> Report:
    """Make all checks of a target.

    Parameters
    ----------
    target : Target
    also : collection of str
        Operations to allow beyond the list.
    """
    made: list[Check] = []
    record, name, carried = target.record, target.id, None
    if target.network and not record and not target.metadata:
        with suppress(ZooError):  # of what is damaged, more is told later
            record = carried = target.network.record
            name = record.id if record else name
    if target.metadata:
        try:
            record = _load(target.metadata)
        except IntegrityError as error:
            made.append(failed("metadata-json", "a JSON object", f"{error.message} {error.why}"))
    known = None if target.record or carried else in_catalog(name)
    folder = target.metadata.parent if target.metadata else None
    checked = CheckedRecord(record or known or Record({}), name, known, folder)
    if record:
        made += _judge_record(checked)
        if _unreadable(made):
            record, checked = None, replace(checked, record=Record({}))
    if isinstance(target.network, HistoryFile):
        made += history.check(target.network, record or Record({}), known)
    elif target.network:
        published = Record({}) if carried else record or Record({})  # an export is another file
        made += _judge_network(target.network, checked, published, also)
    return Report.of(target.name, made)


def _load(path: Path) -> Record:
    """Read a metadata file of a sensible size."""
    with storage_errors(path):
        size = path.stat().st_size
        if size > LARGEST_METADATA:
            raise IntegrityError(f"{path} is too large for metadata.", why=f"It has {size} bytes.")
        return Record.load(path)


def described_graph(target: Target) -> DescribedGraph | None:
    """A metadata file beside its network; None if one of them cannot be read."""
    if not target.metadata or not target.network:
        return None
    try:
        record, network = _load(target.metadata), files.read(target.network)
    except ZooError:
        return None
    checked = CheckedRecord(record, target.id, in_catalog(target.id), target.metadata.parent)
    return DescribedGraph(checked, network) if metadata.is_readable(record) else None


def _judge_record(checked: CheckedRecord) -> list[Check]:
    try:
        made = metadata.check(checked)
        return made if _unreadable(made) else [*made, agreement.stated_frontend(checked)]
    except IntegrityError as error:
        return [failed("metadata-json", "a JSON object", error.why)]


def _unreadable(made: list[Check]) -> bool:
    """Whether the metadata are so wrong that nothing can be compared with them."""
    return made[-1].id in ("metadata-json", "metadata-schema") and made[-1].status == "failed"


def _judge_network(
    file: NetworkFile, checked: CheckedRecord, record: Record, also: Collection[str]
) -> list[Check]:
    """Judge a network by itself, beside what describes it, and by running it."""
    made, network = files.check(file, record, checked.known)
    if network is None:
        return made
    described = DescribedGraph(checked, network)
    try:
        made += graph.sound(network, described.outputs)
        made += graph.check(network, described.outputs, also)
        made += agreement.check(described)
    except ZooError as error:
        if any(check.status == "failed" and check.group == "graph" for check in made):
            return made
        made = [check for check in made if check.id != "file-whole"]
        return [*made, failed("file-whole", "a whole network", f"{error.message} {error.why}")]
    if any(check.status == "failed" and check.group == "graph" for check in made):
        why = "What is not trusted is not run."
        return [*made, *(not_applicable(id, why) for id in run.RUN_CHECKS)]
    return made + _run(file, described, also)


def _run(file: NetworkFile, described: DescribedGraph, also: Collection[str]) -> list[Check]:
    """Try the network out, if it can be fed."""
    if file.kind == "savedmodel":
        why = "A SavedModel is frozen before it is run; see zoo freeze."
        return [not_applicable(id, why) for id in run.RUN_CHECKS]
    outputs = described.stated or described.graph.likely
    fed = _fed(described, outputs)
    if isinstance(fed, str):
        return [not_applicable(id, fed) for id in run.RUN_CHECKS]
    tensor, shape = fed
    graph, kind = described.graph, file.kind
    layers = ((described.tensor(layer), layer.op) for layer in described.record.outputs)
    stated = {tensor.name: op for tensor, op in layers if tensor}
    ops = {name: stated.get(name) or graph.operation(name) for name in outputs}
    if kind == "onnx":
        ops = {graph.place(name).node: op for name, op in ops.items()}
    return run.check(
        run.RunRequest(
            path=str(file.path.absolute()),
            kind=kind,
            input=tensor.name,
            shape=shape,
            outputs=ops,
            training_flags=tuple(described.flags),
            also=tuple(also),
        )
    )


def _fed(
    described: DescribedGraph, outputs: Sequence[str]
) -> tuple[TensorInfo, tuple[int, ...]] | str:
    """The input to feed and the shape of a batch of one; or why there is none."""
    reached, graph = described.graph.reached(outputs), described.graph
    fed = reached.difference(described.flags)
    data = [t for t in graph.placeholders if t.name in fed]
    if len(data) != 1:
        return f"It has {len(data)} inputs."
    (tensor,) = data
    if tensor.dtype != "float32" or not tensor.shape:
        return f"Its input is {tensor}, {tensor.dtype or 'of unknown type'}."
    if tensor == described.audio:
        return tensor, (_samples(described.record),)
    first, *sizes = tensor.shape
    stated = next((layer.shape or () for layer, t in described.pairs if t.name == tensor.name), ())
    for axis in range(-1, -len(sizes) - 1, -1):
        if sizes[axis] is None and -axis <= len(stated) and isinstance(stated[axis], int):
            sizes[axis] = int(stated[axis])
    if None in sizes:
        with suppress(UsageError):
            wanted = tuple(-1 if size is None else size for size in sizes)
            sizes = list(choose(described.record, wanted).shape)
    if None in sizes:
        return f"The sizes of its input {tensor} are not known."
    return tensor, (first or 1, *(size for size in sizes if size is not None))


def _samples(record: Record) -> int:
    """Enough samples for a patch, and a second more."""
    try:
        family = choose(record, ())
    except UsageError:
        return SAMPLES
    return int((family.shortest + 1) * family.frontend.sample_rate)
