"""`cordboard api` as a process of its own, told everything by its environment."""

import asyncio
import os
import signal
import sys
from pathlib import Path


class ApiProcess:
    """One, which says in its log what it does."""

    def __init__(self, folder: Path, redis: str) -> None:
        self._folder = folder
        self._settings = {
            "CORDBOARD_CENTRE": str(folder / "centre.yaml"),
            "CORDBOARD_DATABASE": f"sqlite:///{folder / 'cordboard.db'}",
            "CORDBOARD_REDIS": redis,
            "CORDBOARD_RECORDINGS": str(folder),
            "CORDBOARD_API_PORT": "0",
        }
        self.log = ""

    async def __aenter__(self) -> "ApiProcess":
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "acd.api_process"),
            env={"PATH": os.environ["PATH"]} | self._settings,
            cwd=self._folder,
            stderr=asyncio.subprocess.PIPE,
        )
        await self.says("ready: API on ")
        self.url = self.log.partition("ready: API on ")[2].partition(",")[0]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()

    def signal(self, sign: signal.Signals) -> None:
        self._process.send_signal(sign)

    async def ends(self) -> int:
        async with asyncio.timeout(20):
            return await self._process.wait()

    async def says(self, words: str) -> None:
        """Returns when its log has these words in a line that was not heard before."""
        assert self._process.stderr is not None
        async with asyncio.timeout(30):
            while line := (await self._process.stderr.readline()).decode():
                self.log += line
                if words in line:
                    return
        raise AssertionError(f"it ended without {words!r}: {self.log}")
