"""The script ``zoo``, and ``python -m zoo``."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

MANY = 200_000
"""New objects after which rubbish is collected: modules make a third, and none of them is any."""
TURN = 0.001
"""Seconds for which a thread goes on in Python while another one, back from OpenVINO, waits."""


def main() -> NoReturn:
    """Run the command; Ctrl-C before and after it ends it without a traceback, too."""
    gc.set_threshold(MANY)
    sys.setswitchinterval(TURN)
    code = 1

    def leave() -> None:
        with suppress(AttributeError, OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)

    # Called behind all others: what the system takes back at once need not be taken apart.
    atexit.register(leave)
    try:
        from zoo import cli

        cli.main()
    except KeyboardInterrupt:
        code = 130
        sys.exit(code)
    except SystemExit as end:
        code = int(end.code or 0)
        raise


if __name__ == "__main__":
    main()
