"""Agents call people over a real trunk: both hear each other, and a number that may not be called sends no INVITE."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone, Subscribers
from cordboard_client import ApiError
from tests.live.centre import Centre, Person, together, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

AGENTS = {"ana": ["support"], "bob": ["sales"]}
OUTBOUND = {
    "queue": "support",
    "caps": {"agent_per_hour": 5},
    "routes": {
        "country": {
            "endpoint": "trunk",
            "caller_id": "+861065550000",
            "prefixes": ["+86"],
            "strip": "+86",
            "prepend": "0",
            "emergency": ["110"],
            "ring_s": 5,
        },
        "nowhere": {"endpoint": "no-such-trunk", "caller_id": "1", "prefixes": ["+49"]},
    },
}
QUICK = Phone(ring_ms=30)
PEOPLE = {
    "01065551234": Phone(ring_ms=300),
    "01065550001": Phone(what="busy"),
    "01065550002": Phone(what="ring"),
    "01065550003": Phone(what="decline"),
}
WANG = {"number": "010 6555 1234"}
TWO = [{"ana", "caller"}]


def invited(people: Subscribers) -> list[str]:
    return [number for _, number in people.invitations()]


def sent_to(centre: Centre, leg: str) -> int:
    """How many packets of sound Asterisk has sent to this leg."""
    found = centre.look(f"/channels/{leg}/rtp_statistics") or {"txcount": 0}
    return int(found["txcount"])


async def both_hear(centre: Centre) -> None:
    """She hears him speak, and what he hears is what her phone says back."""
    legs = [channel["id"] for channel in centre.channels]
    assert len(legs) == 2, legs
    before = {leg: sent_to(centre, leg) for leg in legs}
    await until(
        lambda: all(sent_to(centre, leg) > before[leg] + 20 for leg in legs),
        what="sound goes both ways",
    )


async def not_reached(centre: Centre, ana: Person, number: str) -> str:
    """Why he is not reached whom she calls; she is ready again, as she was."""
    call = (await ana.api.make_call({"number": number}))["id"]
    ended = await centre.boss.hears("call-ended", call=call)
    assert (ended["ending"], ended["talked_ms"]) == ("not-reached", 0)
    await ana.becomes("ready")
    await centre.quiet()
    return str(ended["detail"])


async def test_an_agent_calls_a_customer_holds_him_and_lets_him_go(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, outbound=OUTBOUND, region="CN") as centre:
        with AgentPhones(lab, default=QUICK) as phones, Subscribers(lab, PEOPLE) as people:
            (ana,) = await centre.on_shift("ana")
            shown = await ana.api.make_call({**WANG, "data": {"list": "spring"}})
            assert (shown["phase"], shown["direction"]) == ("placed", "out")
            pop = await ana.hears("call-placed", agent="ana")
            assert pop["view"]["caller"]["number"] == "+861065551234"
            await ana.hears("number-dialled")
            await ana.hears("call-connected", agent="ana")
            await until(lambda: together(centre) == TWO)
            await both_hear(centre)
            assert [agent for _, agent in phones.rung()] == ["ana"]
            ((invite, number),) = people.invitations()
            assert number == "01065551234"
            assert "+861065550000" in invite.header("From")
            assert "+861065551234" not in invite.header("From")

            call = shown["id"]
            await ana.api.hold_call(call)
            await until(lambda: together(centre) == [{"ana"}], what="he hears music")
            await ana.api.retrieve_call(call)
            await until(lambda: together(centre) == TWO)
            await ana.api.clear_call(call)
            ended = await centre.boss.hears("call-ended", call=call)
            assert (ended["ending"], ended["agent"]) == ("completed", "ana")
            await ana.becomes("ready")
            await centre.quiet()
        assert "WARNING" not in centre.log, centre.log


async def test_whoever_is_called_hangs_up(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, outbound=OUTBOUND) as centre:
        people = {"01065551234": Phone(ring_ms=30, talk_ms=300)}
        with AgentPhones(lab, default=QUICK), Subscribers(lab, people):
            (ana,) = await centre.on_shift("ana")
            await ana.api.make_call(WANG)
            await centre.boss.hears("call-connected", agent="ana")
            ended = await centre.boss.hears("call-ended")
            assert (ended["ending"], ended["agent"]) == ("completed", "ana")
            await ana.becomes("ready")
            await centre.quiet()


async def test_who_is_not_reached_costs_the_agent_nothing(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, outbound=OUTBOUND) as centre:
        with AgentPhones(lab, default=QUICK), Subscribers(lab, PEOPLE):
            (ana,) = await centre.on_shift("ana")
            assert await not_reached(centre, ana, "010 6555 0001") == "busy"
            assert await not_reached(centre, ana, "010 6555 0002") == "no-answer"
            assert await not_reached(centre, ana, "010 6555 0003") == "rejected"
            assert await not_reached(centre, ana, "+49 30 123456") == "unreachable"


async def test_a_call_is_given_up_while_it_rings(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, outbound=OUTBOUND) as centre:
        with AgentPhones(lab, default=QUICK) as phones, Subscribers(lab, PEOPLE) as people:
            (ana,) = await centre.on_shift("ana")
            call = (await ana.api.make_call({"number": "010 6555 0002"}))["id"]
            await until(lambda: invited(people), what="his phone rings")
            await ana.api.clear_call(call)
            assert (await centre.boss.hears("call-ended"))["detail"] == "agent-gave-up"
            await ana.becomes("ready")
            await ana.api.make_call({"number": "010 6555 0002"})
            await until(lambda: len(invited(people)) == 2)
            phones.press("ana")  # And on her phone.
            assert (await centre.boss.hears("call-ended"))["detail"] == "agent-gave-up"
            await ana.becomes("ready")
            await centre.quiet()


async def test_a_number_that_may_not_be_called_sends_no_invite_to_anybody(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, outbound=OUTBOUND) as centre:
        with AgentPhones(lab, default=QUICK) as phones, Subscribers(lab, PEOPLE) as people:
            (ana,) = await centre.on_shift("ana")
            for number in ("+1 212 555 2368", "95588", "01065551234@evil", "1&PJSIP/bob"):
                with pytest.raises(ApiError):
                    await ana.api.make_call({"number": number})
            root = await centre.person("root")
            await root.api.switch_outbound({"stopped": True, "reason": "a test"})
            with pytest.raises(ApiError) as refused:
                await ana.api.make_call(WANG)
            assert refused.value.reason == "outbound-stopped"
            # A stop is a stop over restarts.
            await centre.part()
            centre.product.stop()
            await centre.start()
            ana = await centre.person("ana")
            with pytest.raises(ApiError):
                await ana.api.make_call(WANG)
            assert not centre.channels
            assert phones.rung() == [] and invited(people) == []

            root = await centre.person("root")
            await root.api.switch_outbound({"stopped": False, "reason": "it is over"})
            await ana.api.make_call(WANG)
            await centre.boss.hears("call-connected")
            assert invited(people) == ["01065551234"]


async def test_whom_she_has_called_is_handed_on_and_survives_our_death(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, outbound=OUTBOUND) as centre:
        with AgentPhones(lab, default=QUICK), Subscribers(lab, PEOPLE):
            ana, bob = await centre.on_shift("ana", "bob")
            call = (await ana.api.make_call(WANG))["id"]
            await centre.boss.hears("call-connected", agent="ana")
            await until(lambda: together(centre) == TWO)
            await centre.kill()
            await both_hear(centre)
            await centre.start()
            ana = await centre.person("ana")
            (shown,) = ana.snapshot["calls"]
            assert (shown["id"], shown["phase"], shown["direction"]) == (call, "talking", "out")
            bob = await centre.person("bob")
            await ana.api.transfer_call(call, {"queue": "sales"})
            await bob.hears("call-offered", agent="bob")
            await centre.boss.hears("call-connected", agent="bob")
            await until(lambda: together(centre) == [{"bob", "caller"}])
            await both_hear(centre)
            await bob.api.clear_call(call)
            assert (await centre.boss.hears("call-ended", call=call))["ending"] == "completed"
            await centre.quiet()


async def test_a_caller_waits_while_the_agent_calls_and_comes_after_it(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, outbound=OUTBOUND) as centre:
        with AgentPhones(lab, default=QUICK), Subscribers(lab, PEOPLE):
            (ana,) = await centre.on_shift("ana")
            out = (await ana.api.make_call(WANG))["id"]
            await centre.boss.hears("call-connected", agent="ana")
            with Callers(lab, [Call()], port=5070):
                await centre.boss.hears("call-queued")
                await ana.api.clear_call(out)
                offered = await centre.boss.hears("call-offered", agent="ana")
                assert offered["view"]["direction"] == "in"
                await centre.boss.hears("call-connected", agent="ana")
                await centre.hang_up_all()
