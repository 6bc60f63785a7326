"""What a license allows, in one plain sentence. It helps to choose; the license itself decides."""

from __future__ import annotations

_NON_COMMERCIAL = "You may use and share it for non-commercial purposes, with credit"

_SENTENCES = {
    "CC-BY-NC-SA-4.0": f"{_NON_COMMERCIAL}, and what you build from it under the same license.",
    "CC-BY-NC-ND-4.0": f"{_NON_COMMERCIAL}, but not share changed versions.",
    "LicenseRef-CC-BY-NC-ND": f"{_NON_COMMERCIAL}, but not share changed versions.",
    "CC-BY-NC-4.0": f"{_NON_COMMERCIAL}.",
    "CC-BY-SA-4.0": "You may use and share it, with credit, and changes under the same license.",
    "CC-BY-4.0": "You may use, change and share it for any purpose, with credit.",
    "CC0-1.0": "You may do with it what you like.",
    "ISC": "You may use, change and share it for any purpose, if you keep the copyright notice.",
    "MIT": "You may use, change and share it for any purpose, if you keep the copyright notice.",
    "BSD-3-Clause": (
        "You may use, change and share it for any purpose, if you keep the copyright notice."
    ),
    "Apache-2.0": (
        "You may use, change and share it for any purpose, if you keep the notices and "
        "say what you changed."
    ),
    "AGPL-3.0-only": (
        "You may use, change and share it, if everyone who gets or uses your version over a "
        "network gets its source under the same license."
    ),
}


def in_words(license: str | None) -> str:
    """Say what a license allows.

    Parameters
    ----------
    license : str or None
        SPDX id.
    """
    if license is None:
        return "No license is known: ask the authors before you share or sell what you make."
    return _SENTENCES.get(license, "Read it before you share or sell what you make.")


def warning(license: str) -> str:
    """What someone who publishes a model must think of; empty for licenses that allow it plainly.

    Parameters
    ----------
    license : str
        SPDX id.
    """
    if license not in _SENTENCES:
        return f"Nothing is known here of the license {license}: read whether it lets you share."
    limits = ["unchanged"] if forbids_changes(license) else []
    if "NC" in license.split("-"):
        limits.append("for non-commercial purposes")
    return f"{license} allows sharing {', '.join(limits)} only." if limits else ""


def forbids_changes(license: str) -> bool:
    """Whether a license lets nobody share changed versions."""
    return "ND" in license.split("-")
