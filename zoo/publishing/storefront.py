"""What people see of a published zoo: its pages, and what runs them."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from filecmp import cmp
from pathlib import Path

from catalog.errors import UsageError
from catalog.listing import Listed, ListedFile, Listing, Version
from catalog.names import base, version
from catalog.record import Record
from catalog.store import Store, sha256_of
from convert.export_graph import AUDIO
from zoo.publishing import named
from zoo.publishing.pages import File, Published
from zoo.publishing.site import SUMS, write_sums

log = logging.getLogger("zoo")

MODELS = "models"
GRAPH = "layers.svg"
"""The picture of a model's network, in the model's folder."""
WEB = "tfjs"
"""The folder of a model's TensorFlow.js files, in the model's own."""


def write(listing: Listing, new: Path, old: Path, single_file: bool) -> None:
    """Write the pages, and the digests of what can be downloaded from each.

    Parameters
    ----------
    listing : Listing
        What is published.
    new : Path
        The folder to write to; all files of the models are there.
    old : Path
        The folder of before.
    single_file : bool
        Also make each page that a model can be tried in one file; those of before are made
        anew in any case.

    Raises
    ------
    MissingExtraError
        TensorFlow.js is needed and cannot be fetched.
    """
    from zoo.publishing import package, pages

    shown = [_published(each, listing, new) for each in listing.models]
    pages.write_assets(new)
    if any(each.tfjs or each.rows for each in shown):
        package.copy_tensorflowjs(engine(), new / "zoo" / "tfjs")
    (new / "index.html").write_text(pages.index(listing.title, shown), encoding="utf-8")
    if len([each for each in shown if each.tfjs]) > 1:
        (new / "compare.html").write_text(pages.compare(listing.title), encoding="utf-8")
    for each in shown:
        id = each.model.id
        place = Path(MODELS, id, f"{id}.html")
        if each.tfjs and (single_file or (old / place).is_file()):
            each = _with_single_file(each, listing.title, new / place, new)
        folder = new / MODELS / id
        folder.mkdir(parents=True, exist_ok=True)  # one that is withdrawn may have no file
        if _write_graph(each.model, folder, old / MODELS / id):
            each = replace(each, graph=GRAPH)
        page = pages.page(listing.title, each)
        (folder / "index.html").write_text(page, encoding="utf-8")
        write_sums(folder / SUMS, {file.path: file.sha256 for file in each.files})


def _write_graph(model: Record, new: Path, old: Path) -> bool:
    """Draw a model's network, unless it was drawn before; tell whether there is a picture."""
    network, record = f"{model.id}.pb", f"{model.id}.json"
    if not (new / network).is_file() or model.descriptors:
        return False
    drawn = (old / GRAPH).is_file()
    if drawn and all(_same(old / name, new / name) for name in (network, record)):
        shutil.copyfile(old / GRAPH, new / GRAPH)
        return True
    from freeze.network_file import NetworkFile
    from zoo.drawing import diagram

    try:
        summary = diagram.marked(NetworkFile(new / network).summary, model.outputs)
        (new / GRAPH).write_bytes(diagram.drawn(summary, Path(GRAPH).suffix, model.id))
    except UsageError as error:  # too large for a picture
        log.info(f"{model.id} is published without a picture of its layers: {error.why}")
        return False
    return True


def _same(old: Path, new: Path) -> bool:
    return old.is_file() and cmp(old, new, shallow=False)


def _with_single_file(published: Published, title: str, path: Path, root: Path) -> Published:
    """Write a model's page as one file, and offer that file in the page itself."""
    from zoo.publishing.single_file import single_file

    path.write_text(single_file(title, published, root), encoding="utf-8")
    file = File(path.name, path.stat().st_size, sha256_of(path))
    return replace(published, files=(*published.files, file))


def _published(listed: Listed, listing: Listing, root: Path) -> Published:
    """A model as its page needs it."""
    from catalog.index import catalog
    from freeze.formats import tfjs

    model, folder = Record(listed.record), f"{MODELS}/{listed.id}/"
    files = tuple(
        File(file.path.removeprefix(folder), file.size, file.sha256) for file in listed.files
    )
    web = root / folder / WEB
    told = tfjs.metadata(web).get("zoo") if web.is_dir() else None
    hears = isinstance(told, dict) and told.get("input") == AUDIO
    extractor = None
    if model.extractor:
        there = {each.id: Record(each.record) for each in listing.models}
        reads = model.extractor.id
        extractor = there.get(reads) or catalog().extractor(model, reads)
    earlier = tuple(
        (replaced.published or "", File(file.path.removeprefix(folder), file.size, file.sha256))
        for replaced in listed.earlier
        for file in _shown(replaced)
    )
    family = [Record(each.record) for each in listing.models]
    offered = [Record(each.record) for each in listing.models if not each.withdrawn]
    siblings = tuple(each.id for each in sorted(family, key=version) if base(each) == base(model))
    return Published(
        model,
        files,
        WEB if hears else None,
        WEB if told and model.descriptors else None,
        extractor,
        earlier,
        siblings,
        frozenset(each.id for each in listing.models),
        replacement=named.replacement(model, offered),
        withdrawn=listed.withdrawn,
    )


def _shown(replaced: Version) -> list[ListedFile]:
    """What a page links of files that were replaced: the network or, if that stayed, the record."""
    by_kind = {file.kind: file for file in replaced.files}
    return [by_kind[kind] for kind in ("pb", "json") if kind in by_kind][:1]


def engine() -> Path:
    """The folder of TensorFlow.js; see `npm.tensorflowjs` for what it raises."""
    from zoo import npm

    return npm.tensorflowjs(Store.default())
