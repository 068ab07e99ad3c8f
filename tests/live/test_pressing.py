"""Whatever buttons people press, in whatever order: no fault, what is allowed is done, and nothing is left behind."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.lab_parts import LabError
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone, Subscribers
from cordboard_client import ApiError, RefusedError
from tests.live.centre import Centre, Json, Person
from tests.live.test_calling import OUTBOUND

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

AGENTS = {"ana": ["support"], "bob": ["sales"], "chen": ["support", "sales"], "dora": ["sales"]}
QUEUES = {"support": {"record": "always"}, "sales": {"record": "on-request"}}
CAPS = {"agent_per_hour": 0, "agent_at_once": 0}
PEOPLE = {"01065551234": Phone(ring_ms=50), "01065550001": Phone(what="busy")}
NUMBERS = [f"+86{number.removeprefix('0')}" for number in PEOPLE]
# What whoever is named, or the moment, is the reason for: `allowed` cannot know it.
FOR_THAT_ONE = (
    "agent-not-free",
    "nobody-free",
    "queue-refuses",
    "in-call-already",
    "not-in-call",
    "consult-not-answered",
)
# Every button of a call: what is sent, with the call's id and somebody or something for whatever it takes.
BUTTONS: Mapping[str, tuple[str, str, Any]] = {
    "answer": ("POST", "answer", None),
    "reject": ("DELETE", "offers/{mine}", None),
    "deflect": ("POST", "offers/{mine}/deflect", "whom"),
    "hold": ("PUT", "hold", None),
    "retrieve": ("DELETE", "hold", None),
    "transfer": ("POST", "transfer", "whom"),
    "consult": ("POST", "consult", "whom"),
    "cancel-consult": ("DELETE", "consult", None),
    "alternate": ("POST", "consult/alternate", None),
    "complete-consult": ("POST", "consult/complete", None),
    "conference": ("POST", "conference", None),
    "remove-party": ("DELETE", "{beside}", None),
    "leave": ("DELETE", "parties/{mine}", None),
    "mute-party": ("PUT", "{beside}/mute", None),
    "unmute-party": ("DELETE", "{beside}/mute", None),
    "record": ("PUT", "recording", None),
    "stop-recording": ("DELETE", "recording", None),
    "pause-recording": ("PUT", "recording/pause", None),
    "resume-recording": ("DELETE", "recording/pause", None),
    "write-data": ("PUT", "data", {"data": {"order": "4711"}}),
    "listen": ("PUT", "supervision", {"mode": "listen"}),
    "whisper": ("PUT", "supervision", {"mode": "whisper"}),
    "barge": ("PUT", "supervision", {"mode": "barge"}),
    "take-over": ("POST", "supervision/take-over", None),
    "stop-supervising": ("DELETE", "supervision", None),
    "set-priority": ("PUT", "priority", {"priority": 5}),
    "move-to-queue": ("PUT", "queue", {"queue": "sales"}),
    "move-to-front": ("PUT", "place", {"place": "first"}),
    "clear": ("DELETE", "", None),
}
RARELY = ("clear", "reject", "write-data", "set-priority", "pause-recording", "stop-recording")


class Presser:
    """One who presses what he is shown, and sometimes what he is not."""

    def __init__(
        self,
        centre: Centre,
        phones: AgentPhones,
        people: list[Person],
        seed: int,
        *,
        alone: bool = True,
    ) -> None:
        self.centre = centre
        self.phones = phones
        self.people = people
        self.alone = alone
        self.random = random.Random(seed)
        self.pressed: list[str] = []

    async def press_on(self, times: int) -> None:
        """So many buttons; now and then somebody puts the receiver down."""
        for step in range(times):
            if step % 20 == 19:
                who = self.random.choice(self.people).user
                self.pressed.append(f"{who} hangs up")
                with suppress(LabError):  # It has not rung yet.
                    self.phones.press(who)
            await self.press()

    async def press(self) -> None:
        """One button, of some call that this person sees, or of himself."""
        chance = self.random
        who = chance.choice(self.people)
        calls = await who.api.list_calls()
        if not calls or chance.random() < 0.15:
            await self.look_after(who)
            return
        call: Json = dict(chance.choice(calls))
        against = chance.random() < 0.15
        known = [name for name in call["allowed"] if name in BUTTONS]
        likely = [name for name in known if name not in RARELY or chance.random() < 0.1]
        if (against or not likely) and chance.random() < 0.5:
            likely = [name for name in BUTTONS if name not in RARELY]
        if not likely:
            return
        button = chance.choice(likely)
        reason = await self.ask(who, call, button)
        if reason is None or button not in call["allowed"] or reason in FOR_THAT_ONE:
            return
        if not self.alone:
            return  # The others have pressed something meanwhile.
        # It may have been too late for it: then it is not shown any more.
        now = [one for one in await who.api.list_calls() if one["id"] == call["id"]]
        again = now and button in now[0]["allowed"]
        assert not again or await self.ask(who, dict(now[0]), button) != reason, self.pressed[-9:]

    async def ask(self, who: Person, call: Json, button: str) -> str | None:
        """Why it is refused, if it is."""
        method, path, body = BUTTONS[button]
        beside = [f"parties/{one['agent']}" for one in call["parties"]]
        beside += [f"outsiders/{one['number']}" for one in call["outsiders"]]
        ringing = call["ringing"] or [who.user]
        path = path.format(
            mine=who.user if button == "leave" else self.random.choice(ringing),
            beside=self.random.choice(beside or [f"parties/{who.user}"]),
        )
        if button == "deflect" and call["phase"] == "waiting":
            path, body = "deflect", {"number": NUMBERS[0]}
        if body == "whom":
            body = self.random.choice(
                [{"agent": name} for name in AGENTS]
                + [{"queue": name} for name in QUEUES]
                + [{"number": number} for number in NUMBERS]
            )
        where = f"/v1/calls/{call['id']}/{path}".rstrip("/")
        said = f"{who.user} {call['phase']} {button} {method} {path} {body or ''}"
        try:
            await who.api._ask(method, where, body=body, takes=range(200, 300))
        except RefusedError as no:
            self.pressed.append(f"{said}: {no.reason}")
            return str(no.reason)
        except ApiError as error:
            assert error.status < 500, (said, error, self.pressed[-9:])
            self.pressed.append(f"{said}: {error.reason}")
            return str(error.reason)
        self.pressed.append(said)
        return None

    async def look_after(self, who: Person) -> None:
        """His own buttons, so that he can go on."""
        me = await who.api.one_agent(who.user)
        if "log-in" in me["allowed"]:
            await who.api.log_agent_in(who.user)
        if "become-ready" in me["allowed"]:
            await who.ready()
        elif "make-call" in me["allowed"] and self.random.random() < 0.3:
            try:
                await who.api.make_call({"number": self.random.choice(NUMBERS)})
            except RefusedError as no:
                assert no.reason == "agent-not-free", no


@pytest.mark.parametrize("seed", [1])
async def test_in_any_order_that_people_press_buttons(lab: Lab, tmp_path: Path, seed: int) -> None:
    centre = Centre(
        lab, tmp_path, agents=AGENTS, queues=QUEUES, roles={"dora": "supervisor"}, region="CN",
        outbound=OUTBOUND | {"caps": CAPS},
    )  # fmt: skip
    async with centre:
        calls = [Call(extension=extension) for extension in ("4001", "4002") * 10]
        with (
            AgentPhones(lab, default=Phone(ring_ms=20)) as phones,
            Subscribers(lab, PEOPLE),
            Callers(lab, calls, media=True, port=5070, per_second=2) as callers,
        ):
            people = await centre.on_shift(*AGENTS)
            await centre.boss.hears("call-connected")
            # One after the other: what is allowed is done. Then all at once: nothing is left of it.
            await Presser(centre, phones, people, seed).press_on(80)
            all_at_once = [
                Presser(centre, phones, [one], 10 * seed + n, alone=False)
                for n, one in enumerate(people)
            ]
            await asyncio.gather(*(one.press_on(50) for one in all_at_once))
            callers.stop()
            await centre.hang_up_all()
            await until_nobody_talks(centre)
        assert "WARNING" not in centre.log, centre.log


async def until_nobody_talks(centre: Centre) -> None:
    """Who owes nobody anything has no call, and is free."""
    deadline = time.monotonic() + 10
    while True:
        calls = await centre.boss.api.list_calls()
        agents = await centre.boss.api.list_agents()
        busy = [one["id"] for one in agents if one["call"] is not None]
        if not calls and not busy:
            return
        assert time.monotonic() < deadline, (calls, busy)
