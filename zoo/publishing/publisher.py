"""Publishing models: a folder that any static server can serve, and that ``zoo`` pulls from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog.errors import NoError, NotFoundError, UsageError, listed
from catalog.licenses import forbids_changes, warning
from catalog.listing import FILE, LARGEST, Listed, Listing, parse
from catalog.record import Record
from catalog.schema import require_readable
from freeze.network_file import NetworkFile
from zoo.publishing import model_folder, storefront, versions
from zoo.publishing.publication import Publication
from zoo.publishing.site import Change, Site

log = logging.getLogger("zoo")

TITLE = "A zoo of audio models"
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Plan:
    """What to publish, and how.

    Attributes
    ----------
    publications : tuple of Publication
    title : str, optional
        The one of before, or a plain one, if not given.
    plain : bool
        Leave the front-end out of the TensorFlow.js models; they cannot be tried in a page then.
    single_file : bool
        Also put each page that a model can be tried in into one file that works from a disk;
        those of before are made anew in any case.
    prune : bool
        Remove models that were published before and are not among these, and replaced files.
    replace : bool
        Let other networks and records take names that are published already.
    withdrawn : dict of str to str
        Names to withdraw, and why.
    """

    publications: tuple[Publication, ...]
    title: str | None = None
    plain: bool = False
    single_file: bool = False
    prune: bool = False
    replace: bool = False
    withdrawn: Mapping[str, str] = field(default_factory=dict)


def find(word: str) -> Publication:
    """Find, and if need be pull, a model to publish, and judge it.

    Parameters
    ----------
    word : str
        A name in the catalog, or a record with its ``.pb`` beside it.

    Raises
    ------
    NotFoundError
        There is no such file.
    UsageError
        It is not a frozen graph.
    UnknownModelError, AmbiguousNameError, NetworkError, IntegrityError, StorageError
    """
    from validate import target
    from zoo.finding import located
    from zoo.local_models import graph_path

    graph = Path(word).with_suffix(".pb") if word.endswith(".json") else graph_path(word)
    if graph and graph.suffix == ".pb":
        document, network = graph.with_suffix(".json"), graph
        for path in (document, network):
            if not path.is_file():
                raise NotFoundError(
                    f"There is no file {path}.",
                    why="A record and its frozen graph must be side by side, with the same name.",
                    hint=f"To create them: zoo freeze CHECKPOINT -o {network}",
                )
        beside = network.with_suffix(".onnx")
        file = NetworkFile(network)
        networks = [file, *([NetworkFile(beside)] if beside.is_file() else [])]
        reports = tuple(target.judge(target.of_pair(document, each)) for each in networks)
        record = Record.load(document)
        require_readable(record.document, str(document), f"See: zoo validate {document}")
        return Publication(word, str(network), record, file, reports)
    model = located(word)
    if model.path.suffix != ".pb":
        raise UsageError(
            f"{model.record.id} is not a frozen graph.",
            why=f"It is {model.path.name}; only .pb files are published.",
        )
    judged = target.judge(replace(target.of_model(model.record), network=model.file))
    return Publication(word, model.record.full_name, model.record, model.file, (judged,))


def check(publications: Iterable[Publication]) -> None:
    """Refuse what should not be published, all of it at once.

    Raises
    ------
    NoError
        ``zoo validate`` finds failures, or there is no license.
    UsageError
        Two models have one name.
    """
    refused: dict[str, list[str]] = {}
    for publication in publications:
        failures = [
            f"{found.id}: expected {found.expected}, found {found.found}"
            for made in publication.reports
            for found in made.having("failed")
        ]
        if not publication.model.license:
            failures.append('no license is known: put one into its record, {"zoo": {"license": …}}')
        if failures:
            refused[publication.word] = failures
    if refused:
        lines = [f"{word}: {failure}" for word, each in refused.items() for failure in each]
        raise NoError(
            f"{', '.join(refused)} cannot be published.",
            why="\n  ".join(lines),
            hint=f"See all checks: zoo validate {next(iter(refused))}",
        )
    ids = [publication.model.id.lower() for publication in publications]
    for id in ids:
        if ids.count(id) > 1:
            raise UsageError(f"{id} is named twice.", why="A published name must be unique.")


def warnings(plan: Plan) -> Iterator[str]:
    """What whoever publishes these models should know of their licenses."""
    licensed: dict[str, list[str]] = {}
    for publication in plan.publications:
        licensed.setdefault(str(publication.model.license), []).append(publication.model.id)
    for license, ids in licensed.items():
        told = warning(license)
        if forbids_changes(license) and not plan.plain:
            told += (
                " A web model with the front-end in it may count as a change; "
                "to publish it without: --plain"
            )
        if told:
            yield f"{listed(ids, 3)}: {told}"


@dataclass(frozen=True)
class Published:
    """What was published.

    Attributes
    ----------
    output : Path
    models : tuple of str
        The identities of the models that were named.
    written, removed : tuple of str
        Files in the folder; none if it was up to date.
    """

    output: Path
    models: tuple[str, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]

    def __repr__(self) -> str:
        models = ", ".join(self.models)
        counts = f"{len(self.written)} files written, {len(self.removed)} removed"
        return f"<Published {models} in {self.output}: {counts}>"


def publish(
    *what: str | Path,
    to: str | Path,
    title: str | None = None,
    plain: bool = False,
    single_file: bool = False,
    prune: bool = False,
    replace: bool = False,
    withdraw: str | None = None,
    why: str | None = None,
    cards: bool = False,
) -> Published:
    """Publish models: pages to try them on, and a catalog that others pull from.

    The folder is as before, or all of it is new.

    Parameters
    ----------
    *what : str or Path
        Names in the catalog, patterns of them, or records with their ``.pb`` beside them.
    to : str or Path
        A new folder, or one published before.
    title : str, optional
        The title of before, or a plain one, if not given.
    plain : bool
        Leave the front-end out of the web models; they cannot be tried in a page then.
    single_file : bool
        Also make pages that work from a disk.
    prune : bool
        Remove models that were published before and are not named, and replaced files.
    replace : bool
        Let another network or record take a name that is published already; the old one is
        kept under an address that holds its digest.
    withdraw : str, optional
        A published model that is not offered any more.
    why : str, optional
        The reason, one line, which those see who want it.
    cards : bool
        Write a searchable page of each model without its files, of all that come with zoo if
        none are named; only `title` goes with it.

    Raises
    ------
    NoError
        A model does not validate or has no license, its name is published with another
        network already, or one published before has changed.
    UsageError
        The folder holds other things; or a model's extractor would be missing.
    ParityError
        A web model does not compute what its network computes.
    MissingExtraError
        TensorFlow.js is needed and cannot be fetched.
    NotFoundError, NetworkError, IntegrityError, StorageError

    Examples
    --------
    >>> zoo.publish("tiny.json", to="site", plain=True)
    <Published tiny in site: ... files written, 0 removed>
    """
    from zoo.predicting.collection import model_names

    _check(title, plain, single_file)
    _check_withdrawal(withdraw, why)
    if cards:
        if plain or single_file or prune or replace or withdraw:
            raise UsageError(
                "--cards goes with names, --to and --title alone.",
                why="Cards hold no files of models.",
            )
        return _publish_cards(map(str, what), title, Path(to))
    if not what and not withdraw:
        raise UsageError("Which model?", hint="zoo publish NAME --to DIR")
    publications = []
    for word in model_names(map(str, what)):
        log.debug(f"Looking at {word} …")
        publications.append(find(word))
    check(publications)
    withdrawn = {withdraw: why} if withdraw and why else {}
    plan = Plan(tuple(publications), title, plain, single_file, prune, replace, withdrawn)
    for told in warnings(plan):
        log.warning(told)
    change = _publish(plan, Path(to))
    models = tuple(publication.model.id for publication in publications)
    return Published(Path(to), models, tuple(change.written), tuple(change.removed))


def _publish_cards(words: Iterable[str], title: str | None, to: Path) -> Published:
    from zoo.publishing import cards

    models = cards.find(words)
    change = cards.write(models, to, title)
    ids = tuple(model.id for model in models)
    return Published(to, ids, tuple(change.written), tuple(change.removed))


def _check(title: str | None, plain: bool, single_file: bool) -> None:
    if title is not None and not (
        title.strip() and title.isprintable() and len(title) <= LONGEST_TITLE
    ):
        raise UsageError(f"A title is a line of 1 to {LONGEST_TITLE} characters.")
    if plain and single_file:
        raise UsageError(
            "--plain and --single-file cannot be combined.",
            why="A web model without its front-end cannot be tried in a page.",
        )


def _check_withdrawal(name: str | None, why: str | None) -> None:
    if bool(name) != bool(why):
        raise UsageError(
            "Which model is withdrawn, and why?",
            why="Both are shown to those who want it.",
            hint=f"zoo publish --withdraw {name or 'NAME'} --why TEXT --to DIR",
        )
    if why and not (why.strip() and why.isprintable() and len(why) <= versions.LONGEST_WHY):
        raise UsageError(f"The reason is a line of 1 to {versions.LONGEST_WHY} characters.")


def _publish(plan: Plan, to: Path) -> Change:
    """Write everything beside the folder, which it then replaces."""
    site = Site.at(to)
    with site.stage() as (new, change):
        before = _listing(site)
        kept = _kept(before, plan)
        versions.require_new_names(plan.publications, before, plan.replace)
        _require_extractors(plan.publications, kept)
        if plan.publications and not plan.plain:
            storefront.engine()
        listed = list(kept)
        for publication in plan.publications:
            log.debug(f"Publishing {publication.model.id} …")
            fresh = model_folder.write(publication, plan.plain, new)
            listed.append(versions.after(versions.of(before, fresh.id), fresh, plan.prune))
        for each in listed:
            versions.copy(each, site.folder, new)
        listing = Listing(plan.title or (before and before.title) or TITLE, _sorted(listed))
        data = listing.to_json()
        parse(data, FILE)  # what would be refused by those who pull is not published
        (new / FILE).write_bytes(data)
        storefront.write(listing, new, site.folder, plan.single_file)
    return change


def _listing(site: Site) -> Listing | None:
    """What was published before."""
    path = site.folder / FILE
    if FILE not in site.digests():
        return None
    with path.open("rb") as file:
        return parse(file.read(LARGEST), str(path))


def _kept(before: Listing | None, plan: Plan) -> tuple[Listed, ...]:
    """The models of before that stay; of those pruned, the word that they were withdrawn."""
    fresh = {publication.model.id.lower() for publication in plan.publications}
    others = [each for each in (before.models if before else ()) if each.id.lower() not in fresh]
    kept = versions.withdrawn(others, plan.withdrawn)
    if not plan.prune:
        return kept
    return tuple(replace(each, earlier=()) for each in kept if each.withdrawn)


def _require_extractors(publications: Iterable[Publication], kept: Iterable[Listed]) -> None:
    """Refuse a head without the network that it reads, unless every zoo has that."""
    from catalog.index import catalog

    own = {model.id for model in catalog().models if model.catalog is None}
    offered = {each.id for each in kept if not each.withdrawn}
    there = own | {publication.model.id for publication in publications} | offered
    for publication in publications:
        reads = publication.model.extractor
        if reads and reads.id not in there:
            raise UsageError(
                f"{publication.model.id} reads the embeddings of {reads.id}, "
                "which would be missing.",
                hint=f"Publish both: zoo publish {publication.word} {reads.id}",
            )


def _sorted(listed: Iterable[Listed]) -> tuple[Listed, ...]:
    return tuple(sorted(listed, key=lambda each: each.id))
