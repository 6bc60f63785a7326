"""A support vector machine as a frozen graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.classifiers.graph import INPUT, SOFTMAX, finished
from freeze.classifiers.preprocessing import ranks_first
from freeze.classifiers.svm import SURE
from freeze.graph.nodes import Nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.classifiers.preprocessing import Step
    from freeze.classifiers.svm import SVM

ROUNDS = 6
"""So often the coupling is gone through; libsvm stops it after at most four in practice."""


def svm_graph(svm: SVM, steps: Sequence[Step] = ()) -> Any:
    """Write a support vector machine as a graph of float32, which every runtime computes with.

    Where Platt's numbers are missing, the output is 1 for the class with most votes, the
    first of equals, and 0 for the others.

    Parameters
    ----------
    svm : SVM
    steps : sequence of Step
        What is done to a row before.

    Returns
    -------
    GraphDef
        From ``model/Placeholder`` [shape=(rows, width)] to ``model/Softmax``
        [shape=(rows, classes)]. The decisions are ``model/decisions`` [shape=(rows, pairs)].
    """
    nodes = Nodes("model")
    rows = nodes.placeholder(INPUT, -1, svm.width)
    for step in ranks_first(steps):
        rows = step.build(rows, nodes)
    similarities, less = _similarities(svm, rows, nodes)
    sums = nodes.product(similarities, svm.by_pair)
    rho = nodes.constant(np.asarray(svm.rho) - less @ svm.by_pair)
    decisions = nodes.add("Sub", sums, rho, name="model/decisions")
    if svm.slope is None or svm.intercept is None:
        found = _elected(svm, decisions, nodes)
    else:
        found = _Coupling(svm, _certainties(svm, decisions, nodes), nodes).solved()
    order = np.argsort(svm.labels)
    if any(np.diff(order) < 0):
        found = nodes.gather(found, nodes.constant(order), 1)
    return finished(nodes, nodes.add("Identity", found, name=SOFTMAX))


def _similarities(svm: SVM, rows: str, nodes: Nodes) -> tuple[str, NDArray[np.float64]]:
    """The kernel of rows and support vectors [shape=(rows, count)], less numbers [shape=(count,)].

    In Gaia's models large coefficients, which sum to zero, meet values that hardly differ: what
    all rows share is left to float64, which is far more exact than float32 could be.
    """
    vectors = np.asarray(svm.vectors, float)
    none = np.zeros(len(vectors))
    if svm.kernel == "linear":
        return nodes.product(rows, vectors.T), none
    centre = vectors.mean(axis=0)
    if svm.kernel == "rbf":
        centred = nodes.add("Sub", rows, nodes.constant(centre))
        return _gaussian(svm.gamma, vectors - centre, centred, nodes), none + 1
    if svm.kernel == "polynomial" and svm.degree == 3:
        centred = nodes.add("Sub", rows, nodes.constant(centre))
        middle = svm.gamma * vectors @ centre + svm.coef0
        return _cubic(svm.gamma * vectors, middle, centred, nodes), middle**3
    products = nodes.product(rows, svm.gamma * vectors.T)
    if svm.coef0:
        products = nodes.add("AddV2", products, nodes.constant(svm.coef0))
    if svm.kernel == "sigmoid":
        return nodes.add("Tanh", products), none
    return _power(products, svm.degree, nodes), none


def _gaussian(gamma: float, vectors: Any, rows: str, nodes: Nodes) -> str:
    """``exp(2 d) - 1`` of ``d = -gamma |x - s|² / 2``, which is ``2 tanh(d) / (1 - tanh(d))``.

    Around the vectors' mean, the squares lose least.
    """
    square = nodes.add("Square", rows)
    own = nodes.add("Sum", square, nodes.constant(np.array([1])), keep_dims=True)
    distances = nodes.add("AddV2", nodes.product(rows, -2 * vectors.T), own)
    squares = nodes.constant((vectors**2).sum(axis=1))
    distances = nodes.add("Maximum", nodes.add("AddV2", distances, squares), nodes.constant(0.0))
    half = nodes.add("Tanh", nodes.add("Mul", distances, nodes.constant(-gamma / 2)))
    rest = nodes.add("Sub", nodes.constant(1.0), half)
    return nodes.add("RealDiv", nodes.add("AddV2", half, half), rest)


def _cubic(vectors: Any, middle: Any, rows: str, nodes: Nodes) -> str:
    """``(m + d)³ - m³`` of ``d = x s``, which is ``d (d (d + 3 m) + 3 m²)``."""
    product = nodes.product(rows, vectors.T)
    sums = nodes.add("AddV2", product, nodes.constant(3 * middle))
    sums = nodes.add("AddV2", nodes.add("Mul", product, sums), nodes.constant(3 * middle**2))
    return nodes.add("Mul", product, sums)


def _power(tensor: str, degree: int, nodes: Nodes) -> str:
    """A positive whole power, by multiplication alone: not every runtime has negative bases."""
    found = ""
    while True:
        if degree & 1:
            found = nodes.add("Mul", found, tensor) if found else tensor
        degree >>= 1
        if not degree:
            return found
        tensor = nodes.add("Square", tensor)


def _certainties(svm: SVM, decisions: str, nodes: Nodes) -> str:
    """How likely the first class of each pair is [shape=(rows, pairs)]."""
    assert svm.slope is not None and svm.intercept is not None
    scaled = nodes.add("Mul", decisions, nodes.constant(-np.asarray(svm.slope)))
    scaled = nodes.add("Sub", scaled, nodes.constant(np.asarray(svm.intercept)))
    certain = nodes.add("Sigmoid", scaled)
    certain = nodes.add("Minimum", certain, nodes.constant(1 - SURE))
    return nodes.add("Maximum", certain, nodes.constant(SURE))


def _elected(svm: SVM, decisions: str, nodes: Nodes) -> str:
    """1 for the class with most votes. Earlier ones of equals count a little more."""
    classes = len(svm.counts)
    won, bonus = np.zeros((len(svm.pairs), classes)), -np.arange(classes) / classes
    for pair, (i, j) in enumerate(svm.pairs):
        won[pair, [i, j]] = 1, -1
        bonus[j] += 1
    first = nodes.number(nodes.add("Greater", decisions, nodes.constant(0.0)))
    votes = nodes.add("AddV2", nodes.product(first, won), nodes.constant(bonus))
    most = nodes.add("Max", votes, nodes.constant(np.array([1])), keep_dims=True)
    return nodes.number(nodes.add("GreaterEqual", votes, most))


class _Coupling:
    """The nodes of `svm.coupled`: the rounds written out, with libsvm's early stop as a mask.

    Parameters
    ----------
    svm : SVM
    certain : str
        How likely the first class of each pair is.
    nodes : Nodes
    """

    def __init__(self, svm: SVM, certain: str, nodes: Nodes) -> None:
        self._nodes, self._classes = nodes, len(svm.counts)
        classes = self._classes
        wins, constant = np.zeros((len(svm.pairs), classes, classes)), np.zeros((classes, classes))
        for pair, (i, j) in enumerate(svm.pairs):
            wins[pair, i, j], wins[pair, j, i] = 1, -1
            constant[j, i] = 1
        won = self._flat(certain, wins, constant)
        lost = self._flat(certain, wins.transpose(0, 2, 1), constant.T)
        self._sums = np.repeat(np.eye(classes), classes, axis=0)  # of the rows of a flat matrix
        self._tiled = np.tile(np.eye(classes), classes)  # copies of a vector, as a flat matrix
        self._own = nodes.product(nodes.add("Square", lost), self._sums)
        diagonal = np.zeros((classes, classes**2))
        diagonal[range(classes), range(0, classes**2, classes + 1)] = 1
        off = nodes.add("Mul", won, lost)
        self._q = nodes.add("Sub", nodes.product(self._own, diagonal), off)
        self._rows = [self._columns(self._q, t * classes, classes) for t in range(classes)]
        self._diagonal = [self._columns(self._own, t, 1) for t in range(classes)]

    def _flat(self, certain: str, matrix: Any, constant: Any) -> str:
        """A matrix of classes against classes, a row for each row of pairs."""
        product = self._nodes.product(certain, matrix.reshape(len(matrix), -1))
        return self._nodes.add("AddV2", product, self._nodes.constant(constant.reshape(-1)))

    def _columns(self, tensor: str, begin: int, count: int) -> str:
        begins, sizes = (self._nodes.constant(each) for each in ([0, begin], [-1, count]))
        return self._nodes.add("Slice", tensor, begins, sizes)

    def solved(self) -> str:
        """Add all rounds; return the probabilities [shape=(rows, classes)]."""
        nodes, classes = self._nodes, self._classes
        zeros = nodes.add("Mul", self._own, nodes.constant(0.0))
        p = nodes.add("AddV2", zeros, nodes.constant(1 / classes))
        for _ in range(ROUNDS):
            p = self._round(p)
        return p

    def _round(self, p: str) -> str:
        """One update of every class, where it is not yet good enough."""
        add, constant = self._nodes.add, self._nodes.constant
        spread = add("Mul", self._q, self._nodes.product(p, self._tiled))
        # A product with a matrix would do, but OpenVINO crashes on it in batches of 4 and of 8.
        square = self._nodes.reshape(spread, -1, self._classes, self._classes)
        qp = add("Sum", square, constant(np.array([2])), keep_dims=False)
        axis = constant(np.array([1]))
        pqp = add("Sum", add("Mul", p, qp), axis, keep_dims=True)
        error = add("Max", add("Abs", add("Sub", qp, pqp)), axis, keep_dims=True)
        enough = constant(0.005 / self._classes)
        going = self._nodes.number(add("GreaterEqual", error, enough))
        new = p
        for t, (row, own) in enumerate(zip(self._rows, self._diagonal, strict=True)):
            new, qp, pqp = self._updated(t, row, own, new, qp, pqp)
        return add("AddV2", p, add("Mul", going, add("Sub", new, p)))

    def _updated(
        self, t: int, row: str, own: str, p: str, qp: str, pqp: str
    ) -> tuple[str, str, str]:
        """The best probability of one class, the others being what they are."""
        add, constant = self._nodes.add, self._nodes.constant
        at = self._columns(qp, t, 1)
        step = add("RealDiv", add("Sub", pqp, at), own)
        whole = add("AddV2", step, constant(1.0))
        change = add("AddV2", add("Mul", step, own), add("AddV2", at, at))
        pqp = add("AddV2", pqp, add("Mul", step, change))
        pqp = add("RealDiv", pqp, add("Square", whole))
        qp = add("RealDiv", add("AddV2", qp, add("Mul", step, row)), whole)
        unit = constant(np.eye(self._classes)[t : t + 1])
        p = add("RealDiv", add("AddV2", p, add("Mul", step, unit)), whole)
        return p, qp, pqp
