"""Every reason for which the engine refuses something is met over HTTP, and is documented where it is met."""

import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from acd.core import events
from acd.core.callback import CallbackRule
from acd.core.configuration import Configuration, RecordWhen, WrapUpMode
from acd.core.configuration import Desk as PhoneDesk
from acd.core.disposition import Disposition
from acd.core.hours import Calendar
from acd.core.ids import AgentId, DeskId
from acd.core.notices import Reason
from acd.core.outbound import Outbound, Route
from cti_api.refusals import REFUSALS, AnyReason, Denial, RefusalError
from tests.core.rules import with_rules
from tests.cti_api.api import described
from tests.cti_api.busy_desk import CONFIGURATION, busy_desk
from tests.cti_api.desk import Desk
from tests.play import START, call_id


def _here(**rules: Any) -> Configuration:
    return with_rules(CONFIGURATION, **rules)


_RECORDED = _here(record=RecordWhen.ALWAYS)
_ON_REQUEST = _here(record=RecordWhen.ON_REQUEST)
_DISPOSED = replace(
    _here(must_dispose=True), dispositions={"solved": Disposition(code="solved", name="Solved")}
)
_SALES_CLOSED = replace(
    _here(queue="sales", hours="never"),
    calendars={"never": Calendar(spans=(), known_until=2 * START)},
)


ZOE = AgentId("zoe")
_DESKS = replace(
    CONFIGURATION,
    desks={
        DeskId("desk-12"): PhoneDesk(id=DeskId("desk-12"), name="Window 12", device="PJSIP/desk12")
    },
)
_NUMBER = "+861065551234"
_CALLS_BACK = replace(
    _here(callback=CallbackRule()),
    outbound=Outbound(routes=(Route(name="country", endpoint="trunk", prefixes=("+86",)),)),
)


@dataclass(frozen=True)
class Story:
    """What is asked, one line for each; the last is refused. `TALKING comes`: who is rung for it picks up."""

    asked: str
    centre: Configuration = CONFIGURATION

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.asked.strip().splitlines()]


