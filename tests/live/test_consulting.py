"""An agent asks another while the caller hears music, on the real switch: who is with whom, also if we die."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from tests.live.centre import Centre, Person, heard_by_caller, over, together, until
from tests.live.test_outsiders import hear_each_other
from tests.live.voices import TONES, Voices

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

AGENTS = {"ana": ["support"], "bob": ["sales"], "chen": ["sales"]}
TWO = [{"ana", "caller"}]
PRIVATE = [{"ana", "bob"}]
THREE = [{"ana", "bob", "caller"}]


@asynccontextmanager
async def talking(
    lab: Lab, folder: Path, **phones: Phone
) -> AsyncIterator[tuple[Centre, Callers, Person, str]]:
    """Ana talks to a caller."""
    quick = Phone(ring_ms=30)
    async with Centre(lab, folder, agents=AGENTS) as centre:
        with (
            AgentPhones(lab, phones, default=quick),
            Callers(lab, [Call()], media=True) as caller,
        ):
            (ana,) = await centre.on_shift("ana")
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await until(lambda: together(centre) == TWO)
            yield centre, caller, ana, call
        assert "WARNING" not in centre.log, centre.log


async def sees_party(centre: Centre, agent: str, state: str) -> None:
    await centre.boss.hears("party-changed", agent=agent, state=state)


async def test_to_and_fro_all_together_and_handed_over(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path) as (centre, caller, ana, call):
        (bob,) = await centre.on_shift("bob")
        await ana.api.consult(call, {"agent": "bob"})
        pop = await bob.hears("party-offered", agent="bob", by="ana")
        assert pop["view"]["caller"]["number"] == "+8613800138000"
        await sees_party(centre, "bob", "consulted")
        await until(lambda: together(centre) == PRIVATE, what="they are by themselves")
        await bob.becomes("busy-consult")
        before = heard_by_caller(centre)
        await until(lambda: heard_by_caller(centre) > before + 20, what="music is played")

        await ana.api.alternate(call)
        await until(lambda: together(centre) == TWO, what="she is with the caller")
        await ana.api.alternate(call)
        await until(lambda: together(centre) == PRIVATE, what="she is with Bob again")

        await ana.api.start_conference(call)
        await until(lambda: together(centre) == THREE)
        await ana.api.hold_call(call)
        await until(lambda: together(centre) == [{"ana"}], what="both hear music")
        await ana.api.retrieve_call(call)
        await until(lambda: together(centre) == THREE)
        shown = await ana.api.mute_party(call, "bob")
        assert shown["parties"] == [{"agent": "bob", "state": "joined", "muted": True}]

        await ana.api.complete_consult(call)
        taken = await bob.hears("call-taken-over", agent="bob", by="ana")
        assert taken["held_ms"] > 0 and "hold" in taken["view"]["allowed"]
        await until(lambda: together(centre) == [{"bob", "caller"}])
        await ana.becomes("ready")
        await bob.api.hold_call(call)
        await until(lambda: together(centre) == [{"bob"}])
        await bob.api.retrieve_call(call)
        await bob.api.clear_call(call)
        ended = await centre.boss.hears("call-ended", call=call)
        assert (ended["ending"], ended["agent"]) == ("completed", "bob")
        await over(caller)
        await bob.becomes("ready")
        await centre.quiet()


async def test_who_hears_whom_in_all_of_it_and_what_is_noted_goes_along(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS) as centre:
        with Voices(lab) as voices:
            ana, bob, chen = await centre.on_shift("ana", "bob", "chen")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await hear_each_other(voices, "ana", "caller")
            await ana.api.write_data(call, {"data": {"order": "A-4711"}})
            await ana.api.hold_call(call)
            await until(lambda: not caller.hears() & set(TONES), what="he hears music")
            await ana.api.retrieve_call(call)
            await hear_each_other(voices, "ana", "caller")

            await ana.api.consult(call, {"queue": "sales"})
            await hear_each_other(voices, "ana", "bob")
            await ana.api.cancel_consult(call)
            await hear_each_other(voices, "ana", "caller")
            await until(lambda: not voices.has("bob"), what="bob is let go")
            await bob.becomes("ready")

            await ana.api.consult(call, {"agent": "bob"})
            for _ in range(2):  # He was asked before.
                asked = await bob.hears("party-offered", agent="bob", by="ana")
                assert asked["view"]["data"] == {"order": "A-4711"}
            await hear_each_other(voices, "ana", "bob")
            await until(lambda: not caller.hears() & {"ana", "bob"}, what="what is said of him")
            await ana.api.alternate(call)
            await hear_each_other(voices, "ana", "caller")
            await until(lambda: not voices["bob"].hears() & set(TONES), what="bob hears music")
            await ana.api.start_conference(call)
            await hear_each_other(voices, "ana", "bob", "caller")
            await ana.api.mute_party(call, "bob")
            await until(lambda: caller.hears() == {"ana"} and voices["ana"].hears() == {"caller"})
            await until(lambda: voices["bob"].hears() == {"ana", "caller"}, what="bob hears all")
            await ana.api.unmute_party(call, "bob")
            await hear_each_other(voices, "ana", "bob", "caller")

            await ana.api.consult(call, {"agent": "chen"})
            await hear_each_other(voices, "ana", "chen")
            # The music has tones, too; but not those of the two for as long as they talk.
            for one in (caller, voices["bob"]):
                await until(lambda one=one: not one.hears() & {"ana", "chen"}, what="it is private")  # type: ignore[misc]
            await ana.api.start_conference(call)
            await hear_each_other(voices, "ana", "bob", "chen", "caller")
            await ana.api.remove_party(call, "bob")
            await hear_each_other(voices, "ana", "chen", "caller")
            await until(lambda: not voices.has("bob"))
            await ana.api.complete_consult(call)
            await hear_each_other(voices, "chen", "caller")
            (shown,) = await centre.boss.api.list_calls()
            assert (shown["agent"], shown["data"]) == ("chen", {"order": "A-4711"})
            await chen.api.clear_call(call)
            await until(lambda: caller.over, what="he is let go")
            await centre.quiet()
        assert "WARNING" not in centre.log, centre.log


async def test_back_to_the_caller_and_a_third_one_who_comes_and_goes(
    lab: Lab, tmp_path: Path
) -> None:
    async with talking(lab, tmp_path) as (centre, _, ana, call):
        bob, chen = await centre.on_shift("bob", "chen")
        await ana.api.consult(call, {"queue": "sales"})
        await sees_party(centre, "bob", "consulted")
        await ana.api.cancel_consult(call)
        await until(lambda: together(centre) == TWO)
        await bob.becomes("ready")

        await ana.api.consult(call, {"agent": "bob"})
        await sees_party(centre, "bob", "consulted")
        await ana.api.start_conference(call)
        await ana.api.consult(call, {"agent": "chen"})
        await sees_party(centre, "chen", "consulted")
        await until(lambda: together(centre) == [{"ana", "chen"}])
        await ana.api.start_conference(call)
        await until(lambda: together(centre) == [{"ana", "bob", "chen", "caller"}])
        await ana.api.remove_party(call, "bob")
        await chen.api.remove_party(call, "chen")
        await until(lambda: together(centre) == TWO)
        await bob.becomes("ready")
        await centre.hang_up_all()


async def test_whoever_hangs_up_leaves_nobody_alone(lab: Lab, tmp_path: Path) -> None:
    slow = Phone(ring_ms=30, talk_ms=700)
    async with talking(lab, tmp_path, bob=slow) as (centre, _, ana, call):
        bob, chen = await centre.on_shift("bob", "chen")
        await ana.api.consult(call, {"agent": "bob"})
        await sees_party(centre, "bob", "consulted")
        left = await centre.boss.hears("party-left", agent="bob")  # By himself.
        assert left["outcome"] is None
        await until(lambda: together(centre) == TWO, what="Ana and the caller are together")
        await bob.becomes("ready")

        await ana.api.consult(call, {"agent": "chen"})
        await sees_party(centre, "chen", "consulted")
        (anas,) = [c["id"] for c in centre.channels if "~ana~" in c["id"]]
        lab.ari("DELETE", f"/channels/{anas}")
        await centre.boss.hears("call-taken-over", agent="chen", by="ana")
        await until(lambda: together(centre) == [{"chen", "caller"}])
        await chen.becomes("busy-acd")
        await centre.hang_up_all()
        await chen.becomes("ready")


async def test_a_phone_that_says_no_brings_the_caller_back(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path, bob=Phone(what="decline")) as (centre, _, ana, call):
        await centre.on_shift("bob")
        await ana.api.consult(call, {"agent": "bob"})
        left = await centre.boss.hears("party-left", agent="bob")
        assert left["outcome"] == "rejected"
        await until(lambda: together(centre) == TWO)
        await centre.hang_up_all()


async def test_killed_while_an_agent_asks_another(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path) as (centre, caller, ana, call):
        await centre.on_shift("bob")
        await ana.api.consult(call, {"agent": "bob"})
        await sees_party(centre, "bob", "consulted")
        await ana.api.mute_party(call, "bob")
        await centre.kill()
        assert together(centre) == PRIVATE, "they talk on"
        before = heard_by_caller(centre)
        await until(lambda: heard_by_caller(centre) > before + 20, what="the music goes on")

        await centre.start()
        ana, bob = await centre.person("ana"), await centre.person("bob")
        (shown,) = ana.snapshot["calls"]
        assert (shown["agent"], shown["held_since"] is not None) == ("ana", True)
        assert shown["parties"] == [{"agent": "bob", "state": "consulted", "muted": True}]
        assert bob.snapshot["calls"][0]["allowed"] == ["leave", "write-data"]
        await ana.api.complete_consult(call)
        await until(lambda: together(centre) == [{"bob", "caller"}])
        await centre.kill()
        await centre.start()
        bob = await centre.person("bob")
        (shown,) = bob.snapshot["calls"]
        assert (shown["agent"], shown["parties"], shown["held_since"]) == ("bob", [], None)
        await bob.api.clear_call(call)
        await over(caller)
        await bob.becomes("ready")
        await centre.quiet()
