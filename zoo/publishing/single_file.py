"""A model's page as one file that works from a disk, where a page may fetch nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from zoo.publishing import pages
from zoo.publishing.inline import script
from zoo.publishing.package import classic

WASM = "tfjs/tfjs-backend-wasm-simd.wasm"
WEBGL = "tfjs/tf-backend-webgl.es2017.min.js"


def single_file(title: str, published: pages.Published, root: Path) -> str:
    """Put a model's page, its weights and all that runs them into one HTML document.

    Parameters
    ----------
    title : str
        Of the whole zoo.
    published : Published
        Has a TensorFlow.js export.
    root : Path
        The published folder: with ``zoo/``, ``zoo/tfjs/`` and the model's folder.

    Returns
    -------
    str
        HTML; a visitor needs nothing beside it, the microphone included.
    """
    assert published.tfjs is not None
    engine = root / "zoo"
    scripts = {
        "theme": _harmless((engine / "site/theme.js").read_text()),
        "page": _harmless(script(engine / "site/single.js")),
    }
    style = (engine / "site/site.css").read_text()
    network = root / "models" / published.model.id / published.tfjs
    model = json.loads((network / "model.json").read_text())
    beside: dict[str, Any] = {"main_files": [], "earlier": [], "siblings": [], "others": ()}
    beside["javascript"] = None
    webgl = classic((engine / WEBGL).read_text())
    return pages.render(
        "single.html",
        address=None,
        style=style,
        scripts=scripts,
        hashes=[_hash(text) for text in scripts.values()],
        style_hash=_hash(style),
        worker=_harmless(f"{script(engine / 'worker.js')}\n{webgl}"),
        worklet=_harmless(script(engine / "recorder-worklet.js")),
        wasm=_base64((engine / WASM).read_bytes()),
        network=model,
        weights_base64=_base64(_weights(model, network)),
        **pages.described(title, published) | beside,
    )


def _weights(model: dict[str, list[dict[str, list[str]]]], folder: Path) -> bytes:
    groups = model["weightsManifest"]
    return b"".join((folder / path).read_bytes() for group in groups for path in group["paths"])


def _harmless(text: str) -> str:
    """A script that ends nothing when it stands in HTML."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _hash(text: str) -> str:
    """How a content security policy names an inline script."""
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
