"""How long a collection will take, told from a sample of it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from catalog.errors import NoError
from catalog.workers import available_cores
from zoo import api
from zoo.addresses import is_address

if TYPE_CHECKING:
    from zoo.finding import Found
    from zoo.predicting.request import Request

SAMPLE = 30
"""Files whose headers are read."""

HEARD = 3
"""Files of these that are heard, by a single thread, behind one to warm up."""


@dataclass(frozen=True)
class Estimate:
    """What a collection comes to.

    Attributes
    ----------
    files : int
    hours : float
        Of audio.
    core_hours : float
        That one core would need.
    cores : int
        Of this machine.
    """

    files: int
    hours: float
    core_hours: float
    cores: int

    def __str__(self) -> str:
        here = _told(self.core_hours / self.cores)
        return (
            f"{self.files:,} files, about {self.hours:,.1f} hours of audio.\n"
            f"About {here} on this machine ({self.cores} cores), "
            f"{_told(self.core_hours)} of one core."
        )


def estimate(
    models: Sequence[Found],
    files: Iterable[str],
    request: Request,
    *,
    runtime: str = "openvino",
) -> Estimate:
    """Count files, read the headers of some, and hear a few of these.

    Parameters
    ----------
    models : sequence of Found
    files : iterable of str
        Read once; addresses are only counted.
    request : Request
    runtime
        See `zoo.load`.

    Raises
    ------
    NoError
        None of the sample can be heard.
    """
    from predictors.runtimes import openvino_engine

    count, sample = _sampled(files)
    lengths = {file: length for file in sample if (length := _length(file))}
    if not lengths:
        raise NoError(
            f"None of {len(sample)} files of the sample can be heard.",
            why="A sample is taken of files on this machine.",
        )
    hours = count * sum(lengths.values()) / len(lengths) / 3600
    chosen = list(lengths)[: HEARD + 1]
    before, openvino_engine.threads = openvino_engine.threads, 1
    try:
        ensemble = api.load_many(models, runtime=runtime)
        request.run(ensemble, chosen[0])
        start = perf_counter()
        for file in chosen[-HEARD:]:
            request.run(ensemble, file)
        rate = (perf_counter() - start) / sum(lengths[file] for file in chosen[-HEARD:])
    finally:
        openvino_engine.threads = before
    return Estimate(count, hours, hours * rate, available_cores())


def _sampled(files: Iterable[str]) -> tuple[int, list[str]]:
    """How many files there are, and some of those on this machine, each as likely as any."""
    sample: list[str] = []
    chance, count, local = random.Random(0), 0, 0
    for file in files:
        count += 1
        if is_address(file):
            continue
        local += 1
        if len(sample) < SAMPLE:
            sample.append(file)
        elif (place := chance.randrange(local)) < SAMPLE:
            sample[place] = file
    return count, sample


def _length(file: str) -> float:
    """What a file's header says of its length, in seconds; 0 if it says nothing."""
    import av

    try:
        with av.open(file) as container:
            return float(container.duration or 0) / float(av.time_base)
    except (OSError, av.FFmpegError):
        return 0


def _told(hours: float) -> str:
    if hours * 60 < 1:
        return f"{hours * 3600:.0f} s"
    return f"{hours * 60:.0f} minutes" if hours < 2 else f"{hours:,.1f} hours"
