"""One model in many threads and processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.record import Record
from predictors.ensemble import Ensemble
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import lab

CALLS = 48


@pytest.fixture
def head(predictor: Predictor, tmp_path: Path) -> Predictor:
    made = lab.Head(tmp_path, predictor.record.id)
    return Predictor(Model(Record(made.record), made.path, predictor.model))


def clips() -> list[Any]:
    return [lab.impulses(16000) * np.float32(1 - call / CALLS) for call in range(CALLS)]


def test_six_threads_may_ask_one_model(head: Predictor, compiled: list[Any]) -> None:
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(head.predict, clips()))
    assert len(compiled) == 2  # the extractor and the head
    for clip, one in zip(clips(), found, strict=True):
        np.testing.assert_array_equal(one.activations, head.predict(clip).activations)


def test_asyncio_may_ask_an_ensemble(head: Predictor, predictor: Predictor) -> None:
    both = Ensemble([predictor.model, head.model])

    async def ask() -> list[Any]:
        asked = (asyncio.to_thread(both.predict, clip) for clip in clips()[:12])
        return await asyncio.gather(*asked)

    for clip, found in zip(clips(), asyncio.run(ask()), strict=False):
        for id, expected in both.predict(clip).items():
            np.testing.assert_array_equal(found[id].activations, expected.activations)


@pytest.mark.slow
def test_a_used_model_may_be_pickled_into_other_processes(head: Predictor) -> None:
    expected = [head.predict(clip) for clip in clips()[:4]]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, context) as pool:
        found = list(pool.map(head.predict, clips()[:4]))
        ensemble = pool.submit(Ensemble([head.model]).predict, clips()[0]).result()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.activations, other.activations, atol=1e-6)
        assert (one.classes, one.model) == (other.classes, other.model)
    assert list(ensemble) == [head.record.id]
    assert pickle.loads(pickle.dumps(expected[0])).top(1) == expected[0].top(1)
