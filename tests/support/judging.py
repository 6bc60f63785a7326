"""Verdicts of `zoo validate`, as tests ask for them."""

from __future__ import annotations

from pathlib import Path

from freeze.network_file import NetworkFile
from validate import target
from validate.report import Report


def judge(path: Path, document: Path | None = None) -> Report:
    """Judge the one model at a path, or a network by a record from elsewhere."""
    if document:
        return target.judge(target.of_pair(document, NetworkFile(path)))
    (found,) = target.of_path(path)
    return target.judge(found)


def verdicts(report: Report) -> dict[str, str]:
    """Every check that did not pass, but applies."""
    return {c.id: c.status for c in report.checks if c.status in ("failed", "warned")}
