"""The list of checks, which other programs rely on."""

from __future__ import annotations

import re

from tests.support import ROOT
from validate.report import CHECKS, Report, compared, failed, passed, warned

DOCUMENT = ROOT / "docs" / "checks.md"


def test_the_documentation_tells_every_check_in_order_in_the_same_words() -> None:
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert rows == list(CHECKS.items())


def test_every_id_is_kebab_case_with_a_group_and_every_meaning_a_sentence() -> None:
    groups = {"metadata", "file", "graph", "agreement", "history", "run"}
    for id, meaning in CHECKS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", id)
        assert id.partition("-")[0] in groups
        assert re.fullmatch(r"[A-Z].*\.", meaning)


def test_a_report_has_every_check_once_and_in_order() -> None:
    report = Report.of("x", [passed("run-finite"), failed("file-kind", "a", "b")])
    assert [check.id for check in report.checks] == list(CHECKS)
    assert [check.id for check in report.having("failed")] == ["file-kind"]
    assert len(report.having("not-applicable")) == len(CHECKS) - 2


def test_only_failures_are_not_ok_unless_strict() -> None:
    report = Report.of("x", [warned("metadata-link", "a", "b")])
    assert report.ok
    assert not report.strict().ok
    assert report.strict().having("warned") == []


def test_a_report_without_a_check_that_applied_is_not_ok() -> None:
    assert not Report.of("x", []).ok
    assert Report.of("x", [passed("file-kind")]).ok


def test_differences_are_joined_and_equal_ones_told_once() -> None:
    check = compared("run-finite", [("finite", "a"), ("finite", "b")])
    assert (check.status, check.expected, check.found) == ("failed", "finite", "a, b")
    assert compared("run-finite", []).status == "passed"
