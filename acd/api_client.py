"""A small client of our own CTI API, for the command line and the demo; knows nothing that the API does not say."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

Json = dict[str, Any]


class ApiError(Exception):
    """The API cannot be reached or says no; the text says which."""


class ApiClient:
    """One user's session."""

    def __init__(self, url: str, *, timeout_s: float = 10) -> None:
        self.url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._http: aiohttp.ClientSession | None = None
        self._headers: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._http is not None
        await self._http.close()

    async def log_in(self, user: str, password: str) -> Json:
        """Begin a session; what follows is asked in this user's name."""
        session: Json = await self.ask("POST", "/v1/session", {"user": user, "password": password})
        self._headers = {"Authorization": f"Bearer {session['token']}"}
        return session

    async def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """One request and its answer; a refusal is raised with the API's own words."""
        status, answer = await self.ask_any(method, path, body)
        if status >= 400:
            said = answer.get("error", {}) if isinstance(answer, dict) else {}
            raise ApiError(f"{method} {path}: {said.get('message') or f'status {status}'}")
        return answer

    async def ask_any(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """One request, its status and its answer, whatever it is."""
        assert self._http is not None, "use it in `async with`"
        try:
            async with self._http.request(
                method, self.url + path, json=body, headers=self._headers
            ) as response:
                text = await response.read()
                return response.status, msgspec.json.decode(text) if text else None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = str(error) or type(error).__name__
            raise ApiError(
                f"{self.url} does not answer: {why}. Is the server running there?"
            ) from error
        except msgspec.DecodeError as error:
            raise ApiError(f"{self.url}{path} is not Cordboard's API") from error

    async def events(self) -> AsyncIterator[Json]:
        """The snapshot, then the events, for as long as the server is there."""
        assert self._http is not None, "use it in `async with`"
        address = self.url.replace("http", "ws", 1) + "/v1/events"
        try:
            async with self._http.ws_connect(address, headers=self._headers) as socket:
                async for frame in socket:
                    yield msgspec.json.decode(frame.data)
        except aiohttp.ClientError as error:
            raise ApiError(f"{address}: {error}") from error
