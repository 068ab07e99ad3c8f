"""Where a listener is in the stream of events: what comes next, from where to resume, when to try again. Does no IO."""

import json
import random
from collections.abc import Mapping
from typing import Literal, TypeAlias, cast

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from cordboard_client.errors import ApiError, RefusedError
from cordboard_client.messages import query, refused, unreachable
from cordboard_client.shapes import Event, Reason, Snapshot

Topic: TypeAlias = Literal["calls", "agents", "queues", "routes", "cases", "centre"]
SUBPROTOCOL = Subprotocol("cordboard.v1")
LARGEST_FRAME = 64 * 1024 * 1024  # The snapshot of a large centre is megabytes.
_PASSING = 429  # Too many sockets for now.
_CLOSED_FOR_GOOD: Mapping[int | None, tuple[int, Reason, str]] = {
    4401: (401, "not-authenticated", "The log-in is over. Log in again."),
    1008: (422, "invalid", "The server did not understand this client."),
}


class Place:
    """One listener's; told of every frame and every loss."""

    def __init__(
        self,
        url: str,
        *,
        resume: int | None,
        wishes: dict[str, object],
        patience_s: float,
        retry_s: tuple[float, float],
    ) -> None:
        self.seq = resume
        self._url = url.replace("http", "ws", 1) + "/v1/events"
        self._wishes = wishes
        self._patience_s = patience_s
        self._first_s, self._longest_s = retry_s
        self._tries = 0
        self._away_since_s: float | None = None
        self._begun = False

    def address(self) -> str:
        """Where to connect."""
        return self._url + query({"resume": self.seq, **self._wishes})

    def hear(self, text: str | bytes) -> Snapshot | Event | None:
        """What this frame tells, or None if it tells nothing new."""
        frame = json.loads(text)
        self._tries, self._away_since_s, self._begun = 0, None, True
        match frame.get("type"):
            case "snapshot":
                self.seq = frame["seq"]
                return cast(Snapshot, frame)
            case "event" if self.seq is None or frame["seq"] > self.seq:
                self.seq = frame["seq"]
                return cast(Event, frame)
        return None

    def lost(self, error: Exception, now_s: float) -> float:
        """The connection is gone, or did not come about: in how many seconds to try again.

        Raises what it means instead if trying again would not help, or the listener's patience is at an end.
        """
        told = self._meaning(error)
        if isinstance(told, RefusedError) and told.status < 500 and told.status != _PASSING:
            raise told from error
        self._away_since_s = now_s if self._away_since_s is None else self._away_since_s
        # Whoever has never been connected has a wrong address more often than bad luck.
        if not self._begun or now_s - self._away_since_s >= self._patience_s:
            raise told from error
        self._tries += 1
        asked_s = told.retry_after_s if isinstance(told, RefusedError) else None
        longest_s = min(self._longest_s, self._first_s * 2 ** min(self._tries - 1, 30))
        # After a restart everybody is away at the same moment, and must not come back at the same one.
        return max(asked_s or 0.0, random.uniform(longest_s / 2, longest_s))  # noqa: S311 # No secret.

    def _meaning(self, error: Exception) -> ApiError:
        if isinstance(error, InvalidStatus):
            said = error.response
            later = said.headers.get("Retry-After")
            return refused(self._url, said.status_code, bytes(said.body or b""), later)
        code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else None
        if code in _CLOSED_FOR_GOOD:
            status, reason, message = _CLOSED_FOR_GOOD[code]
            return RefusedError(self._url, status, reason, message, retry_after_s=None)
        return unreachable(self._url, error)
