"""Can a history of Gaia be read, and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import WrongKindError, ZooError, listed
from predictors.descriptors.chain import Chain
from validate.files import compared_bytes, sentence
from validate.report import Check, compared, failed, passed, warned
from validate.run import TOLERANCE

if TYPE_CHECKING:
    from catalog.record import Record
    from freeze.network_file import HistoryFile
    from predictors.descriptors.steps import Classifying

KIND = "a history of Gaia"


def check(file: HistoryFile, record: Record, known: Record | None) -> list[Check]:
    """Judge a history by itself, beside what describes it, and by asking it.

    Parameters
    ----------
    file : HistoryFile
    record : Record
        What describes it.
    known : Record or None
        The catalog's record of this name.
    """
    try:
        history = file.history
    except WrongKindError as error:
        return [failed("file-kind", KIND, sentence(error))]
    except ZooError as error:
        return [passed("file-kind"), failed("file-whole", "a whole history", sentence(error))]
    made = [passed("file-kind"), passed("file-whole")]
    made += compared_bytes(file, "history", record, known)
    try:
        chain = Chain(history, str(file.path))
    except ZooError as error:
        return [*made, failed("history-steps", "steps that Gaia knows", error.why)]
    return [*made, passed("history-steps"), *_asked(chain)]


def _asked(chain: Chain) -> list[Check]:
    """Judge the classifier, what it reads, and what it says."""
    classifier = chain.classifier
    if classifier is None:
        return [warned("history-classifier", "a step svmpredict", "none")]
    twice = len(set(classifier.classes)) < len(classifier.classes)
    names = listed(classifier.classes)
    made = [compared("history-classifier", [("names that differ", names)] * twice)]
    try:
        asked = chain.example()
    except ZooError as error:
        return [*made, failed("history-descriptors", "descriptors that steps give", error.why)]
    made += [passed("history-descriptors"), _sizes(classifier)]
    try:
        first, second = (chain.answer(asked).activations for _ in range(2))
    except ZooError as error:
        return [*made, failed("run-completes", "an answer", sentence(error))]
    finite = bool(np.isfinite(first).all())
    off = abs(float(first.sum()) - 1) > TOLERANCE
    same = bool((first == second).all())
    return [
        *(*made, passed("run-completes")),
        compared("run-finite", [("finite values", "others")] * (not finite)),
        compared("run-softmax", [("a sum of 1", f"{first.sum():.4g}")] * (finite and off)),
        compared("run-repeatable", [("equal", "others")] * (finite and not same)),
    ]


def _sizes(classifier: Classifying) -> Check:
    """Find descriptors whose sizes only a file tells, and texts without numbers."""
    types, tables = classifier.layout.descriptors, classifier.layout.tables
    loose = [name[1:] for name in classifier.names if name in types and types[name].size is None]
    bare = [
        name[1:]
        for name in classifier.names
        if name in types and types[name].kind == "enum" and not tables.get(name)
    ]
    if not loose and not bare:
        return passed("history-sizes")
    return warned("history-sizes", "sizes and tables for all", listed([*loose, *bare]))
