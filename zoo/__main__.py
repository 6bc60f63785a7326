"""The script ``zoo``, and ``python -m zoo``."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command; Ctrl-C before and after it ends it without a traceback, too."""
    try:
        from zoo import cli

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
