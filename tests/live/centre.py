"""A call centre as its people have it: the real server beside a real Asterisk; must never decide what is right."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from argon2 import PasswordHasher

from acd import journal
from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Sipp
from acd.core.matching import Output
from acd.demo.product import Product
from cordboard_client import AsyncClient, UnreachableError

PASSWORD = "swordfish"
_HASH = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
# What every queue of a test has, if the test says nothing else: nothing to wait for.
BRISK = {"ring_timeout_s": 3, "wrap_up_s": 0, "no_answer": "not-ready"}

Json = dict[str, Any]
Seen = TypeVar("Seen")


async def until(look: Callable[[], Seen], *, within_s: float = 10, what: str = "") -> Seen:
    """What `look` returns as soon as it is true."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what or look}"
        await asyncio.sleep(0.01)
    return seen


async def over(calls: Sipp, *, within_s: float = 10) -> None:
    """These calls are over, and went as they were written."""
    await until(lambda: not calls.running, within_s=within_s, what="SIPp's calls are over")
    assert calls.wait(0), calls.errors()


async def ringing(phones: AgentPhones, times: int = 1, *, within_s: float = 10) -> None:
    """So many calls in all have rung at the agents' phones: who was only invited cannot pick up yet."""

    def rung() -> bool:
        said = [message.first_line for message in phones.messages() if not message.received]
        return said.count("SIP/2.0 180 Ringing") >= times

    await until(rung, within_s=within_s, what=f"{times} calls have rung")


def centre_file(
    agents: Mapping[str, Iterable[str]],
    queues: Mapping[str, Mapping[str, object]],
    profiles: Mapping[str, Mapping[str, object]] | None = None,
    outbound: Mapping[str, object] | None = None,
    roles: Mapping[str, str] | None = None,
    said: Mapping[str, object] | None = None,
) -> str:
    """A centre file: agents with queues and profiles, each a user too, a supervisor, and what else is `said`."""
    profiles, roles = profiles or {}, roles or {}
    users: Json = {name: {"role": roles.get(name, "agent"), "agent": name} for name in agents}
    users |= {"boss": {"role": "supervisor"}, "root": {"role": "admin"}}
    centre = {
        "queues": {name: {"name": name.title()} | BRISK | rules for name, rules in queues.items()},
        "agents": {
            name: _said(
                {"name": name.title(), "phone": f"PJSIP/{name}", "queues": list(serves)}
                | dict(profiles.get(name, {}))
            )
            for name, serves in agents.items()
        },
        "users": {name: user | {"password_hash": _HASH} for name, user in users.items()},
    }
    if outbound is not None:
        centre["outbound"] = outbound
    return json.dumps(centre | dict(said or {}))  # Which is YAML too.


