"""Builds everything on one page and runs it until told to stop: the only file that knows every part.

Stopping is not an event in a call's life: callers wait on and agents talk on inside Asterisk, and the
next start falls in with them. So there is no draining, and a crash and a restart are the same thing.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from acd.adapters.asterisk.ami_client import AmiError
from acd.adapters.asterisk.ami_link import AmiLink
from acd.adapters.asterisk.ari_client import AriError
from acd.adapters.asterisk.dialplan_look_up import Ask
from acd.adapters.asterisk.fallback import FallbackMirror
from acd.adapters.asterisk.green_button import pick_up
from acd.adapters.asterisk.node import AsteriskNode
from acd.adapters.database.connection import Database, DatabaseError
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.numbers import read_dialled
from acd.adapters.database.outbox import Outbox
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.promise_book import PromiseBook
from acd.adapters.database.recording_book import RecordingBook
from acd.adapters.database.tokens import DatabaseTokens
from acd.adapters.database.too_old import Retention
from acd.adapters.queue_log_file import QueueLogFile
from acd.adapters.stereo import sounds_at
from acd.adapters.webhooks import Webhooks
from acd.api_books import books_for, follow_up_book
from acd.cases.news import CaseTeller
from acd.centre.file import Centre
from acd.clock import Clock
from acd.closing_the_loop import close_the_loop
from acd.core.commands import Command, IdentifyCaller, PickUp, ReadNumber
from acd.core.configuration import AgentProfile
from acd.core.engine import Engine
from acd.core.events import ShiftRestored
from acd.core.ids import AgentId, NodeId, node_of
from acd.following_up import FollowingUp
from acd.journal import Journal, JournalError
from acd.keeping import forget_the_old
from acd.past_decisions import PastDecisions
from acd.pop import Backgrounds
from acd.privacy_desk import desk_for, heed_erasures
from acd.recording_desk import NewRecordings, RecordingDesk
from acd.running_centre import RunningCentre
from acd.serving import (
    Access,
    Background,
    issuer_of,
    open_door,
    read_files,
    run,
    serve_until,
)
from acd.settings import Settings, SettingsError
from acd.switchboard import Switchboard, each
from acd.taking_up import configure, look_for_orphans
from acd.who_calls import ask_crm, dialplans_question, identify, read_number
from cti_api.app import create_app
from ivr.plain_yaml import BrokenFile

if TYPE_CHECKING:
    from acd.shared import Shared

log = logging.getLogger("cordboard")

# What people can get wrong: told in one message, without a traceback.
EXPECTED = (SettingsError, BrokenFile, DatabaseError, JournalError, AriError, AmiError)


async def serve(settings: Settings) -> int:
    """Run until a signal, or until we must not go on; returns the process's exit code."""
    node = NodeId(settings.node)
    read = partial(read_files, settings)
    centre = read()
    async with AsyncExitStack() as stack:
        clock = Clock()
        background = Background()
        stack.callback(background.stop)
        door = open_door(settings)
        stack.callback(door.close)

        database = Database(settings.database)
        await database.open()
        stack.push_async_callback(database.close)
        shared = await _shared(stack, settings, DatabaseTokens(database))
        agents = dict(centre.configuration.agents)
        phones = _phones_of(centre)
        access = Access(centre)
        ledger = _ledger(stack, settings, database, agents)
        directory = await _directory(settings, database, ledger, agents, clock)
        journal = Journal(settings.journal, at=clock.now_ms(), retention_days=settings.journal_days)
        stack.callback(journal.close)
        backgrounds = Backgrounds()

        def perform(command: Command) -> None:
            if isinstance(command, IdentifyCaller):
                background.start(identify(command, directory, switchboard, backgrounds))
            elif isinstance(command, ReadNumber):
                switchboard.deliver(read_number(command, settings.region, switchboard.now_ms()))
            else:
                _carry_out(command, asterisk, link, background)

        switchboard = Switchboard(
            engine=Engine(), now_ms=clock.now_ms, perform=perform, recorder=journal
        )
        replaced = asyncio.Event()
        question = dialplans_question(directory, lambda: running.centre, clock)
        asterisk = _asterisk(settings, switchboard, replaced.set, question)
        link = _phones(settings, switchboard, phones)
        mirror = FallbackMirror(link, agents)
        changed = _take_over(switchboard, agents, phones, access, directory, link, mirror, shared)
        running = RunningCentre(centre, switchboard, read=read, changed=changed)

        desk = _recordings(stack, settings, database, ledger, switchboard, background, running)
        for hear in (ledger.hear, mirror.hear, look_for_orphans(ledger, switchboard, background)):
            switchboard.listen(each(hear), late=True)

        await ledger.start()
        stack.push_async_callback(ledger.stop)
        stack.callback(switchboard.stop)  # Before the ledger, which hears of it all.
        shift = await ledger.restored_shift()
        await configure(switchboard, centre, ledger)
        mirror.use(_on_duty(switchboard, agents), phones)
        switchboard.deliver(ShiftRestored(at=clock.now_ms(), agents=shift))

        background.start(running.renew_hours())
        privacy = Privacy(database, region=settings.region, sounds=desk.sounds)
        background.start(_forget_the_old(settings, privacy, ledger, clock))
        background.start(heed_erasures(privacy, switchboard))
        await link.start()
        stack.push_async_callback(link.stop)
        mirror.start()
        stack.push_async_callback(mirror.stop)
        await asterisk.start()
        stack.push_async_callback(asterisk.stop)

        kept = (database, ledger, directory, backgrounds, desk)
        teller = _follow_up(settings, switchboard, access, background, *kept[:-1])
        app = _api(settings, switchboard, running, access, *kept, teller, shared)
        if shared is not None:
            await shared.publish(stack, switchboard, app, replaced.set, ledger, running.reload)
        switchboard.listen(backgrounds.hear)  # After the API, which shows what this forgets.
        stack.push_async_callback(ask_crm(settings, switchboard, backgrounds, background))
        _tell_others(stack, settings, app, database, clock, running)
        ready = partial(_tell_ready, settings, asterisk)
        ends = (replaced.wait(), switchboard.failed)
        await serve_until(app, door, *ends, ready=ready, reload=running.reload)
        return _step_down(node) if replaced.is_set() else 70 * switchboard.failed.done()


