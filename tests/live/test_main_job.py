"""The main job on a real Asterisk: who is rung for whom, what is on whose screen, and that nothing is left."""

from __future__ import annotations

import asyncio
import random
import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.adapters.database.connection import Database
from acd.centre.file import OUR_MENUS
from acd.core.commands import PlayPrompts
from acd.core.customer import Confidence, Customer
from acd.core.ids import CustomerId
from tests.adapters.database.listed import list_customer
from tests.live.centre import Centre, Json, over, ringing, until
from tests.live.raw_caller import RawCaller
from tests.live.wire import Wire

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

CALLS = 30
QUICK = Phone(ring_ms=30)
MANUAL = Phone(what="ring")


async def test_the_pop_is_there_before_the_phone_rings(lab: Lab, tmp_path: Path) -> None:
    callers = [Call(number=f"139314159{n:02}", talk_ms=100) for n in range(CALLS)]
    async with Centre(lab, tmp_path) as centre:
        with AgentPhones(lab, default=QUICK) as phones, Wire(b"call-offered", b"INVITE") as wire:
            agents = await centre.on_shift(*lab.agents)
            with Callers(lab, callers, per_second=10, media=True) as calling:
                await until(
                    lambda: len(centre.boss.events("call-ended")) == CALLS,
                    within_s=20,
                    what="all calls are over",
                )
                await over(calling)
            screens = {
                one.frame["view"]["caller"]["number"]: (agent.user, one.at)
                for agent in agents
                for one in agent.events("call-offered", agent=agent.user)
            }
            rings = {
                "+86" + re.findall(r"\d{11}", message.header("From"))[0]: (who, message.at)
                for message, who in phones.invitations()
                if "139314159" in message.header("From")
            }
        endings = Counter(one.frame["ending"] for one in centre.boss.events("call-ended"))
        assert endings == {"completed": CALLS}
        assert {n: who for n, (who, _) in screens.items()} == {
            n: who for n, (who, _) in rings.items()
        }
        # The first time: the agent's copy is written at once, the boss's is gathered for a moment.
        popped: dict[bytes, float] = {}
        rung: dict[bytes, float] = {}
        to_a_phone = re.compile(
            rb"INVITE sip:[a-z]+@.*^From: [^\r]*<sip:(139314159\d\d)@", re.DOTALL | re.MULTILINE
        )
        for at, packet in wire.seen:
            for number in re.findall(
                rb'"event":"call-offered".*?"number":"\+86(139314159\d\d)"', packet
            ):
                popped.setdefault(number, at)
            if found := to_a_phone.search(packet):
                rung[found[1]] = at
        assert popped.keys() == rung.keys() and len(rung) == CALLS
        tell("on the wire", [rung[number] - popped[number] for number in rung])
        tell("as the two processes saw it", [rings[n][1] - screens[n][1] for n in rings])
        first = sum(rung[number] > popped[number] for number in rung)
        assert first >= 0.99 * CALLS


def tell(where: str, margins_s: list[float]) -> None:
    first = sum(margin > 0 for margin in margins_s)
    print(
        f"\nthe pop is first in {first} of {len(margins_s)} {where}: "
        f"by {1000 * min(margins_s):.1f} ms at least, {1000 * statistics.median(margins_s):.1f} ms in the middle"
    )


