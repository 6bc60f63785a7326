"""Audio and data sets behind addresses: a server of files, and an object store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pytest

from zoo.addresses import located

pytestmark = pytest.mark.slow
pytest.importorskip("fsspec")

Run = Callable[..., Any]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty place in an object store on this machine."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    for key, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(key, value)
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdirs("bucket", exist_ok=True)
    try:
        yield "s3://bucket"
    finally:
        s3fs.S3FileSystem.clear_instance_cache()
        server.stop()


def means(predict: Run, *words: str) -> list[Any]:
    return [each["mean"] for each in predict("tiny.pb", *words, "--json").document["results"]]


def test_a_file_on_a_server_is_heard_like_one_on_a_disk(
    predict: Run, songs: list[str], address: str
) -> None:
    assert means(predict, f"{address}/music/1.wav", f"{address}/music/2.wav") == means(
        predict, *songs[1:3]
    )


def test_what_a_server_lacks_is_a_row_with_an_error(
    predict: Run, songs: list[str], address: str
) -> None:
    ran = predict("tiny.pb", f"{address}/music/1.wav", f"{address}/music/nothing.wav", "--json")
    assert ran.code == 1
    errors = [each["error"] for each in ran.document["results"]]
    assert errors == [None, f"There is no file {address}/music/nothing.wav."]
    ran = predict("tiny.pb", "http://127.0.0.1:9/song.wav", "--json")
    assert ran.code == 1
    assert "cannot be read" in ran.document["results"][0]["error"]


def test_a_collection_in_an_object_store_is_heard_into_a_data_set_there(
    predict: Run, zoo: Run, songs: list[str], bucket: str
) -> None:
    system, _ = located(bucket)
    system.put("music", "bucket/music", recursive=True)
    for _ in range(2):  # the second time finds everything done
        ran = predict("tiny.pb", f"{bucket}/music/", "-o", f"{bucket}/a.parquet/")
        assert ran.code == 0
    assert "6 were there already" in ran.err + ran.out
    assert system.ls("bucket/a.parquet") == ["bucket/a.parquet/part-000000.parquet"]
    assert zoo("collect", f"{bucket}/a.parquet/", "--to", "a.csv").code == 0
    predict("tiny.pb", "music", "-o", "b.csv")
    there = Path("a.csv").read_text().replace(f"{bucket}/", "")
    assert there == Path("b.csv").read_text()
    found = zoo("similar", "2.wav", "--in", f"{bucket}/a.parquet/", "--json").document["results"]
    assert len(found) == len(songs) - 1


def test_a_bucket_that_does_not_exist_is_told(predict: Run, songs: list[str], bucket: str) -> None:
    ran = predict("tiny.pb", songs[0], "-o", "s3://nowhere/a.parquet/")
    assert ran.code == 7 and "s3://nowhere/a.parquet" in ran.err


def test_protocols_that_nobody_knows_are_told(predict: Run, songs: list[str]) -> None:
    ran = predict("tiny.pb", "odd://there/song.wav")
    assert ran.code == 1 and "odd" in ran.err
    assert predict("tiny.pb", songs[0], "-o", "odd://there/a.parquet/").code == 2


def test_other_readers_read_a_data_set_as_it_is(predict: Run, songs: list[str]) -> None:
    duckdb, polars = map(pytest.importorskip, ("duckdb", "polars"))
    predict("tiny.pb", *songs, "-o", "a.parquet/")
    expected = pyarrow.dataset.dataset("a.parquet").to_table().column("tiny").to_pylist()
    query = "SELECT tiny FROM 'a.parquet/*.parquet' ORDER BY file"
    assert [list(row[0]) for row in duckdb.sql(query).fetchall()] == expected
    frame = polars.scan_parquet("a.parquet/").sort("file").collect()
    assert frame["tiny"].to_list() == expected