async def _directory(
    settings: Settings,
    database: Database,
    ledger: Ledger,
    agents: Mapping[AgentId, AgentProfile],
    clock: Clock,
) -> Directory:
    """Who calls, and ready to say so at once."""
    names = {name: profile.name for name, profile in agents.items()}
    directory = Directory(database, region=settings.region, ledger=ledger, agent_names=names)
    await directory.rehearse(at=clock.now_ms())
    return directory


def _follow_up(
    settings: Settings,
    switchboard: Switchboard,
    access: Access,
    background: Background,
    database: Database,
    ledger: Ledger,
    directory: Directory,
    backgrounds: Backgrounds,
) -> CaseTeller:
    """What is owed lapses; and agents who have nothing to do are shown whom to call, if the centre has such lists.

    Returns by whom this is to be told.
    """
    teller = CaseTeller()
    promises = PromiseBook(database, ledger, teller)
    close_the_loop(switchboard, promises, backgrounds, background.start)
    book = follow_up_book(settings, database, ledger, access, teller)
    following = FollowingUp(
        book,
        switchboard,
        directory,
        backgrounds,
        schedules=lambda: access.centre.schedules,
        teams=lambda agent: _team_of(access.centre, agent),
        zone=settings.time_zone,
        read_number=partial(read_dialled, region=settings.region),
        start=background.start,
    )
    switchboard.listen(following.hear)
    background.start(following.work_on())
    return teller


async def _shared(
    stack: AsyncExitStack, settings: Settings, store: DatabaseTokens
) -> "Shared | None":
    """What we share with API processes, if they are given a Redis to hear us through."""
    if settings.redis is None:
        return None
    from acd.shared import open_shared  # With all that Redis needs: 7 MB.

    return await open_shared(stack, settings.redis, settings.node, store)


def _team_of(centre: Centre, agent: AgentId) -> str | None:
    profile = centre.configuration.agents.get(agent)
    return profile.team if profile is not None else None


def _tell_ready(settings: Settings, asterisk: AsteriskNode, api: str) -> None:
    heard = "" if asterisk.connected else ", which is not heard yet"
    log.info("ready: API on %s, Asterisk %s at %s%s", api, settings.node, settings.ari_url, heard)


def _step_down(node: NodeId) -> int:
    """Say why we end, though nothing is wrong with us; returns the process's exit code."""
    log.critical(
        "another process is Asterisk %s's Cordboard now, so this one steps down. "
        "Only one may run for each Asterisk and each Redis: find the other one, or leave this one stopped.",
        node,
    )
    return 75


def _api(
    settings: Settings,
    switchboard: Switchboard,
    running: RunningCentre,
    access: Access,
    database: Database,
    ledger: Ledger,
    directory: Directory,
    backgrounds: Backgrounds,
    desk: RecordingDesk,
    teller: CaseTeller,
    shared: "Shared | None",
) -> FastAPI:
    app = create_app(
        switchboard,
        access.users,
        token_store=shared.tokens if shared else DatabaseTokens(database),
        ticket_store=shared.tickets if shared else None,
        attempt_store=shared.attempts if shared else None,
        answer_store=shared.answers if shared else None,
        past_decisions=PastDecisions(settings.journal),
        backgrounds=backgrounds,
        masks=access.masks,
        recordings=desk,
        centre=running,
        nodes=[NodeId(settings.node)],
        ledger=ledger,
        issuer=issuer_of(settings),
        origins=settings.api_origins,
        persons=desk_for(
            Privacy(database, region=settings.region, sounds=desk.sounds), switchboard, ledger.note
        ),
        **books_for(settings, database, ledger, directory, access, teller),
    )
    teller.listen(app.state.services.feed.case_changed)
    return app


