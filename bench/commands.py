"""From the button to the SIP message: what a command over the API takes, beside the same done straight over ARI.

    python -m bench.commands [--per-second 20] [--seconds 20]

Callers come at a steady rate and talk to agents, and of each conversation one thing is asked: to hang up, or to ring
somebody else; over the API (with ledger, journal and 100 listening sockets) or of Asterisk itself, in turns, so that
both meet the same moments of the machine. Timed is from before the request is written until the kernel sees the
BYE or the INVITE.
It prints what it saw and what is owed, and must never fail over a figure.
"""

import argparse
import base64
import heapq
import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count, cycle
from pathlib import Path
from urllib.parse import quote

from acd.adapters.asterisk.lab import Lab, LabError
from acd.adapters.asterisk.lab_parts import ensure_parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.core.ids import ChannelId, uniqueid_of
from bench.calls import percentile
from bench.capture import Capture, CaptureError, Packet, sip_of
from bench.subjects import Running, SubjectError, cordboard, log_as_in_production
from bench.waiting import until
from cordboard_client import Client
from cordboard_client.shapes import CallConnected

OWED_MS = 15.0
AGENTS = 80
_TALK_S = 0.5  # Of a conversation, before something is asked.
_AFTERWARDS_S = 0.6
_WARM_UP_S = 2.0
_PATIENCE_MS = 20_000
_ANSWERED_BY = "7009"  # Where a phone is connected to that Asterisk is asked to ring.


class Button(StrEnum):
    """What is asked, and of whom."""

    CLEAR = "clear"
    CLEAR_BY_ARI = "DELETE /channels"
    CONSULT = "consult"
    RING_BY_ARI = "POST /channels"


PAIRS = ((Button.CLEAR, Button.CLEAR_BY_ARI, "BYE"), (Button.CONSULT, Button.RING_BY_ARI, "INVITE"))


@dataclass(frozen=True, slots=True)
class Press:
    """One button pressed, and by what its message is known."""

    at: int  # In nanoseconds of the wall clock, as the capture counts.
    button: Button
    number: str  # The caller's, or the one that Asterisk was told to show.


@dataclass(order=True, slots=True)
class _Due:
    at: float
    order: int
    button: Button = field(compare=False)
    call: str = field(compare=False)
    offer: str = field(compare=False)
    number: str = field(compare=False)


class Fingers:
    """Presses a button of each conversation; hears of them as any client does."""

    def __init__(self, lab: Lab, subject: Running) -> None:
        assert subject.api is not None
        self.presses: list[Press] = []
        self.refused: list[str] = []
        self._api = subject.api
        host, port = subject.api.address
        self._url = f"http://{host}:{port}"
        self._at_api = http.client.HTTPConnection(host, port, timeout=10)
        self._at_ari = http.client.HTTPConnection(lab.ari_host, 8088, timeout=10)
        token = base64.b64encode(f"{lab.ari_user}:{lab.ari_password}".encode()).decode()
        self._ari = {"Authorization": f"Basic {token}"}
        self._phones = cycle(lab.agents)
        self._buttons = cycle(Button)
        self._order = count()
        self._due: list[_Due] = []
        self._changed = threading.Condition()
        self._begun = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        self._begun.wait(10)

    def press(self, until_s: float) -> None:
        """Whatever falls due until then, on the monotonic clock."""
        while (now := time.monotonic()) < until_s:
            with self._changed:
                due = heapq.heappop(self._due) if self._due and self._due[0].at <= now else None
                if due is None:
                    next_at = self._due[0].at if self._due else until_s
                    self._changed.wait(max(0.0, min(next_at, until_s) - now))
                    continue
            self._do(due)

    def _listen(self) -> None:
        with Client(self._url) as client:
            client.token = self._api.token
            for frame in client.events(topics=("calls",)):
                self._begun.set()
                if frame["type"] == "event" and frame["event"] == "call-connected":
                    self._connected(frame)

    def _connected(self, frame: CallConnected) -> None:
        caller = frame["view"]["caller"]
        assert caller is not None and caller["number"] is not None
        with self._changed:
            due = _Due(
                time.monotonic() + _TALK_S,
                next(self._order),
                next(self._buttons),
                frame["call"],
                frame["offer"],
                caller["number"].removeprefix("+"),
            )
            heapq.heappush(self._due, due)
            self._changed.notify()

    def _do(self, due: _Due) -> None:
        call, number, at = f"/v1/calls/{quote(due.call)}", due.number, time.time_ns()
        match due.button:
            case Button.CLEAR:
                status = self._ask_api("DELETE", call)
            case Button.CONSULT:
                status = self._ask_api("POST", f"{call}/consult", {"queue": "support"})
            case Button.CLEAR_BY_ARI:
                leg = quote(uniqueid_of(ChannelId(due.offer)), safe="")
                status = self._ask_ari("DELETE", f"/ari/channels/{leg}")
            case Button.RING_BY_ARI:
                number = f"900{number}"
                body = {
                    "endpoint": f"PJSIP/{next(self._phones)}",
                    "extension": _ANSWERED_BY,
                    "context": "from-trunk",
                    "callerId": number,
                }
                status = self._ask_ari("POST", "/ari/channels", body)
        if status >= 400:
            self.refused.append(f"{due.button}: {status}")
        else:
            self.presses.append(Press(at, due.button, number))
        if due.button in (Button.CONSULT, Button.RING_BY_ARI):
            self._end_later(due)

    def _end_later(self, due: _Due) -> None:
        with self._changed:
            due.at, due.button = time.monotonic() + _AFTERWARDS_S, Button.CLEAR
            heapq.heappush(self._due, due)

    def _ask_api(self, method: str, path: str, body: object = None) -> int:
        return _ask(
            self._at_api, method, path, body, {"Authorization": f"Bearer {self._api.token}"}
        )

    def _ask_ari(self, method: str, path: str, body: object = None) -> int:
        return _ask(self._at_ari, method, path, body, self._ari)


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: object,
    headers: dict[str, str],
) -> int:
    text = None if body is None else json.dumps(body)
    kind = {} if body is None else {"Content-Type": "application/json"}
    connection.request(method, path, text, {**headers, **kind})
    response = connection.getresponse()
    response.read()
    return response.status


