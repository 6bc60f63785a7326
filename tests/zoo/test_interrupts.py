"""Ctrl-C at the wrong moment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import _imp, signal, time
from zoo.interrupts import spare_imports

signal.signal(signal.SIGINT, signal.default_int_handler)
spare_imports()
try:
    _imp.acquire_lock()
    signal.raise_signal(signal.SIGINT)
    time.sleep(0.05)  # tried again, and again in vain
    print("waited")
    _imp.release_lock()
    time.sleep(20)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_waits_while_a_module_is_looked_for() -> None:
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["waited", "interrupted"]
