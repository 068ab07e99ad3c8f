"""What an operator reads when the database cannot be used: what is wrong, where, and what to do."""

import asyncio
import logging
import socket
import stat
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from acd.adapters.database.connection import (
    Database,
    DatabaseError,
    DatabaseUnavailableError,
    LookUp,
    storable,
)
from acd.adapters.database.tables import customers

if TYPE_CHECKING:
    from conftest import Server


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def refusal(url: str) -> str:
    database = Database(url)
    with pytest.raises(DatabaseError) as refused:
        await database.open()
    await database.close()
    return str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "cordboard.db", "mysql://u:secret@h/d", "postgresql+asyncpg://h"]
)
def test_a_url_that_is_not_understood(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"Write sqlite:///.* or postgresql://") as refused:
        Database(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory(url: str) -> None:
    with pytest.raises(DatabaseError, match="must be a file"):
        Database(url)


async def test_a_missing_folder(tmp_path: Path) -> None:
    said = await refusal(f"sqlite:///{tmp_path}/missing/cordboard.db")
    assert f"mkdir -p {tmp_path}/missing" in said


async def test_a_folder_for_a_file(tmp_path: Path) -> None:
    assert f"{tmp_path} is a folder" in await refusal(f"sqlite:///{tmp_path}")


async def test_a_folder_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "does not exist" in await refusal(f"sqlite:///{tmp_path}/file/cordboard.db")


@pytest.mark.slow
async def test_a_file_that_may_not_be_opened() -> None:
    assert "let the user who runs Cordboard read and write" in await refusal(
        "sqlite:////proc/version"
    )


async def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"ID3" + bytes(range(256)) * 100)
    said = await refusal(f"sqlite:///{tmp_path}/song.mp3")
    assert "not a database" in said
    assert "song.mp3" in said
    assert "give the path of another file" in said


async def test_a_corrupted_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cordboard.db"
    database = Database(url)
    await database.open()
    await database.close()
    file = tmp_path / "cordboard.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    assert "restore" in await refusal(url)


async def test_a_file_with_tables_of_somebody_else(url: str) -> None:
    database = Database(url)
    await database.write(
        lambda connection: connection.execute(sa.text("CREATE TABLE calls (x INT)"))
    )
    await database.close()
    assert "give Cordboard a database of its own" in await refusal(url)


async def test_only_we_may_read_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/cordboard.db")
    await database.open()
    await database.write(lambda connection: connection.execute(sa.delete(customers)))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in _files(tmp_path)}
    assert modes == dict.fromkeys(["cordboard.db", "cordboard.db-shm", "cordboard.db-wal"], 0o600)
    await database.close()


@pytest.mark.slow
async def test_a_wrong_password(server: "Server") -> None:
    said = await refusal(server.url("postgres", "guessed secret"))
    assert "check user and password" in said
    assert "guessed" not in said


@pytest.mark.slow
async def test_a_database_that_is_not_there(server: "Server") -> None:
    assert "createdb" in await refusal(server.url("missing"))


async def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        said = await refusal(f"postgresql://u:secret@127.0.0.1:{port}/d")
    assert "start PostgreSQL there" in said
    assert "secret" not in said


@pytest.mark.slow
async def test_a_database_that_cannot_hold_every_name(server: "Server") -> None:
    url = server.new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert "createdb --encoding UTF8" in await refusal(url)


@pytest.mark.slow
async def test_a_read_survives_a_restart_of_the_server(server: "Server") -> None:
    database = Database(server.new_database())
    await database.open()

    def one(connection: sa.Connection) -> object:
        return connection.execute(sa.text("SELECT 1")).scalar()

    assert await database.read(one) == 1
    server.stop()
    try:
        with pytest.raises(DatabaseUnavailableError):
            await database.read(one)
    finally:
        server.start()
    assert await database.read(one) == 1
    assert await database.write(one) == 1
    await database.close()


@pytest.mark.slow
async def test_a_look_up_survives_a_restart_of_the_server(server: "Server") -> None:
    database = Database(server.new_database())
    await database.open()

    def one(connection: LookUp) -> object:
        return connection.rows("SELECT :one", one="1")

    async def many() -> list[object]:
        return await asyncio.gather(*(database.look_up(one) for _ in range(20)))

    assert await many() == [[("1",)]] * 20
    server.stop()
    server.start()
    assert await many() == [[("1",)]] * 20
    server.stop()
    try:
        with pytest.raises(DatabaseUnavailableError, match="start PostgreSQL there"):
            await database.look_up(one)
    finally:
        server.start()
    assert await many() == [[("1",)]] * 20
    await database.close()


