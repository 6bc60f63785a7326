"""Essentia's music extractor at work: the program of a child process; see `extraction`."""

from __future__ import annotations

from typing import Any

from freeze.child import serve

TAGS = "metadata.tags"
"""What somebody has written into the audio, which nothing here needs."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Write the descriptors of a file of audio as JSON."""
    import essentia

    essentia.log.infoActive = essentia.log.warningActive = False
    from essentia.standard import MusicExtractor, YamlOutput

    descriptors, _ = MusicExtractor()(request["path"])
    descriptors.removeNamespace(TAGS)
    YamlOutput(filename=request["to"], format="json")(descriptors)
    return {}


if __name__ == "__main__":
    serve(answer)
