"""Processes that work for this one."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import Future

import pytest

from catalog.workers import workers
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow


def nothing() -> None:
    """What a process needs before it works."""


def number(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_error_ends_them_in_the_middle_of_their_work_and_nobody_elses() -> None:
    other = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    other.start()
    waiting: list[Future[int]] = []
    with pytest.raises(KeyboardInterrupt), workers(1, nothing) as pool:
        process = pool.submit(number, 0).result()
        waiting += [pool.submit(number, 60) for _ in range(5)]
        raise KeyboardInterrupt
    wait_for(lambda: not is_running(process))
    assert other.pid and is_running(other.pid)
    other.terminate()
    other.join()


def test_they_finish_what_was_handed_out() -> None:
    with workers(2, nothing) as pool:
        found = [pool.submit(number, 0.01) for _ in range(6)]
    assert all(each.result() != os.getpid() for each in found)
    processes = {each.result() for each in found}
    wait_for(lambda: not any(map(is_running, processes)))
