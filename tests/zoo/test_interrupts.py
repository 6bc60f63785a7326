"""Ctrl-C at the wrong moment."""

from __future__ import annotations

import _imp
import os
import signal
import time

import pytest

from zoo.interrupts import spare_imports


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_waits_while_a_module_is_looked_for() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    waited = False
    try:
        spare_imports()
        with pytest.raises(KeyboardInterrupt):
            _imp.acquire_lock()
            try:
                signal.raise_signal(signal.SIGINT)
                time.sleep(0.05)  # tried again, and again in vain
                waited = True
            finally:
                _imp.release_lock()
            time.sleep(20)
    finally:
        signal.signal(signal.SIGINT, before)
    assert waited
