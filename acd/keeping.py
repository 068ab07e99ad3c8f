"""Forgets every day what is older than it may be, beside all calls, and says so; never decides what that is."""

import asyncio
import logging
from collections.abc import Callable

from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.one_person import PrivacyError
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.too_old import Retention
from acd.core.notices import Supervised

log = logging.getLogger(__name__)

BY = "RETENTION"  # Who has done it; no user can be called so.
_DAY_S = 24 * 60 * 60.0
_AGAIN_S = 600.0
FOR_GOOD = Retention()


async def forget_the_old(
    privacy: Privacy,
    keep: Retention,
    tell: Callable[[Supervised], None],
    now_ms: Callable[[], int],
    *,
    every_s: float = _DAY_S,
    again_s: float = _AGAIN_S,
) -> None:
    """Do it now and every day, as long as somebody awaits it; at once over if all is kept for good."""
    while keep != FOR_GOOD:
        done = await _forget(privacy, keep, tell, now_ms())
        await asyncio.sleep(every_s if done else again_s)


async def _forget(
    privacy: Privacy, keep: Retention, tell: Callable[[Supervised], None], at: int
) -> bool:
    try:
        counts = await privacy.purge(keep, at=at, really=True)
    except DatabaseError as error:
        log.warning("what is too old is kept until the database is back: %s", error)
        return False
    except PrivacyError as error:  # A file stays; nobody can hear it.
        log.error("what is too old is not all forgotten: %s", error)
        return False
    detail = ", ".join(f"{what} {rows}" for what, rows in counts.items() if rows)
    if detail:
        log.info("what was too old is forgotten: %s", detail)
        tell(Supervised(at=at, by=BY, agent=None, action="purge", reason="", detail=detail))
    return True
