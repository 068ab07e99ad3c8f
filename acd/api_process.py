"""An API process without an engine: builds its few parts on one page, and serves until told to stop.

It may be started, stopped and killed at any time, and there may be any number: no call depends on it.
"""

import logging
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from acd.adapters.database.connection import Database, DatabaseError
from acd.adapters.database.directory import Directory
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.recording_book import RecordingBook
from acd.adapters.database.tokens import DatabaseTokens
from acd.adapters.redis import link
from acd.adapters.redis.answers import SharedAnswers
from acd.adapters.redis.engines_own import RemoteDecisions, RemoteLedger, reload
from acd.adapters.redis.log_ins import SharedAttempts, SharedTickets, SharedTokens
from acd.adapters.redis.remote import RemoteSwitchboard
from acd.adapters.stereo import sounds_at
from acd.api_books import books_for
from acd.cases.news import CaseTeller
from acd.centre.changes import Reloaded
from acd.centre.file import Centre, load_files
from acd.clock import Clock
from acd.core.ids import NodeId
from acd.privacy_desk import desk_for
from acd.recording_desk import RecordingDesk
from acd.running_centre import Files
from acd.serving import Access, issuer_of, open_door, run, serve_until
from acd.settings import ApiSettings, SettingsError
from acd.switchboard import EngineAway
from cti_api.app import create_app
from ivr.plain_yaml import BrokenFile

log = logging.getLogger("cordboard")

EXPECTED = (SettingsError, BrokenFile, DatabaseError, EngineAway)


async def serve_api(settings: ApiSettings) -> int:
    """Run until a signal; returns the process's exit code."""
    node = NodeId(settings.node)
    read = partial(
        load_files, settings.centre, menus=settings.menus, pay_rule=settings.pay_rule, node=node
    )
    centre = read()
    async with AsyncExitStack() as stack:
        door = open_door(settings)
        stack.callback(door.close)
        database = Database(settings.database)
        await database.open()
        stack.push_async_callback(database.close)
        redis = link.connect(settings.redis)
        stack.push_async_callback(redis.aclose)
        switchboard = RemoteSwitchboard(redis, now_ms=Clock().now_ms)
        await switchboard.open()
        ledger = RemoteLedger(switchboard)
        names = {name: profile.name for name, profile in centre.configuration.agents.items()}
        directory = Directory(database, region=settings.region, ledger=ledger, agent_names=names)
        tokens = SharedTokens(redis, DatabaseTokens(database))
        access = Access(centre)

        def in_force(now: Centre) -> None:
            access.use(now)
            log.info("reloaded: %d users", len(now.users))

        files = _Files(switchboard, read, in_force)
        desk = _recordings(stack, settings, database, ledger, switchboard, access)
        teller = CaseTeller()
        teller.listen(switchboard.tell)
        app = create_app(
            switchboard,
            access.users,
            token_store=tokens,
            ticket_store=SharedTickets(redis),
            attempt_store=SharedAttempts(redis),
            answer_store=SharedAnswers(redis),
            past_decisions=RemoteDecisions(switchboard),
            recordings=desk,
            persons=desk_for(
                Privacy(database, region=settings.region, sounds=desk.sounds),
                switchboard,
                ledger.note,
            ),
            masks=access.masks,
            centre=files,
            nodes=[node],
            issuer=issuer_of(settings),
            origins=settings.api_origins,
            backgrounds=switchboard.backgrounds,
            seq=switchboard.seq,
            **books_for(settings, database, ledger, directory, access, teller),
        )
        switchboard.listen(switchboard.backgrounds.hear)
        tokens.join(app.state.services.tokens)
        await switchboard.follow(app.state.services.feed)
        stack.push_async_callback(switchboard.stop)
        tokens.start()
        stack.push_async_callback(tokens.stop)

        def ready(api: str) -> None:
            log.info("ready: API on %s, the engine is heard through Redis", api)

        await serve_until(app, door, ready=ready, reload=files.follow)
    return 0


def _recordings(
    stack: AsyncExitStack,
    settings: ApiSettings,
    database: Database,
    ledger: RemoteLedger,
    switchboard: RemoteSwitchboard,
    access: Access,
) -> RecordingDesk:
    password = settings.ari_password.get_secret_value()
    sounds = sounds_at(settings.recordings, settings.ari_url, settings.ari_user, password)
    stack.push_async_callback(sounds.close)
    return RecordingDesk(
        RecordingBook(database, ledger),
        sounds,
        note=ledger.note,
        now_ms=switchboard.now_ms,
        agents_hear=lambda: access.centre.agents_hear,
    )


class _Files(Files):
    """The centre's files, as the engine has read them, and this process after it."""

    def __init__(
        self,
        engine: RemoteSwitchboard,
        read: Callable[[], Centre],
        in_force: Callable[[Centre], None],
    ) -> None:
        super().__init__(read)
        self._engine = engine
        self._in_force = in_force

    async def reload(self, by: str) -> Reloaded:
        """Put what they say now in force where calls are, and what of it counts here too."""
        done = await reload(self._engine, by)
        if not done.problems:
            await self.follow()
        return done

    async def follow(self) -> None:
        """Let what they say now count here; if they are broken, what they said counts on."""
        centre = await self.read_again()
        if isinstance(centre, Centre):
            self._in_force(centre)


def main() -> int:
    """Run the process as the environment says."""
    return run(ApiSettings, serve_api, EXPECTED)


if __name__ == "__main__":
    sys.exit(main())
