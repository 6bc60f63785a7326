"""What a training leaves: the model, its record and its report."""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.record import Record
from catalog.storage import save
from zoo.training.trained_model import TrainedModel

if TYPE_CHECKING:
    from training.record import Origin
    from training.report import Report
    from zoo.training.described import Described
    from zoo.training.examples import Examples
    from zoo.training.files import Files

log = logging.getLogger("zoo")


def written(
    files: Files,
    report: Report,
    found: Examples | Described,
    origin: Origin,
    license: str | None,
    plot: str | Path | None,
    of: Path | None = None,
) -> TrainedModel:
    """Train the winner on all data, prove its graph, and write everything."""
    from freeze.formats.graphdef import serialize
    from training.page import page
    from training.pictures import draw
    from training.record import record
    from zoo.training.examples import Examples
    from zoo.training.proof import require_same

    problem, winner = report.problem, report.winner
    earlier = files.earlier()
    about = partial(record, report.name, files.output.suffix[1:], problem, winner)
    if isinstance(found, Examples):
        steps, model = problem.trained(winner.settings)
        data = serialize(model.graph(steps))
        document = about(found.extractor, data, origin, license, earlier)
        require_same(data, document, model, steps, problem.embeddings.rows)
    else:
        data, inputs = found.machine(winner.settings, files.output, problem.seed)
        document = about(inputs, data, origin, license, earlier)
    contents = {files.output: data, files.record: Record(document).to_json().encode()}
    if of is None:
        contents |= {files.table: report.csv(), files.page: page(report)}
    if plot:
        picture = draw(problem.labels, report.predicted, report.name, Path(plot).suffix)
        contents[Path(plot)] = picture
    for path, content in contents.items():
        save(path, content)
        log.info("Wrote %s", path)
    if origin.on and "/" in origin.on:
        log.info("To run it, put %s and its record beside it.", Path(origin.on).name)
    labels = problem.labels
    return TrainedModel(
        *(files.output, labels.task, problem.learner, winner.settings, winner.scores),
        *(labels.baseline, int(problem.folds.max()) + 1, labels.classes, len(labels)),
        *(of or files.table, hashlib.sha256(data).hexdigest()),
    )
