"""Models that hear different sample rates: one pass over the audio against one each."""

from __future__ import annotations

import time
from statistics import median

from catalog.index import catalog
from predictors.audio.decoding import read_pieces
from predictors.ensemble import Ensemble
from predictors.model import Model
from tests.bench.essentia import network, songs
from tests.bench.row import Row

MODELS = {
    "msd-musicnn-1": "msd-musicnn-1.pb",
    "deeptemp-k16-3": "deeptemp_k16.pb",
}
"""At 16000 and at 11025 Hz."""
LENGTH = 60
"""Seconds."""


def rates() -> list[Row]:
    """Processor time of a tagger and a tempo model together, and one after the other."""
    graphs = {name: network(name, file) for name, file in MODELS.items()}
    models = [Model(catalog().find(name), graph) for name, graph in graphs.items() if graph]
    if len(models) < len(MODELS):
        return []
    together, apart = Ensemble(models), [Ensemble([model]) for model in models]
    with songs(1, LENGTH) as (song,):
        work = {
            "together": lambda: together.predict(song),
            "apart": lambda: [each.predict(song) for each in apart],
            "decoding": lambda: list(read_pieces(song)),
        }
        times: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(6):
            for name, compute in work.items():
                start = time.process_time()
                compute()
                times[name].append(time.process_time() - start)
    cost = {name: median(found[1:]) for name, found in times.items()}
    return [
        Row(
            f"two models of different rates over {LENGTH} s of MP3 in one pass, CPU time",
            "one after the other",
            cost["together"] / cost["apart"],
            "≤ 1",
            f"decoding, which is shared, is {cost['decoding'] / cost['apart']:.0%} of the latter",
        )
    ]
