"""A recording in stereo, which Asterisk wrote as two files, told as one WAV file; never keeps or writes any sound.

Left is what the caller says, right what he hears. Where one half is shorter or missing, there is silence.
"""

import struct
from collections.abc import AsyncIterator
from pathlib import Path

from acd.adapters.sound import AtAsterisk, Folder, Sounds
from acd.core.ids import Side, read_recording, side_name

_RATE = 8_000  # Asterisk's format `wav`: 16 bits at 8 kHz, behind a header of 44 bytes.
_HEADER = 44
_SAMPLE = 2
_FRAME = 2 * _SAMPLE
_PIECE = 32 * 1024


class Stereo:
    """`Sounds`, of which some are in two files."""

    def __init__(self, files: Sounds) -> None:
        self._files = files

    async def size(self, name: str) -> int | None:
        """Its bytes; None if there is no such file, and no half of one."""
        whole = await self._files.size(name)
        if whole is not None:
            return whole
        frames = max([samples for _, samples in await self._halves(name)], default=None)
        return None if frames is None else _HEADER + frames * _FRAME

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there."""
        halves = [] if await self._files.size(name) is not None else await self._halves(name)
        if not halves:
            async for piece in self._files.read(name, start, length):
                yield piece
            return
        header = _header(max(samples for _, samples in halves))
        if beginning := header[start : start + length]:
            yield beginning
        start, length = max(0, start - _HEADER), length - len(beginning)
        first, skipped = divmod(start, _FRAME)
        frames = -(-(skipped + length) // _FRAME)
        sides = [self._steadily(half, samples, first, frames) for half, samples in halves]
        async for left in sides[0]:
            piece = _woven(left, await anext(sides[1]))[skipped : skipped + length]
            length, skipped = length - len(piece), 0
            yield piece

    async def remove(self, name: str) -> None:
        """It is gone when this returns, in whatever files it was."""
        for one in (name, *_names(name)):
            await self._files.remove(one)

    async def close(self) -> None:
        """Let go of what is held."""
        await self._files.close()

    async def _halves(self, name: str) -> list[tuple[str, int]]:
        """The two files and how many samples are in each; none if there is no such recording."""
        sizes = [(half, await self._files.size(half)) for half in _names(name)]
        if all(size is None for _, size in sizes):
            return []
        return [(half, max(0, (size or 0) - _HEADER) // _SAMPLE) for half, size in sizes]

    async def _steadily(
        self, half: str, samples: int, first: int, wanted: int
    ) -> AsyncIterator[bytes]:
        """So many samples from there, in pieces of one length; silence where there are no more."""
        there = max(0, min(wanted, samples - first)) * _SAMPLE
        source = self._files.read(half, _HEADER + first * _SAMPLE, there) if there else None
        length, buffer = wanted * _SAMPLE, bytearray()
        while length:
            piece = min(_PIECE, length)
            while len(buffer) < piece:
                got = await anext(source, b"") if source is not None else b""
                buffer += got or bytes(piece - len(buffer))
            yield bytes(buffer[:piece])
            del buffer[:piece]
            length -= piece


def sounds_at(folder: Path | None, ari_url: str, user: str, password: str) -> Sounds:
    """Where they are: in this folder, or, without one, at Asterisk."""
    return Stereo(Folder(folder) if folder is not None else AtAsterisk(ari_url, user, password))


def _names(name: str) -> list[str]:
    part = read_recording(name)
    return [side_name(*part, side) for side in (Side.SAID, Side.HEARD)] if part is not None else []


def _header(frames: int) -> bytes:
    """As RFC 2361 and the RIFF specification have it: PCM, two channels."""
    sound = min(frames * _FRAME, 2**32 - 1 - _HEADER)
    form = struct.pack("<IHHIIHH", 16, 1, 2, _RATE, _RATE * _FRAME, _FRAME, 8 * _SAMPLE)
    riff = struct.pack("<4sI4s4s", b"RIFF", _HEADER - 8 + sound, b"WAVE", b"fmt ")
    return riff + form + struct.pack("<4sI", b"data", sound)


def _woven(left: bytes, right: bytes) -> bytes:
    """Sample by sample, in turns."""
    woven = bytearray(len(left) + len(right))
    for at, half in ((0, left), (_SAMPLE, right)):
        woven[at::_FRAME], woven[at + 1 :: _FRAME] = half[::2], half[1::2]
    return bytes(woven)
