"""The record of a trained network: what it is, what it learned from, and how well."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from freeze.classifiers.graph import IDENTITY, INPUT, SIGMOID, SOFTMAX
from training.scores import MEASURES

if TYPE_CHECKING:
    from catalog.record import Document, Record
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
    on : str
        The extractor: a name, or a path.
    labels : str or None
        The table with the labels of stored embeddings.
    groups : str or None
        The column of the table that names each file's group.
    files_sha256 : str
        Of the list of files.
    """

    dataset: str
    data: tuple[str, ...]
    on: str
    labels: str | None
    groups: str | None
    files_sha256: str


def record(
    id: str,
    graph: bytes,
    problem: Problem,
    winner: Judged,
    extractor: Record,
    origin: Origin,
    license: str | None,
    earlier: Mapping[str, Any],
) -> Document:
    """Describe a trained network.

    Parameters
    ----------
    id : str
        The name of its file, without the ending.
    graph : bytes
        The file.
    problem : Problem
    winner : Judged
        Its settings and their scores.
    extractor : Record
    origin : Origin
    license : str or None
        SPDX id.
    earlier : mapping
        The record of an earlier training with this id; what people write into it is kept.
    """
    labels = problem.labels
    number = re.search(r"-(\d+)$", id)
    files = [{"kind": "pb", "size": len(graph), "sha256": hashlib.sha256(graph).hexdigest()}]
    block = {
        "id": id,
        "task": labels.task,
        **({"family": extractor.family} if extractor.family else {}),
        "kind": "head",
        **({"license": license} if license else {}),
        "extractor": {"id": extractor.id},
        "files": files,
        "training": training(problem, winner, origin),
    }
    made = {
        "name": id,
        "type": labels.task,
        "version": number[1] if number else "1",
        "description": _description(problem, extractor),
        "release_date": date.today().isoformat(),
        "framework": "tensorflow",
        "classes": list(labels.classes),
        "model_types": ["frozen_model"],
        "dataset": _dataset(problem, winner, origin),
        "schema": _schema(problem),
        "inference": _inference(extractor),
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


def _description(problem: Problem, extractor: Record) -> str:
    labels = problem.labels
    names = ", ".join(labels.classes)
    what = {
        "classification": f"Tells {len(labels.classes)} classes apart: {names}.",
        "auto-tagging": f"Gives each of {len(labels.classes)} labels a probability: {names}.",
        "regression": "Estimates a number.",
    }[labels.task]
    how = _LEARNERS[problem.learner]
    return f"{what} {how} on the embeddings of {extractor.id}, trained on {len(labels)} files."


def _dataset(problem: Problem, winner: Judged, origin: Origin) -> Document:
    labels = problem.labels
    counts = ", ".join(f"{name} {count}" for name, count in labels.counts.items())
    known = winner.scores.known()
    metrics = {name: round(known[name], 6) for name in MEASURES if name in known}
    size = f"{len(labels)} files" + (f" ({counts})" if counts else "")
    return {"name": origin.dataset, "size": size, "metrics": metrics}


def _schema(problem: Problem) -> Document:
    node = OUTPUTS[problem.labels.task]
    return {
        "inputs": [
            {"name": INPUT, "type": "float", "shape": ["batch_size", problem.embeddings.width]}
        ],
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


def _inference(extractor: Record) -> Document:
    source = {
        "algorithm": extractor.algorithm,
        "model_name": extractor.id,
        "link": extractor.link,
    }
    return {
        **({"sample_rate": extractor.sample_rate} if extractor.sample_rate else {}),
        "algorithm": "TensorflowPredict2D",
        "embedding_model": {key: value for key, value in source.items() if value},
    }
