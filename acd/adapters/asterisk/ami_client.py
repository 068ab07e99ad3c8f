"""Speaks AMI through panoramisk, made safe; must never send a thing twice, wait for ever, or touch a call.

panoramisk is subclassed where it hurts: it cuts UTF-8 apart, re-sends what was in flight, hangs on
some answers, believes a dead peer for ever, lets a line break in a value become a header, and loses
its connection to an exception in a callback. What is left of it is the vocabulary: an action, a
message, a protocol and a manager.

What an action came to is known only from its answer. Without one `AmiLost` is raised, and whoever
asked decides; hence only actions that may be repeated are allowed here, and none that makes or
moves a call: the AMI right to originate equals a shell.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from panoramisk import Manager
from panoramisk.actions import Action as _Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message as _Message

log = logging.getLogger(__name__)

ALLOWED = frozenset(
    {
        "Login",
        "Ping",
        "DeviceStateList",
        "QueueStatus",
        "QueueAdd",
        "QueueRemove",
        "QueuePause",
        "PJSIPNotify",
        "ShowDialPlan",
    }
)

_EOL = b"\r\n"
_END = b"\r\n\r\n"
_GREETING = b"Asterisk Call Manager/"
# Asterisk reads a line into 1,024 bytes and discards the whole message if one is longer.
_LONGEST_LINE = 1_000
# So much may lie unread here; then TCP makes Asterisk wait, which cuts us off rather than wait long.
_UNREAD_LIMIT = 262_144
_UNSENT_LIMIT = 262_144
_PENDING_LIMIT = 100
# A list of thousands arrives at once. In between, the loop has calls to route.
_MESSAGES_PER_TURN = 20


class AmiError(Exception):
    """Something is wrong with AMI."""


class AmiLost(AmiError):  # says what happened
    """No answer came, or will come: whether Asterisk did what it was asked is unknown."""


class AmiRefused(AmiError):  # says what happened
    """Asterisk knows us not. Asking again will not help; somebody must mend the configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiTimings:
    """How long to wait for what."""

    connect_s: float = 5.0
    answer_s: float = 5.0
    boot_s: float = 1.0  # For FullyBooted, which a user without read=system never hears.
    ping_every_s: float = 3.0
    ping_answer_s: float = 5.0
    retry_first_s: float = 0.1
    retry_last_s: float = 5.0
    refused_retry_last_s: float = 60.0


class Message(_Message):  # type: ignore[misc]  # panoramisk has no types
    """One answer or event; header names in any case, an absent header is empty."""

    @classmethod
    def parse(cls, frame: bytes) -> Self | None:
        """The message in these bytes, which end before its empty line.

        Only CR LF ends a line: a bare line feed inside a value is somebody's attempt at a header
        of his own. For the same reason the first of two headers with one name is the one that counts.
        """
        headers: dict[str, tuple[str, str]] = {}
        for line in frame.decode("utf-8", "replace").split("\r\n"):
            name, found, value = line.partition(": ")
            if found:
                headers.setdefault(name.lower(), (name, value))
        if "event" not in headers and "response" not in headers:
            return None
        # Past the constructor, which costs more than all the rest.
        message = cls.__new__(cls)
        message._store = headers
        message.manager = None
        return message

    def text(self, name: str) -> str:
        """The value of this header."""
        value: str = self.get(name, "")
        return value

    @property
    def ok(self) -> bool:
        """Whether Asterisk did what it was asked. Unlike `success`, no event is an answer."""
        return self.text("Response") == "Success"