def _said(words: Mapping[str, object]) -> Json:
    """Without those of which the test says that there are none."""
    return {word: meant for word, meant in words.items() if meant is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A frame of a WebSocket; `at` is the wall clock's time in seconds when it was there."""

    at: float
    frame: Json


class Person:
    """A user who is logged in, with an ear on the event stream."""

    def __init__(self, url: str, user: str) -> None:
        self.user = user
        self.api = AsyncClient(url)
        self.heard: list[Heard] = []
        self._taken: set[int] = set()
        self._listening: asyncio.Task[None] | None = None

    async def arrive(self) -> Self:
        await self.api.__aenter__()
        await self.api.log_in(self.user, PASSWORD)
        self._listening = asyncio.create_task(self._listen())
        await until(lambda: self.heard, what=f"{self.user}'s snapshot")
        return self

    async def go(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.api.__aexit__(None, None, None)

    async def _listen(self) -> None:
        with suppress(UnreachableError):  # The server was killed: what was heard counts.
            async for frame in self.api.events(patience_s=0):
                self.heard.append(Heard(at=time.time(), frame=dict(frame)))

    @property
    def snapshot(self) -> Json:
        return self.heard[0].frame

    def events(self, name: str, **fields: object) -> list[Heard]:
        """All events of this kind so far."""
        return [one for one in self.heard if _fits(one.frame, name, fields)]

    async def hears(self, name: str, within_s: float = 10, **fields: object) -> Json:
        """The first event of this kind that no one has asked for before."""

        def look() -> Json | None:
            for number, one in enumerate(self.heard):
                if number not in self._taken and _fits(one.frame, name, fields):
                    self._taken.add(number)
                    return one.frame
            return None

        frame = await until(look, within_s=within_s, what=f"{self.user} hears {name} {fields}")
        assert frame is not None
        return frame

    async def ready(self) -> None:
        await self.api.set_agent_state(self.user, {"state": "ready"})

    async def not_ready(self) -> None:
        await self.api.set_agent_state(self.user, {"state": "not-ready"})

    async def becomes(self, state: str, within_s: float = 10) -> Json:
        """His own view, once he is in this state."""

        seen: list[Json] = []

        def look() -> bool:
            told = [one.frame["view"] for one in self.events("agent-changed", agent=self.user)]
            shown = [a for a in self.snapshot["agents"] if a["id"] == self.user]
            seen[:] = shown + told
            return bool(seen[-1]["state"] == state)

        try:
            await until(look, within_s=within_s, what=f"{self.user} is {state}")
        except AssertionError as late:
            was = ", ".join(f"{one['state']} ({one['device_state']})" for one in seen)
            raise AssertionError(f"{late}; he was {was}") from None
        return seen[-1]


class Centre:
    """One server with its files, its people and its Asterisk; leaves no channel and no bridge there."""

    def __init__(
        self,
        lab: Lab,
        folder: Path,
        *,
        agents: Mapping[str, Sequence[str]] | None = None,
        queues: Mapping[str, Mapping[str, object]] | None = None,
        profiles: Mapping[str, Mapping[str, object]] | None = None,
        outbound: Mapping[str, object] | None = None,
        roles: Mapping[str, str] | None = None,
        said: Mapping[str, object] | None = None,
        **settings: str,
    ) -> None:
        self.lab = lab
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        everybody = dict.fromkeys(lab.agents, ("support", "sales"))
        text = centre_file(
            agents or everybody,
            queues or {"support": {}, "sales": {}},
            profiles,
            outbound,
            roles,
            said,
        )
        (folder / "centre.yaml").write_text(text)
        self.product = Product(folder, lab, **settings)
        self.boss: Person
        self._people: list[Person] = []
        self._logs: list[str] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self.lab.running:
                await self.hang_up_all()
        finally:
            await self.part()
            self.product.stop(grace_s=0)  # How it stops when it is asked to, has a test of its own.
            if self.lab.running:
                self.lab.cli("channel request hangup all")
        if kind is None:
            assert "Traceback" not in self.log, self.log
            self.replay()
        else:
            print(self.log)

    async def start(self) -> None:
        """Start the server, the first time or once more; the boss listens."""
        await self.product.start()
        self.boss = await self.person("boss")

    async def kill(self) -> None:
        """As a power cut does."""
        assert self.product.process is not None
        self.product.process.send(signal.SIGKILL)
        await until(lambda: not self.running, what="the server is dead")
        self._logs.append(self.product.words())
        await self.part()

    async def part(self) -> None:
        """Everybody's sockets are gone."""
        people, self._people = self._people, []
        for person in people:
            await person.go()

    @property
    def running(self) -> bool:
        return self.product.process is not None and self.product.process.running

    @property
    def log(self) -> str:
        """Of this start and of those before it."""
        return "".join([*self._logs, self.product.words()])

    async def person(self, user: str) -> Person:
        person = Person(self.product.url, user)
        self._people.append(person)
        return await person.arrive()

    async def on_shift(self, *users: str) -> list[Person]:
        """Agents, ready in this order."""
        people = []
        for user in users:
            person = await self.person(user)
            await person.api.log_agent_in(user)
            await person.ready()
            people.append(person)
        return people

    # What Asterisk itself says.

    def look(self, path: str) -> Any:
        status, body = self.lab.ari("GET", path)
        return json.loads(body) if status == 200 else None

    @property
    def channels(self) -> list[Json]:
        found: list[Json] = self.look("/channels")
        return found

    @property
    def bridges(self) -> list[Json]:
        found: list[Json] = self.look("/bridges")
        return found

    async def quiet(self, within_s: float = 10) -> None:
        """Asterisk has neither a channel nor a bridge."""
        await until(lambda: not self.channels, within_s=within_s, what="no channel is left")
        await until(lambda: not self.bridges, within_s=within_s, what="no bridge is left")

    async def hang_up_all(self) -> None:
        self.lab.cli("channel request hangup all")
        await self.quiet()

    # What the server has written down.

    def journals(self) -> list[Path]:
        return sorted((self.folder / "journal").glob("journal-*.jsonl"))

    def replay(self) -> list[Output]:
        """All that the engine has said in all sessions; and it must say the same again."""
        said: list[Output] = []
        for file in self.journals():
            for step in journal.replay([file]):
                assert step.same, f"{step.where} is answered differently now: {step.happening}"
                said += step.outputs
        return said


def together(centre: Centre) -> list[set[str]]:
    """Who is in a bridge with whom: an agent by his name; a caller, or whom an agent calls; a number beside them."""
    names = [[_who(leg) for leg in bridge["channels"]] for bridge in centre.bridges]
    return sorted((set(found) for found in names if found), key=sorted)


def _who(leg: str) -> str:
    if leg.endswith("~out") and leg.count("~") > 2:
        return "outside"
    ours = leg.rsplit("~", 2)
    return ours[1] if len(ours) == 3 and not leg.endswith("~out") else "caller"


def heard_by_caller(centre: Centre) -> int:
    """How many packets of sound Asterisk has sent him."""
    (caller,) = [channel["id"] for channel in centre.channels if "~" not in channel["id"]]
    return int((centre.look(f"/channels/{caller}/rtp_statistics") or {"txcount": 0})["txcount"])


def _fits(frame: Json, name: str, fields: Mapping[str, object]) -> bool:
    return frame.get("event") == name and all(frame.get(key) == fields[key] for key in fields)
