"""Whether the packages that Python finds are zoo's own: their names are common words.

This file may import nothing from the other packages: they are what it judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("catalog", "freeze", "validate", "predictors", "convert")
MARK = '"""Part of audiozoo'
HOME = Path(__file__).resolve().parent.parent


class HiddenRoomError(ImportError):
    """Another package stands where one of zoo's own should be."""

    exit_code = 5

    def __init__(self, room: str, found: Path | None) -> None:
        self.room = room
        self.found = found
        self.message = f"Python finds another package in the place of zoo's own `{room}`."
        self.why = f"It is {found}." if found else f"No package `{room}` is found at all."
        self.hint = (
            f"Move or rename {found}, or uninstall what brought it; then: "
            "pip install --force-reinstall --no-deps audiozoo"
            if found
            else "Install it again: pip install --force-reinstall --no-deps audiozoo"
        )
        super().__init__(f"{self.message}\n{self.why}\n{self.hint}")


@dataclass(frozen=True)
class Claim:
    """A file of zoo's that another installed distribution lists as its own.

    Attributes
    ----------
    room : str
    distribution : str
    path : Path
    """

    room: str
    distribution: str
    path: Path


def found_file(room: str) -> Path | None:
    """The file that ``import room`` would run."""
    spec = find_spec(room)
    if spec is None:
        return None
    if spec.origin is not None:
        return Path(spec.origin)
    return Path(next(iter(spec.submodule_search_locations or ()), room))  # a namespace package


def require_own_rooms() -> None:
    """Raise HiddenRoomError for the first room that is not zoo's own.

    A file can be hidden by another on the path, or overwritten where it lies
    (pip does so without a word), so both the place and the content are looked at.
    """
    for room in ROOMS:
        found = found_file(room)
        if found is None or found.resolve() != HOME / room / "__init__.py":
            raise HiddenRoomError(room, found)
        with found.open(encoding="utf-8", errors="replace") as file:
            if not file.read(len(MARK)) == MARK:
                raise HiddenRoomError(room, found)


def claims() -> list[Claim]:
    """Find other installed distributions that ship a top-level package of the same name.

    They are harmless until either side is upgraded or removed: pip then
    overwrites or deletes the other's file.
    """
    from importlib.metadata import distributions

    found = []
    for distribution in distributions():
        if distribution.name == "audiozoo":
            continue
        for file in distribution.files or ():
            room = file.parts[0].removesuffix(".py")
            if room in (*ROOMS, "zoo") and (len(file.parts) == 1 or file.name == "__init__.py"):
                path = Path(str(distribution.locate_file(file)))
                if len(file.parts) <= 2:
                    found.append(Claim(room, distribution.name, path))
    return found
