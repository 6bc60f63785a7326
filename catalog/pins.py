"""Digests of files that no record knows one for: the first download sets them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.errors import ChecksumError, IntegrityError
from catalog.locking import locked
from catalog.manifest import now
from catalog.storage import storage_errors, write_whole


@dataclass(frozen=True)
class Pin:
    """What a file was when it was first downloaded.

    Attributes
    ----------
    sha256 : str
    size : int
        In bytes.
    url : str
    time : str
        ISO 8601.
    """

    sha256: str
    size: int
    url: str
    time: str


@dataclass(frozen=True)
class Pins:
    """The store's own lock file.

    Attributes
    ----------
    path : Path
        JSON: ``<model>/<file>`` to its pin.
    """

    path: Path

    def read(self) -> dict[str, Pin]:
        """All pins.

        Raises
        ------
        IntegrityError
            The file is damaged. Forgetting pins silently would be no protection.
        """
        try:
            with storage_errors(self.path):
                document = json.loads(self.path.read_bytes()) if self.path.exists() else {}
            return {key: Pin(**pin) for key, pin in document.items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise IntegrityError(
                f"{self.path} is damaged.",
                why=str(error),
                hint="It holds the checksums of first downloads; remove it to record them again.",
            ) from None

    def pin(self, key: str, sha256: str, size: int, url: str) -> None:
        """Set the digest of a file, once and for all.

        Raises
        ------
        ChecksumError
            Another one is set.
        """
        with storage_errors(self.path), locked(self.path.with_name(f"{self.path.name}.lock")):
            pins = self.read()
            pin = pins.setdefault(key, Pin(sha256, size, url, now()))
            if pin.sha256 != sha256:
                raise self.changed(key, pin)
            document = {key: asdict(pin) for key, pin in sorted(pins.items())}
            write_whole(self.path, json.dumps(document, indent=2).encode())

    def changed(self, key: str, pin: Pin) -> ChecksumError:
        """Say that a file is not what it was."""
        return ChecksumError(
            f"{key} differs from what was downloaded on {pin.time[:10]}.",
            why="It has no published checksum, so the first download set it; this one differs.",
            hint=f"If you trust the change, remove {key!r} from {self.path}",
        )
