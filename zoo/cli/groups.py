"""How ``--help`` lists commands."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from typer.core import TyperGroup


class Group(TyperGroup):
    """Lists its commands in groups, each with the first paragraph of its help."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names of commands and what they do: a section per group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            summary = cleandoc(command.help or "").split("\n\n")[0]
            title = getattr(command, "rich_help_panel", None) or "Commands"
            groups.setdefault(title, []).append((name, " ".join(summary.split())))
        for title, rows in groups.items():
            with formatter.section(title):
                formatter.write_dl(rows)
