"""Commands that are killed at random moments, and what they leave.

``ZOO_KILLS=N`` kills N times in all.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

from catalog.store import Store, sha256_of
from tests.support.forking import Forks

SCENES = 19
ROUNDS = -(-int(os.environ.get("ZOO_KILLS", 57)) // SCENES)
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
ENDS = {130, *(-each for each in SIGNALS)}
"""Exit codes of who was killed."""

Words = tuple[object, ...]
State = dict[str, str]


def state(path: Path) -> State:
    """The digests of a file, or of the files in a folder; nothing if there is none.

    What is not finished, and goes with the next run, is left out.
    """
    if path.is_file():
        return {path.name: sha256_of(path)}
    files = (each for each in path.rglob("*") if each.is_file() and each.name[:5] != ".zoo-")
    return {each.relative_to(path).as_posix(): sha256_of(each) for each in files}


class Lab:
    """A folder for outputs, a store, and a place for temporary files, each empty."""

    def __init__(self, above: Path, forks: Forks) -> None:
        self.forks, self.seed = forks, random.randrange(10_000)
        self.out, self.temporary = above / "out", above / "tmp"
        self.store = Store(above / "store")
        for folder in (self.out, self.temporary):
            folder.mkdir()

    def run(self, *command: object, codes: tuple[int, ...] = (0,)) -> float:
        """Run one command to its end; the seconds that it takes."""
        answer = self.forks.run(*command, folder=self.out)
        assert answer.code in codes, answer
        return answer.wall

    def kill(
        self,
        *commands: Words,
        look: Callable[[], None],
        span: float,
        begin: Callable[[], object] = lambda: None,
        codes: tuple[int, ...] = (0,),
    ) -> None:
        """Run commands in any order, kill each, and look what there is.

        Those that end before they are killed do so with one of the codes.
        """
        moments, killed = random.Random(self.seed), 0
        for number in range(ROUNDS):
            begin()
            words = moments.choice(commands)
            when = moments.uniform(0, span), moments.choice(SIGNALS)
            answer = self.forks.run(*words, folder=self.out, kill=when)
            killed += answer.code in ENDS
            try:
                assert answer.code in {*codes, *ENDS}, answer
                self.forks.wait_for_all()
                look()
            except AssertionError as error:
                told = f"seed {self.seed}, round {number}: {words}, {when}"
                raise AssertionError(told) from error
        assert killed or ROUNDS < 20

    def left(self) -> list[str]:
        """What nobody should find: in the place for temporary files, and hidden beside outputs."""
        hidden = [path for path in self.out.rglob(".*") if "zoo" in path.name]
        parts = list(self.store.parts.glob("*")) if self.store.parts.is_dir() else []
        return [str(path) for path in (*self.temporary.iterdir(), *hidden, *parts)]
