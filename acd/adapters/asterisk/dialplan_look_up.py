"""Answers a dialplan that asks who calls, for those who keep app_queue; no caller waits for it longer than a moment.

The dialplan says Stasis(cordboard,lookup); we set one variable and let it continue. The engine hears nothing of
such a call: it is none of ours. Whatever goes wrong, the call continues with nothing known.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from urllib.parse import quote

from acd.adapters.asterisk.ari_client import AriClient, AriError
from acd.adapters.asterisk.ari_events import Channel, Message
from acd.adapters.asterisk.ari_requests import APPLICATION
from acd.core.customer import CAN_REPEAT, Identity

log = logging.getLogger(__name__)

Ask = Callable[[str], Awaitable[str]]  # The caller's number → what `answer` says, or nothing.

ARGUMENT = "lookup"
ANSWER = "CORDBOARD_LOOKUP"
BUDGET_S = 0.04  # Of the 50 ms that are promised; the rest is the way to Asterisk and back.

# What a dialplan may paste anywhere: nothing in it ends an argument, an expression or a quote.
_HARMLESS = re.compile(r"[^\w .:@+-]+")
_LONGEST = 64


def answer(identity: Identity, vip: Collection[str]) -> str:
    """What is known, as one line: the dialplan cuts it at its bars (extensions-cordboard.conf).

    confidence|count|last time, in seconds since 1970|last agent|last outcome|customer|segment|VIP
    """
    repeated = identity.repeated
    last = repeated[0] if repeated else None
    customer = identity.customer
    segment = customer.segment if customer else None
    parts = (
        identity.confidence.value,
        str(len(repeated)) if identity.confidence in CAN_REPEAT else "",
        str(last.at // 1000) if last else "",
        (last.agent or "") if last else "",
        (last.outcome or "") if last else "",
        customer.id if customer else "",
        segment or "",
        "1" if segment in vip else "",
    )
    return "|".join(_HARMLESS.sub(" ", part)[:_LONGEST].strip() for part in parts)


class DialplanLookUps:
    """The calls that are with us for a moment because their dialplan asks."""

    def __init__(self, asterisk: AriClient, ask: Ask | None, *, budget_s: float = BUDGET_S) -> None:
        self._asterisk = asterisk
        self._ask = ask
        self._budget_s = budget_s
        self._here: dict[str, asyncio.Task[bool]] = {}  # By the channel's id.

    def takes(self, message: Message) -> bool:
        """Whether this is about such a call, and so not for the engine; answers those that have just come."""
        channel = message.channel
        if channel is None:
            return False
        if message.type == "StasisStart" and message.args[:1] == [ARGUMENT]:
            self._here[channel.id] = asyncio.create_task(self._serve(channel))
            return True
        if channel.id not in self._here:
            return False
        if message.type == "StasisEnd":
            del self._here[channel.id]
        return True

    def let_go(self, channels: Iterable[Channel]) -> None:
        """Those among all channels that ask and that nobody answers any more, because we or Asterisk were away, go on.

        Those that are gone, and whose end was not heard, are forgotten.
        """
        asking = {channel.id: None for channel in channels if is_look_up(channel)}
        for name, task in list(self._here.items()):
            if task.done() and not (name in asking and task.result()):
                del self._here[name]
        for name in asking:
            if name not in self._here:
                self._here[name] = asyncio.create_task(self._continue(name))

    async def stop(self) -> None:
        """Answer nobody any more."""
        for task in self._here.values():
            task.cancel()
        await asyncio.gather(*self._here.values(), return_exceptions=True)

    async def _serve(self, channel: Channel) -> bool:
        said = ""
        try:
            async with asyncio.timeout(self._budget_s):
                said = await self._ask(channel.caller.number) if self._ask is not None else ""
        except TimeoutError:
            log.warning(
                "a dialplan's question was not answered within %.0f ms", self._budget_s * 1000
            )
        except Exception:
            log.exception("a dialplan's question could not be answered")
        try:
            if said:
                await self._asterisk.request(
                    "POST", f"{_path(channel.id)}/variable", {"variable": ANSWER, "value": said}
                )
        except AriError as error:
            log.warning("a dialplan's question could not be answered: %s", error)
        return await self._continue(channel.id)

    async def _continue(self, channel: str) -> bool:
        """Give it back to its dialplan; whether Asterisk has heard that."""
        try:
            reply = await self._asterisk.request("POST", f"{_path(channel)}/continue")
        except AriError as error:  # Its dialplan has a clock of its own.
            log.warning("a call that asked could not be given back: %s", error)
            return False
        if not reply.ok:  # It has hung up, and what ends it may have come before we knew it.
            self._here.pop(channel, None)
        return True


def is_look_up(channel: Channel) -> bool:
    """Whether this channel, wherever it was seen, is with us only to ask."""
    place = channel.dialplan
    asks = place.app_data.split(",")[:2] == [APPLICATION, ARGUMENT]
    return place.app_name == "Stasis" and asks


def _path(channel: str) -> str:
    return f"/channels/{quote(channel, safe='')}"
