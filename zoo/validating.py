"""Records and networks judged: what words mean, and what comes out."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from freeze.formats import gaia

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from validate.report import Report
    from validate.target import Target

_FILES = (".json", ".onnx", ".pb", ".zip", gaia.ENDING)


@dataclass(frozen=True)
class Validation:
    """The reports of all targets.

    Attributes
    ----------
    reports : tuple of Report
    fixes : dict of Path to str
        What was corrected in each metadata file, as a unified diff; empty if nothing was.
    """

    reports: tuple[Report, ...]
    fixes: dict[Path, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every target could be judged, and nothing failed."""
        return all(report.ok for report in self.reports)

    def to_json(self) -> dict[str, Any]:
        """The document that ``zoo validate --json`` prints."""
        return {"ok": self.ok, "targets": [report.to_json() for report in self.reports]}

    def __str__(self) -> str:
        counts = Counter(check.status for report in self.reports for check in report.checks)
        one = len(self.reports) == 1
        subject = self.reports[0].target if one else f"{len(self.reports)} targets"
        told = [f"{counts[s]} {s}" for s in ("failed", "warned", "passed") if counts[s]]
        return f"{subject}: {', '.join(told) or 'nothing could be judged'}"

    def __repr__(self) -> str:
        return f"<Validation of {self}>"


def validate(
    *what: str | Path,
    catalog: bool = False,
    strict: bool = False,
    allow_op: Sequence[str] = (),
    fix: bool = False,
) -> Validation:
    """Check records and networks: each alone, together, and by running them.

    Parameters
    ----------
    *what : str or Path
        Names in the catalog; metadata (``.json``, and its network after it), networks, or
        folders of these.
    catalog : bool
        Every record of the catalog, without its files.
    strict : bool
        Treat warnings as failures.
    allow_op : sequence of str
        Operations to allow beyond the list.
    fix : bool
        First write into the metadata what the network knows better, or alone.

    Raises
    ------
    NotFoundError
        There is nothing of a name.
    UsageError
        There is no metadata file to correct.

    Examples
    --------
    >>> found = zoo.validate("tiny.pb")
    >>> found
    <Validation of tiny.pb: ... passed>
    >>> found.ok, [check.id for check in found.reports[0].having("failed")]
    (True, [])
    """
    from validate import target

    targets = [*(_records() if catalog else ()), *_targets(map(str, what))]
    if not targets:
        raise UsageError("Which model or file?", hint="Name some: zoo validate NAME FILE")
    fixes = dict(_corrected(targets)) if fix else {}
    reports = (target.judge(each, allow_op) for each in targets)
    return Validation(tuple(each.strict() if strict else each for each in reports), fixes)


def _records() -> list[Target]:
    """Every record of the catalog, without what is installed of it."""
    from catalog.index import catalog
    from validate.target import Target

    return [Target(model.id, model.id, record=model) for model in catalog().models]


def _targets(words: Iterable[str]) -> list[Target]:
    """What words mean: paths, a metadata file before its network, and names."""
    from catalog.index import catalog
    from freeze.network_file import opened
    from validate import target

    found: list[Target] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        looks_so = os.sep in word and not catalog().is_further(word)
        if not (word.endswith(_FILES) or looks_so or Path(word).exists()):
            found.append(target.of_model(catalog().find(word)))
        elif word.endswith(".json") and waiting and _is_network(waiting[0]):
            found.append(target.of_pair(Path(word), opened(Path(waiting.pop(0)))))
        else:
            found += target.of_path(Path(word))
    return found


def _is_network(word: str) -> bool:
    inside = (Path(word, name) for name in ("model.json", "saved_model.pb"))
    return word.endswith(_FILES[1:]) or any(path.is_file() for path in inside)


def _corrected(targets: Iterable[Target]) -> Iterator[tuple[Path, str]]:
    """Correct the metadata files that have a network; yield what changed in each.

    Raises
    ------
    UsageError
        There is none.
    """
    from validate.fix import fix
    from validate.target import described_graph

    pairs = [(each.metadata, each) for each in targets if each.metadata and each.network]
    if not pairs:
        raise UsageError(
            "There is no metadata file to correct.",
            why="A correction needs a .json and the network that it describes.",
            hint="zoo validate FILE.json FILE.pb --fix",
        )
    for path, target in pairs:
        described = described_graph(target)
        yield path, fix(path, described) if described else ""
