"""A desk at which there is one of everything that the API can be asked about, each in a state of its own."""

from typing import Any

from acd.core.configuration import Configuration, WrapUpMode
from acd.core.ids import AgentId
from acd.core.requests import HoldCall, LogIn
from tests.core.rules import with_agent, with_rules
from tests.cti_api.desk import Desk
from tests.play import call_id, centre

ON_SHIFT = {
    "ana": "has `talking`",
    "bob": "has `held`",
    "cleo": "wraps up after `over`",
    "dan": "is rung for `ringing`",
    "eve": "is on a break",
    "sol": "may be chosen for `asked`",
    "fay": "is free",
}
AGENTS = (*ON_SHIFT, "zoe")
CALLS = tuple(call_id(name) for name in ("talking", "held", "over", "ringing", "waiting", "asked"))
QUEUES = ("support", "sales")


def _configuration() -> Configuration:
    """`sales` asks a router who is to have a call."""
    in_sales = ("sol", "fay")
    plain = centre({name: ("sales" if name in in_sales else "support",) for name in AGENTS})
    plain = with_rules(plain, wrap_up=WrapUpMode.OPTIONAL, wrap_up_extension_ms=30_000)
    plain = with_rules(plain, queue="sales", route_ms=60_000)
    return with_agent(plain, "ana", skills={"chinese": 80, "fridge": 60})


CONFIGURATION = _configuration()


async def busy_desk(configuration: Configuration = CONFIGURATION, **options: Any) -> Desk:
    """A new one; it is the same every time."""
    desk = Desk(configuration, **options)
    await desk.ready("ana")
    desk.arrives("talking")
    desk.talks("talking")
    await desk.ready("bob")
    desk.arrives("held")
    desk.talks("held")
    held = HoldCall(by="bob", call=call_id("held"))
    await desk.switchboard.submit(held)
    await desk.ready("cleo")
    desk.arrives("over")
    desk.talks("over")
    desk.hangs_up("over")
    await desk.ready("dan")
    desk.arrives("ringing")
    desk.arrives("waiting")
    await desk.switchboard.submit(LogIn(by="eve", agent=AgentId("eve")))
    await desk.ready("sol")
    desk.arrives("asked", "sales")
    await desk.ready("fay")
    return desk