def _ledger(
    stack: AsyncExitStack,
    settings: Settings,
    database: Database,
    agents: Mapping[AgentId, AgentProfile],
) -> Ledger:
    """The ledger, and beside it the queue_log that others read, if there is to be one."""
    if settings.queue_log is None:
        return Ledger(database, region=settings.region, agents=agents)
    file = QueueLogFile(
        settings.queue_log,
        lambda: {name: profile.device or name for name, profile in agents.items()},
    )
    file.start()
    stack.push_async_callback(file.stop)  # After the ledger, which tells it the rest.
    return Ledger(database, region=settings.region, agents=agents, overhears=file.hear)


def _recordings(
    stack: AsyncExitStack,
    settings: Settings,
    database: Database,
    ledger: Ledger,
    switchboard: Switchboard,
    background: Background,
    running: RunningCentre,
) -> RecordingDesk:
    password = settings.ari_password.get_secret_value()
    book = RecordingBook(database, ledger)
    sounds = sounds_at(settings.recordings, settings.ari_url, settings.ari_user, password)
    stack.push_async_callback(sounds.close)
    new = NewRecordings(book, sounds, switchboard, start=background.start)
    switchboard.listen(each(new.hear), late=True)
    return RecordingDesk(
        book,
        sounds,
        note=ledger.note,
        now_ms=switchboard.now_ms,
        agents_hear=lambda: running.centre.agents_hear,
    )


def _carry_out(
    command: Command, asterisk: AsteriskNode, link: AmiLink, background: Background
) -> None:
    if node_of(command.call) != asterisk.node:
        log.error("a command for %s, which is none of ours", node_of(command.call))
    elif isinstance(command, PickUp):
        background.start(pick_up(link, command))
    else:
        asterisk.perform(command)


def _asterisk(
    settings: Settings, switchboard: Switchboard, on_replaced: Callable[[], None], ask: Ask
) -> AsteriskNode:
    node = AsteriskNode(
        NodeId(settings.node),
        settings.ari_url,
        settings.ari_user,
        settings.ari_password.get_secret_value(),
        deliver=switchboard.deliver,
        now_ms=switchboard.now_ms,
        on_replaced=on_replaced,
        ask=ask,
        read_number=partial(read_dialled, region=settings.region),
    )
    switchboard.look_around = node.look_around
    return node


def _phones(settings: Settings, switchboard: Switchboard, phones: Collection[str]) -> AmiLink:
    return AmiLink(
        NodeId(settings.node),
        settings.ami_host,
        settings.ami_port,
        settings.ami_user,
        settings.ami_secret.get_secret_value(),
        deliver=switchboard.deliver,
        now_ms=switchboard.now_ms,
        of_interest=phones.__contains__,
    )


def _forget_the_old(
    settings: Settings, privacy: Privacy, ledger: Ledger, clock: Clock
) -> Coroutine[Any, Any, None]:
    keep = Retention(
        callers_days=settings.keep_callers_days,
        contacts_days=settings.keep_contacts_days,
        recordings_days=settings.keep_recordings_days,
        customers_days=settings.keep_customers_days,
    )
    return forget_the_old(privacy, keep, ledger.hear, clock.now_ms)


def _tell_others(
    stack: AsyncExitStack,
    settings: Settings,
    app: FastAPI,
    database: Database,
    clock: Clock,
    running: RunningCentre,
) -> None:
    """Tell webhooks of events, if there is a file of them, beside all else."""
    if settings.webhooks is None:
        return
    webhooks = Webhooks(running.centre.webhooks, Outbox(database), now_ms=clock.now_ms)
    running.on_change(lambda centre: webhooks.use(centre.webhooks))
    webhooks.start()
    stack.push_async_callback(webhooks.stop)
    app.state.services.feed.let_overhear(webhooks.tell)


def _take_over(
    switchboard: Switchboard,
    agents: dict[AgentId, AgentProfile],
    phones: dict[str, None],
    access: Access,
    directory: Directory,
    link: AmiLink,
    mirror: FallbackMirror,
    shared: "Shared | None",
) -> Callable[[Centre], None]:
    """What has to hear of another centre, the engine apart."""

    def changed(centre: Centre) -> None:
        switchboard.write_down()  # What was said under the old centre is heard as such.
        agents.clear()
        agents.update(centre.configuration.agents)
        phones.clear()
        phones.update(_phones_of(centre))
        link.refresh_soon()  # Of new phones nothing was of interest yet.
        access.use(centre)
        directory.agent_names = {name: profile.name for name, profile in agents.items()}
        mirror.use(_on_duty(switchboard, agents), phones)
        if shared is not None:
            shared.configured()

    return changed


def _phones_of(centre: Centre) -> dict[str, None]:
    return dict.fromkeys(centre.configuration.devices)


def _on_duty(
    switchboard: Switchboard, agents: Mapping[AgentId, AgentProfile]
) -> dict[AgentId, AgentProfile]:
    """The agents, with the queues that supervisors have given them."""
    views = switchboard.board.agents.values()
    return {view.id: view.duties.of(agents[view.id]) for view in views if view.id in agents}


def main() -> int:
    """Run the server as the environment says."""
    return run(Settings, serve, EXPECTED)


if __name__ == "__main__":
    sys.exit(main())
