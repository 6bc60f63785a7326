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
        owners = sorted({claim.distribution for claim in claims() if claim.room == room})
        self.why = f"It is {found}." if found else "No such package is found at all."
        self.hint = "Install again: pip install --force-reinstall --no-deps audiozoo"
        if owners:
            self.why += f" Installed by: {', '.join(owners)}."
            self.hint = f"Remove it (pip uninstall {' '.join(owners)}). {self.hint}"
        elif found and found.parent.parent != HOME:
            self.hint = "Move or rename that file, or start from another folder."
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

    names = {*ROOMS, "zoo"}
    return [
        Claim(file.parts[0], distribution.name, Path(str(distribution.locate_file(file))))
        for distribution in distributions()
        if distribution.name != "audiozoo"
        for file in distribution.files or ()
        if file.name == "__init__.py" and len(file.parts) == 2 and file.parts[0] in names
    ]
