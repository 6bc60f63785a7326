"""What was published stays: names are not replaced unasked, old bytes are kept, and withdrawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import schema
from catalog.store import sha256_of
from tests.support import lab
from validate import run
from zoo.publishing.site import SUMS, read_sums

pytestmark = pytest.mark.slow

Zoo = Callable[..., Any]


@pytest.fixture(autouse=True)
def far_from_any_network(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    monkeypatch.setattr(run, "check", lambda trial: [])


@pytest.fixture
def site(zoo: Zoo, tmp_path: Path) -> Path:
    """A published folder of ``ours-1``."""
    write(tmp_path)
    assert publish(zoo).code == 0
    return tmp_path / "site"


def write(folder: Path, name: str = "ours-1", seed: int = 3, **zoo: Any) -> str:
    """A network and its record; the digest of the network."""
    path = lab.Network(folder, name, seed=seed).path
    lab.described(path, **zoo)
    return sha256_of(path)


def publish(zoo: Zoo, *words: str, name: str | None = "ours-1.json") -> Any:
    return zoo("publish", *([name] if name else []), "--to", "site", "--plain", *words)


def listed(site: Path, id: str = "ours-1") -> Any:
    """What the catalog says of a model; all that it lists is there and as it says."""
    document = json.loads((site / "catalog.json").read_text())
    assert schema.differences_of_listing(document) == []
    sums = read_sums(site / SUMS)
    assert sums == {
        path.relative_to(site).as_posix(): sha256_of(path)
        for path in site.rglob("*")
        if path.is_file() and path != site / SUMS
    }
    for model in document["models"]:
        versions = [model, *model.get("earlier", ())]
        for file in (file for version in versions for file in version["files"]):
            assert sums[file["path"]] == file["sha256"]
    return next(model for model in document["models"] if model["record"]["zoo"]["id"] == id)


def network(version: Any) -> str:
    """The digest of a version's network."""
    return next(str(file["sha256"]) for file in version["files"] if file["kind"] == "pb")


def test_another_network_of_a_published_name_is_refused(
    zoo: Zoo, site: Path, tmp_path: Path
) -> None:
    before = (site / SUMS).read_bytes()
    write(tmp_path, seed=4)
    answer = publish(zoo)
    assert answer.code == 1
    assert "name it ours-2." in answer.err and "--replace" in answer.err
    assert (site / SUMS).read_bytes() == before
    write(tmp_path, "ours-2")
    publish(zoo, name="ours-2.json")
    assert "name it ours-3." in publish(zoo).err


def _edit(record: Path, **changes: Any) -> None:
    record.write_text(json.dumps({**json.loads(record.read_text()), **changes}))


@pytest.mark.slow
def test_a_better_description_needs_no_leave_and_the_old_record_is_kept(
    zoo: Zoo, site: Path, tmp_path: Path
) -> None:
    old = listed(site)
    first = next(file for file in old["files"] if file["kind"] == "json")
    _edit(tmp_path / "ours-1.json", description="Knows pans.")
    assert publish(zoo).code == 0
    model = listed(site)
    (version,) = model["earlier"]
    assert version["published"] == old["published"]
    kept = {file["kind"]: file for file in version["files"]}
    assert kept["json"]["path"] == f"models/ours-1/{first['sha256']}/ours-1.json"
    assert kept["json"]["sha256"] == first["sha256"] and "pb" not in kept
    assert network(model) == network(old)
    assert model["record"]["description"] == "Knows pans."
    page = (site / "models" / "ours-1" / "index.html").read_text()
    assert "the record of ours-1, before it was replaced" in page
    assert publish(zoo).code == 0
    assert listed(site) == model


@pytest.mark.slow
def test_a_record_that_tells_something_else_is_another_model(
    zoo: Zoo, site: Path, tmp_path: Path
) -> None:
    before = (site / SUMS).read_bytes()
    _edit(tmp_path / "ours-1.json", classes=["loud", "quiet"])
    answer = publish(zoo)
    assert answer.code == 1
    assert "ours-1, classes: in another order" in answer.err and "ours-2" in answer.err
    assert (site / SUMS).read_bytes() == before
    answer = publish(zoo, "--replace")
    assert answer.code == 0
    assert "classes: in another order" in answer.err and "becomes another model" in answer.err
    model = listed(site)
    assert model["record"]["classes"] == ["loud", "quiet"]
    assert {file["kind"] for file in model["earlier"][0]["files"]} == {"json", "tfjs"}
    assert publish(zoo, "--prune").code == 0
    assert "earlier" not in listed(site)