STORIES: Mapping[Reason, Story] = {
    Reason.UNKNOWN_AGENT: Story("sue PUT agents/nobody/shift"),
    Reason.UNKNOWN_CALL: Story("sue PUT calls/pbx1:none/hold"),
    Reason.UNKNOWN_QUEUE: Story('sue PUT calls/WAITING/queue {"queue": "none"}'),
    Reason.UNKNOWN_DESK: Story('bob PUT agents/bob/shift {"desk": "none"}'),
    Reason.NO_PHONE: Story(
        "sue PUT agents/zoe/shift",
        replace(_DESKS, agents=_DESKS.agents | {ZOE: replace(_DESKS.agents[ZOE], device="")}),
    ),
    Reason.DESK_TAKEN: Story(
        'sol PUT agents/sol/shift {"desk": "desk-12"}\nsue PUT agents/zoe/shift {"desk": "desk-12"}',
        _DESKS,
    ),
    Reason.CALL_IN_HAND: Story('ana PUT agents/ana/shift {"desk": "desk-12"}', _DESKS),
    Reason.UNKNOWN_SKILL: Story(
        'sue PUT agents/ana/duties {"skills": {"dancing": 5}, "reason": "fun"}'
    ),
    Reason.NOT_LOGGED_IN: Story("sue DELETE agents/zoe/shift"),
    Reason.NOT_IN_WRAP_UP: Story("ana DELETE agents/ana/wrap-up"),
    Reason.WRAP_UP_LOCKED: Story(
        "sue DELETE calls/TALKING\nana hangs up\nana DELETE agents/ana/wrap-up",
        _here(wrap_up=WrapUpMode.LOCKED),
    ),
    Reason.NOT_EXTENSIBLE: Story(
        "sue PUT agents/cleo/wrap-up/extension\nsue PUT agents/cleo/wrap-up/extension"
    ),
    Reason.HELD_BY_SUPERVISOR: Story(
        'sue POST agents/sol/force {"action": "force-not-ready", "reason": "come and see me"}\n'
        'sol PUT agents/sol/state {"state": "ready"}'
    ),
    Reason.NOT_YOUR_CALL: Story("bob PUT calls/WAITING/hold"),
    Reason.NOT_ASKED: Story('ruth PUT calls/TALKING/route {"route": 1, "agents": ["fay"]}'),
    Reason.NOT_A_CANDIDATE: Story('ruth PUT calls/ASKED/route {"route": 1, "agents": ["ana"]}'),
    Reason.NOT_WAITING: Story('sue PUT calls/TALKING/priority {"priority": 5}'),
    Reason.BAD_REQUIREMENT: Story('sue PUT calls/WAITING/requirement {"requires": "dancing >"}'),
    Reason.NOT_TALKING: Story("sue PUT calls/WAITING/hold"),
    Reason.ON_HOLD: Story("bob PUT calls/HELD/hold"),
    Reason.NOT_ON_HOLD: Story("ana DELETE calls/TALKING/hold"),
    Reason.QUEUE_REFUSES: Story(
        'ana POST calls/TALKING/transfer {"queue": "sales"}', _SALES_CLOSED
    ),
    Reason.AGENT_NOT_FREE: Story('ana POST calls/TALKING/transfer {"agent": "bob"}'),
    Reason.NOBODY_FREE: Story('ana POST calls/TALKING/consult {"queue": "support"}'),
    Reason.NOT_DISPOSED: Story(
        "sue DELETE calls/TALKING\nana hangs up\nana DELETE agents/ana/wrap-up", _DISPOSED
    ),
    Reason.UNKNOWN_DISPOSITION: Story(
        'ana PUT calls/TALKING/outcome {"outcome": "dancing"}', _DISPOSED
    ),
    Reason.CONSULTING: Story(
        'ana POST calls/TALKING/consult {"agent": "fay"}\nana PUT calls/TALKING/hold'
    ),
    Reason.NOT_CONSULTING: Story("ana DELETE calls/TALKING/consult"),
    Reason.CONSULT_NOT_ANSWERED: Story(
        'ana POST calls/TALKING/consult {"agent": "fay"}\nana POST calls/TALKING/consult/complete'
    ),
    Reason.IN_CONFERENCE: Story(
        'ana POST calls/TALKING/consult {"agent": "fay"}\nTALKING comes\n'
        'ana POST calls/TALKING/conference\nana POST calls/TALKING/transfer {"queue": "sales"}'
    ),
    Reason.NOT_IN_CALL: Story("ana DELETE calls/TALKING/parties/fay"),
    Reason.NOT_RINGING: Story("ana DELETE calls/TALKING/offers/ana"),
    Reason.TOO_MUCH_DATA: Story(
        f"ana PUT calls/TALKING/data {json.dumps({'data': {str(n): 'x' for n in range(20)}})}\n"
        'ana PUT calls/TALKING/data {"data": {"more": "x"}}'
    ),
    Reason.NO_CALLBACKS: Story(
        f'sue POST callbacks {{"number": "{_NUMBER}", "queue": "support"}}', CONFIGURATION
    ),
    Reason.CALLED_BACK_ALREADY: Story(
        f'ana POST callbacks {{"number": "{_NUMBER}", "queue": "support"}}\n' * 2, _CALLS_BACK
    ),
    Reason.UNKNOWN_CALLBACK: Story("sue DELETE callbacks/none"),
    Reason.NO_PREVIEW: Story('ana PUT agents/ana/preview {"task": "t1", "answer": "accept"}'),
    Reason.MAY_NOT_BE_RECORDED: Story("ana PUT calls/TALKING/recording"),
    Reason.NOT_RECORDED: Story("ana DELETE calls/TALKING/recording", _ON_REQUEST),
    Reason.RECORDED_ALREADY: Story("ana PUT calls/TALKING/recording", _RECORDED),
    Reason.RECORDING_NOT_PAUSED: Story("ana DELETE calls/TALKING/recording/pause", _RECORDED),
    Reason.RECORDING_PAUSED: Story(
        "ana PUT calls/TALKING/recording/pause\nana PUT calls/TALKING/recording/pause", _RECORDED
    ),
}

