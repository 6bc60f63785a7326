"""What was checked, and how it came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Status = Literal["passed", "failed", "warned", "not-applicable"]

CHECKS = {
    "metadata-json": "The metadata file holds one JSON object.",
    "metadata-schema": "Its keys and values are those of Essentia's metadata, or of a record.",
    "metadata-identity": "File name, link and id name the same model.",
    "metadata-link": "Links lead to where the catalog knows the model and its extractor.",
    "metadata-date": "The release date is a date of ISO 8601, not in the future.",
    "metadata-metrics": "Metrics are numbers, and those that are fractions lie within 1.",
    "metadata-classes": "Class names are a list of distinct, non-empty texts.",
    "metadata-class-order": "Class names stand in the known order of the outputs.",
    "metadata-purposes": "Exactly one output has the purpose predictions, or embeddings alone.",
    "metadata-width": "Widths agree with the classes and with the catalog.",
    "metadata-license": "The license is known.",
    "metadata-extractor": "A head names the model whose embeddings it reads, and that is known.",
    "file-kind": "The content is that of a network, of the kind that the file's name says.",
    "file-size": "The size is the one of the record.",
    "file-digest": "The SHA-256 is one of those of the record.",
    "file-whole": "The network can be read to its end: nothing is damaged, missing or hostile.",
    "file-weights": "A TensorFlow.js model has no weight files but those that it names.",
    "graph-names": "Names, devices and versions are such that TensorFlow imports the graph.",
    "graph-inputs": "Every node reads what exists, as many tensors as its operation does.",
    "graph-attributes": "Attributes are those of the operations, and element types fit.",
    "graph-functions": "Functions are whole and fit the nodes that call them.",
    "graph-acyclic": "No node depends on itself, except by a loop that is whole.",
    "graph-shapes": "The shapes that nodes read, as far as they are known, fit their operations.",
    "graph-assertions": "No assertion is false whatever the network is fed.",
    "graph-bounds": "No constant asks for a tensor above 1 GB a patch, or for a loop without end.",
    "graph-frozen": "The outputs depend on constants, not on variables.",
    "graph-ops": "The outputs depend only on operations without side effects.",
    "graph-unreachable-ops": "No other part of the graph has operations with side effects.",
    "graph-dangling": "Every placeholder is needed by an output.",
    "agreement-layers": "The inputs and outputs of the metadata exist in the network.",
    "agreement-inputs": "The network needs no inputs but those of the metadata.",
    "agreement-dtype": "Element types agree.",
    "agreement-rank": "Numbers of axes agree; the batch axis may be left out.",
    "agreement-width": "Sizes of axes agree.",
    "agreement-classes": "There are as many classes as the predictions have values.",
    "agreement-frontend": "A known front-end makes features of this shape at this sample rate.",
    "agreement-extractor": "A head reads as many values as its extractor's embeddings have.",
    "run-completes": "The network runs, within limits of time and memory.",
    "run-finite": "All outputs are finite.",
    "run-sigmoid": "Sigmoid outputs lie between 0 and 1.",
    "run-softmax": "Softmax outputs sum to 1.",
    "run-repeatable": "Two runs give the same outputs.",
}
"""The id of every check, which does not change, and what holds when it passes."""


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


def listed(items: Iterable[object], most: int = 8) -> str:
    """Join some items into one line; only count the rest."""
    texts = list(map(str, items))
    rest = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + rest
