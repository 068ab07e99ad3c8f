"""What an agent does by his screen with the call he has happens on the real switch, also when we die meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from cordboard_client import ApiError
from tests.live.centre import Centre, heard_by_caller, over, together, until
from tests.live.voices import Voices

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

QUICK = Phone(ring_ms=30)
AGENTS = {"ana": ["support"], "bob": ["sales"], "chen": ["support"]}


async def test_a_caller_is_held_retrieved_handed_on_twice_and_let_go(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS) as centre:
        with AgentPhones(lab, default=QUICK), Callers(lab, [Call()], media=True) as caller:
            ana, bob = await centre.on_shift("ana", "bob")
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await until(lambda: together(centre) == [{"ana", "caller"}])

            shown = await ana.api.hold_call(call)
            assert shown["held_since"] and "retrieve" in shown["allowed"]
            await until(lambda: together(centre) == [{"ana"}], what="he is alone with the music")
            before = heard_by_caller(centre)
            await until(lambda: heard_by_caller(centre) > before + 20, what="music is played")

            await ana.api.retrieve_call(call)
            await until(lambda: together(centre) == [{"ana", "caller"}])

            await ana.api.transfer_call(call, {"queue": "sales"})
            moved = await centre.boss.hears("call-transferred", agent="ana", to_queue="sales")
            assert moved["held_ms"] > 0
            await ana.becomes("ready")
            await bob.hears("call-offered", agent="bob")
            await centre.boss.hears("call-connected", agent="bob")
            await until(lambda: together(centre) == [{"bob", "caller"}])

            (chen,) = await centre.on_shift("chen")
            await bob.api.transfer_call(call, {"agent": "chen"})
            await centre.boss.hears("call-connected", agent="chen")
            await until(lambda: together(centre) == [{"chen", "caller"}])
            await bob.becomes("ready")

            await chen.api.clear_call(call)
            ended = await centre.boss.hears("call-ended", call=call)
            assert (ended["ending"], ended["agent"]) == ("completed", "chen")
            await over(caller)
            await chen.becomes("ready")
            await centre.quiet()
        assert "WARNING" not in centre.log, centre.log


async def test_what_rings_is_rejected_and_deflected_by_the_screen(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS) as centre:
        phones = {"ana": Phone(what="ring"), "chen": Phone(what="ring")}
        with (
            AgentPhones(lab, phones, default=QUICK) as ring,
            Callers(lab, [Call()], media=True) as caller,
        ):
            ana, chen, _ = await centre.on_shift("ana", "chen", "bob")
            call = (await ana.hears("call-offered", agent="ana"))["call"]
            assert ana.events("call-offered")[0].frame["view"]["allowed"] == [
                "reject",
                "deflect",
                "write-data",
            ]
            await until(lambda: [who for _, who in ring.rung()] == ["ana"])
            await ana.api.reject_offer(call, "ana")
            await chen.hears("call-offered", agent="chen")
            await until(lambda: [who for _, who in ring.rung()] == ["ana", "chen"])
            await ana.becomes("ready")
            await chen.api.deflect_offer(call, "chen", {"agent": "bob"})
            await centre.boss.hears("call-connected", agent="bob")
            await until(lambda: together(centre) == [{"bob", "caller"}])
            await chen.becomes("ready")
            await centre.hang_up_all()
            await over(caller)
        assert "WARNING" not in centre.log, centre.log


async def test_who_hears_the_caller_of_whom_his_phone_has_rid_itself(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS) as centre:
        with Voices(lab) as voices:
            voices.away = {"ana"}
            ana, _, _ = await centre.on_shift("ana", "bob", "chen")
            for target, who in (
                ({"agent": "bob"}, "bob"),
                ({"queue": "sales"}, "bob"),
                (None, "chen"),
            ):
                caller = voices.call()
                call = (await ana.hears("call-offered", agent="ana"))["call"]
                await until(lambda: [one for one in voices.of("ana") if one.rings])
                (rang,) = voices.of("ana")
                if target is None:
                    await ana.api.reject_offer(call, "ana")
                else:
                    await ana.api.deflect_offer(call, "ana", target)
                await until(
                    lambda: caller.hears() == {who} and voices.of(who)[0].hears() == {"caller"},  # noqa: B023
                    what=f"{who} and the caller hear each other",
                )
                assert rang.over and not rang.samples, "her phone has heard something"
                voices.hang_up(caller)
                await centre.boss.hears("call-ended", call=call, ending="completed")
                await centre.quiet()
        assert "WARNING" not in centre.log, centre.log


@contextmanager
def phones_are_told(lab: Lab) -> Iterator[None]:
    """Asterisk's manager lets us tell phones to pick up."""
    file = lab.folder / "etc" / "manager.conf"
    plain = file.read_text()
    file.write_text(plain.replace("write=agent,reporting\n", "write=agent,reporting,system\n"))
    lab.cli("manager reload")
    try:
        yield
    finally:
        file.write_text(plain)
        lab.cli("manager reload")


