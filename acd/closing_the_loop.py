"""Sees to it that what is owed to customers is not forgotten, beside all calls: no call ever waits for it.

What is due lapses, and becomes a task; what was closed a moment before he calls again is open once more, and
whoever has him on the line sees it.
"""

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.promise_book import PromiseBook
from acd.again import again_and_again
from acd.core.customer import CAN_REPEAT
from acd.core.notices import CallerRecognised, Notice
from acd.pop import Backgrounds
from acd.switchboard import Switchboard

log = logging.getLogger(__name__)

EVERY_S = 5.0


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


async def _let_lapse(promises: PromiseBook, now_ms: Callable[[], int]) -> None:
    await again_and_again("letting promises lapse", lambda: promises.lapse(at=now_ms()), EVERY_S)
