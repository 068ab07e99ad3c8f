"""What a start takes up where the process before it stopped: out of the ledger, into the engine; decides nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.ledger import Ledger
from acd.centre.file import Centre, with_calendars
from acd.core.events import CallbacksRestored, CallsOutRestored, Configured, DataRestored
from acd.core.ids import CallId
from acd.core.notices import NodeStateChanged, Notice
from acd.serving import Background
from acd.switchboard import Switchboard

log = logging.getLogger("cordboard")


async def configure(switchboard: Switchboard, centre: Centre, ledger: Ledger) -> None:
    """Let the centre be as its file says, with its hours resolved from now on, and what people changed and noted."""
    duties, stopped = await ledger.restored_duties(), await ledger.outbound_stopped()
    noted, owed = await ledger.restored_data(), await ledger.restored_callbacks()
    at = switchboard.now_ms()
    configuration = replace(with_calendars(centre, at), duties=duties, outbound_stopped=stopped)
    switchboard.deliver(Configured(at=at, configuration=configuration))
    switchboard.deliver(DataRestored(at=at, data=noted))
    begun = await ledger.restored_calls_out(at)
    switchboard.deliver(CallsOutRestored(at=at, begun=begun))
    switchboard.deliver(CallbacksRestored(at=at, callbacks=owed))


def look_for_orphans(
    ledger: Ledger, switchboard: Switchboard, background: Background
) -> Callable[[Notice], None]:
    """Whenever an Asterisk is found, look what has ended there meanwhile."""

    def hear(notice: Notice) -> None:
        if isinstance(notice, NodeStateChanged) and notice.connected:
            known = list(switchboard.board.calls)
            background.start(_close_orphans(ledger, known, notice))

    return hear


async def _close_orphans(ledger: Ledger, known: Sequence[CallId], found: NodeStateChanged) -> None:
    """Calls that the ledger has as open and this Asterisk does not have: they ended while we were away."""
    try:
        await ledger.close_orphans(known, at=found.at, node=found.node)
    except DatabaseError as error:
        log.warning("calls that were lost stay open in the ledger: %s", error)