async def test_a_phone_picks_up_when_its_agent_says_so_on_his_screen(
    lab: Lab, tmp_path: Path
) -> None:
    profiles = {name: {"remote_answer": "talk"} for name in AGENTS}
    phones = {name: Phone(what="ring") for name in AGENTS}
    with phones_are_told(lab):
        async with Centre(lab, tmp_path, agents=AGENTS, profiles=profiles) as centre:
            with (
                AgentPhones(lab, phones) as ring,
                Callers(lab, [Call()], media=True) as caller,
            ):
                (ana,) = await centre.on_shift("ana")
                call = (await ana.hears("call-offered", agent="ana"))["call"]
                # At once: the phone does not ring yet.
                shown = await ana.api.answer_call(call)
                assert shown["allowed"] == ["answer", "reject", "deflect", "write-data"]
                await centre.boss.hears("call-connected", agent="ana")
                await until(lambda: together(centre) == [{"ana", "caller"}])
                (told,) = [
                    m for m in ring.messages() if m.received and "NOTIFY" in m.header("CSeq")
                ]
                (rung,) = [message for message, _ in ring.invitations()]
                assert (told.header("Event"), told.header("Call-ID")) == (
                    "talk",
                    rung.header("Call-ID"),
                )
                with pytest.raises(ApiError) as late:
                    await ana.api.answer_call(call)
                assert late.value.reason == "not-ringing"

                # A colleague who is asked, and a call of her own, are picked up the same way.
                (bob,) = await centre.on_shift("bob")
                await ana.api.consult(call, {"agent": "bob"})
                await bob.hears("party-offered", agent="bob")
                await bob.api.answer_call(call)
                await centre.boss.hears("party-changed", agent="bob", state="consulted")
                await centre.hang_up_all()
                await over(caller)
            assert "WARNING" not in centre.log, centre.log


async def test_a_manager_that_may_tell_no_phone_is_named_and_the_phone_rings_on(
    lab: Lab, tmp_path: Path
) -> None:
    profiles = {"ana": {"remote_answer": "talk"}}
    async with Centre(lab, tmp_path, agents=AGENTS, profiles=profiles) as centre:
        with (
            AgentPhones(lab, default=Phone(what="ring")) as ring,
            Callers(lab, [Call()], media=True) as caller,
        ):
            (ana,) = await centre.on_shift("ana")
            call = (await ana.hears("call-offered", agent="ana"))["call"]
            await ana.api.answer_call(call)
            await until(lambda: "write=agent,reporting,system" in centre.log, what="it is said")
            ring.press("ana")
            await centre.boss.hears("call-connected", agent="ana")
            await centre.hang_up_all()
            await over(caller)


async def test_the_callers_side_gets_the_keys(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS) as centre:
        with AgentPhones(lab, default=QUICK), Callers(lab, [Call()], media=True) as caller:
            (ana,) = await centre.on_shift("ana")
            call = (await centre.boss.hears("call-connected"))["call"]
            await ana.api.send_tones(call, {"keys": "7"})
            # This phone knows no tones in its sound, so they come as INFO; and SIPp gives up on one.
            await until(lambda: "Signal=7" in caller.errors(), what="the key has come")
            await centre.hang_up_all()


async def test_killed_while_a_caller_is_on_hold(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS) as centre:
        with AgentPhones(lab, default=QUICK), Callers(lab, [Call()], media=True) as caller:
            (ana,) = await centre.on_shift("ana")
            call = (await centre.boss.hears("call-connected"))["call"]
            await ana.api.hold_call(call)
            await until(lambda: together(centre) == [{"ana"}])
            await centre.kill()
            before = heard_by_caller(centre)
            await until(lambda: heard_by_caller(centre) > before + 20, what="the music goes on")

            await centre.start()
            ana = await centre.person("ana")
            (shown,) = ana.snapshot["calls"]
            assert (shown["id"], shown["phase"], shown["agent"]) == (call, "talking", "ana")
            assert shown["held_since"] is not None
            await ana.api.retrieve_call(call)
            await until(lambda: together(centre) == [{"ana", "caller"}])
            await ana.api.clear_call(call)
            await over(caller)
            await ana.becomes("ready")
            await centre.quiet()
