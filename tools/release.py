"""What a release is besides the wheel: its notes, and `zoo.js` as a package for npm.

Run ``python tools/release.py dist v0.2.0`` from the top folder; without a tag, the version is
taken from the code. All places that name the version must agree.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

from catalog.store import Store
from zoo.npm import tensorflowjs
from zoo.publishing.package import copy_tensorflowjs, written
from zoo.version import __version__

ROOT = Path(__file__).parent.parent
WEB = ROOT / "zoo" / "web"


def versions(root: Path = ROOT) -> dict[str, str]:
    """The version in each place that names it."""
    cited = re.search(r"^version: (.+)$", (root / "CITATION.cff").read_text("utf-8"), re.M)
    changed = re.search(r"^## (\S+)", (root / "CHANGELOG.md").read_text("utf-8"), re.M)
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert cited and changed
    return {
        "zoo/version.py": __version__,
        "pyproject.toml": project["version"],
        "CITATION.cff": cited[1],
        "CHANGELOG.md": changed[1],
    }


def notes(version: str, root: Path = ROOT) -> str:
    """The section of a version in the changelog, without its heading."""
    text = (root / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if not found:
        raise SystemExit(f"CHANGELOG.md has no section of {version}.")
    return found[1].strip() + "\n"


def package(folder: Path, version: str) -> None:
    """Make the folder that `npm publish` takes: the engine, its types, and TensorFlow.js."""
    folder.mkdir(parents=True)
    for path in [*WEB.glob("*.js"), WEB / "zoo.d.ts", ROOT / "LICENSE"]:
        shutil.copy(path, folder)
    copy_tensorflowjs(tensorflowjs(Store.default()), folder / "tfjs")
    shutil.copy(ROOT / "docs" / "web.md", folder / "README.md")
    (folder / "package.json").write_text(written(version), "utf-8")


def main(folder: Path, tag: str = f"v{__version__}") -> None:
    wrong = {place: found for place, found in versions().items() if f"v{found}" != tag}
    if wrong:
        raise SystemExit(f"The release is {tag}, but {wrong} say otherwise.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes.md").write_text(notes(__version__), "utf-8")
    package(folder / "npm", __version__)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
