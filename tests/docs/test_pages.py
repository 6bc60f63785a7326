"""The pages of the documentation agree with the code."""

from __future__ import annotations

import re

import zoo
from catalog import errors
from tests.support import ROOT

DOCS = ROOT / "docs"


def test_everything_public_in_python_is_described() -> None:
    page = (DOCS / "python.md").read_text("utf-8")
    described = set(re.findall(r"^::: zoo\.(\w+)$", page, re.M))
    assert described == {name for name in zoo.__all__ if not name.endswith("Error")}
    rows = dict(re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (\d+) \|", page, re.M))
    codes = {name: int(code) for names, code in rows.items() for name in re.findall(r"\w+", names)}
    assert codes == {
        name: getattr(errors, name).exit_code for name in zoo.__all__ if name.endswith("Error")
    }


def test_every_exit_code_is_in_the_table() -> None:
    table = (DOCS / "json.md").read_text("utf-8").partition("## JSON")[0]
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.M)}
    errors_ = [each for each in vars(errors).values() if isinstance(each, type)]
    assert codes == {0} | {each.exit_code for each in errors_ if issubclass(each, Exception)}


def test_every_page_has_a_place_in_the_navigation() -> None:
    listed = set(re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.M))
    assert listed == {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
