"""What is done again and again beside all calls, while the process is there; no fault ends it, and none is hidden."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from acd.adapters.database.connection import DatabaseError

log = logging.getLogger(__name__)


async def again_and_again(what: str, do: Callable[[], Awaitable[object]], every_s: float) -> None:
    """Do this, rest for so long, and so on. `what` stands still while the database is away, which is said once."""
    away = False
    while True:
        try:
            await do()
            away = False
        except DatabaseError as error:
            if not away:
                log.warning("%s: not until the database is back: %s", what, error)
            away = True
        except Exception:
            log.exception("%s: a fault of ours; it is tried again", what)
        await asyncio.sleep(every_s)