async def test_a_look_up_sees_what_was_written_just_before(database: Database) -> None:
    def count(connection: LookUp) -> object:
        return connection.rows("SELECT count(*) FROM customers")

    for n in range(10):
        assert await database.look_up(count) == [(n,)]
        row = {"id": str(n), "name": "A", "created_at": 0}
        await database.write(
            lambda connection, row=row: connection.execute(customers.insert(), row)
        )


async def test_a_mistake_in_a_look_up_does_not_use_up_connections(database: Database) -> None:
    def mistaken(connection: LookUp) -> object:
        connection.rows("SELECT 1")
        raise RuntimeError("ours")

    for _ in range(20):
        with pytest.raises(RuntimeError, match="ours"):
            await database.look_up(mistaken)
        with pytest.raises(DatabaseError):
            await database.look_up(lambda connection: connection.rows("SELECT 1 FROM nowhere"))


async def test_a_write_happens_as_a_whole_or_not(database: Database) -> None:
    def half(connection: sa.Connection) -> None:
        connection.execute(customers.insert(), {"id": "a", "name": "A", "created_at": 0})
        raise RuntimeError("in the middle")

    def count(connection: sa.Connection) -> int:
        return connection.execute(sa.select(sa.func.count()).select_from(customers)).scalar_one()

    with pytest.raises(RuntimeError):
        await database.write(half)
    assert await database.read(count) == 0


async def test_a_write_that_nobody_waits_for_any_more_is_finished_all_the_same(
    database: Database,
) -> None:
    def put(connection: sa.Connection, name: str) -> None:
        for n in range(20):
            row = {"id": f"{name}{n}", "name": name, "created_at": 0}
            connection.execute(customers.insert(), row)

    def count(connection: sa.Connection) -> int:
        return connection.execute(sa.select(sa.func.count()).select_from(customers)).scalar_one()

    for name in "abc":
        waiting = asyncio.create_task(database.write(put, name))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await database.write(put, "d")
    assert await database.read(count) == 80


async def test_what_is_in_a_row_is_in_no_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    row = {"id": "1", "name": "Wang Xiulan", "created_at": 0}
    await database.write(lambda connection: connection.execute(customers.insert(), row))
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(lambda connection: connection.execute(customers.insert(), row))
    found = sa.select(customers).where(customers.c.name == "Wang Xiulan")
    assert await database.read(lambda connection: connection.execute(found).all())
    assert "Xiulan" not in caplog.text


async def test_writes_keep_their_order(database: Database) -> None:
    done: list[int] = []

    def put(connection: sa.Connection, n: int) -> None:
        connection.execute(customers.insert(), {"id": str(n), "name": "A", "created_at": 0})
        done.append(n)

    await asyncio.gather(*(database.write(put, n) for n in range(50)))
    assert done == list(range(50))


async def test_reports_that_take_long_stand_in_nobodys_way(database: Database) -> None:
    over = Event()

    def long(connection: sa.Connection) -> bool:
        connection.execute(sa.select(customers.c.id))
        return over.wait(30)

    def one(connection: sa.Connection) -> object:
        return connection.execute(sa.text("SELECT 1")).scalar()

    reports = [asyncio.create_task(database.report(long)) for _ in range(10)]
    assert await asyncio.gather(*(database.read(one) for _ in range(50))) == [1] * 50
    assert not any(report.done() for report in reports)
    over.set()
    assert all(await asyncio.gather(*reports))


async def test_any_text_can_be_stored(database: Database) -> None:
    name = storable("张\0\ud800三 𠮷" + "x" * 10_000)
    await database.write(
        lambda connection: connection.execute(
            customers.insert(), {"id": "a", "name": name, "created_at": 0}
        )
    )
    kept = await database.read(
        lambda connection: connection.execute(sa.select(customers.c.name)).scalar_one()
    )
    assert kept == name
    assert kept.startswith("张?三 𠮷x")
