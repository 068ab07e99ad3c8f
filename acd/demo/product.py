"""Runs the product as people run it: a process of its own, told everything by its environment."""

import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from acd.adapters.asterisk.lab import Lab, LabError
from acd.adapters.asterisk.lab_process import GuardedProcess

_SAYS_READY = "ready: API on "


class Product:
    """`python -m acd` beside a lab, with its files in one folder; started and stopped as often as one likes."""

    def __init__(self, folder: Path, lab: Lab, **settings: str) -> None:
        """`settings` by their names, such as region="CN"; those of the lab are known."""
        self.folder = folder
        self.log = folder / "server.log"
        self.url = ""
        self.process: GuardedProcess | None = None
        self.argv = [sys.executable, "-m", "acd"]
        self._settings: Mapping[str, str] = {
            "centre": str(folder / "centre.yaml"),
            "database": f"sqlite:///{folder / 'cordboard.db'}",
            "journal": str(folder / "journal"),
            "ari_url": lab.ari_url,
            "ari_user": lab.ari_user,
            "ari_password": lab.ari_password,
            "ami_host": lab.ami_host,
            "ami_port": str(lab.ami_port),
            "ami_user": lab.ami_user,
            "ami_secret": lab.ami_secret,
            "api_port": "0",
        } | settings

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def launch(self) -> None:
        """Start the process and wait for nothing."""
        self.log.unlink(missing_ok=True)
        environment = {f"CORDBOARD_{name.upper()}": text for name, text in self._settings.items()}
        self.process = GuardedProcess(
            self.argv,
            output=self.log,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin"} | environment,
        )

    async def start(self, *, within_s: float = 30) -> None:
        """Returns when calls are taken; raises LabError with the last words if they are not."""
        self.launch()
        assert self.process is not None
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline and self.process.running:
            for line in self.words().splitlines():
                if _SAYS_READY in line:
                    self.url = line.partition(_SAYS_READY)[2].partition(",")[0]
                    return
            await asyncio.sleep(0.02)
        words = self.last_words()
        self.stop()
        raise LabError(f"The server did not start. Its last words:\n{words}")

    def stop(self, *, grace_s: float = 5) -> None:
        """Ask it to end, and see to it."""
        if self.process is not None:
            self.process.stop(grace_s)

    def words(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def last_words(self) -> str:
        """The end of it."""
        return "\n".join(self.words().splitlines()[-12:])
