"""The call centre as its file says, read again when told to; a broken file changes nothing that runs.

A SIGHUP reads the centre file, its menus and its hours. What is wrong is said in the log, all of it, with file,
line and what to do, and everything goes on under the rules there were.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from acd.centre import Centre, with_calendars
from acd.core.events import Configured
from acd.switchboard import Switchboard
from ivr.plain_yaml import BrokenFile

log = logging.getLogger(__name__)

_DAY_S = 24 * 60 * 60


async def read_again(read: Callable[[], Centre]) -> Centre | None:
    """The centre as its files are now, or None if they are broken: then the log says how."""
    try:
        return await asyncio.to_thread(read)
    except BrokenFile as error:
        log.error("not reloaded, the rules there were go on: %s", error)
        return None


class RunningCentre:
    """The centre that is in force. `changed` hears of every other one, when the engine has it."""

    def __init__(
        self,
        centre: Centre,
        switchboard: Switchboard,
        *,
        read: Callable[[], Centre],
        changed: Callable[[Centre], None],
    ) -> None:
        """`read` gives the centre of the files as they are now, or raises BrokenFile."""
        self.centre = centre
        self._switchboard = switchboard
        self._read = read
        self._changed = changed

    async def reload(self) -> bool:
        """Put what the files say now in force, as a whole or not at all; whether it is."""
        centre = await read_again(self._read)
        if centre is None:
            return False
        self.centre = centre
        self.apply()
        self._changed(centre)
        log.info(
            "reloaded: %d queues, %d agents",
            len(centre.configuration.queues),
            len(centre.configuration.agents),
        )
        return True

    def apply(self) -> None:
        """Tell the engine, with hours resolved from now on, and what supervisors have changed kept."""
        at = self._switchboard.now_ms()
        agents = self._switchboard.board.agents.values()
        duties = {view.id: view.duties for view in agents if view.duties.any}
        configuration = replace(with_calendars(self.centre, at), duties=duties)
        self._switchboard.deliver(Configured(at=at, configuration=configuration))

    async def renew_hours(self) -> None:
        """Hours are resolved for some weeks: do it again every day."""
        while True:
            await asyncio.sleep(_DAY_S)
            if self.centre.schedules:
                self.apply()
