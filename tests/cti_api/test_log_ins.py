"""Tokens, tickets, passwords and the throttle by themselves; and log-ins over a restart."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.database.connection import Database
from acd.adapters.database.tokens import DatabaseTokens
from cti_api.throttle import Throttle
from cti_api.tokens import TICKET_LIFE_MS, Tickets, Tokens
from cti_api.users import Passwords
from tests.cti_api.desk import PASSWORD, Desk, users


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/cordboard.db")
    await database.open()
    yield database
    await database.close()


async def test_after_a_restart_nobody_has_to_log_in_again(database: Database):
    before = Tokens(DatabaseTokens(database))
    kept, session = await before.issue("ana", 1_000)
    revoked, other = await before.issue("ana", 1_000)
    await before.revoke(other.digest, 2_000)
    short_lived = Tokens(DatabaseTokens(database), life_ms=10)
    over, _ = await short_lived.issue("bob", 1_000)
    key, its = await before.make_key("ruth", "router", 1_000, 5_000)

    after = Tokens(DatabaseTokens(database))
    await after.restore(3_000)
    assert await after.proven(kept, 3_000) == session
    assert await after.proven(revoked, 3_000) is None
    assert await after.proven(over, 3_000) is None
    assert await after.proven(key, 3_000) == its and after.keys(3_000) == [its]


async def test_the_app_takes_over_the_sessions_of_the_run_before(database: Database):
    first = Desk(token_store=DatabaseTokens(database))
    token = await first.token("ana")
    first.switchboard.stop()
    second = Desk(token_store=DatabaseTokens(database))
    async with second.server(), second.client() as client:
        answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["user"] == "ana"


async def test_no_token_is_in_the_database(database: Database):
    token, _ = await Tokens(DatabaseTokens(database)).issue("ana", 1_000)
    await database.close()
    files = Path(str(database.url.database)).parent.iterdir()
    assert all(token.encode() not in file.read_bytes() for file in files)


class Away:
    """A database that is not there."""

    async def keep(self, *_: object) -> None:
        raise ConnectionError("away")

    async def revoke(self, *_: object) -> None:
        raise ConnectionError("away")

    async def valid(self, _: int) -> list[tuple[str, str, int, int, str | None]]:
        raise ConnectionError("away")


async def test_a_database_that_is_away_keeps_nobody_from_working(
    caplog: pytest.LogCaptureFixture,
):
    tokens = Tokens(Away())
    await tokens.restore(0)
    token, session = await tokens.issue("ana", 0)
    assert await tokens.proven(token, 1) == session
    await tokens.revoke(session.digest, 2)
    assert await tokens.proven(token, 3) is None
    assert len(caplog.records) == 3 and token not in caplog.text


async def test_who_is_revoked_while_the_database_is_away_does_not_come_back_with_a_restart(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    store = DatabaseTokens(database)
    tokens = Tokens(store)
    token, session = await tokens.issue("ana", 0)
    with monkeypatch.context() as away:
        away.setattr(DatabaseTokens, "revoke", Away.revoke)
        await tokens.revoke(session.digest, 2)
        await tokens.say_again()
    await tokens.say_again()
    after = Tokens(store)
    await after.restore(3)
    assert await after.proven(token, 3) is None


async def test_a_user_has_only_so_many_sessions():
    tokens = Tokens()
    issued = [(await tokens.issue("ana", n))[0] for n in range(33)]
    assert await tokens.proven(issued[0], 40) is None
    assert all([await tokens.proven(token, 40) for token in issued[1:]])


@pytest.mark.slow
async def test_tickets_are_used_up_and_bounded():
    tickets = Tickets()
    first, _ = await tickets.issue("digest", 0)
    assert await tickets.redeem(first, 1) == "digest"
    assert await tickets.redeem(first, 1) is None
    late, expires_at = await tickets.issue("digest", 0)
    assert expires_at == TICKET_LIFE_MS and await tickets.redeem(late, expires_at) is None
    for _ in range(10_050):
        newest, _ = await tickets.issue("digest", 5)
    assert len(tickets._digests) <= 10_000
    assert await tickets.redeem(newest, 6) == "digest"


async def test_passwords():
    found = await users().find("ana")
    passwords = Passwords()
    assert await passwords.match(found, PASSWORD)
    assert not await passwords.match(found, "wrong")
    assert not await passwords.match(None, PASSWORD)


def test_the_throttle_counts_in_a_window_that_rolls():
    throttle = Throttle(limit=3, per_ms=3_000)
    assert [throttle.take("a", 0) for _ in range(5)] == [0, 0, 0, 1_000, 1_000]
    assert throttle.take("b", 0) == 0
    assert throttle.take("a", 999) == 1
    assert throttle.take("a", 1_000) == 0
    assert throttle.take("a", 1_000) == 1_000
    throttle.give_back("a")
    assert throttle.take("a", 1_000) == 0


def test_the_throttle_stays_small():
    throttle = Throttle(limit=1, per_ms=1_000, most_keys=10)
    for n in range(100):
        throttle.take(str(n), 0)
    assert throttle.take("99", 0) == 1_000
    assert throttle.take("0", 0) == 0
    assert len(throttle._forgotten_at) == 10


async def test_log_ins_that_are_over_are_not_kept_for_ever_where_others_log_in():
    tokens = Tokens()
    for n in range(10_000):
        tokens.learn(f"{n:064}", "ana", n * 1_000, n * 1_000 + 60_000, None)
    assert len(tokens._sessions) <= 1_000
    assert tokens.valid(f"{9_999:064}", 9_999_000) is not None
