"""Starts the lab's programs so that they end with us; must never leave one behind, whatever kills us.

PR_SET_PDEATHSIG would be the usual means, but it fires when the *thread* that started the child
ends, and labs are started from worker threads. A pipe knows only processes: the guard below holds
its reading end, we hold the writing end, and the kernel closes ours however we die.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

# `exec` keeps the pid, so the pid that Popen knows is the program's own and signals reach it.
_GUARD = 'exec 3<&0 </dev/null; (cat <&3; kill -KILL $$) >/dev/null 2>&1 & exec 3<&-; exec "$@"'


class GuardedProcess:
    """A child in a session of its own, with its output in a file, that cannot outlive this process."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        output: Path | None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        keep_open: Sequence[int] = (),
        detached: bool = False,
    ) -> None:
        """Without an `output` file, read `lines()`. `detached` leaves the guard away."""
        command = list(argv) if detached else ["/bin/sh", "-c", _GUARD, "guard", *argv]
        with nullcontext(subprocess.PIPE) if output is None else output.open("ab") as sink:
            self._popen = subprocess.Popen(  # noqa: S603 - our own argument lists, no shell text
                command,
                stdin=subprocess.DEVNULL if detached else subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=None if env is None else dict(env),
                pass_fds=tuple(keep_open),
                # A Ctrl-C is for us; we then stop the phones before the switch.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self.exit_code is None

    @property
    def exit_code(self) -> int | None:
        code = self._popen.poll()
        if code is not None:
            self._bury()
        return code

    def lines(self) -> Iterator[str]:
        assert self._popen.stdout is not None, "its output goes to a file"
        for line in self._popen.stdout:
            yield line.decode(errors="replace").rstrip()

    def send(self, sign: signal.Signals) -> None:
        if self.running:
            self._popen.send_signal(sign)

    def wait(self, timeout_s: float) -> int | None:
        """The exit code, or None when the process still runs after this time."""
        try:
            code = self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        self._bury()
        return code

    def stop(self, grace_s: float = 2.0) -> None:
        """Ask, wait, kill. Returns with the process gone, and may be called twice."""
        self.send(signal.SIGTERM)
        if self.wait(grace_s) is None:
            self._popen.kill()
            self._popen.wait()
            self._bury()

    def leave(self) -> None:
        """Let a detached process go on without us."""
        # Popen would warn that nobody has waited for it; that is for init to do.
        self._popen.returncode = 0

    def _bury(self) -> None:
        """The guard goes first: it must not learn of a closed pipe and kill a pid that is reused."""
        if self._popen.stdin is not None and not self._popen.stdin.closed:
            kill_session(self._popen.pid)
            self._popen.stdin.close()


def kill_session(leader: int) -> None:
    """Kill all that is left of the session which a GuardedProcess led."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
