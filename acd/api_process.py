"""An API process without an engine: builds its few parts on one page, and serves until told to stop.

It may be started, stopped and killed at any time, and there may be any number: no call depends on it.
"""

import logging
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from acd.adapters.database.audit import DatabaseAudit
from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.connection import Database, DatabaseError
from acd.adapters.database.numbers import read_dialled
from acd.adapters.database.tokens import DatabaseTokens
from acd.adapters.redis import link
from acd.adapters.redis.answers import SharedAnswers
from acd.adapters.redis.log_ins import SharedTickets, SharedTokens
from acd.adapters.redis.remote import RemoteSwitchboard
from acd.centre import Centre, load_centre
from acd.centre_changes import Reloaded
from acd.clock import Clock
from acd.core.ids import NodeId
from acd.reports.pay import read_rule_of
from acd.running_centre import read_again
from acd.serving import Access, issuer_of, open_door, run, serve_until
from acd.settings import ApiSettings, SettingsError
from acd.switchboard import EngineAway
from cti_api.app import create_app
from cti_api.reports import Reports
from ivr.plain_yaml import BrokenFile

log = logging.getLogger("cordboard")

EXPECTED = (SettingsError, BrokenFile, DatabaseError, EngineAway)


async def serve_api(settings: ApiSettings) -> int:
    """Run until a signal; returns the process's exit code."""
    node = NodeId(settings.node)
    read = partial(load_centre, settings.centre, menus=settings.menus, node=node)
    centre = read()
    async with AsyncExitStack() as stack:
        door = open_door(settings)
        stack.callback(door.close)
        database = Database(settings.database)
        await database.open()
        stack.push_async_callback(database.close)
        redis = link.connect(settings.redis)
        stack.push_async_callback(redis.aclose)
        rule = read_rule_of(settings.pay_rule) if settings.pay_rule is not None else None
        switchboard = RemoteSwitchboard(redis, now_ms=Clock().now_ms)
        await switchboard.open()
        tokens = SharedTokens(redis, DatabaseTokens(database))
        access = Access(centre)

        def in_force(now: Centre) -> None:
            access.use(now)
            log.info("reloaded: %d users", len(now.users))

        app = create_app(
            switchboard,
            access.users,
            token_store=tokens,
            ticket_store=SharedTickets(redis),
            answer_store=SharedAnswers(redis),
            reports=Reports(DatabaseBooks(database), zone=settings.time_zone, pay_rule=rule),
            audit=DatabaseAudit(database),
            masks=access.masks,
            read_number=partial(read_dialled, region=settings.region),
            centre=_Files(switchboard, read, in_force),
            nodes=[node],
            issuer=issuer_of(settings),
            origins=settings.api_origins,
            backgrounds=switchboard.backgrounds,
            seq=switchboard.seq,
        )
        switchboard.listen(switchboard.backgrounds.hear)
        services = app.state.services
        tokens.join(services.tokens)
        await switchboard.follow(services.feed)
        stack.push_async_callback(switchboard.stop)
        tokens.start()
        stack.push_async_callback(tokens.stop)

        def ready(api: str) -> None:
            log.info("ready: API on %s, the engine is heard through Redis", api)

        async def reload() -> None:
            again = await read_again(read)
            if isinstance(again, Centre):
                in_force(again)

        await serve_until(app, door, ready=ready, reload=reload)
    return 0


class _Files:
    """The centre's files, as the engine has read them, and this process after it."""

    def __init__(
        self,
        engine: RemoteSwitchboard,
        read: Callable[[], Centre],
        in_force: Callable[[Centre], None],
    ) -> None:
        self._engine = engine
        self._read = read
        self._in_force = in_force

    async def reload(self, by: str) -> Reloaded:
        """Put what they say now in force where calls are, and what of it counts here too."""
        done = await self._engine.reload(by)
        again = await read_again(self._read) if not done.problems else done
        if isinstance(again, Centre):
            self._in_force(again)
        return done


def main() -> int:
    """Run the process as the environment says."""
    return run(ApiSettings, serve_api, EXPECTED)


if __name__ == "__main__":
    sys.exit(main())
