"""A history of Gaia, as ``zoo inspect`` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo import display
from zoo.cli.blocks import block, counts

if TYPE_CHECKING:
    from predictors.descriptors.summary import HistorySummary


def show(summary: HistorySummary) -> None:
    """Print its steps, the descriptors that reach the classifier, and the classifier."""
    size, parameters = display.size(summary.size), display.thousands(summary.parameters)
    print(f"{summary.chain.name}: history of Gaia, {size}, {parameters} parameters")
    print(f"sha256 {summary.sha256}")
    rows = [
        (str(number), analyzer, applier, f"{count} descriptors")
        for number, (analyzer, applier, count) in enumerate(summary.steps, 1)
    ]
    block("Steps, with the descriptors that each takes", rows)
    classifier = summary.classifier
    numbers = f", {classifier.svm.width} numbers" if classifier else ""
    counts(
        f"Descriptors that reach the end: {len(summary.reaching)}{numbers}",
        ((each.name, "?" if each.size is None else each.size) for each in summary.reaching),
    )
    if not classifier:
        return
    svm = classifier.svm
    told = {"degree": svm.degree, "gamma": svm.gamma, "coef0": svm.coef0}
    used = {"linear": (), "rbf": ("gamma",), "sigmoid": ("gamma", "coef0")}.get(svm.kernel, told)
    options = "".join(f", {key} {told[key]:g}" for key in used)
    certain = "probabilities" if svm.slope is not None else "a vote, without probabilities"
    facts = [
        ("kernel", f"{svm.kernel}{options}"),
        ("support vectors", str(len(svm.vectors))),
        ("tells", certain),
    ]
    block(f"Classifier of {classifier.result[1:]}", facts)
    block("Classes", [(name,) for name in classifier.classes])
