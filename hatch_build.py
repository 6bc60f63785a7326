"""One name in site-packages: what the repository has beside `zoo`, a wheel has in it."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class OneName(BuildHookInterface):  # type: ignore[type-arg]
    """Copy the folders to where the wheel has them; an editable installation uses them as is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        rooms: list[str] = self.config["rooms"]
        self._copy = TemporaryDirectory()
        zoo = Path(self._copy.name, "zoo")
        for room, to in {"zoo": zoo, **{room: zoo / "_internal" / room for room in rooms}}.items():
            shutil.copytree(Path(self.root, room), to, ignore=shutil.ignore_patterns("*.pyc"))
        (zoo / "_internal" / "__init__.py").write_text('"""Not for import: see `zoo`."""\n')
        for file in zoo.rglob("*.py"):
            file.write_text(moved(file.read_text("utf-8"), rooms), "utf-8")
        build_data["force_include"][str(zoo)] = "zoo"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._copy.cleanup()


def moved(code: str, rooms: list[str]) -> str:
    """Import the rooms from where they are in the wheel."""
    lines = code.split("\n")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in rooms:
            row, column = node.lineno - 1, node.col_offset + len("from ")
            lines[row] = f"{lines[row][:column]}zoo._internal.{lines[row][column:]}"
        elif isinstance(node, ast.Import):
            wrong = [name for name in node.names if name.name.partition(".")[0] in rooms]
            assert not wrong, f"Write `from … import`, not `{ast.unparse(node)}`."
    return "\n".join(lines)
