"""The engine of the pages as a package for npm: `zoo.js` with TensorFlow.js beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from zoo.version import __version__

BEGIN = (
    "var require = globalThis.require, __dirname = globalThis.__dirname, __filename;\n"
    "var exports, module, define;\n"
)
END = "\nexport {};\n"
"""Around a script of TensorFlow.js: for bundlers it is a module then, which gives ``tf`` to all."""


def about(version: str = __version__) -> dict[str, Any]:
    """What ``package.json`` says."""
    return {
        "name": "audiozoo",
        "version": version,
        "description": "Run audio models in a page, with the numbers of zoo.",
        "license": "Apache-2.0",
        "type": "module",
        "types": "./zoo.d.ts",
        "exports": {
            ".": {"types": "./zoo.d.ts", "node": "./node.js", "default": "./zoo.js"},
            "./*": "./*",
        },
        "sideEffects": ["./worker.js", "./node.js", "./node-worker.js", "./tfjs/*.js"],
    }


def written(version: str = __version__) -> str:
    """The text of ``package.json``."""
    return json.dumps(about(version), indent=2) + "\n"


def copy_tensorflowjs(source: Path, target: Path) -> None:
    """Copy TensorFlow.js, its scripts as modules."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    for path in target.glob("*.js"):
        path.write_text(f"{BEGIN}{path.read_text('utf-8')}{END}", "utf-8")


def classic(text: str) -> str:
    """A script of TensorFlow.js as it was before it became a module."""
    return text.removesuffix(END)
