"""A recording in stereo, which Asterisk wrote as two files, told as one WAV file; never keeps or writes any sound.

Left is what the caller says, right what he hears. Where one half is shorter or missing, there is silence.
"""

from collections.abc import AsyncIterator
from pathlib import Path

from acd.adapters.sound import AtAsterisk, Folder, Sounds
from acd.adapters.wav import HEADER, SAMPLE, header, steadily, woven
from acd.core.ids import Side, read_recording, side_name

_FRAME = 2 * SAMPLE


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
        return None if frames is None else HEADER + frames * _FRAME

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there."""
        halves = [] if await self._files.size(name) is not None else await self._halves(name)
        if not halves:
            async for piece in self._files.read(name, start, length):
                yield piece
            return
        beginning = header(max(samples for _, samples in halves), 2)[start : start + length]
        if beginning:
            yield beginning
        length -= len(beginning)
        first, skipped = divmod(max(0, start - HEADER), _FRAME)
        frames = -(-(skipped + length) // _FRAME)
        left, right = (self._half(half, samples, first, frames) for half, samples in halves)
        async for piece in left:
            whole = woven(piece, await anext(right))[skipped : skipped + length]
            length, skipped = length - len(whole), 0
            yield whole

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
        return [(half, max(0, (size or 0) - HEADER) // SAMPLE) for half, size in sizes]

    def _half(self, half: str, samples: int, first: int, wanted: int) -> AsyncIterator[bytes]:
        there = max(0, min(wanted, samples - first)) * SAMPLE
        source = self._files.read(half, HEADER + first * SAMPLE, there) if there else None
        return steadily(source, wanted * SAMPLE)


def sounds_at(folder: Path | None, ari_url: str, user: str, password: str) -> Sounds:
    """Where they are: in this folder, or, without one, at Asterisk."""
    return Stereo(Folder(folder) if folder is not None else AtAsterisk(ari_url, user, password))


def _names(name: str) -> list[str]:
    part = read_recording(name)
    return [side_name(*part, side) for side in (Side.SAID, Side.HEARD)] if part is not None else []
