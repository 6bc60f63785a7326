"""The pages of a published zoo: its index, and a page a model on which it can be tried.

Records are foreign text. Everything here is escaped by the templates, addresses are links only
if they are of the web, and the pages forbid the browser to ask any other host.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from catalog.download.address import host
from catalog.licenses import in_words
from catalog.manifest import main_file
from zoo import card, display
from zoo.publishing import named, package, snippets
from zoo.publishing.inline import modules

if TYPE_CHECKING:
    from jinja2 import Environment

    from catalog.listing import Withdrawal
    from catalog.record import Record

WEB = Path(__file__).parents[1] / "web"
TYPES = WEB / "zoo.d.ts"
"""Of ``zoo.js``, for editors and TypeScript."""
CLASSES = 60
"""That a page shows before it is asked for the rest."""
PURPOSES = {
    ".html": "this page in one file, which works from a disk",
    ".json": "metadata",
    ".onnx": "for ONNX Runtime",
    ".pb": "for zoo and Essentia",
    ".zip": "for TensorFlow.js",
}
"""Of published files, by their ending."""


@dataclass(frozen=True)
class File:
    """A published file.

    Attributes
    ----------
    path : str
        From the model's folder.
    size : int
        In bytes.
    sha256 : str
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Published:
    """A model in a published zoo; its page is ``models/<id>/index.html``.

    Attributes
    ----------
    model : Record
        Its license is that of the published files.
    files : tuple of File
    tfjs : str, optional
        The folder of its TensorFlow.js export with front-end, from the model's folder;
        without it the model cannot be tried in its page.
    rows : str, optional
        The folder of its TensorFlow.js export where it reads descriptors, which a page takes as
        a file.
    extractor : Record, optional
        Of a head.
    earlier : tuple of (str, File)
        Networks that had this name before, each with its date.
    siblings : tuple of str
        All published models whose names differ in the version number only, the oldest first.
    others : frozenset of str
        All that has a page beside this one, itself too.
    card : bool
        Whether its files lie elsewhere, where `zoo pull` finds them.
    replacement : Record, optional
        What replaced it; of this alone the name is known, if it has no link.
    graph : str, optional
        The picture of its layers, in the model's folder.
    withdrawn : Withdrawal, optional
    """

    model: Record
    files: tuple[File, ...] = ()
    tfjs: str | None = None
    rows: str | None = None
    extractor: Record | None = None
    earlier: tuple[tuple[str, File], ...] = ()
    siblings: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    card: bool = False
    replacement: Record | None = None
    graph: str | None = None
    withdrawn: Withdrawal | None = None

    @property
    def size(self) -> int | None:
        """Of the network itself, in bytes."""
        known = main_file(self.model) if self.card else None
        own = (file.size for file in self.files if file.path.endswith(".pb"))
        return next(own, known.size if known else None)


def index(title: str, published: Iterable[Published]) -> str:
    """The front page: a card a model, with search and filters.

    Parameters
    ----------
    title : str
    published : iterable of Published

    Returns
    -------
    str
        HTML that lies at the root.
    """
    shown = [each for each in published if not each.withdrawn]
    return render(
        "index.html",
        root="",
        title=title,
        published=shown,
        tasks=_counted(each.model.task for each in shown),
        families=_counted(each.model.family for each in shown),
        licenses=_counted(each.model.license for each in shown),
    )


def compare(title: str) -> str:
    """The page on which several models are asked about one song; it lies at the root."""
    return render("compare.html", root="", title=title)


def page(title: str, published: Published, address: str = "ADDRESS-OF-THIS-ZOO") -> str:
    """The page of a model: what it is, and a place to try it.

    Parameters
    ----------
    title : str
        Of the whole zoo.
    published : Published
    address : str
        Where the zoo will be; scripts in the page put in where it is.

    Returns
    -------
    str
        HTML that lies in ``models/<id>/``.
    """
    return render(
        "model.html", root="../../", folder="", address=address, **described(title, published)
    )


def described(title: str, published: Published) -> dict[str, Any]:
    """What the template of a model's page needs, wherever the page lies."""
    model, tfjs = published.model, published.tfjs
    weights = sum(each.size for each in published.files if tfjs and _within(each.path, tfjs))
    return {
        "title": title,
        "published": published,
        "model": model,
        "main_files": [each for each in published.files if "/" not in each.path],
        "earlier": published.earlier,
        "others": published.others,
        "siblings": published.siblings if len(published.siblings) > 1 else (),
        "weights": weights,
        "essentia": snippets.essentia(model, published.extractor),
        "javascript": snippets.javascript(model, f"./models/{model.id}/{tfjs}/") if tfjs else None,
    }


def assets() -> dict[str, bytes]:
    """What all pages share: our own scripts, their types and styles, by their paths from the root.

    The vendored TensorFlow.js belongs beside them, in ``zoo/tfjs/``.
    """
    return {
        PurePosixPath("zoo", path.relative_to(WEB).as_posix()).as_posix(): path.read_bytes()
        for path in sorted(WEB.rglob("*"))
        if path.suffix in (".js", ".css") or path == TYPES
    }


def preloaded(*entries: str) -> list[str]:
    """Paths of modules and all that they import, which a page asks for at once."""
    found = modules(*(WEB / entry for entry in entries))
    return [PurePosixPath("zoo", path.relative_to(WEB).as_posix()).as_posix() for path in found]


def write_assets(folder: Path) -> None:
    """Write what all pages share."""
    for path, data in assets().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "zoo" / "package.json").write_text(package.written(), "utf-8")


def render(template: str, **context: Any) -> str:
    """Fill in a template."""
    return _environment().get_template(template).render(**context)


def _within(path: str, folder: str) -> bool:
    return PurePosixPath(path).is_relative_to(folder)


def _counted(values: Iterable[str | None]) -> list[tuple[str, int]]:
    """Values and how often they occur, by name."""
    return sorted(Counter(value for value in values if value).items())


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(WEB / "site"),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    filters: dict[str, Callable[..., Any]] = {
        "allowed": in_words,
        "bytes": display.size,
        "elsewhere": named.address,
        "host": host,
        "web": _web,
        "purpose": lambda path: PURPOSES.get(PurePosixPath(path).suffix),
    }
    environment.filters.update(filters)
    environment.globals.update(
        card=card, snippets=snippets, preloaded=cache(preloaded), CLASSES=CLASSES
    )
    return environment


def _web(address: object) -> str | None:
    """An address if it is of the web, so that no other kind becomes a link."""
    text = str(address)
    return text if text.startswith(("https://", "http://")) else None
