"""Sees to it that what is owed to customers is not forgotten, beside all calls: no call ever waits for it.

What is due lapses, and becomes a task; so does a callback by which nobody was reached. What was closed a moment before
he calls again is open once more, and whoever has him on the line sees it.
"""

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.promise_book import PromiseBook
from acd.again import again_and_again
from acd.cases.refused import CaseRefusedError
from acd.core.callback import UNDONE
from acd.core.customer import CAN_REPEAT
from acd.core.notices import CallbackEnded, CallerRecognised, Notice
from acd.pop import Backgrounds
from acd.switchboard import Switchboard

log = logging.getLogger(__name__)

EVERY_S = 5.0
CALL_BACK = "call back"  # What is owed to who was not reached.
OURSELVES = "cordboard"  # Who has promised it.


def close_the_loop(
    switchboard: Switchboard,
    promises: PromiseBook,
    backgrounds: Backgrounds,
    start: Callable[[Coroutine[Any, Any, object]], None],
) -> None:
    """Begin, by starting what is to be done beside everything else."""

    def hear(notices: Sequence[Notice]) -> None:
        for notice in notices:
            if isinstance(notice, CallerRecognised) and _is_told(notice):
                start(reopen(notice, promises, backgrounds))
            elif isinstance(notice, CallbackEnded) and notice.outcome in UNDONE:
                start(owe_still(notice, promises))

    switchboard.listen(hear)
    start(_let_lapse(promises, switchboard.now_ms))


def _is_told(notice: CallerRecognised) -> bool:
    identity = notice.identity
    return identity.customer is not None and identity.confidence in CAN_REPEAT


async def reopen(notice: CallerRecognised, promises: PromiseBook, backgrounds: Backgrounds) -> None:
    """He calls again within the window of his repeat rule: what was closed in it is not settled."""
    customer = notice.identity.customer
    assert customer is not None
    try:
        owed = await promises.reopen(
            customer.id, notice.call, at=notice.at, within_ms=notice.identity.window_ms
        )
    except DatabaseError as error:
        log.warning("what was promised to a caller was not looked at: %s", error)
        return
    if owed is not None:
        backgrounds.owe(notice.call, customer.id, owed)


async def owe_still(notice: CallbackEnded, promises: PromiseBook) -> None:
    """He was to be called back and was not reached: if it is known who he is, that is a promise, due now."""
    owed = notice.callback
    if owed.customer is None:
        return  # The event and the report have it.
    try:
        await promises.make(
            owed.customer,
            what=CALL_BACK,
            owner=None,
            due_at=notice.at,
            call=owed.origin,
            by=OURSELVES,
            at=notice.at,
        )
    except (DatabaseError, CaseRefusedError) as error:
        log.warning("a callback that came to nothing is not noted with its customer: %s", error)


async def _let_lapse(promises: PromiseBook, now_ms: Callable[[], int]) -> None:
    await again_and_again("letting promises lapse", lambda: promises.lapse(at=now_ms()), EVERY_S)