def times_ms(presses: Iterable[Press], packets: Iterable[Packet]) -> dict[Button, list[float]]:
    """From each press to the first message that it can have caused; a press without one is left out."""
    sent: dict[tuple[str, str], list[int]] = {}
    number_of: dict[str, str] = {}  # By the Call-ID of the leg.
    for packet in packets:
        word, leg = packet.text.partition(" ")[0], packet.header("Call-ID")
        if word == "INVITE" and ";tag=" not in packet.header("To"):
            known = leg in number_of
            number_of[leg] = (
                packet.header("From").partition("sip:")[2].partition("@")[0].lstrip("+")
            )
            if not known:
                sent.setdefault((word, number_of[leg]), []).append(packet.at)
        elif word == "BYE" and leg in number_of:
            sent.setdefault((word, number_of[leg]), []).append(packet.at)
    found: dict[Button, list[float]] = {button: [] for button in Button}
    for press in presses:
        word = "INVITE" if press.button in (Button.CONSULT, Button.RING_BY_ARI) else "BYE"
        later = [at for at in sent.get((word, press.number), ()) if at >= press.at]
        if later:
            found[press.button].append((min(later) - press.at) / 1e6)
    return found


def measure(lab: Lab, per_second: int, seconds: float) -> tuple[dict[Button, list[float]], Fingers]:
    """Calls at this rate, and a button for each."""
    wanted = round(per_second * (seconds + _WARM_UP_S))
    calls = [
        Call(number=f"+8613800{n:06}", extension="4001", patience_ms=_PATIENCE_MS)
        for n in range(wanted)
    ]
    lab.cli(f"dialplan add extension {_ANSWERED_BY},1,Hangup() into from-trunk replace")
    phones = {agent: Phone(ring_ms=100) for agent in lab.agents}
    with (
        cordboard(lab) as subject,
        AgentPhones(lab, phones, trace=False),
        Capture(sip_of(lab.index)) as capture,
    ):
        fingers = Fingers(lab, subject)
        time.sleep(1)
        begun = time.time_ns()
        with Callers(lab, calls, per_second=per_second, trace=False) as callers:
            fingers.press(time.monotonic() + wanted / per_second + 3 * _TALK_S + _AFTERWARDS_S)
            callers.wait(2 * _PATIENCE_MS / 1000)
        until(lambda: "0 active channels" in lab.cli("core show channels count"))
        timed_from = begun + int(_WARM_UP_S * 1e9)
        timed = [press for press in fingers.presses if press.at >= timed_from]
        return times_ms(timed, capture.read()), fingers


def table(times: dict[Button, list[float]]) -> str:
    """What was seen, and what is owed."""
    lines = [f"{'':<34}{'n':>6}{'p50':>8}{'p99':>8}{'max':>8}  ms"]
    verdicts = []
    for ours, bare, message in PAIRS:
        for button in (ours, bare):
            seen = times[button]
            figures = [percentile(seen, 50), percentile(seen, 99), max(seen, default=None)]
            told = "".join(f"{'–' if one is None else f'{one:.1f}':>8}" for one in figures)
            lines.append(f"{f'{button} → {message}':<34}{len(seen):>6}{told}")
        ninety_nine, floor = percentile(times[ours], 99), percentile(times[bare], 99)
        if ninety_nine is not None and floor is not None:
            verdict = "met" if ninety_nine <= OWED_MS else "NOT MET"
            verdicts.append(
                f"{ours}: p99 {ninety_nine:.1f} ms (owed: below {OWED_MS:g}): {verdict}, "
                f"{ninety_nine / floor:.2f} of the same over ARI"
            )
    return "\n".join([*lines, *verdicts])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.commands", description=__doc__)
    parser.add_argument("--per-second", type=int, default=20, help="callers (default: 20)")
    parser.add_argument("--seconds", type=float, default=20, help="(default: 20)")
    wanted = parser.parse_args()
    agents = [f"a{n:04}" for n in range(1, AGENTS + 1)]
    try:
        parts = ensure_parts(lambda _: None)
        with (
            tempfile.TemporaryDirectory(prefix="cordboard-bench-") as folder,
            Lab("bench", Path(folder), agents, {"support": ()}, parts=parts) as lab,
        ):
            log_as_in_production(lab)
            times, fingers = measure(lab, wanted.per_second, wanted.seconds)
    except (LabError, CaptureError, SubjectError, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{wanted.per_second} calls/s, {AGENTS} agents, {len(fingers.presses)} commands")
    print(table(times))
    for problem in sorted(set(fingers.refused)):
        print(f"refused {fingers.refused.count(problem)} times: {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
