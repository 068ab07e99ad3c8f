"""Who calls: asked of the directory, of a CRM, by dialplans; a call waits for the first alone, and not for long."""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from acd.adapters.asterisk.dialplan_look_up import Ask, answer
from acd.adapters.crm import Crm
from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.directory import Directory, Recognition
from acd.adapters.database.numbers import read_dialled
from acd.centre.file import Centre
from acd.clock import Clock
from acd.core.commands import IdentifyCaller, ReadNumber
from acd.core.customer import UNIDENTIFIED
from acd.core.events import CallerIdentified, NumberRead
from acd.core.ids import CallId
from acd.core.notices import CallerRecognised, Notice
from acd.pop import Backgrounds
from acd.serving import Background
from acd.settings import Settings
from acd.switchboard import Switchboard, each

log = logging.getLogger(__name__)


def identify(
    command: IdentifyCaller,
    directory: Directory,
    switchboard: Switchboard,
    backgrounds: Backgrounds,
) -> Coroutine[Any, Any, None]:
    """Ask the directory: it is at it when this returns, beside whatever else is done in this step."""
    asked = directory.recognise(
        command.number, at=command.at, window_ms=command.window_ms, told=command.told
    )
    return _tell_who(command, asked, switchboard, backgrounds)


async def _tell_who(
    command: IdentifyCaller,
    recognition: Awaitable[Recognition],
    switchboard: Switchboard,
    backgrounds: Backgrounds,
) -> None:
    """Tell what the directory says; if it cannot say, the call goes on with nobody known."""
    try:
        found = await recognition
        identity = found.identity.meaning(command.customer)
        backgrounds.know(command.call, found.background)
    except DatabaseError as error:
        log.warning("a caller could not be identified: %s", error)
        identity = UNIDENTIFIED
    switchboard.deliver(
        CallerIdentified(at=switchboard.now_ms(), call=command.call, identity=identity)
    )


def read_number(command: ReadNumber, region: str, at: int) -> NumberRead:
    """What somebody wants to be called by, as a number, if it is one."""
    number = read_dialled(command.text, region=region)
    return NumberRead(at=at, call=command.call, number=number)


def dialplans_question(
    directory: Directory, now_in_force: Callable[[], Centre], clock: Clock
) -> Ask:
    """Who calls, for a dialplan that asks: by the rule of the centre, for he is in no queue of ours."""

    async def ask(number: str) -> str:
        at, centre = clock.now_ms(), now_in_force()
        rule = centre.configuration.repeat
        identity = await directory.identify(number, at=at, window_ms=rule.window_ms)
        return answer(identity.under(rule, at), centre.vip)

    return ask


def ask_crm(
    settings: Settings, switchboard: Switchboard, backgrounds: Backgrounds, background: Background
) -> Callable[[], Awaitable[None]]:
    """Ask the CRM, if there is one, when a caller is recognised, beside all else; returns how to end it."""
    crm = Crm(settings.crm_url, token=settings.crm_token.get_secret_value(), clock=time.monotonic)

    async def ask(call: CallId, number: str, customer: str) -> None:
        said = await crm.ask(number, customer)
        if said is not None and call in switchboard.board.calls:
            backgrounds.learn(call, said)

    def hear(notice: Notice) -> None:
        if isinstance(notice, CallerRecognised) and notice.identity.number is not None:
            customer = notice.identity.customer
            who = customer.id if customer is not None else ""
            background.start(ask(notice.call, notice.identity.number, who))

    if settings.crm_url:
        switchboard.listen(each(hear))
    return crm.close
