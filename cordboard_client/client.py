"""The blocking client; one for each thread, as it is not to be shared."""

import ssl
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import httpx2
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from cordboard_client import messages, shapes
from cordboard_client.operations import Operations
from cordboard_client.place import LARGEST_FRAME, SUBPROTOCOL, Place, Topic
from cordboard_client.trust import trust


class Client(Operations):
    """One user's session. Every route is a method: see `Operations`."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout_s: float = 10,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`token` is one of an earlier log-in; `tls` is for certificates of one's own."""
        self.url = url.rstrip("/")
        self.token = token
        self._timeout_s = timeout_s
        self._tls = trust(self.url, tls)
        self._http = httpx2.Client(
            timeout=timeout_s,
            verify=self._tls if self._tls is not None else True,
            # Shorter than the server's: a request must not meet a connection that is being closed.
            limits=httpx2.Limits(keepalive_expiry=2),
            headers={"User-Agent": messages.USER_AGENT},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections. The log-in and the agent's shift go on."""
        self._http.close()

    def log_in(self, user: str, password: str) -> shapes.Session:
        """Begin a session; what follows is asked in this user's name."""
        session = self.log_in_user({"user": user, "password": password})
        self.token = session["token"]
        return session

    def events(
        self,
        *,
        resume: int | None = None,
        scope: Literal["all", "mine"] | None = None,
        topics: Sequence[Topic] = (),
        queues: Sequence[str] = (),
        patience_s: float = float("inf"),
        retry_s: tuple[float, float] = (0.1, 10.0),
    ) -> Iterator[shapes.Snapshot | shapes.Event]:
        """A snapshot, then the events, for ever; or those after event `resume`, if they are still known.

        Of `topics` and `queues` alone, if there are any, and of what concerns yourself.

        After a break it connects again and goes on where it was; a snapshot in between means that what was
        missed is no longer known, and that everything is as it says. Raises UnreachableError if the first
        attempt fails, or after `patience_s` without a connection; RefusedError when the log-in is over.
        """
        place = Place(
            self.url,
            resume=resume,
            wishes={"scope": scope, "topic": tuple(topics), "queue": tuple(queues)},
            patience_s=patience_s,
            retry_s=retry_s,
        )
        while True:
            try:
                with connect(
                    place.address(),
                    additional_headers={"Authorization": f"Bearer {self.token}"},
                    subprotocols=[SUBPROTOCOL],
                    compression=None,
                    max_size=LARGEST_FRAME,
                    open_timeout=self._timeout_s,
                    close_timeout=1,
                    ssl=self._tls,
                ) as socket:
                    while True:
                        frame = place.hear(socket.recv())
                        if frame is not None:
                            yield frame
            except (OSError, WebSocketException) as error:
                wait_s = place.lost(error, time.monotonic())
            time.sleep(wait_s)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        body: object = None,
        takes: Collection[int] = (),
    ) -> Any:
        asked = f"{method} {path}"
        sent = messages.headers(messages.key_of(method) | dict(headers or {}))
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        address = self.url + path + messages.query(query or {})
        try:
            try:
                said = self._http.request(method, address, json=body, headers=sent)
            except (httpx2.NetworkError, httpx2.RemoteProtocolError):  # The line broke: once more.
                said = self._http.request(method, address, json=body, headers=sent)
        except httpx2.TransportError as error:
            raise messages.unreachable(self.url, error) from error
        kind, later = said.headers.get("Content-Type", ""), said.headers.get("Retry-After")
        return messages.answer(asked, said.status_code, kind, said.content, later, takes)
