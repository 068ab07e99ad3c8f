"""A Redis of our own: the real server on a free port of the loopback, started and killed as often as one likes."""

import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

TOOL = "redis-server"


class RedisServer:
    """Keeps nothing on disk, so a restart forgets everything: the worst that can happen."""

    def __init__(self) -> None:
        if shutil.which(TOOL) is None:
            pytest.fail("The tests need Redis: apt-get install redis-server", pytrace=False)
        self._folder = Path(tempfile.mkdtemp(prefix="cordboard-redis-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start, or start again; returns when it takes connections."""
        options = {"bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        said = [TOOL]
        for name, value in (options | {"port": self.port}).items():
            said += [f"--{name}", str(value)]
        self._process = subprocess.Popen(said, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"Ready to accept connections" in line:
                return
        raise AssertionError("Redis does not start")

    def kill(self) -> None:
        """As a power cut does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self._folder)