async def test_the_longest_idle_is_rung_and_the_two_hear_each_other(
    lab: Lab, tmp_path: Path
) -> None:
    queues = {"support": {"wrap_up_s": 1}, "sales": {}}
    async with Centre(lab, tmp_path, queues=queues) as centre:
        with AgentPhones(lab, default=QUICK) as phones:
            ana, bob, _chen = await centre.on_shift("ana", "bob", "chen")
            with Callers(lab, [Call()], media=True, name="first") as caller:
                await centre.boss.hears("call-connected", agent="ana")
                (bridge,) = centre.bridges
                assert len(bridge["channels"]) == 2
                await until(
                    lambda: all(packets(centre, leg) > 20 for leg in bridge["channels"]),
                    what="voice from both, to both",
                )
                assert (await ana.becomes("busy-acd"))["call"] is not None
                caller.hang_up()
                ended = await centre.boss.hears("call-ended")
                assert (ended["ending"], ended["agent"]) == ("completed", "ana")
                await over(caller)
            assert (await ana.becomes("wrap-up"))["until"] is not None
            await ana.becomes("ready")
            with Callers(lab, [Call(talk_ms=100)] * 3, per_second=5, media=True) as others:
                await over(others)
            await bob.becomes("ready")
        assert [who for _, who in phones.rung()] == ["ana", "bob", "chen", "ana"]


def packets(centre: Centre, channel: str) -> int:
    """Of those that come from this phone and those that go to it, the fewer."""
    told = centre.look(f"/channels/{channel}/rtp_statistics")
    return min(told["rxcount"], told["txcount"]) if told else 0


async def test_busy_declined_or_ringing_out_the_next_agent_is_rung(
    lab: Lab, tmp_path: Path
) -> None:
    behaviour = {"ana": Phone(what="busy"), "bob": Phone(what="decline"), "chen": MANUAL}
    async with Centre(lab, tmp_path) as centre:
        with AgentPhones(lab, behaviour, default=QUICK) as phones:
            ana, bob, chen, _dora = await centre.on_shift("ana", "bob", "chen", "dora")
            with Callers(lab, [Call(talk_ms=200)], media=True) as caller:
                connected = await centre.boss.hears("call-connected")
                await over(caller)
        assert connected["agent"] == "dora" and connected["view"]["attempts"] == 4
        assert [who for _, who in phones.rung()] == ["ana", "bob", "chen", "dora"]
        ends = [(e.frame["agent"], e.frame["outcome"]) for e in centre.boss.events("offer-ended")]
        assert ends == [("ana", "rejected"), ("bob", "rejected"), ("chen", "no-answer")]
        await ana.becomes("ready")
        await bob.becomes("ready")
        assert (await chen.becomes("not-ready"))["causes"][0]["cause"] == "ring-no-answer"


async def test_a_caller_who_hangs_up_waiting_or_ringing(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path) as centre:
        with AgentPhones(lab, default=MANUAL) as phones:
            with Callers(lab, [Call()]) as caller:
                await centre.boss.hears("call-queued")
                # He hears music, so he was answered, and hangs up as one does in a talk.
                await until(lambda: any(c["state"] == "Up" for c in centre.channels))
                caller.hang_up()
                assert (await centre.boss.hears("call-ended"))["ending"] == "abandoned"
                await over(caller)
            (ana,) = await centre.on_shift("ana")
            with Callers(lab, [Call()]) as caller:
                await until(phones.rung, what="ana's phone rings")
                caller.hang_up()
                assert (await centre.boss.hears("call-ended"))["ending"] == "abandoned"
                await over(caller)
                gave_up = next(m.at for m in caller.messages() if m.first_line.startswith("CANCEL"))
            cancelled = await until(
                lambda: [m.at for m in phones.messages() if m.first_line.startswith("CANCEL")],
                what="the phone is told",
            )
            print(
                f"\nan agent's phone stops ringing {1000 * (cancelled[0] - gave_up):.0f} ms later"
            )
            assert cancelled[0] - gave_up < 2
            await ana.becomes("ready")


