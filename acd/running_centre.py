"""The call centre as its file says, read again when told to; a broken file changes nothing that runs.

A SIGHUP, or an admin over the API, has the centre file and all that goes with it read: menus, hours, reminders,
webhooks, the rule for pay. What is wrong is said, all of it, with file, line and what to do, and everything goes on
under the rules there were.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from acd.centre.changes import Reloaded, changes_between
from acd.centre.file import Centre, with_calendars
from acd.core.events import Configured
from acd.switchboard import Switchboard
from ivr.plain_yaml import BrokenFile

log = logging.getLogger(__name__)

_DAY_S = 24 * 60 * 60


BY_SIGNAL = "SIGHUP"  # Who had it done; no user can be called so.


class Files:
    """The files that say how the centre is. `read` gives it as they are now, or raises BrokenFile."""

    def __init__(self, read: Callable[[], Centre]) -> None:
        self._read = read
        self.reload_good = True  # What was read last is in force.

    async def read_again(self) -> Centre | Reloaded:
        """The centre as its files are now, or what is wrong with them: then the log says it too."""
        try:
            centre = await asyncio.to_thread(self._read)
        except BrokenFile as error:
            log.error("not reloaded, the rules there were go on: %s", error)
            self.reload_good = False
            return Reloaded(problems=tuple(map(str, error.problems)))
        self.reload_good = True
        return centre


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
        """`read` as of `Files`."""
        self.centre = centre
        self._switchboard = switchboard
        self._files = Files(read)
        self._changed = [changed]
        self._one_by_one = asyncio.Lock()  # Or who has read first may be the last to be in force.

    @property
    def reload_good(self) -> bool:
        """Whether what was read last is in force."""
        return self._files.reload_good

    def on_change(self, changed: Callable[[Centre], None]) -> None:
        """Let `changed` hear of every other centre, too."""
        self._changed.append(changed)

    async def reload(self, by: str = BY_SIGNAL) -> Reloaded:
        """Put what the files say now in force, as a whole or not at all; what is different by it, or what is wrong."""
        async with self._one_by_one:
            centre = await self._files.read_again()
            if isinstance(centre, Reloaded):
                return centre
            done = Reloaded(changes=changes_between(self.centre, centre))
            self.centre = centre
            self.apply(by=by, changes=str(done))
            for changed in self._changed:
                changed(centre)
        log.info(
            "reloaded: %d queues, %d agents; %s",
            len(centre.configuration.queues),
            len(centre.configuration.agents),
            done,
        )
        return done

    def apply(self, *, by: str = "", changes: str = "") -> None:
        """Tell the engine, with hours resolved from now on, and what supervisors have changed kept."""
        at = self._switchboard.now_ms()
        agents = self._switchboard.board.agents.values()
        duties = {view.id: view.duties for view in agents if view.duties.any}
        configuration = replace(
            with_calendars(self.centre, at),
            duties=duties,
            outbound_stopped=self._switchboard.board.outbound_stopped,
        )
        self._switchboard.deliver(
            Configured(at=at, configuration=configuration, by=by, changes=changes)
        )

    async def renew_hours(self) -> None:
        """Hours are resolved for some weeks: do it again every day."""
        while True:
            await asyncio.sleep(_DAY_S)
            if self.centre.schedules:
                self.apply()
