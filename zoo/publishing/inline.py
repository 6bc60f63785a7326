"""One script of several: a module of the web engine with all that it imports.

A page that is opened from a disk may fetch nothing, so it holds its modules in itself. They are
ours, and written so that a few patterns find what they import and export.
"""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import normpath

from zoo.publishing.package import classic

_IMPORT = re.compile(r'^(import|export) (?:\{([^}]*)\} from )?"(\.[^"]+)";\n', re.M)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const) (\w+))", re.M)


def script(entry: Path) -> str:
    """Put a module and all that it imports into one script, which is no module itself.

    Each becomes a function that returns what it exports, in an order in which nothing is missing.
    What is imported for its effect alone is a classic script already, and stays as it is.

    Parameters
    ----------
    entry : Path
        Its imports, as those of all modules, are relative addresses: ``"./name.js"``.

    Returns
    -------
    str
        It declares a constant of what `entry` exports, named after it: ``zoo_js`` of ``zoo.js``.
    """
    written: dict[str, str] = {}
    _write(entry.name, entry.parent, written)
    return "\n".join(written.values())


def modules(*entries: Path) -> list[Path]:
    """Modules with all that they import, but for classic scripts: what a page will ask for."""
    found = dict.fromkeys(entries)
    for module in (waiting := list(entries)):
        for _, names, address in _IMPORT.findall(module.read_text()):
            other = Path(normpath(module.parent / address))
            if names and other not in found:
                found[other] = None
                waiting.append(other)
    return list(found)


def _write(name: str, folder: Path, written: dict[str, str]) -> None:
    """Add a module to those that are written already, after those that it imports."""
    text = (folder / name).read_text()
    exported = [found[1] for found in _EXPORT.findall(text)]

    def bound(found: re.Match[str]) -> str:
        kind, names, address = found.groups()
        other = normpath(f"{Path(name).parent}/{address}")
        if names is None:
            written.setdefault(other, classic((folder / other).read_text()))
            return ""
        if other not in written:
            _write(other, folder, written)
        if kind == "export":
            exported.extend(each.strip() for each in names.split(",") if each.strip())
        return f"const {{{names}}} = {_constant(other)};\n"

    body = _EXPORT.sub(r"\1", _IMPORT.sub(bound, text))
    end = f"return {{ {', '.join(exported)} }};\n}})();\n"
    written[name] = f"const {_constant(name)} = (() => {{\n{body}\n{end}"


def _constant(name: str) -> str:
    return re.sub(r"\W", "_", name)
