"""Callers are handed on to numbers, and numbers asked, over a real trunk: who hears whom, by their tones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone, Subscribers
from cordboard_client import ApiError
from tests.live.centre import Centre, Person, together, until
from tests.live.test_calling import OUTBOUND, PEOPLE, invited
from tests.live.test_recording import sound_of, state_of, whole
from tests.live.voices import TONES, Voices, parts_with

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

AGENTS = {"ana": ["support"], "bob": ["sales"], "chen": ["sales"]}
QUEUES = {"support": {"record": "always"}, "sales": {"record": "always"}}
LIMITS = {"outbound": OUTBOUND | {"caps": {"agent_per_hour": 10, "agent_at_once": 3}}}
NUMBERS = {"01065551234": "wang", "01065554321": "liu"}
WANG, LIU = {"number": "010 6555 1234"}, {"number": "+86 10 6555 4321"}
THERE = "+861065551234"


@asynccontextmanager
async def talking(lab: Lab, folder: Path) -> AsyncIterator[tuple[Centre, Voices, Person, str]]:
    """Ana talks to a caller, and is recorded."""
    centre = Centre(lab, folder, agents=AGENTS, queues=QUEUES, region="CN", **LIMITS)
    async with centre:
        with Voices(lab, NUMBERS) as voices:
            (ana,) = await centre.on_shift("ana")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await state_of(centre, "running", part=1)
            await hear_each_other(voices, "ana", "caller")
            sung = caller.sent
            await until(lambda: caller.sent > sung + 40, what="something is recorded of it")
            yield centre, voices, ana, call
        assert "WARNING" not in centre.log, centre.log


def sung_in(lab: Lab, call: str, part: int) -> set[str]:
    """Whose tones are in this part of the recording."""
    sound = sound_of(lab, call, part)
    return {name for name, hz in TONES.items() if parts_with(sound, hz) > 1}


async def hear_each_other(voices: Voices, *names: str) -> None:
    """Each hears all the others, and nobody else; and they sing for a while, so that it is in the recording."""
    for name in names:
        others = set(names) - {name}
        await until(
            lambda name=name, others=others: voices.has(name) and voices[name].hears() == others,  # type: ignore[misc]
            what=f"{name} hears {others}",
        )
    sung = voices[names[0]].sent
    await until(lambda: voices[names[0]].sent > sung + 25)


async def test_a_caller_is_handed_on_to_a_number_and_the_agent_is_free(
    lab: Lab, tmp_path: Path
) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, call):
        shown = await ana.api.transfer_call(call, WANG)
        assert shown["outsiders"][0]["transfer"] and "cancel-consult" in shown["allowed"]
        out = await centre.boss.hears("call-handed-out", agent="ana", number=THERE)
        assert (out["view"]["phase"], out["view"]["allowed"]) == (
            "outside",
            ["transfer", "clear", "write-data"],
        )
        await ana.becomes("ready")
        assert not voices.has("ana")
        await hear_each_other(voices, "caller", "wang")

        await centre.kill()
        await hear_each_other(voices, "caller", "wang")
        await centre.start()
        (again,) = centre.boss.snapshot["calls"]
        assert (again["id"], again["phase"]) == (call, "outside")
        assert [one["number"] for one in again["outsiders"]] == [THERE]
        await hear_each_other(voices, "caller", "wang")
        voices.hang_up(voices["wang"])
        ended = await centre.boss.hears("call-ended", call=call)
        assert (ended["ending"], ended["agent"]) == ("completed", None)
        await centre.quiet()
        (part,) = await whole(centre, centre.boss, call, 1)
        assert not part["failed"]
        assert sung_in(lab, call, 1) == {"caller", "ana", "wang"}


async def test_a_supervisor_sends_him_on_from_one_number_to_another(
    lab: Lab, tmp_path: Path
) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, call):
        await ana.api.transfer_call(call, WANG)
        await hear_each_other(voices, "caller", "wang")
        (shown,) = await centre.boss.api.list_calls()
        assert "transfer" in shown["allowed"]
        await centre.boss.api.transfer_call(call, LIU)
        await hear_each_other(voices, "caller", "liu")
        await until(lambda: not voices.has("wang"), what="the first one is let go")
        await ana.becomes("ready")
        # Whoever does not pick up costs him nothing but the wait: he has his place, and somebody for it.
        voices.away = {"wang"}
        await centre.boss.api.transfer_call(call, WANG)
        await centre.boss.hears("outsider-left", number="+861065554321")
        await until(lambda: not voices["caller"].hears() & set(TONES), what="he hears music")
        left = await centre.boss.hears("outsider-left", number=THERE, result="no-answer")
        assert left["by"] == "ana"
        await hear_each_other(voices, "caller", "ana")
        await centre.boss.api.clear_call(call)
        await centre.quiet()
        parts = await whole(centre, centre.boss, call, 3)
        assert [sung_in(lab, call, one["part"]) for one in parts] == [
            {"caller", "ana", "wang"},
            {"caller", "liu"},
            {"caller", "ana"},
        ]


async def test_a_number_is_asked_and_joins_and_is_left_with_him(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, call):
        await ana.api.consult(call, WANG)
        await centre.boss.hears("outsider-changed", number=THERE, state="consulted")
        await hear_each_other(voices, "ana", "wang")
        assert not voices["caller"].hears() & set(TONES), "what is said of him"
        await ana.api.alternate(call)
        await hear_each_other(voices, "ana", "caller")
        await ana.api.alternate(call)
        await hear_each_other(voices, "ana", "wang")
        await ana.api.start_conference(call)
        await hear_each_other(voices, "ana", "caller", "wang")
        await ana.api.mute_number(call, THERE)
        await until(lambda: voices["caller"].hears() == {"ana"}, what="he is not heard")
        await ana.api.unmute_number(call, THERE)
        await hear_each_other(voices, "ana", "caller", "wang")

        await ana.api.consult(call, LIU)
        await centre.boss.hears("outsider-changed", state="consulted", number="+861065554321")
        await hear_each_other(voices, "ana", "liu")
        await ana.api.start_conference(call)
        await hear_each_other(voices, "ana", "caller", "wang", "liu")
        await ana.api.remove_number(call, "+861065554321")
        await hear_each_other(voices, "ana", "caller", "wang")
        await until(lambda: not voices.has("liu"))
        await ana.api.complete_consult(call)
        await centre.boss.hears("call-handed-out", agent="ana")
        await hear_each_other(voices, "caller", "wang")
        voices.hang_up(voices["caller"])
        assert (await centre.boss.hears("call-ended"))["ending"] == "completed"
        await until(lambda: not voices.has("wang"))
        await centre.quiet()


async def test_five_transfers_are_one_conversation_and_one_recording(
    lab: Lab, tmp_path: Path
) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, call):
        bob, chen = await centre.on_shift("bob", "chen")
        await ana.api.transfer_call(call, {"agent": "bob"})
        await hear_each_other(voices, "caller", "bob")
        await ana.becomes("ready")
        await bob.api.consult(call, WANG)
        await hear_each_other(voices, "bob", "wang")
        await bob.api.complete_consult(call)
        await hear_each_other(voices, "caller", "wang")
        await bob.becomes("ready")
        await centre.boss.api.transfer_call(call, {"queue": "support"})
        await hear_each_other(voices, "caller", "ana")
        await until(lambda: not voices.has("wang"))
        await ana.api.transfer_call(call, {"queue": "sales"})
        await hear_each_other(voices, "caller", "chen")
        await ana.becomes("ready")
        await chen.api.transfer_call(call, LIU)
        await hear_each_other(voices, "caller", "liu")
        await chen.becomes("ready")
        voices.hang_up(voices["liu"])
        await centre.boss.hears("call-ended", call=call)
        parts = await whole(centre, centre.boss, call, 4)
        assert [sung_in(lab, call, one["part"]) for one in parts] == [
            {"caller", "ana"},
            {"caller", "bob", "wang"},
            {"caller", "ana"},
            {"caller", "chen", "liu"},
        ]
        for event in ("call-started", "call-ended"):
            assert [one.frame["call"] for one in centre.boss.events(event)] == [call]
        await centre.quiet()


async def test_who_rings_at_a_phone_is_sent_on_to_a_number_and_charged_when_that_is_picked_up(
    lab: Lab, tmp_path: Path
) -> None:
    agents = {"ana": ["support"], "bob": ["support"]}
    centre = Centre(lab, tmp_path, agents=agents, queues=QUEUES, region="CN", **LIMITS)
    async with centre:
        with Voices(lab, NUMBERS) as voices:
            voices.away = {"ana", "bob", "liu"}
            (ana,) = await centre.on_shift("ana")
            caller = voices.call()
            call = (await ana.hears("call-offered", agent="ana"))["call"]
            shown = await ana.api.deflect_offer(call, "ana", LIU)
            assert (shown["phase"], shown["agent"]) == ("outside", None)
            await ana.becomes("ready")
            await ana.not_ready()
            assert not voices.has("caller"), "picked up, and nobody is there"
            left = await centre.boss.hears("outsider-left")
            assert left["result"] == "no-answer" and left["by"] == "ana"
            (waits,) = await centre.boss.api.list_calls()
            assert waits["phase"] == "waiting" and waits["joined_at"] == shown["joined_at"]

            (bob,) = await centre.on_shift("bob")
            await bob.hears("call-offered", agent="bob")
            await bob.api.deflect_offer(call, "bob", WANG)
            await hear_each_other(voices, "caller", "wang")
            await bob.becomes("ready")
            (out,) = await centre.boss.api.list_calls()
            assert [one["state"] for one in out["outsiders"]] == ["joined"]
            assert out["recording"] is not None and out["recording"]["state"] == "running"
            voices.hang_up(voices["wang"])
            await centre.boss.hears("call-ended", call=call, ending="completed")
            await centre.quiet()
            assert caller.over
        assert sung_in(lab, call, 1) == {"caller", "wang"}
        assert "WARNING" not in centre.log, centre.log


async def test_who_waits_is_sent_on_to_a_number_and_from_there_to_an_agent(
    lab: Lab, tmp_path: Path
) -> None:
    chief = {"chen": "supervisor"}
    centre = Centre(lab, tmp_path, agents=AGENTS, queues=QUEUES, roles=chief, region="CN", **LIMITS)
    async with centre:
        with Voices(lab, NUMBERS) as voices:
            chen = await centre.person("chen")  # In whose name the number is called.
            caller = voices.call()
            call = (await centre.boss.hears("call-queued"))["call"]
            await until(lambda: caller.address, what="he hears music")
            await chen.api.deflect_waiting_call(call, WANG)
            await hear_each_other(voices, "caller", "wang")
            await centre.on_shift("bob")
            await centre.boss.api.transfer_call(call, {"agent": "bob"})
            await hear_each_other(voices, "caller", "bob")
            await until(lambda: not voices.has("wang"), what="she is let go")
            await centre.boss.api.clear_call(call)
            await centre.quiet()
            assert caller.over
        assert "WARNING" not in centre.log, centre.log


async def test_who_does_not_pick_up_costs_the_caller_neither_his_agent_nor_his_place(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, region="CN", **LIMITS) as centre:
        phone = Phone(ring_ms=30)
        with (
            AgentPhones(lab, default=phone) as phones,
            Subscribers(lab, PEOPLE) as people,
            Callers(lab, [Call()], port=5070),
        ):
            (ana,) = await centre.on_shift("ana")
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            for number, result in (
                ("010 6555 0001", "busy"),
                ("010 6555 0003", "rejected"),
                ("010 6555 0002", "no-answer"),
                ("+49 30 123456", "unreachable"),
            ):
                await ana.api.transfer_call(call, {"number": number})
                left = await centre.boss.hears("outsider-left")
                assert left["result"] == result
                await until(lambda: together(centre) == [{"ana", "caller"}])
            for number in ("+1 212 555 2368", "95588", "01065551234@evil", "1&PJSIP/bob"):
                for ask in (ana.api.transfer_call, ana.api.consult):
                    with pytest.raises(ApiError):
                        await ask(call, {"number": number})
            assert invited(people) == ["01065550001", "01065550003", "01065550002"]

            await ana.api.transfer_call(call, {"number": "010 6555 0002"})
            await until(lambda: len(invited(people)) == 4)
            phones.press("ana")  # She hangs up, and does not wait for it.
            await centre.boss.hears("call-handed-out", agent="ana")
            await ana.becomes("ready")
            await centre.boss.hears("outsider-left", result="no-answer")
            queued = [one.frame for one in centre.boss.events("call-queued")]
            assert queued[-1]["view"]["queue"]["id"] == "support"
            await centre.boss.hears("call-connected", agent="ana")
            await centre.hang_up_all()


async def test_the_transfer_button_of_the_phone_loses_nobody_and_dials_nothing_of_its_own(
    lab: Lab, tmp_path: Path
) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, call):
        (bob,) = await centre.on_shift("bob")
        voices.refer(voices["ana"], "sales")
        await hear_each_other(voices, "caller", "bob")
        await ana.becomes("ready")
        voices.refer(voices["bob"], "01065551234")
        await centre.boss.hears("call-handed-out", agent="bob")
        await hear_each_other(voices, "caller", "wang")
        await bob.becomes("ready")
        await centre.boss.api.transfer_call(call, {"agent": "ana"})
        await hear_each_other(voices, "caller", "ana")
        voices.refer(voices["ana"], "bob")
        await centre.boss.hears("call-transferred", agent="ana", to_agent="bob")
        await hear_each_other(voices, "caller", "bob")
        await ana.becomes("ready")
        # To where no route leads: he waits in his queue, and another is rung for him.
        await centre.on_shift("chen")
        voices.refer(voices["bob"], "0012125552368")
        await hear_each_other(voices, "caller", "chen")
        voices.refer(voices["chen"], "nobody")
        await hear_each_other(voices, "caller", "bob")
        # Who is called over the trunk sends nobody anywhere.
        caller = voices["caller"]
        voices.refer(caller, "4002")
        await until(lambda: caller.replies, what="it is answered")
        assert int(caller.replies[0]) >= 400
        await hear_each_other(voices, "caller", "bob")
        assert [one.frame["call"] for one in centre.boss.events("call-started")] == [call]
        await centre.boss.api.clear_call(call)
        await centre.quiet()


async def test_a_phone_that_joins_two_of_its_calls_leaves_the_caller_with_whom_it_has_asked(
    lab: Lab, tmp_path: Path
) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, call):
        # She asks sales by her phone, where bob picks up, and brings the two together.
        (bob,) = await centre.on_shift("bob")
        first, asking = voices["ana"], voices.dial("ana", "sales")
        asked = (await centre.boss.hears("call-connected", agent="bob"))["call"]
        await until(lambda: asking.address)
        voices.refer(first, "sales", asking)
        await centre.boss.hears("call-taken-over", call=call, agent="bob", by="ana")
        await centre.boss.hears("call-ended", call=asked, ending="completed")
        await hear_each_other(voices, "caller", "bob")
        await ana.becomes("ready")
        assert first.replies[-1] == "200"
        assert together(centre) == [{"bob", "caller"}]

        # It is a call like any other, after our restart too.
        await centre.kill()
        await centre.start()
        (again,) = centre.boss.snapshot["calls"]
        assert (again["id"], again["agent"]) == (call, "bob")
        ana, bob = await centre.person("ana"), await centre.person("bob")
        await ana.not_ready()
        await bob.api.hold_call(call)
        await until(lambda: together(centre) == [{"bob"}])
        await bob.api.retrieve_call(call)
        await hear_each_other(voices, "caller", "bob")

        # Nobody is there where he asks next: the caller waits there himself.
        first, asking = voices["bob"], voices.dial("bob", "4001")
        await until(lambda: asking.address)
        voices.refer(first, "4001", asking)
        await centre.boss.hears("call-transferred", call=call, agent="bob", to_queue="support")
        await bob.becomes("ready")
        await ana.ready()
        await hear_each_other(voices, "caller", "ana")

        # Whom a phone has called past us we do not know: he waits in his place.
        await ana.not_ready()
        first, asking = voices["ana"], voices.dial("ana", "4010")
        await until(lambda: asking.address)
        voices.refer(first, "4010", asking)
        await centre.boss.hears("call-transferred", call=call, agent="ana", to_queue="support")
        (waits,) = [one for one in await centre.boss.api.list_calls() if one["id"] == call]
        assert waits["phase"] == "waiting"
        voices.hang_up(voices["caller"])
        await centre.quiet()
