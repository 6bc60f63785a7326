"""The wheel and the sdist hold what an installation needs."""

from __future__ import annotations

import ast
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import zoo
from tests.support import ROOT
from tests.test_arrows import ROOMS

pytestmark = pytest.mark.install


def files(folder: str) -> set[str]:
    """What the repository has in a folder, but what Python keeps there."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if path.suffix != ".pyc"}


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_one_package_with_every_file(wheel: Path) -> None:
    names = {name for name in contents(wheel) if ".dist-info/" not in name}
    inside = {f"zoo/_internal/{name}" for room in ROOMS[:-1] for name in files(room)}
    assert "zoo/_internal/catalog/schema.json" in inside
    assert names == files("zoo") | inside | {"zoo/_internal/__init__.py"}


def test_no_module_has_the_name_of_something_public(wheel: Path) -> None:
    modules = {Path(name).parts[1].removesuffix(".py") for name in contents(wheel)}
    assert "cli" in modules and not modules & set(zoo.__all__)


def test_no_text_names_a_module_where_the_wheel_does_not_have_it(wheel: Path) -> None:
    """As the program of a process, say; but the table of the public face puts the rest before."""
    code = {name: text for name, text in contents(wheel).items() if name.endswith(".py")}
    folders = {name.removesuffix(".py").removesuffix("/__init__") for name in code}
    del code["zoo/__init__.py"]
    for name, text in code.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                room, *inside = node.value.split(".")[:2]
                module = "/".join(["zoo/_internal", room, *inside])
                assert not inside or module not in folders, (name, node.value)


def test_every_import_of_the_wheel_finds_what_it_names(wheel: Path) -> None:
    """Those inside functions, too, which no other test may reach."""
    code = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): ast.parse(text)
        for name, text in contents(wheel).items()
        if name.endswith(".py")
    }
    assert "zoo._internal.catalog.store" in code
    for module, tree in code.items():
        for node in ast.walk(tree):
            name = str(getattr(node, "module", None))
            assert name.partition(".")[0] not in ROOMS[:-1], f"{module}: {name}"
            if isinstance(node, ast.ImportFrom) and name.partition(".")[0] == "zoo":
                assert name in code, f"{module}: {name}"
                there = {"__name__", *_names(code[name]), *(zoo.__all__ if name == "zoo" else ())}
                wanted = {each.name for each in node.names if f"{name}.{each.name}" not in code}
                assert wanted <= there, f"{module}: {name} has no {wanted - there}"


def _names(tree: ast.Module) -> Iterator[str]:
    """What a module, or anything in it, has names for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def test_the_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """The fixture's wheel is made from the sdist; this one is made from the checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir"]
    subprocess.run([*command, str(tmp_path), str(ROOT)], check=True, capture_output=True)
    assert contents(tmp_path / wheel.name) == contents(wheel)


def test_the_sdist_holds_the_tests_and_every_record(distributions: Path) -> None:
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert files("catalog/models") <= names
    assert {"Makefile", "README.md", "LICENSE", "tests/conftest.py", "pyproject.toml"} <= names
