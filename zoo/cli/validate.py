"""``zoo validate``: does a file hold what its record says."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.errors import UsageError
from zoo import output
from zoo.display import WIDTH

if TYPE_CHECKING:
    from validate.report import Check, Report
    from validate.target import Target

_FILES = (".json", ".onnx", ".pb", ".zip")
_SHOWN: tuple[Literal["failed"], Literal["warned"]] = ("failed", "warned")
_INDENT = " " * 8


def validate(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|FILE…",
            help="Models, metadata (.json, and its network after it), networks (.pb, .onnx, "
            "a TensorFlow.js folder or .zip), or folders of these.",
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--catalog", help="Every record of the catalog, files left out.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Take warnings as failures.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow-op", metavar="OP", help="An operation to allow; may be repeated."),
    ] = None,
    correct: Annotated[
        bool,
        typer.Option("--fix", help="Write into the metadata what the network knows better."),
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Judge records and networks: by themselves, beside each other, and by running them."""
    from validate.target import judge

    targets = [*_records(), *_targets(what or [])] if whole else _targets(what or [])
    if not targets:
        raise UsageError("Validate what?", hint="zoo validate NAME, FILE or --catalog")
    if correct:
        _fix(targets, as_json)
    reports = [judge(target, allow or ()) for target in targets]
    if strict:
        reports = [report.strict() for report in reports]
    ok = all(report.ok for report in reports)
    if as_json:
        output.document({"ok": ok, "targets": [report.to_json() for report in reports]})
    else:
        _tell(reports)
    if not ok:
        raise typer.Exit(1)


def _records() -> list[Target]:
    """Every record of the catalog, without what is installed of it."""
    from catalog.index import catalog
    from validate.target import Target

    return [Target(model.id, model.id, record=model) for model in catalog().models]


def _targets(words: list[str]) -> list[Target]:
    """What words mean: paths, a metadata file before its network, and names."""
    from catalog.index import catalog
    from freeze.network_file import NetworkFile
    from validate import target

    targets: list[Target] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        looks_so = os.sep in word and not catalog().is_further(word)
        if not (word.endswith(_FILES) or looks_so or Path(word).exists()):
            targets.append(target.of_model(catalog().find(word)))
        elif word.endswith(".json") and waiting and _is_network(waiting[0]):
            targets.append(target.of_pair(Path(word), NetworkFile(Path(waiting.pop(0)))))
        else:
            targets += target.of_path(Path(word))
    return targets


def _is_network(word: str) -> bool:
    return word.endswith((".onnx", ".pb", ".zip")) or Path(word, "model.json").is_file()


def _fix(targets: Iterable[Target], as_json: bool) -> None:
    """Correct the metadata files that have a network; show what changed."""
    from validate.fix import fix
    from validate.target import described_graph

    pairs = [(each.metadata, each) for each in targets if each.metadata and each.network]
    if not pairs:
        raise UsageError(
            "There is no metadata file to correct.",
            why="--fix needs a .json and the network that it describes.",
            hint="zoo validate --fix FILE.json FILE.pb",
        )
    for path, target in pairs:
        found = described_graph(target)
        difference = fix(path, found) if found else ""
        if difference and not as_json:
            print(difference, end="")
        output.say(f"{path}: {'corrected' if difference else 'nothing to correct'}.")


def _tell(reports: list[Report]) -> None:
    """Show what failed, then what warned; like findings of several targets together."""
    from validate.report import listed

    for status in _SHOWN:
        groups: dict[Check, list[str]] = {}
        for report in reports:
            for check in report.having(status):
                groups.setdefault(check, []).append(report.target)
        for check, names in groups.items():
            _lines(f"{status}  {check.id}  ", listed(names, 3))
            _lines(f"{_INDENT}expected  ", check.expected)
            _lines(f"{_INDENT}found     ", check.found)
    counts = Counter(check.status for report in reports for check in report.checks)
    subject = reports[0].target if len(reports) == 1 else f"{len(reports)} targets"
    told = [f"{counts[s]} {s}" for s in ("failed", "warned", "passed") if counts[s]]
    output.say(f"{subject}: {', '.join(told)}.")


def _lines(head: str, text: str | None) -> None:
    indent = " " * len(head) if head.startswith(_INDENT) else _INDENT
    print(
        textwrap.fill(
            text or "",
            WIDTH,
            initial_indent=head,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
    )
