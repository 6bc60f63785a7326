"""Converters that import TensorFlow, each in a process of its own.

A program reads one JSON request on stdin and writes one JSON answer on stdout; graphs and models
are files that the request names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from freeze.tensorflow_process import sentence
from freeze.with_tensorflow import ENVIRONMENT


def ask(module: str, request: Mapping[str, Any]) -> str:
    """Let the program of a module convert; why it did not, or nothing."""
    child = subprocess.run(
        [sys.executable, "-P", "-m", module],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **ENVIRONMENT, "PYTHONHASHSEED": "0"},  # for the same bytes each time
    )
    try:
        return str(json.loads(child.stdout).get("error", ""))
    except ValueError:
        said = child.stderr.strip().splitlines()
        return said[-1] if said else f"Its exit code is {child.returncode}."


def answer(convert: Callable[[Mapping[str, Any]], None]) -> None:
    """Answer the request that waits on stdin; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    told = {}
    try:
        convert(json.load(sys.stdin))
    except Exception as error:
        told = {"error": f"{type(error).__name__}: {sentence(error)}"}
    json.dump(told, answers)
    answers.flush()
