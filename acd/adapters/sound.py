"""Files of recordings, in a folder or at an Asterisk elsewhere; reaches nothing that has not a name of ours.

A name is made by us of a call and a number, and is read back before any file is touched: no text of anybody's
becomes a path.
"""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import aiohttp
from yarl import URL

from acd.away import StoreAwayError
from acd.core.ids import read_recording, read_side

_PIECE = 64 * 1024
_ENDING = ".wav"


class SoundAwayError(StoreAwayError):
    """The files cannot be reached now."""


class Sounds(Protocol):
    """Where recordings are. All raise SoundAwayError."""

    async def size(self, name: str) -> int | None:
        """Its bytes; None if there is no such file."""

    def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there."""

    async def remove(self, name: str) -> None:
        """It is gone when this returns; one that is not there is gone already."""

    async def close(self) -> None:
        """Let go of what is held."""


async def digest_of(sounds: Sounds, name: str) -> tuple[int, str] | None:
    """Size and SHA-256 in hex of a file that is whole; None if there is none."""
    size = await sounds.size(name)
    if size is None:
        return None
    digest = sha256()
    async for piece in sounds.read(name, 0, size):
        digest.update(piece)
    return size, digest.hexdigest()


async def copied(sounds: Sounds, name: str, folder: Path) -> None:
    """Copy a file into a folder, which is made for its owner alone; nothing, if there is no such file."""
    size = await sounds.size(name)
    if size is None:
        return
    await asyncio.to_thread(folder.mkdir, mode=0o700, exist_ok=True)
    with await asyncio.to_thread((folder / f"{_ours(name)}{_ENDING}").open, "wb") as file:
        async for piece in sounds.read(name, 0, size):
            await asyncio.to_thread(file.write, piece)


def _ours(name: str) -> str:
    if read_recording(name) is None and read_side(name) is None:
        raise ValueError("no recording of ours is called that")
    return name


class Folder:
    """Files where Asterisk writes them, or where they are mounted or copied to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, name: str) -> Path:
        return self._folder / f"{_ours(name)}{_ENDING}"

    async def size(self, name: str) -> int | None:
        """Its bytes; None if there is no such file."""
        path = self._path(name)
        try:
            return (await asyncio.to_thread(path.stat)).st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SoundAwayError(f"{path} cannot be read: {error.strerror}") from error

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there."""
        path = self._path(name)
        try:
            with await asyncio.to_thread(path.open, "rb") as file:
                await asyncio.to_thread(file.seek, start)
                while length and (piece := await asyncio.to_thread(file.read, min(_PIECE, length))):
                    length -= len(piece)
                    yield piece
        except OSError as error:
            raise SoundAwayError(f"{path} cannot be read: {error.strerror}") from error

    async def remove(self, name: str) -> None:
        """It is gone when this returns."""
        path = self._path(name)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise SoundAwayError(f"{path} cannot be removed: {error.strerror}") from error

    async def close(self) -> None:
        """Nothing is held."""


class AtAsterisk:
    """Files that Asterisk keeps and hands out over ARI, always from their beginning."""

    def __init__(self, url: str, user: str, password: str, *, deadline_s: float = 10.0) -> None:
        """`url` as in http://127.0.0.1:8088/ari"""
        self._url = f"{url.rstrip('/')}/recordings/stored"
        self._authorization = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._deadline = aiohttp.ClientTimeout(total=None, connect=deadline_s, sock_read=deadline_s)
        self._session: aiohttp.ClientSession | None = None

    def _ask(
        self, method: str, name: str, what: str = ""
    ) -> "aiohttp.client._RequestContextManager":
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._authorization, timeout=self._deadline
            )
        # The name has a percent sign of its own, which is not to be taken for one of the address.
        address = URL(f"{self._url}/{quote(_ours(name), safe='~')}{what}", encoded=True)
        return self._session.request(method, address)

    async def size(self, name: str) -> int | None:
        """Its bytes; None if there is no such file."""
        try:
            async with self._ask("GET", name, "/file") as answer:
                if answer.status == 404:
                    return None
                _check(answer)
                return answer.content_length or 0
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _away(error) from error

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there."""
        try:
            async with self._ask("GET", name, "/file") as answer:
                _check(answer)
                async for piece in answer.content.iter_chunked(_PIECE):
                    wanted = piece[start : start + length]
                    start, length = max(0, start - len(piece)), length - len(wanted)
                    if wanted:
                        yield wanted
                    if not length:
                        return
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _away(error) from error

    async def remove(self, name: str) -> None:
        """It is gone when this returns."""
        try:
            async with self._ask("DELETE", name) as answer:
                if answer.status != 404:
                    _check(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _away(error) from error

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _check(answer: aiohttp.ClientResponse) -> None:
    if answer.status >= 300:
        raise SoundAwayError(f"Asterisk does not hand out recordings: it answers {answer.status}")


def _away(error: BaseException) -> SoundAwayError:
    return SoundAwayError(
        f"Asterisk cannot be asked for recordings: {str(error) or type(error).__name__}"
    )