async def test_a_caller_who_hangs_up_at_the_moment_of_the_answer(lab: Lab, tmp_path: Path) -> None:
    """Again and again, a little earlier or later: whatever comes of it, nothing is left of it."""
    chance = random.Random(4001)
    async with Centre(lab, tmp_path) as centre:
        with AgentPhones(lab, default=MANUAL) as phones:
            (ana,) = await centre.on_shift("ana")
            for turn in range(12):
                with RawCaller(lab) as caller:
                    await ringing(phones, turn + 1)
                    lead_s = chance.uniform(-0.02, 0.02)
                    if lead_s < 0:
                        caller.hang_up()
                        await asyncio.sleep(-lead_s)
                        phones.press("ana")
                    else:
                        phones.press("ana")
                        await asyncio.sleep(lead_s)
                        caller.hang_up()
                    await centre.boss.hears("call-ended")
                    await until(lambda caller=caller: caller.over, what="the caller has hung up")
                await ana.becomes("ready")
                await centre.quiet(within_s=5)
        endings = Counter(one.frame["ending"] for one in centre.boss.events("call-ended"))
        print(f"\nhung up at the moment of the answer: {dict(endings)}")
        assert set(endings) <= {"abandoned", "completed"}


async def test_a_busy_phone_and_one_who_pauses_are_not_rung(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path) as centre:
        with AgentPhones(lab, default=QUICK) as phones:
            ana, bob, _chen = await centre.on_shift("ana", "bob", "chen")
            await bob.not_ready()
            # A call of her own, of which Cordboard knows nothing but the state of the phone.
            lab.cli("channel originate PJSIP/ana application Wait 60")
            await until(
                lambda: (
                    ana.events("agent-changed")[-1].frame["view"]["device_state"]
                    in ("INUSE", "BUSY")
                ),
                what="ana's phone is known to be busy",
            )
            assert (await ana.becomes("ready"))["device_state"] != "NOT_INUSE"
            rung = len(phones.rung())
            with Callers(lab, [Call(), Call()], per_second=5, media=True):
                await centre.boss.hears("call-connected", agent="chen")
                (waiting,) = await until(lambda: waits(centre), what="the other one waits")
                assert [who for _, who in phones.rung()[rung:]] == ["chen"]
                (own,) = [c for c in centre.channels if c["dialplan"]["app_name"] == "Wait"]
                lab.ari("DELETE", f"/channels/{own['id']}")
                connected = await centre.boss.hears("call-connected", agent="ana")
                assert connected["call"] == waiting
            assert "bob" not in [who for _, who in phones.rung()]


def waits(centre: Centre) -> list[str]:
    """The calls that wait, by what the boss has heard."""
    phase = {
        one.frame["call"]: one.frame["view"]["phase"]
        for one in centre.boss.heard[1:]
        if "view" in one.frame and "call" in one.frame
    }
    return [call for call, now in phase.items() if now == "waiting"]


MENU = """\
menu: main
start: where
steps:
  where:
    choose:
      prompts: [digits/1]
      keys: {1: support, 2: sales}
      timeout_s: 1
      otherwise: support
  support: {queue: support}
  sales: {queue: sales, priority: 10}
"""


async def test_one_agent_for_two_queues_takes_priority_then_time(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path, menus=str(folder_with(tmp_path, MENU))) as centre:
        with AgentPhones(lab, default=Phone(ring_ms=20, talk_ms=50)):
            calls = [
                Call(number="13900000001", extension="4001"),
                Call(number="13900000002", extension="4002"),
                Call(number="13900000003", extension="4001"),
                Call(number="13900000004", extension="4000", digits="2", digits_after_ms=100),
            ]
            with Callers(lab, calls, per_second=10, media=True) as callers:
                await until(lambda: len(centre.boss.events("call-queued")) == 4)
                await centre.on_shift("ana")
                await over(callers)
        for one in centre.boss.heard:
            print(str(one.frame)[:150])
        offered = [
            one.frame["view"]["caller"]["number"][-1] for one in centre.boss.events("call-offered")
        ]
        assert offered == ["4", "1", "2", "3"]