class Action(_Action):  # type: ignore[misc]  # panoramisk has no types
    """One action on its way: checked before it is sent, done when its answer is complete."""

    def __init__(
        self, name: str, fields: Mapping[str, str], each: Callable[[Message], None]
    ) -> None:
        if name not in ALLOWED:
            raise ValueError(f"AMI action {name!r} is not one that may be sent from here")
        for header, value in fields.items():
            _refuse_unsafe(header, value)
        super().__init__({"Action": name, **fields})
        self._each = each

    def add_message(self, message: Message) -> bool:
        """Take in an answer to this action; True when it was the last.

        A list ends where Asterisk says so, and not, as panoramisk has it, where the words of the
        first answer sound as if nothing were to follow.
        """
        if self.future.done():
            return True
        part = message.text("EventList").lower()
        if not message.text("Event"):
            self.responses.append(message)
            if part != "start":
                self.future.set_result(message)
        elif part == "complete" and self.responses:
            self.future.set_result(self.responses[0])
        elif part:
            self.future.set_exception(AmiLost(f"{self['Action']}: list {part}"))
        else:
            self._each(message)
        return bool(self.future.done())


class Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """One connection, from its first byte to its last; a lost one is never used again."""

    closed: bool

    def __init__(self, owner: "Ami") -> None:
        loop = asyncio.get_running_loop()
        self._owner = owner
        self._unread = bytearray()
        self._turn: asyncio.Handle | None = None
        self._reading = True
        self.greeted: asyncio.Future[None] = loop.create_future()
        self.gone: asyncio.Future[str] = loop.create_future()
        self._closed: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        self.factory = self._owner

    def send(self, action: Action) -> None:
        """Write it once. The answer is the action's own affair."""
        if self.closed:
            raise AmiLost("the connection is gone")
        if len(self.responses) >= _PENDING_LIMIT:
            raise AmiLost(f"{_PENDING_LIMIT} actions are waiting for an answer already")
        if self.transport.get_write_buffer_size() > _UNSENT_LIMIT:
            raise AmiLost("Asterisk does not read what we send")
        data = str(action).encode()
        self.responses[action.id] = action
        self.transport.write(data)

    async def ask(self, action: Action, within_s: float) -> Message:
        """Send it and wait for the whole answer, but not longer than this."""
        self.send(action)
        try:
            # `wait` looks at the future after the deadline: an answer that came while the loop was
            # busy counts, which `timeout` would not let it.
            await _first_of(action.future, within_s=within_s)
            if not action.future.done():
                raise AmiLost(f"{action['Action']}: no answer within {within_s:g} s")
            answer: Message = action.future.result()
            return answer
        finally:
            self.responses.pop(action.id, None)
            action.future.cancel()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._unread += data
        if self._turn is None:
            self._take_turn()

    def _take_turn(self) -> None:
        self._turn = None
        if not self.greeted.done() and not self._greet():
            return
        start = 0
        for _ in range(_MESSAGES_PER_TURN):
            end = self._unread.find(_END, start)
            if end < 0 or self.closed:
                break
            frame = bytes(self._unread[start:end])
            start = end + len(_END)
            if message := Message.parse(frame):
                self.handle_message(message)
        else:
            self._turn = asyncio.get_running_loop().call_soon(self._take_turn)
        del self._unread[:start]
        if self._turn is None and len(self._unread) > _UNREAD_LIMIT:
            self.drop("a message without an end")
        self._mind_the_tap()

    def _greet(self) -> bool:
        """Whether this is Asterisk at all: whoever else it is must not be told the secret."""
        line, found, _ = self._unread.partition(_EOL)
        if not _GREETING.startswith(line[: len(_GREETING)]):
            self.drop("this is not Asterisk's manager")
            return False
        if not found:
            if len(line) > _LONGEST_LINE:
                self.drop("a greeting without an end")
            return False
        del self._unread[: len(line) + len(_EOL)]
        self.version = bytes(line[len(_GREETING) :]).decode("utf-8", "replace")
        self.greeted.set_result(None)
        return True

    def _mind_the_tap(self) -> None:
        wanted = len(self._unread) <= _UNREAD_LIMIT
        if self.closed or wanted is self._reading:
            return
        self._reading = wanted
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def handle_message(self, message: Message) -> None:
        """Give it to the action that it answers, or to whoever listens."""
        action = self.responses.get(message.text("ActionID"))
        if action is not None:
            if action.add_message(message):
                del self.responses[action.id]
        elif message.text("Event"):
            self._owner.dispatch(message)

    def drop(self, reason: str) -> None:
        """End this connection now, without waiting for a peer that may not be there."""
        if self.closed:
            return
        self.closed = True
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        for action in self.responses.values():
            if not action.future.done():
                action.future.set_exception(AmiLost(f"{action['Action']}: {reason}"))
        self.responses.clear()
        self._unread.clear()
        self.gone.set_result(reason)
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio, when the socket has been closed by either side."""
        self.drop(str(exc) if exc else "Asterisk has closed the connection")
        self._closed.set_result(None)

    async def close(self) -> None:
        """End this connection; on return its socket is closed."""
        self.drop("closed by us")
        await self._closed


class Ami(Manager):  # type: ignore[misc]  # panoramisk has no types
    """A connection to one Asterisk that comes back by itself.

    `hear` gets every event that answers no action, in order. `on_up` is called when there is reason
    to ask for everything anew: after each log-in, and when Asterisk has finished booting. `on_down`
    is called once for each loss, not for `close`. All three are plain functions, and none of them
    can do harm here.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        hear: Callable[[Message], None],
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        timings: AmiTimings | None = None,
    ) -> None:
        _refuse_unsafe("Username", user)
        _refuse_unsafe("Secret", secret)
        super().__init__(host=host, port=port, username=user, secret=secret)
        self._timings = timings or AmiTimings()
        self._hear = hear
        self._on_up = on_up
        self._on_down = on_down
        self._booted: asyncio.Future[None] | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether we are logged in, as far as anybody can know."""
        return self.authenticated and not self.protocol.closed

    async def start(self) -> None:
        """Connect for the first time, and keep connected from then on.

        A wrong secret raises `AmiRefused`. An Asterisk that is not there yet does not: it is
        tried again until it is.
        """
        assert self._keeper is None, "started twice"
        tried: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep_connected(tried), name="ami")
        try:
            await _first_of(tried, self._keeper)
            if not tried.done():
                self._keeper.result()  # It cannot end before it has tried, unless by a fault of ours.
            tried.result()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the connection, and do not come back."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
            self._keeper = None

    async def request(
        self,
        name: str,
        fields: Mapping[str, str] | None = None,
        *,
        each: Callable[[Message], None] | None = None,
    ) -> Message:
        """Ask Asterisk; the first answer is returned when the last has come.

        Of a list, `each` gets every item at its place among the events, so that what is learned
        from it is never older than what was heard before. Raises `AmiLost` if there is no answer.
        """
        action = Action(name, fields or {}, self._guarded(each) if each else _ignore)
        if not self.connected:
            raise AmiLost(f"{name}: not connected")
        answer: Message = await self.protocol.ask(action, self._timings.answer_s)
        return answer

    def send_action(self, *_: Any, **__: Any) -> None:
        """panoramisk's way in has neither checks nor a deadline."""
        raise AssertionError("use request()")

    def dispatch(self, message: Message) -> None:
        """One event, to the one listener, in order."""
        if message.text("Event") == "FullyBooted" and self._booted is not None:
            if self._booted.done() and self.connected:
                self._call(self._on_up)
            _resolve(self._booted)
        self._call(self._hear, message)

    def _guarded(self, each: Callable[[Message], None]) -> Callable[[Message], None]:
        return lambda message: self._call(each, message)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        # A listener's fault is his own: the connection, and the next event, have nothing to do with it.
        try:
            function(*arguments)
        except Exception:
            log.exception("An AMI listener failed")

    async def _keep_connected(self, tried: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        times = self._timings
        delay_s, complained = times.retry_first_s, False
        while True:
            last_s = times.retry_last_s
            try:
                await self._log_in()
            except AmiRefused as refused:
                if not tried.done():
                    tried.set_exception(refused)
                    return
                log.error("%s", refused)
                # A wrong secret tried often looks like an attack, and is banned.
                delay_s, last_s = max(delay_s, last_s), times.refused_retry_last_s
            except (OSError, AmiLost) as lost:
                if not complained:
                    log.warning("No AMI at %s (%s); trying on", self._where, lost)
                complained = True
            else:
                complained = False
                since = loop.time()
                await self._stay(tried)
                # A peer that takes us in only to throw us out is not asked ten times a second.
                if loop.time() - since > last_s:
                    delay_s = times.retry_first_s
            _resolve(tried)
            # Jitter, so that many clients of a restarted Asterisk do not come back in step.
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.0))  # noqa: S311  # no secret
            delay_s = min(delay_s * 2, last_s)

    @property
    def _where(self) -> str:
        return f"{self.config['host']}:{self.config['port']}"

    async def _log_in(self) -> None:
        loop = asyncio.get_running_loop()
        times = self._timings
        self._booted = loop.create_future()
        try:
            async with asyncio.timeout(times.connect_s):
                _, protocol = await loop.create_connection(
                    lambda: Protocol(self), self.config["host"], self.config["port"]
                )
        except TimeoutError:
            raise AmiLost("no connection in time") from None
        try:
            await _first_of(protocol.greeted, protocol.gone, within_s=times.answer_s)
            if not protocol.greeted.done():
                raise AmiLost(protocol.gone.result() if protocol.gone.done() else "no greeting")
            user = self.config["username"]
            fields = {"Username": user, "Secret": self.config["secret"], "Events": "on"}
            answer = await protocol.ask(Action("Login", fields, _ignore), times.answer_s)
            if not answer.ok:
                raise AmiRefused(
                    f"Asterisk's manager at {self._where} refuses user {user}: "
                    f"check [{user}] in manager.conf and CORDBOARD_AMI_SECRET"
                )
            # Before it has booted, a list is short and a queue is unknown.
            await _first_of(self._booted, protocol.gone, within_s=times.boot_s)
            if protocol.gone.done():
                raise AmiLost(protocol.gone.result())
            _resolve(self._booted)  # Should it come later, it is news.
        except BaseException:
            await protocol.close()
            raise
        self.protocol = protocol

    async def _stay(self, tried: asyncio.Future[None]) -> None:
        """Until the connection is lost."""
        log.info("AMI at %s is up", self._where)
        protocol: Protocol = self.protocol
        self.authenticated = True
        try:
            self._call(self._on_up)
            _resolve(tried)
            while not protocol.gone.done():
                await _first_of(protocol.gone, within_s=self._timings.ping_every_s)
                if not protocol.gone.done():
                    await self._ping(protocol)
        finally:
            self.authenticated = False
            await protocol.close()
        log.warning("AMI at %s is lost: %s", self._where, protocol.gone.result())
        self._call(self._on_down, protocol.gone.result())

    async def _ping(self, protocol: Protocol) -> None:
        # TCP does not notice a peer that has vanished; what is asked for and not said, does.
        try:
            await protocol.ask(Action("Ping", {}, _ignore), self._timings.ping_answer_s)
        except AmiLost as lost:
            protocol.drop(str(lost))


async def _first_of(*awaited: asyncio.Future[Any], within_s: float | None = None) -> None:
    await asyncio.wait(awaited, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _ignore(_: Message) -> None:
    """For answers of which only the first is of interest."""


def _refuse_unsafe(header: str, value: str) -> None:
    """Refuse what would arrive as something else than it was sent as."""
    if not (header.isascii() and header.isalnum()):
        raise ValueError(f"{header!r} is no AMI header")
    if any(character < " " or character == "\x7f" for character in value):
        raise ValueError(f"AMI {header}: a control character would begin a header of its own")
    if header.lower() == "variable" and "," in value:
        raise ValueError(f"AMI {header}: a comma would begin a variable of its own")
    if len(f"{header}: {value}".encode()) > _LONGEST_LINE:
        raise ValueError(f"AMI {header}: longer than Asterisk reads")
