"""A softphone in a hundred lines: it shows who calls before the phone rings, and has the buttons that are legal now.

    python docs/softphone.py http://127.0.0.1:8080 ana

The voice comes over the agent's own SIP phone; this is everything else. Type a button's name and press Enter.
"""

import sys
from collections.abc import Callable
from getpass import getpass
from threading import Thread

from cordboard_client import ApiError, Client, RefusedError
from cordboard_client.shapes import Agent, Call, Event, Snapshot


class Softphone:
    """One agent's. `me` and `call` are as the server last told them: nothing is ever guessed."""

    def __init__(self, cordboard: Client, agent: str) -> None:
        self.cordboard = cordboard
        self.agent = agent
        self.me: Agent | None = None
        self.call: Call | None = None

    # What happens.

    def listen(self) -> None:
        """Hear all that is mine until the log-in is over; a broken line mends itself."""
        try:
            for frame in self.cordboard.events(scope="mine"):
                self.hear(frame)
        except ApiError as error:
            print(f"! {error}")

    def hear(self, frame: Snapshot | Event) -> None:
        """A snapshot says how everything is; an event, what has happened and how it is since."""
        if frame["type"] == "snapshot":
            self.me = next(agent for agent in frame["agents"] if agent["id"] == self.agent)
            self.call = next((c for c in frame["calls"] if c["id"] == self.me["call"]), None)
            self.show_buttons()
        elif frame["event"] == "call-offered":
            self.call = frame["view"]
            self.show_pop(frame["view"])
        elif frame["event"] == "call-connected" or frame["event"] == "call-ended":
            self.call = frame["view"]
            print(f"- {frame['event']}")
        elif frame["event"] == "agent-changed" and frame["agent"] == self.agent:
            self.me = frame["view"]
            self.show_buttons()

    def show_pop(self, call: Call) -> None:
        """Who it is, and how often he has called: on the screen before the phone rings."""
        caller = call["caller"]
        who = " or ".join(c["name"] for c in caller["customers"]) or caller["number"] or "unknown"
        print(f"* {who} for {call['queue']['name'] if call['queue'] else '?'}")
        if (nth := caller["contact_number"]) and nth > 1:
            last = caller["last_contact"]
            print(f"  call no. {nth} in a day; last time: {(last and last['outcome']) or '?'}")

    # Buttons: what the server allows now, and nothing else.

    def buttons(self) -> dict[str, Callable[[], object]]:
        """What can be pressed, and what it does."""
        api, agent, call = self.cordboard, self.agent, self.call
        known: dict[str, Callable[[], object]] = {
            "log-in": lambda: api.log_agent_in(agent),
            "log-out": lambda: api.log_agent_out(agent),
            "become-ready": lambda: api.set_agent_state(agent, {"state": "ready"}),
            "become-not-ready": lambda: api.set_agent_state(agent, {"state": "not-ready"}),
            "finish-wrap-up": lambda: api.finish_wrap_up(agent),
        }
        allowed: list[str] = [*self.me["allowed"]] if self.me is not None else []
        legal = {name: does for name, does in known.items() if name in allowed}
        if call is not None and "record-outcome" in call["allowed"]:
            legal["solved"] = lambda: api.record_outcome(call["id"], {"outcome": "solved"})
            legal["not-solved"] = lambda: api.record_outcome(call["id"], {"outcome": "not-solved"})
        return legal

    def show_buttons(self) -> None:
        """The agent's state, and what he can do."""
        if self.me is not None:
            print(f"[{self.me['state']}] {' '.join(self.buttons())}", flush=True)

    def press(self, button: str) -> None:
        """Do it; a no has a reason, and is no accident: things may have changed in the meantime."""
        try:
            self.buttons().get(button, self.show_buttons)()
        except RefusedError as refused:
            print(f"! {refused.message} ({refused.reason})")


if __name__ == "__main__":
    url, user = sys.argv[1:]
    with Client(url) as client:
        session = client.log_in(user, getpass() if sys.stdin.isatty() else input())
        phone = Softphone(client, session["agent"] or user)
        Thread(target=phone.listen, daemon=True).start()
        for line in sys.stdin:
            phone.press(line.strip())
