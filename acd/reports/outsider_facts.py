"""What the books keep of a number that was called beside a call, when it has left; never the number itself."""

from acd.core.ids import dialled_at
from acd.core.notices import OutsiderLeft
from acd.reports.facts import HEARD, Fact, Kind


def outsider_fact(
    notice: OutsiderLeft,
    *,
    queue: str | None,
    dialled: str | None,
    person: str | None,
    team: str | None,
) -> Fact:
    """A number has left; it was called by the moment that its leg is named after."""
    return Fact(
        kind=Kind.OUTSIDER,
        began_at=dialled_at(notice.leg),
        ended_at=notice.at,
        subject=notice.leg,
        conversation=notice.call,
        queue=queue,
        agent=notice.by,
        team=team,
        dialled=dialled,
        person=person,
        result=notice.result or HEARD,
        body={"talked_ms": notice.talked_ms} if notice.talked_ms else None,
    )
