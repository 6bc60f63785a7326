"""The record of a trained network: what it is, what it learned from, and how well."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from catalog.record import Record
from freeze.classifiers.graph import IDENTITY, INPUT, SIGMOID, SOFTMAX
from training.scores import MEASURES

if TYPE_CHECKING:
    from catalog.fields import DescriptorInput
    from catalog.record import Document
    from training.problem import Problem
    from training.search import Judged

OUTPUTS = {"classification": SOFTMAX, "auto-tagging": SIGMOID, "regression": IDENTITY}
"""The node of the predictions, by the task."""

_LEARNERS = {
    "mlp": "A network with one hidden layer",
    "svm": "A support vector machine",
    "linear": "A linear model",
}
_KEPT = ("name", "description", "author", "email", "link", "citation", "version")
"""What people write into a record, and training again does not overwrite."""


@dataclass(frozen=True)
class Origin:
    """What training was asked for: enough to do it again. Paths are from the record's folder.

    Attributes
    ----------
    dataset : str
    data : tuple of str
        The folder, the table, or what else there is.
    on : str or None
        The extractor: a name, or a path; None of descriptors.
    labels : str or None
        The table with the labels of stored embeddings.
    groups : str or None
        The column of the table that names each file's group.
    files_sha256 : str
        Of the list of files.
    """

    dataset: str
    data: tuple[str, ...]
    on: str | None
    labels: str | None
    groups: str | None
    files_sha256: str


def record(
    id: str,
    kind: str,
    problem: Problem,
    winner: Judged,
    source: Record | Sequence[DescriptorInput],
    data: bytes,
    origin: Origin,
    license: str | None,
    earlier: Mapping[str, Any],
) -> Document:
    """Describe a trained network.

    Parameters
    ----------
    id : str
        The name of its file, without the ending.
    kind : {"pb", "history"}
        What its file is.
    problem : Problem
    winner : Judged
        Its settings and their scores.
    source : Record, or sequence of DescriptorInput
        The extractor whose embeddings, or the descriptors, that it reads.
    data : bytes
        The file.
    origin : Origin
    license : str or None
        SPDX id.
    earlier : mapping
        The record of an earlier training with this id; what people write into it is kept.
    """
    labels = problem.labels
    number = re.search(r"-(\d+)$", id)
    files = [{"kind": kind, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}]
    block = {
        "id": id,
        "task": labels.task,
        **_read(source),
        **({"license": license} if license else {}),
        "files": files,
        "training": training(problem, winner, origin),
    }
    made = {
        "name": id,
        "type": labels.task,
        "version": number[1] if number else "1",
        "description": _description(problem, source),
        "release_date": date.today().isoformat(),
        "framework": "tensorflow",
        "classes": list(labels.classes),
        "model_types": ["frozen_model"],
        "dataset": _dataset(problem, winner, origin),
        "schema": _schema(problem, source),
        "inference": _inference(source),
        "citation": "",
        "zoo": block,
    }
    return made | {key: earlier[key] for key in _KEPT if earlier.get(key)}


def training(problem: Problem, winner: Judged, origin: Origin) -> Document:
    """How a network was made, so that it can be made again."""
    from numpy import __version__ as numpy_version
    from sklearn import __version__ as sklearn_version

    asked = {"on": origin.on, "labels": origin.labels, "groups": origin.groups}
    return {
        "data": list(origin.data),
        **{key: value for key, value in asked.items() if value},
        "files": len(problem.labels),
        "files_sha256": origin.files_sha256,
        "learner": problem.learner,
        "pooled": problem.pooled,
        "settings": dict(winner.settings),
        "folds": int(problem.folds.max()) + 1,
        "seed": problem.seed,
        "versions": {"numpy": numpy_version, "scikit-learn": sklearn_version},
    }


def _read(source: Record | Sequence[DescriptorInput]) -> Document:
    """What a network reads, and what it is called for it."""
    if not isinstance(source, Record):
        read = [each.to_json() for each in source]
        return {"family": "gaia", "kind": "end-to-end", "descriptors": read}
    family = {"family": source.family} if source.family else {}
    return {**family, "kind": "head", "extractor": {"id": source.id}}


def _description(problem: Problem, source: Record | Sequence[DescriptorInput]) -> str:
    labels = problem.labels
    names = ", ".join(labels.classes)
    what = {
        "classification": f"Tells {len(labels.classes)} classes apart: {names}.",
        "auto-tagging": f"Gives each of {len(labels.classes)} labels a probability: {names}.",
        "regression": "Estimates a number.",
    }[labels.task]
    how = _LEARNERS[problem.learner]
    read = (
        f"the embeddings of {source.id}"
        if isinstance(source, Record)
        else f"{len(source)} descriptors of Essentia's music extractor"
    )
    return f"{what} {how} on {read}, trained on {len(labels)} files."


def _dataset(problem: Problem, winner: Judged, origin: Origin) -> Document:
    labels = problem.labels
    counts = ", ".join(f"{name} {count}" for name, count in labels.counts.items())
    known = winner.scores.known()
    metrics = {name: round(known[name], 6) for name in MEASURES if name in known}
    size = f"{len(labels)} files" + (f" ({counts})" if counts else "")
    return {"name": origin.dataset, "size": size, "metrics": metrics}


def _schema(problem: Problem, source: Record | Sequence[DescriptorInput]) -> Document:
    width = problem.embeddings.width
    if not isinstance(source, Record):
        width = sum(each.size for each in source)
    node = OUTPUTS[problem.labels.task]
    return {
        "inputs": [{"name": INPUT, "type": "float", "shape": ["batch_size", width]}],
        "outputs": [
            {
                "name": node,
                "type": "float",
                "shape": ["batch_size", problem.outputs],
                "op": node.rpartition("/")[2],
                "output_purpose": "predictions",
            }
        ],
    }


def _inference(source: Record | Sequence[DescriptorInput]) -> Document:
    if not isinstance(source, Record):
        return {}
    model = {"algorithm": source.algorithm, "model_name": source.id, "link": source.link}
    return {
        **({"sample_rate": source.sample_rate} if source.sample_rate else {}),
        "algorithm": "TensorflowPredict2D",
        "embedding_model": {key: value for key, value in model.items() if value},
    }
