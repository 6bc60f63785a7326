"""What a history is: its steps, what reaches its classifier, and the classifier."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from predictors.descriptors.chain import Chain

if TYPE_CHECKING:
    from freeze.network_file import HistoryFile
    from predictors.descriptors.steps import Classifying


@dataclass(frozen=True)
class Reaching:
    """A descriptor that reaches the classifier.

    Attributes
    ----------
    name : str
    is_text : bool
    size : int or None
        None if there may be any number of values.
    """

    name: str
    is_text: bool
    size: int | None


@dataclass(frozen=True)
class HistorySummary:
    """What a history is.

    Attributes
    ----------
    chain : Chain
    size : int
        In bytes.
    sha256 : str
    """

    chain: Chain
    size: int
    sha256: str

    @classmethod
    def of(cls, file: HistoryFile) -> HistorySummary:
        """Summarize a history.

        Raises
        ------
        NotFoundError, WrongKindError, IntegrityError
        """
        chain = Chain(file.history, str(file.path))
        return cls(chain, file.path.stat().st_size, file.sha256)

    def __repr__(self) -> str:
        told = f"{len(self.chain.steps)} steps, {len(self.reaching)} descriptors"
        return f"HistorySummary({self.chain.name}: {told} -> {', '.join(self.chain.classes)})"

    @property
    def classifier(self) -> Classifying | None:
        return self.chain.classifier

    @cached_property
    def reaching(self) -> list[Reaching]:
        """The descriptors that reach the classifier; all, where there is none."""
        sizes = self.chain.sizes
        return [
            Reaching(name[1:], type.kind != "real", sizes.get(name))
            for name, type in self.chain.needed.items()
        ]

    @property
    def parameters(self) -> int:
        """Numbers in the support vectors and their coefficients."""
        svm = self.classifier and self.classifier.svm
        return svm.vectors.size + svm.coefficients.size if svm else 0

    @property
    def steps(self) -> list[tuple[str, str, int]]:
        """What found each step, what it does, and how many descriptors it takes."""
        return [
            (step.analyzer or "", step.applier, len(step.layout.descriptors))
            for step in self.chain.history
        ]

    def to_json(self) -> dict[str, Any]:
        """The document that ``zoo inspect --json`` prints."""
        classifier = self.classifier
        return {
            "kind": "history",
            "size": self.size,
            "sha256": self.sha256,
            "inputs": [
                {
                    "name": each.name,
                    "dtype": "string" if each.is_text else "float32",
                    "shape": [-1 if each.size is None else each.size],
                    "role": "input",
                }
                for each in self.reaching
            ],
            "outputs": [
                {"name": each.result[1:], "op": "svmpredict", "shape": [len(each.classes)]}
                for each in [classifier]
                if each
            ],
            "parameters": self.parameters,
            "ops": dict(Counter(op for _, op, _ in self.steps)),
            "layers": [
                {
                    "name": f"{number} {analyzer}".strip(),
                    "op": applier,
                    "shape": [count],
                    "parameters": self.parameters if self._asks(number) else 0,
                }
                for number, (analyzer, applier, count) in enumerate(self.steps, 1)
            ],
            "svm": _machine(classifier) if classifier else None,
        }

    def _asks(self, number: int) -> bool:
        return self.chain.steps[number - 1] is self.classifier


def _machine(classifier: Classifying) -> dict[str, Any]:
    svm = classifier.svm
    return {
        "kernel": svm.kernel,
        "gamma": svm.gamma,
        "coef0": svm.coef0,
        "degree": svm.degree,
        "support_vectors": len(svm.vectors),
        "width": svm.width,
        "probability": svm.slope is not None,
        "classes": list(classifier.classes),
    }
