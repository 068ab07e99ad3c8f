"""How supervisors in calls are shown to people, folded from what is told of them; decides nothing."""

from collections.abc import Iterable

from acd.core.ids import AgentId
from acd.core.record import record
from acd.core.supervision import FollowingChanged, Mode, SupervisionChanged, SupervisionEnded


@record
class SupervisionView:
    """A supervisor who hears a call, or is rung for it."""

    agent: AgentId
    of: AgentId
    mode: Mode
    since: int | None = None  # When he began to hear; None: his phone rings.


@record
class FollowingView:
    """Whose calls a supervisor hears, and who hears him."""

    agent: AgentId
    mode: Mode


def supervised(
    views: Iterable[SupervisionView], notice: SupervisionChanged | SupervisionEnded
) -> tuple[SupervisionView, ...]:
    """Who hears a call after this: a supervisor comes, goes, or is heard by others than before."""
    found = {one.agent: one for one in views}
    if isinstance(notice, SupervisionChanged):
        found[notice.agent] = SupervisionView(
            agent=notice.agent, of=notice.of, mode=notice.mode, since=notice.since
        )
    else:
        found.pop(notice.agent, None)
    return tuple(found.values())


def following(notice: FollowingChanged) -> FollowingView | None:
    """Whose calls a supervisor hears after this."""
    return FollowingView(agent=notice.follows, mode=notice.mode) if notice.follows else None