async def test_keys_silence_and_a_wrong_key_in_our_own_menu(lab: Lab, tmp_path: Path) -> None:
    centre = Centre(lab, tmp_path, menus=str(folder_with(tmp_path, patient_menu())))
    async with centre:
        calls = [
            Call(number="13900000001", extension="4000", digits="1", digits_after_ms=1800),
            Call(number="13900000002", extension="4000", digits="2", digits_after_ms=1800),
            Call(number="13900000003", extension="4000"),
            Call(number="13900000004", extension="4000", digits="9", digits_after_ms=1800),
            Call(number="13900000005", extension="4000", digits="72", digits_after_ms=1800),
        ]
        with Callers(lab, calls, per_second=20, media=True):
            await until(
                lambda: len(centre.boss.events("call-queued")) == len(calls),
                within_s=20,
                what="all have come to a queue",
            )
        came_to = {
            one.frame["view"]["caller"]["number"][-1]: one.frame["view"]["queue"]["id"]
            for one in centre.boss.events("call-queued")
        }
        assert came_to == {
            "1": "support",
            "2": "sales",
            "3": "support",
            "4": "support",
            "5": "sales",
        }


def patient_menu() -> str:
    """Our own menu, less patient, for a test has no five seconds to be silent."""
    text = (OUR_MENUS / "main.yaml").read_text()
    assert "timeout_s: 5" in text
    return text.replace("timeout_s: 5", "timeout_s: 1")


def folder_with(folder: Path, menu: str) -> Path:
    menus = folder / "menus"
    menus.mkdir()
    (menus / "main.yaml").write_text(menu)
    return menus


GREETINGS = """\
menu: main
start: known
steps:
  known:
    branch:
      - when: {repeat_caller: true}
        go: again
      - otherwise: first
  first: {say: [digits/1], then: support}
  again: {say: [digits/2], then: support}
  support: {queue: support}
"""


async def test_a_repeat_caller_is_known_heard_and_remembered(lab: Lab, tmp_path: Path) -> None:
    centre = Centre(lab, tmp_path, menus=str(folder_with(tmp_path, GREETINGS)))
    await list_a_shared_number(centre)
    async with centre:
        with AgentPhones(lab, default=Phone(ring_ms=20, talk_ms=50)):
            await centre.on_shift("ana")
            (first,) = await calls_from(centre, "13900000001")
            assert (first["contact_number"], first["last_contact"]) == (1, None)
            call = centre.boss.events("call-ended")[-1].frame["call"]
            await centre.boss.api.record_outcome(call, {"outcome": "not-solved"})
            (second,) = await calls_from(centre, "+8613900000001")
            assert second["contact_number"] == 2
            assert second["last_contact"]["agent"] == {"id": "ana", "name": "Ana"}
            assert second["last_contact"]["outcome"] == "not-solved"
            for _ in range(2):
                for who in await calls_from(centre, "anonymous", "95588", "13900000009"):
                    assert (who["contact_number"], who["last_contact"]) == (None, None), who
            centre.product.stop()
            await centre.part()
            await centre.start()
            (third,) = await calls_from(centre, "13900000001")
            assert third["contact_number"] == 3
            assert third["last_contact"]["agent"]["name"] == "Ana"
            assert third["last_contact"]["outcome"] is None
        greetings = [
            output.prompts[0] for output in centre.replay() if isinstance(output, PlayPrompts)
        ]
        new, known = "digits/1", "digits/2"
        assert greetings == [new, known, *[new] * 6, known]


async def calls_from(centre: Centre, *numbers: str) -> list[Json]:
    """Calls through the menu, and what the agent's screen said of each caller."""
    calls = [Call(number=number, extension="4000") for number in numbers]
    with Callers(centre.lab, calls, media=True) as callers:
        offered = [await centre.boss.hears("call-offered") for _ in calls]
        for one in offered:
            await centre.boss.hears("call-ended", call=one["call"])
        await over(callers)
    return [one["view"]["caller"] for one in offered]


async def list_a_shared_number(centre: Centre) -> None:
    database = Database(f"sqlite:///{centre.folder / 'cordboard.db'}")
    await database.open()
    for name in ("Sun Yi", "Sun Er"):
        customer = Customer(id=CustomerId(name.lower().replace(" ", "-")), name=name)
        await list_customer(database, customer, {"13900000009": Confidence.OWN}, at=1)
    await database.close()
