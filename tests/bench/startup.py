"""How soon the small commands answer."""

from __future__ import annotations

import os
import sys
import tempfile

from tests.bench.row import ZOO, Row, medians

COMMANDS = (["--help"], ["ls"], ["search", "saxophone"], ["info", "msd-musicnn-1"])


def startup() -> list[Row]:
    """Whole process of each small command against importing typer alone."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["ZOO_HOME"] = home
        commands = [[*ZOO, *arguments] for arguments in COMMANDS]
        base, *times = medians([[sys.executable, "-c", "import typer"], *commands], rounds=9)
    against = '`python -c "import typer"`'
    return [
        Row(
            f"`zoo {' '.join(arguments)}`",
            against,
            time / base,
            "≤ 2.5",
            f"typer is {base / time:.0%}; the rest: the catalog's and the commands' own modules",
        )
        for arguments, time in zip(COMMANDS, times, strict=True)
    ]