# Where another test makes it happen already.
_OUTBOUND = "test_outbound.test_a_number_that_may_not_be_called_is_refused_and_nothing_rings"
_CAPS = "test_outbound.test_who_is_busy_off_shift_or_over_his_cap_is_told_so"
_SUPERVISION = "test_supervision.test_every_reason_why_not"
ELSEWHERE: Mapping[Reason, str] = {
    Reason.IN_CALL_ALREADY: "test_outsiders.test_over_the_api_with_all_that_is_refused",
    Reason.PHONE_CANNOT: "test_offers.test_whose_phone_can_picks_up_by_the_screen_and_nobody_else",
    Reason.BAD_NUMBER: "test_outbound.test_what_is_no_number_reaches_nobody",
    Reason.OUTBOUND_STOPPED: "test_outbound.test_an_admin_stops_it_and_everybody_sees_that",
    Reason.NO_ROUTE: _OUTBOUND,
    Reason.PREMIUM_NUMBER: _OUTBOUND,
    Reason.SATELLITE_NUMBER: _OUTBOUND,
    Reason.OUTSIDE_HOURS: _OUTBOUND,
    Reason.AGENT_CAP: _CAPS,
    Reason.CENTRE_CAP: _CAPS,
    Reason.OWN_CALL: _SUPERVISION,
    Reason.NOT_SUPERVISING: _SUPERVISION,
    Reason.SUPERVISION_NOT_ANSWERED: _SUPERVISION,
    Reason.CALLER_ABSENT: "test_offers.test_a_caller_is_sent_on_to_a_number",
}

DENIALS: Mapping[Denial, Story] = {
    Denial.NOT_ALLOWED: Story("ana PUT agents/bob/shift"),
    Denial.UPGRADE_REQUIRED: Story("ana GET events"),
    Denial.NOT_ANSWERED: Story('ana PUT calls/WAITING/outcome {"outcome": "solved"}'),
    Denial.UNKNOWN_USER: Story("root DELETE users/nobody/sessions"),
    Denial.UNKNOWN_KEY: Story("root DELETE keys/0123456789abcdef"),
    Denial.INVALID: Story('sue PUT calls/WAITING/priority {"priority": "high"}'),
}

_DESCRIBED: Mapping[str, Any] = described()["paths"]


@pytest.mark.parametrize("reason", Reason)
async def test_every_refusal_of_the_engine_is_met(reason: Reason) -> None:
    if reason in ELSEWHERE:
        module, _, name = ELSEWHERE[reason].partition(".")
        assert hasattr(importlib.import_module(f"tests.cti_api.{module}"), name)
        return
    await _is_met(reason, STORIES[reason])  # None? Write down how it is met.


@pytest.mark.parametrize("denial", DENIALS)
async def test_what_the_api_denies_by_itself(denial: Denial) -> None:
    await _is_met(denial, DENIALS[denial])


async def _is_met(reason: AnyReason, story: Story) -> None:
    desk = await busy_desk(story.centre)
    try:
        *before, last = story.lines
        for line in before:
            status, answer = await _do(desk, line)
            assert status < 300, (line, answer)
        status, answer = await _do(desk, last)
        assert (answer.get("error", {}).get("reason"), status) == (
            reason.value,
            REFUSALS[reason].status,
        ), answer
        assert answer["error"]["message"]
        _, method, path, *_ = last.split()
        assert reason.value in _documented(method, path)
    finally:
        desk.switchboard.stop()
        desk.services.feed.close()


async def _do(desk: Desk, line: str) -> tuple[int, dict[str, Any]]:
    who, what, *more = line.split(maxsplit=3)
    for name in ("talking", "held", "waiting", "asked"):
        who, more = (
            who.replace(name.upper(), name),
            [one.replace(name.upper(), call_id(name)) for one in more],
        )
    if what == "comes":
        desk.comes(who)
        return 200, {}
    if what == "hangs":  # The phone of the agent whose call it was.
        desk.tell(events.LegEnded(at=desk.now, channel=desk.leg("talking"), cause=16))
        return 200, {}
    path, *body = more
    async with desk.client(who) as client:
        answer = await client.request(
            what, f"/v1/{path}", **({"json": json.loads(body[0])} if body else {})
        )
    return answer.status_code, answer.json() if answer.content else {}


def _documented(method: str, path: str) -> set[str]:
    """The reasons that the description has for this operation."""
    found = [
        operations[method.lower()]
        for template, operations in _DESCRIBED.items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), f"/v1/{path}")
        and method.lower() in operations
    ]
    return {
        reason
        for operation in found
        for response in operation["responses"].values()
        for reason in response.get("content", {}).get("application/json", {}).get("examples", {})
    }


def test_whatever_is_refused_has_a_sentence_for_people() -> None:
    for reason in REFUSALS:
        refused = RefusalError(reason)
        assert refused.status >= 400 and refused.message.endswith((".", "FOLDER.")), reason
