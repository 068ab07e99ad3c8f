"""What the doctor sees on this machine: each mistake has its own words, and looking changes nothing."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import trustme

from acd.adapters.database.connection import Database
from acd.doctor.finding import Finding, Verdict, some
from acd.doctor.here import look_here
from acd.settings import Settings

GOOD, DOUBTFUL, BAD = Verdict


def settings(folder: Path, **said: object) -> Settings:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return Settings.model_validate(
        {
            "centre": folder / "centre.yaml",
            "database": f"sqlite:///{folder}/cordboard.db",
            "journal": folder / "journal",
            "api_port": port,
            "ari_password": "secret",
            "ami_secret": "secret",
        }
        | said
    )


async def seen(given: Settings) -> dict[str, Finding]:
    found = {finding.part: finding async for finding in look_here(given)}
    assert all(one.todo for one in found.values() if one.verdict is DOUBTFUL)
    return found


async def test_a_new_machine_is_well_and_stays_as_it_is(tmp_path: Path) -> None:
    found = await seen(settings(tmp_path))
    assert {one.verdict for one in found.values()} == {GOOD}
    assert "made by the first start" in found["database"].said
    assert "`cordboard serve`" in found["server"].said
    assert not (tmp_path / "journal").exists() and not (tmp_path / "cordboard.db").exists()


async def test_the_tables_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    given = settings(tmp_path)
    database = Database(given.database)
    await database.open()
    assert (await seen(given))["database"].verdict is GOOD
    await database.write(
        lambda c: c.execute(sa.text("UPDATE cordboard_version SET version_num = '9999'"))
    )
    await database.close()
    found = (await seen(given))["database"]
    assert found.verdict is BAD and "9999, of a newer Cordboard" in found.said


async def test_a_database_that_is_none_or_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "garbage").write_bytes(b"no database " * 1000)
    for name, says in (("garbage", "not a database"), ("nowhere/x.db", "cannot be made")):
        found = (await seen(settings(tmp_path, database=f"sqlite:///{tmp_path}/{name}")))[
            "database"
        ]
        assert found.verdict is BAD and says in found.said, found


async def test_a_journal_that_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir(mode=0o755)
    found = (await seen(settings(tmp_path)))["journal"]
    assert found.verdict is DOUBTFUL and found.todo == f"chmod 700 {tmp_path / 'journal'}"
    (tmp_path / "file").touch()
    blocked = settings(tmp_path, journal=tmp_path / "file" / "journal")
    assert (await seen(blocked))["journal"].verdict is BAD


async def test_recordings_that_are_elsewhere(tmp_path: Path) -> None:
    found = (await seen(settings(tmp_path, recordings=tmp_path / "none")))["recordings"]
    assert found.verdict is BAD and "CORDBOARD_RECORDINGS" in found.todo


async def test_a_redis_that_does_not_answer_or_is_none(tmp_path: Path) -> None:
    for url, verdict in (("redis://127.0.0.1:1/0", DOUBTFUL), ("127.0.0.1", BAD)):
        assert (await seen(settings(tmp_path, redis=url)))["redis"].verdict is verdict


async def test_somebody_else_at_our_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = (await seen(settings(tmp_path, api_port=other.getsockname()[1])))["server"]
    assert found.verdict is BAD and "CORDBOARD_API_PORT" in found.todo


@pytest.mark.parametrize(("days", "verdict"), [(-1, BAD), (5, DOUBTFUL), (90, GOOD)])
async def test_a_certificate_that_ends(tmp_path: Path, days: int, verdict: Verdict) -> None:
    ends = datetime.now(UTC) + timedelta(days=days)
    issued = trustme.CA().issue_cert(
        "localhost", not_after=ends, not_before=ends - timedelta(days=99)
    )
    issued.private_key_pem.write_to_path(tmp_path / "key")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "chain")
    tls = {"api_certificate": tmp_path / "chain", "api_private_key": tmp_path / "key"}
    found = (await seen(settings(tmp_path, **tls)))["certificate"]
    assert found.verdict is verdict and f"{ends:%Y-%m-%d}" in found.said


def test_many_names_are_cut_short() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some([str(n) for n in range(20)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 12 more"
