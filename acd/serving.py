"""How a process of ours listens, runs and says what people got wrong: the same with an engine in it and without."""

import asyncio
import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI

from acd.away import StoreAwayError
from acd.centre.file import Centre, load_files
from acd.core.ids import NodeId
from acd.settings import Given, Settings, SettingsError, load_settings
from acd.tls import Certificate, CertificateError
from cti_api.app import UVICORN
from cti_api.asyncapi import names_of_events
from cti_api.masks import Masks
from cti_api.users import FixedUsers

if TYPE_CHECKING:
    from acd.adapters.oidc import OidcIssuer

log = logging.getLogger("cordboard")


class StartError(Exception):
    """Something outside of us is in the way; the text says what and what to do."""


def read_files(settings: Settings) -> Centre:
    """The centre as all of its files say; raises BrokenFile with all that is wrong."""
    return load_files(
        settings.centre,
        menus=settings.menus,
        webhooks=settings.webhooks,
        pay_rule=settings.pay_rule,
        events=names_of_events(),
        node=NodeId(settings.node),
    )


class Access:
    """Who may use the API, what a role does not see there, and of what it reminds him, as the centre's files say."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.users = FixedUsers(centre.users.values())
        self.masks = Masks()
        self.masks.use(centre.hides, centre.reminders, centre.agents_see_supervision)

    def use(self, centre: Centre) -> None:
        """It says so from now on."""
        self.centre = centre
        self.users.use(centre.users.values())
        self.masks.use(centre.hides, centre.reminders, centre.agents_see_supervision)


def issuer_of(settings: Settings) -> "OidcIssuer | None":
    """Who says who people are, besides their passwords."""
    if not settings.oidc_issuer:
        return None
    from acd.adapters.oidc import OidcIssuer  # With all its cryptography: 10 MB.

    return OidcIssuer(
        settings.oidc_issuer,
        audience=settings.oidc_audience,
        claim=settings.oidc_claim,
        now_s=time.time,
    )


class Background:
    """Tasks that nobody awaits, kept so that they are not lost and their errors are seen."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Do this beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def stop(self) -> None:
        """End those that are still at it."""
        for task in self._tasks:
            task.cancel()

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of ours failed", exc_info=error)


class _Api(uvicorn.Server):
    """The HTTP server, as a part of a process that sees to its own signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


@dataclass(frozen=True, slots=True)
class Door:
    """Where the API listens, and the certificate that it shows there, if any."""

    listener: socket.socket
    certificate: Certificate | None

    @property
    def url(self) -> str:
        """Where people find it."""
        host, port = self.listener.getsockname()[:2]
        return f"{'http' if self.certificate is None else 'https'}://{host}:{port}"

    def close(self) -> None:
        """Let nobody in any more."""
        self.listener.close()


def open_door(settings: Settings) -> Door:
    """Before anything else is touched: a busy port and a wrong file are the commonest mistakes."""
    certificate = None
    if settings.api_certificate is not None and settings.api_private_key is not None:
        certificate = Certificate(settings.api_certificate, settings.api_private_key)
    host, port = settings.api_host, settings.api_port
    try:
        return Door(socket.create_server((host, port), backlog=512), certificate)
    except OSError as error:
        raise StartError(
            f"the API cannot listen on {host}:{port}: {error.strerror}. "
            "Stop what is there, or set CORDBOARD_API_HOST and CORDBOARD_API_PORT."
        ) from error


async def serve_until(
    app: FastAPI,
    door: Door,
    *ends: Awaitable[Any],
    ready: Callable[[str], None],
    reload: Callable[[], Coroutine[Any, Any, object]],
) -> None:
    """Serve the API until SIGTERM, SIGINT or one of these ends; `ready` is told its address.

    SIGHUP is `reload`, and the certificate is read again.
    """
    stop, background = asyncio.Event(), Background()

    async def read_again() -> None:
        _renew(door.certificate)
        await reload()

    shown = door.certificate
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=3,
        ssl_context_factory=(lambda *_: shown.context) if shown is not None else None,
        **UVICORN,
    )
    server = _Api(config)
    serving = asyncio.create_task(server.serve(sockets=[door.listener]))
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: background.start(read_again()))
    # What is there by now stays for good: no collection, which holds up calls, has to look at it again.
    gc.collect()
    gc.freeze()
    ready(door.url)
    awaited = (stop.wait(), *ends, serving)
    waiting = [asyncio.ensure_future(end) for end in awaited]  # noqa: TID251 # Some are futures.
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    background.stop()
    app.state.services.sockets.part()
    server.should_exit = True
    await serving


def _renew(certificate: Certificate | None) -> None:
    if certificate is None:
        return
    try:
        certificate.renew()
    except CertificateError as error:
        log.error("The API goes on with the certificate that it has. %s", error)


def run(
    kind: type[Given],
    work: Callable[[Given], Coroutine[Any, Any, int]],
    expected: tuple[type[Exception], ...],
) -> int:
    """Do this work as the environment says; what people can get wrong is told in one line each.

    The exit code is 78 for what somebody has to correct, and 69 for what may be there in a moment: begin again then.
    """
    try:
        settings = load_settings(kind)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 # There is no log yet.
        return 78
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)-8s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    told: tuple[type[Exception], ...] = (*expected, StartError, CertificateError)
    try:
        with asyncio.Runner(loop_factory=_loop) as runner:
            return runner.run(work(settings))
    except told as error:
        log.critical("%s", error)
        return 69 if isinstance(error, StoreAwayError) and error.passes else 78


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    # A thread of the database may hold the interpreter for no longer than this while a call waits.
    sys.setswitchinterval(0.0005)
    return uvloop.new_event_loop()
