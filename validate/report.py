"""What was checked, and how it came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from catalog.errors import listed

Status = Literal["passed", "failed", "warned", "not-applicable"]

CHECKS = {
    "metadata-json": "The metadata file contains one JSON object.",
    "metadata-schema": "Its keys and values match Essentia's metadata, or zoo's records.",
    "metadata-identity": "File name, link and id name the same model.",
    "metadata-link": "Links point to where the catalog has the model and its extractor.",
    "metadata-date": "The release date is an ISO 8601 date, and not in the future.",
    "metadata-metrics": "Metrics are numbers; fractions are between 0 and 1.",
    "metadata-classes": "Class names are distinct and not empty.",
    "metadata-class-order": "Class names are in the known order of the outputs.",
    "metadata-purposes": "One output has the purpose predictions; without it, one has embeddings.",
    "metadata-width": "Output sizes match the classes and the catalog.",
    "metadata-license": "The license is known.",
    "metadata-extractor": "A head names the extractor whose embeddings it reads, and zoo knows it.",
    "file-kind": "The content is a network of the kind that the file extension says.",
    "file-size": "The size matches the record.",
    "file-digest": "The SHA-256 matches the record.",
    "file-whole": "The network can be read completely: nothing is damaged, missing or hostile.",
    "file-weights": "A TensorFlow.js model has no weight files other than those that it lists.",
    "graph-names": "TensorFlow accepts the names, devices and versions.",
    "graph-inputs": "The inputs of every node exist, and their number matches its operation.",
    "graph-attributes": "Attributes and data types match the operations.",
    "graph-functions": "Functions are valid, and match the nodes that call them.",
    "graph-acyclic": "There are no cycles other than valid while loops.",
    "graph-shapes": "Known shapes are compatible with the operations that read them.",
    "graph-assertions": "No assertion always fails.",
    "graph-bounds": "No constant requests a tensor above 1 GB per patch, or an endless loop.",
    "graph-outputs": "Every output is computed: its branch is taken, and its loops advance.",
    "graph-frozen": "The outputs depend on constants, not on variables.",
    "graph-ops": "The outputs depend only on operations without side effects.",
    "graph-unreachable-ops": "The rest of the graph has no operations with side effects.",
    "graph-dangling": "Every placeholder is used by an output.",
    "agreement-layers": "The inputs and outputs in the metadata exist in the network.",
    "agreement-inputs": "The network needs no inputs other than those in the metadata.",
    "agreement-dtype": "Data types match.",
    "agreement-rank": "Numbers of dimensions match; the batch dimension may be omitted.",
    "agreement-width": "Sizes of dimensions match.",
    "agreement-classes": "There is one class for each value of the predictions.",
    "agreement-frontend": "A known front-end produces features of this shape at this sample rate.",
    "agreement-extractor": "A head reads as many values as its extractor's embeddings have.",
    "agreement-descriptors": "The listed descriptors are together as wide as the input.",
    "history-steps": "A history of Gaia has known steps, with parameters that fit.",
    "history-classifier": "The history has a classifier, with one name for each class.",
    "history-descriptors": "Each descriptor that the classifier reads comes from earlier steps.",
    "history-sizes": "These descriptors have known sizes, and those that are text have a table.",
    "run-completes": "The network runs within the limits of time and memory.",
    "run-finite": "All output values are finite.",
    "run-sigmoid": "Sigmoid outputs are between 0 and 1.",
    "run-softmax": "Softmax outputs sum to 1.",
    "run-repeatable": "Two runs give the same outputs.",
}
"""The id of every check, which does not change, and what is true when it passes."""


@dataclass(frozen=True)
class Check:
    """How one check came out.

    Attributes
    ----------
    id : str
        A key of `CHECKS`.
    status : {"passed", "failed", "warned", "not-applicable"}
    expected, found : str or None
        Where it failed or warned; where it does not apply, `found` may say why.
    """

    id: str
    status: Status
    expected: str | None = None
    found: str | None = None

    @property
    def group(self) -> str:
        """The part of the id before the first hyphen."""
        return self.id.partition("-")[0]


@dataclass(frozen=True)
class Report:
    """All checks of one target, one each of `CHECKS`, in that order.

    Attributes
    ----------
    target : str
        As the user named it.
    checks : tuple of Check
    """

    target: str
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, target: str, made: Iterable[Check]) -> Report:
        """Put checks in order; those that were not made do not apply."""
        by_id = {check.id: check for check in made}
        return cls(target, tuple(by_id.get(id) or not_applicable(id) for id in CHECKS))

    def having(self, status: Status) -> list[Check]:
        return [check for check in self.checks if check.status == status]

    @property
    def is_judged(self) -> bool:
        """Whether any check applied."""
        return any(check.status != "not-applicable" for check in self.checks)

    @property
    def ok(self) -> bool:
        """Whether something could be judged, and nothing failed."""
        return self.is_judged and not self.having("failed")

    def strict(self) -> Report:
        """The same with every warning as a failure."""
        checks = (
            replace(check, status="failed") if check.status == "warned" else check
            for check in self.checks
        )
        return Report(self.target, tuple(checks))

    def to_json(self) -> dict[str, Any]:
        return {"target": self.target, "checks": [asdict(check) for check in self.checks]}


def passed(id: str) -> Check:
    return Check(id, "passed")


def failed(id: str, expected: str, found: str) -> Check:
    return Check(id, "failed", expected, found)


def warned(id: str, expected: str, found: str) -> Check:
    return Check(id, "warned", expected, found)


def not_applicable(id: str, why: str | None = None) -> Check:
    return Check(id, "not-applicable", found=why)


def compared(id: str, differences: Iterable[tuple[str, str]]) -> Check:
    """Fail if there are differences, each what was expected and what was found."""
    pairs = list(differences)
    if not pairs:
        return passed(id)
    expected, found = (listed(dict.fromkeys(side), 3) for side in zip(*pairs, strict=True))
    return failed(id, expected, found)
