"""A process that forks commands and kills them at random moments: ``python killing.py PLAN``.

Forked, since a new process would spend nearly all of its time, and most kills, on imports.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


class Plan(NamedTuple):
    """What to run, and to kill.

    Attributes
    ----------
    commands : list of list of str
        One of them is taken for each round, without ``zoo``.
    rounds : int
    seed : int
    span : float
        Seconds after which the latest kill comes; 0 lets all commands end.
    engine : str
        A folder in the place of TensorFlow.js.
    """

    commands: list[list[str]]
    rounds: int
    seed: int
    span: float
    engine: str


def main() -> None:
    """Carry out the plan: tell exit code and seconds of each round, and wait for a line."""
    plan = Plan(**json.loads(sys.argv[1]))
    _prepare(plan.engine)
    moments = random.Random(plan.seed)
    for _ in range(plan.rounds):
        words = moments.choice(plan.commands)
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _run(words)
        if plan.span:
            time.sleep(moments.uniform(0, plan.span))
            os.kill(child, moments.choice(SIGNALS))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code, time.monotonic() - begun, flush=True)
        sys.stdin.readline()


def _prepare(engine: str) -> None:
    """Import what commands import, without what would take long and is tested elsewhere."""
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    import jsonschema  # noqa: F401
    import openvino  # noqa: F401

    import zoo.exporting.exporter
    import zoo.freezing.frozen_model
    import zoo.pulling.puller  # noqa: F401
    from validate import run
    from zoo import npm

    setattr(run, "check", lambda request: [])  # noqa: B010
    setattr(npm, "tensorflowjs", lambda store: Path(engine))  # noqa: B010
    setattr(shutil, "which", lambda name: None)  # noqa: B010


def _run(words: list[str]) -> Any:
    """Be the command ``zoo``."""
    from zoo import cli

    code = 1
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            sys.argv = ["zoo", *words]
            code = cli.run()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
