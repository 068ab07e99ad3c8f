"""Log-ins survive a restart; who had a call is known before and after it is written."""

from acd.adapters.database.connection import Database
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.past_calls import DatabasePastCalls
from acd.adapters.database.tokens import DatabaseTokens
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.notices import CallConnected, CallStarted

NOW = 1_750_000_000_000
CALL = CallId("pbx1:1.1")


async def test_a_log_in_is_kept_until_it_is_over_or_revoked(url):
    database = Database(url)
    await database.open()
    log_ins = DatabaseTokens(database)
    await log_ins.keep("a" * 64, "ana", NOW, NOW + 10, None)
    await log_ins.keep("b" * 64, "bob\x00", NOW, NOW + 20, "crm\x00")
    await database.close()

    database = Database(url)
    await database.open()
    log_ins = DatabaseTokens(database)
    assert [row[1:] for row in await log_ins.valid(NOW)] == [
        ("ana", NOW, NOW + 10, None),
        ("bob", NOW, NOW + 20, "crm"),
    ]
    assert [row[1] for row in await log_ins.valid(NOW + 10)] == ["bob"]
    await log_ins.revoke("b" * 64, NOW + 1)
    assert not await log_ins.valid(NOW + 10)
    await database.close()


async def test_who_had_a_call_is_known_at_once_and_after_a_restart(database):
    ledger = Ledger(database, region="CN")
    await ledger.start()
    past = DatabasePastCalls(database, ledger)
    assert await past.served_by(CALL) is None
    ledger.hear(
        CallStarted(
            at=NOW, call=CALL, number="", name="", dialled="", entry=Entry.QUEUE, target="support"
        )
    )
    assert await past.served_by(CALL) is None
    ledger.hear(
        CallConnected(
            at=NOW,
            call=CALL,
            offer=OfferId("o"),
            agent=AgentId("ana"),
            queue=QueueId("support"),
            connected_at=NOW,
            waited_ms=0,
        )
    )
    assert await past.served_by(CALL) == "ana"
    await ledger.stop()
    ledger = Ledger(database, region="CN")
    await ledger.start()
    past = DatabasePastCalls(database, ledger)
    assert await past.served_by(CALL) == "ana"
    await ledger.stop()