def test_replaced_bytes_stay_under_their_digest(zoo: Zoo, site: Path, tmp_path: Path) -> None:
    old = listed(site)
    first = sha256_of(tmp_path / "ours-1.pb")
    second = write(tmp_path, seed=4, license="CC-BY-SA-4.0")
    answer = publish(zoo, "--replace")
    assert answer.code == 0
    assert "ours-1 becomes another network" in answer.err
    assert "license: CC-BY-SA-4.0, not CC-BY-4.0" in answer.err
    model = listed(site)
    (version,) = model["earlier"]
    assert version["published"] == old["published"]
    kept = {file["kind"]: file for file in version["files"]}
    assert kept.keys() == {"pb", "json", "tfjs"}
    assert kept["pb"]["path"] == f"models/ours-1/{first}/ours-1.pb"
    assert kept["pb"]["sha256"] == first
    page = (site / "models" / "ours-1" / "index.html").read_text()
    assert f'href="{first}/ours-1.pb"' in page and old["published"][:10] in page

    write(tmp_path, seed=5)
    assert publish(zoo, "--replace").code == 0
    digests = [network(each) for each in listed(site)["earlier"]]
    assert digests == [second, first]
    assert publish(zoo).code == 0
    assert len(listed(site)["earlier"]) == 2
    write(tmp_path, seed=3)
    assert publish(zoo, "--replace").code == 0
    assert len(listed(site)["earlier"]) == 2  # what is current again is no earlier one

    assert publish(zoo, "--prune").code == 0
    assert "earlier" not in listed(site)
    assert not (site / "models" / "ours-1" / first).exists()


def test_kept_bytes_that_were_damaged_are_not_published_on(
    zoo: Zoo, site: Path, tmp_path: Path
) -> None:
    first = write(tmp_path)
    write(tmp_path, seed=4)
    publish(zoo, "--replace")
    (site / "models" / "ours-1" / first / "ours-1.pb").write_bytes(b"something else")
    answer = publish(zoo)
    assert (answer.code, "is not what was published" in answer.err) == (1, True)


def test_pages_link_older_and_newer_versions(zoo: Zoo, site: Path, tmp_path: Path) -> None:
    write(tmp_path, "ours-2", seed=4)
    assert publish(zoo, name="ours-2.json").code == 0
    pages = [site / "models" / id / "index.html" for id in ("ours-1", "ours-2")]
    older, newer = (page.read_text() for page in pages)
    assert 'href="../../models/ours-2/"' in older and ">newest<" in older
    assert 'href="../../models/ours-1/"' in newer and ">older<" in newer


def test_what_is_withdrawn_leaves_a_tombstone(zoo: Zoo, site: Path, tmp_path: Path) -> None:
    first = sha256_of(tmp_path / "ours-1.pb")
    why = "Its classes were in the wrong order."
    answer = publish(zoo, "--withdraw", "ours-1", "--why", why, name=None)
    assert answer.code == 0
    model = listed(site)
    assert (model["files"], model["withdrawn"]["why"]) == ([], why)
    assert (site / "models" / "ours-1" / first / "ours-1.pb").is_file()
    page = (site / "models" / "ours-1" / "index.html").read_text()
    assert why in page and "zoo pull" not in page
    assert "ours-1" not in (site / "index.html").read_text()

    zoo("catalog", "add", "lab", "site")
    answer = zoo("pull", "ours-1")
    assert (answer.code, why in answer.err) == (3, True)
    assert why in zoo("info", "ours-1").out
    write(tmp_path, "ours-2", seed=4)
    publish(zoo, name="ours-2.json")
    zoo("catalog", "update")
    assert "zoo pull lab/ours-2" in zoo("pull", "lab/ours-1").err
    assert zoo("pull", "ours").code == 0  # the newest that is offered
    assert publish(zoo, name="ours-2.json").code == 0
    assert listed(site)["withdrawn"]["why"] == why

    write(tmp_path, seed=7)
    assert publish(zoo).code == 1
    write(tmp_path)
    assert publish(zoo).code == 0
    assert listed(site).keys() == {"record", "files", "published"}


def test_a_tombstone_outlives_its_bytes(zoo: Zoo, site: Path, tmp_path: Path) -> None:
    write(tmp_path, "ours-2", seed=4)
    words = ("--withdraw", "ours-1", "--why", "No consent.", "--prune")
    assert publish(zoo, *words, name="ours-2.json").code == 0
    assert listed(site).keys() == {"record", "files", "withdrawn"} | {"published"}
    assert not list(site.rglob("ours-1.pb"))
    write(tmp_path, seed=7)
    assert publish(zoo).code == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--withdraw", "ours-1"], 2),
        (["--why", "x"], 2),
        (["--withdraw", "ours-1", "--why", "two\nlines"], 2),
        (["--withdraw", "nonsense", "--why", "x"], 3),
        ([], 2),
    ],
)
def test_a_withdrawal_needs_a_published_name_and_a_reason(
    zoo: Zoo, site: Path, words: list[str], code: int
) -> None:
    before = (site / SUMS).read_bytes()
    assert publish(zoo, *words, name=None).code == code
    assert (site / SUMS).read_bytes() == before
