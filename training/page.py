"""The report as one page that needs no other file."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.details import classes, mistakes, settings_text
from training.pictures import draw
from training.scores import MEASURES

if TYPE_CHECKING:
    from training.report import Report
    from training.search import Judged

WORDS = {
    "accuracy": "accuracy",
    "normalized_accuracy": "normalised accuracy",
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "r2": "R²",
    "rmse": "RMSE",
}
_SHARES = ("accuracy", "normalized_accuracy")


def page(report: Report) -> bytes:
    """The ranking, the winner's picture, its figures of each class, and what it takes for what."""
    from jinja2 import Environment, StrictUndefined

    source = Path(__file__).with_name("report.html").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    labels, predicted = report.problem.labels, report.predicted
    picture = b64encode(draw(labels, predicted, report.name)).decode()
    measures = [name for name in MEASURES if name in report.winner.scores.known()]
    return (
        environment.from_string(source)
        .render(
            report=report,
            labels=labels,
            picture=picture,
            measures=[WORDS[name] for name in measures],
            ranking=[_row(each, measures) for each in report.ranking],
            classes=classes(labels, predicted),
            mistakes=mistakes(labels, predicted),
        )
        .encode("utf-8", "backslashreplace")
    )


def _row(judged: Judged, measures: list[str]) -> dict[str, Any]:
    return {
        "settings": settings_text(judged.settings),
        "values": [measured(judged, name) for name in measures],
    }


def measured(judged: Judged, name: str) -> str:
    """A measure with its deviation between the folds, as people read it."""
    known = judged.scores.known()
    value, deviation = known[name], known[f"{name}_std"]
    if name in _SHARES:
        return f"{100 * value:.1f} % ± {100 * deviation:.1f}"
    return f"{value:.3f} ± {deviation:.3f}"
