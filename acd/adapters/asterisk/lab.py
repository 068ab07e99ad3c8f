"""Runs a real Asterisk of one's own for demo, tests and bench; must never touch the system's Asterisk.

An instance has a folder, a block of loopback addresses and namespaces of its own. What it mounts
no other process sees, so no clean-up can reach through a mount into the host, and when its first
process dies the kernel ends all the others.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from acd.adapters.asterisk import lab_config
from acd.adapters.asterisk.lab_addresses import (
    AMI_PORT,
    ARI_PORT,
    SIP_PORT,
    AddressBlock,
    held,
    ports_are_free,
    run_folder,
)
from acd.adapters.asterisk.lab_console import command
from acd.adapters.asterisk.lab_parts import (
    LabError,
    Parts,
    ensure_parts,
    find_parts,
    refuse_without_namespaces,
)
from acd.adapters.asterisk.lab_process import GuardedProcess, kill_session

__all__ = ["Lab", "LabError", "LabStatus", "down", "ensure_parts", "status", "up"]

_BOOT_TIMEOUT_S = 30.0
# Where an instance's folder appears inside: a short path, for sockets may have 107 characters only,
# below no folder that the asterisk user may not enter, and present and empty on every Debian.
_HOME_INSIDE = Path("/srv")
_LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True, slots=True, kw_only=True)
class LabStatus:
    """What one needs to know to talk to a lab that another process started."""

    name: str
    running: bool
    folder: str
    asterisk: str
    pid: int
    index: int
    ari_url: str
    ari_user: str
    ari_password: str
    ami_host: str
    ami_port: int
    ami_user: str
    ami_secret: str
    sip_address: str


class Lab:
    """One running Asterisk with a trunk, some agents' phones and the queues that serve without us."""

    def __init__(
        self,
        name: str,
        folder: Path,
        agents: Sequence[str] = ("ana", "bob", "chen", "dora"),
        queues: Mapping[str, Sequence[str]] | None = None,
        *,
        browsers: Sequence[str] = (),
        deadman_s: int = 60,
        parts: Parts | None = None,
    ) -> None:
        """`queues` are the fallback's, with their members; by default two, with all agents in each.

        `browsers` are agents who register over WebSocket with `browser_password`, as a softphone in
        a web page does; the other agents are SIPp's.
        """
        everybody = (*agents, *browsers)
        for word in (name, *everybody, *(queues or ())):
            # They end up in configuration files, where a line break would begin another section.
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", word):
                raise LabError(
                    f"{word!r} is no name for a lab, an agent or a queue: letters, digits, - _"
                )
        self.name = name
        self.folder = folder.absolute()
        self.agents = tuple(agents)
        self.browsers = tuple(browsers)
        self.queues = queues if queues is not None else {"support": everybody, "sales": everybody}
        self.deadman_s = deadman_s
        self.ari_user, self.ari_password = "cordboard", secrets.token_hex(16)
        self.ami_user, self.ami_secret = "cordboard", secrets.token_hex(16)
        self.browser_password = secrets.token_hex(16)
        self.node = name
        self._parts = parts
        self._block: AddressBlock | None = None
        self._process: GuardedProcess | None = None

    # Addresses: a block of the loopback net for each instance, so that ports never clash.

    @property
    def sip_address(self) -> str:
        return self._address(1)

    @property
    def trunk_address(self) -> str:
        return self._address(2)

    @property
    def agents_address(self) -> str:
        return self._address(3)

    @property
    def sip_port(self) -> int:
        return SIP_PORT

    @property
    def ari_host(self) -> str:
        return self.sip_address

    @property
    def ari_port(self) -> int:
        return ARI_PORT

    @property
    def ari_url(self) -> str:
        return f"http://{self.ari_host}:{ARI_PORT}/ari"

    @property
    def sip_websocket_url(self) -> str:
        return f"ws://{self.sip_address}:{ARI_PORT}/ws"

    @property
    def ami_host(self) -> str:
        return self.sip_address

    @property
    def ami_port(self) -> int:
        return AMI_PORT

    @property
    def index(self) -> int:
        assert self._block is not None, "a lab has its addresses only while it runs"
        return self._block.index

    @property
    def log_file(self) -> Path:
        return self.folder / "log" / "messages"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    @property
    def pid(self) -> int:
        """The process that the host sees; Asterisk is its only child, or itself."""
        assert self._process is not None, "not started"
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, detached: bool = False, timeout_s: float = _BOOT_TIMEOUT_S) -> None:
        """Returns when Asterisk is fully booted, some seconds later; raises LabError if it is not."""
        assert self._process is None, "started twice"
        if self._parts is None:
            self._parts = find_parts()
        try:
            if self._block is None:
                self._block = AddressBlock.claim()
            self._write_folder()
            self._process = GuardedProcess(
                self._command(),
                output=self.folder / "log" / "console",
                keep_open=[self._block.lock_fd],
                detached=detached,
            )
            self._wait_until_booted(time.monotonic() + timeout_s)
            self.reset_queue_members()
        except BaseException:
            self.stop()
            raise

    def stop(self, grace_s: float = 3.0) -> None:
        """Returns with nothing left running; may be called at any time, and twice."""
        if self._process is not None:
            if self._process.running:
                command(self._socket_path(), "core stop now")
                if self._process.wait(grace_s) is None:
                    # Not SIGTERM: unshare holds it back, and its death by SIGKILL takes all along.
                    self._process.send(signal.SIGKILL)
            self._process.stop()
            self._process = None
        if self._block is not None:
            self._block.release()
            self._block = None

    def crash(self) -> None:
        """As a power cut does; `start` boots it again, at the same addresses."""
        assert self._process is not None, "not started"
        self._process.stop(grace_s=0)
        self._process = None
        _wait_until(lambda: ports_are_free(self.sip_address), 2)

    def leave(self) -> None:
        """Let a lab that was started detached go on; `down` ends it."""
        if self._process is not None and self._block is not None:
            self._process.leave()
            self._process = None
            self._block.release()
            self._block = None

    def cli(self, line: str) -> str:
        """What `asterisk -rx` would say."""
        assert self.running, "the lab does not run"
        answer = command(self._socket_path(), line)
        if answer is None:
            raise LabError(f"{self.name}: Asterisk does not answer on {self._socket_path()}")
        return answer

    def ari(self, method: str, path: str) -> tuple[int, bytes]:
        """One blocking ARI request, for set-up and for looking in; the product has its own client."""
        connection = http.client.HTTPConnection(self.ari_host, ARI_PORT, timeout=5)
        token = base64.b64encode(f"{self.ari_user}:{self.ari_password}".encode()).decode()
        try:
            connection.request(method, f"/ari{path}", headers={"Authorization": f"Basic {token}"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def log_tail(self, lines: int = 15) -> str:
        for source in (self.log_file, self.folder / "log" / "console"):
            if source.exists() and (text := source.read_text(errors="replace").strip()):
                return "\n  ".join(text.splitlines()[-lines:])
        return "(no log)"

    def status(self) -> LabStatus:
        assert self._parts is not None
        return LabStatus(
            name=self.name,
            running=self.running,
            folder=str(self.folder),
            asterisk=self._parts.version,
            pid=self.pid,
            index=self.index,
            ari_url=self.ari_url,
            ari_user=self.ari_user,
            ari_password=self.ari_password,
            ami_host=self.ami_host,
            ami_port=self.ami_port,
            ami_user=self.ami_user,
            ami_secret=self.ami_secret,
            sip_address=self.sip_address,
        )

    # Starting, step by step.

    def _address(self, host: int) -> str:
        assert self._block is not None, "a lab has its addresses only while it runs"
        return self._block.address(host)

    def _write_folder(self) -> None:
        home = self._home_inside()
        if len(str(home / "run/asterisk.ctl")) > _LONGEST_SOCKET_PATH:
            raise LabError(
                f"{self.folder} is too long a path for Asterisk's socket: choose a shorter one."
            )
        etc = self.folder / "etc"
        # The password files are for root and Asterisk only.
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        shutil.rmtree(etc, ignore_errors=True)
        for name in ("etc", "lib", "lib/keys", "log", "run", "spool", "spool/recording"):
            (self.folder / name).mkdir(exist_ok=True, mode=0o750)
        self._write_config(etc, home)
        if os.geteuid() == 0:
            owner = self._owner()
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, *owner, follow_symlinks=False)

    def _write_config(self, etc: Path, home: Path) -> None:
        assert self._parts is not None
        music = self._parts.root / "usr/share/asterisk/moh"
        lab_config.write(
            etc,
            {
                "ADDRESS": self.sip_address,
                "TRUNK": self.trunk_address,
                "HOME": str(home),
                "ARI_USER": self.ari_user,
                "ARI_PASSWORD": self.ari_password,
                "AMI_USER": self.ami_user,
                "AMI_SECRET": self.ami_secret,
                "HTTP_SESSIONS": str(200 + 2 * len(self.browsers)),
                "DEADMAN": str(self.deadman_s),
                "FALLBACK_QUEUE": next(iter(self.queues), "support"),
                "MUSIC": "/usr/share/asterisk/moh" if music.exists() else "moh",
                "QUEUES": lab_config.queues(self.queues),
                "AGENTS": lab_config.agents(self.agents, self.agents_address)
                + lab_config.browsers(self.browsers, self.browser_password),
            },
        )

    def _home_inside(self) -> Path:
        return _HOME_INSIDE if os.geteuid() == 0 else self.folder

    def _owner(self) -> tuple[int, int]:
        """The asterisk user as the root folder knows it, or ourselves where there is none."""
        assert self._parts is not None
        users = (self._parts.root / "etc/passwd").read_text()
        found = re.search(r"^asterisk:[^:]*:(\d+):(\d+):", users, re.MULTILINE)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def _command(self) -> list[str]:
        assert self._parts is not None
        home = self._home_inside()
        asterisk = [self._parts.asterisk, "-fn", "-C", str(home / "etc/asterisk.conf")]
        if os.geteuid() != 0:
            return asterisk
        uid, _ = self._owner()
        if uid:
            asterisk += ["-U", "asterisk", "-G", "asterisk"]
        root = str(self._parts.root).rstrip("/")
        # The shell stays, as the namespace's first process: the signal that --kill-child arranged is
        # forgotten when a process changes its user, as Asterisk does, and then it would outlive us.
        # The folder is an argument and never becomes shell text.
        inside = (
            'mount --bind "$1" "$2/srv" && mount -t proc proc "$2/proc" && root="$2" && '
            'shift 2 && cd / && chroot "${root:-/}" "$@"; exit $?'
        )
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        return [*namespaces, "/bin/sh", "-c", inside, "lab", str(self.folder), root, *asterisk]

    def _wait_until_booted(self, deadline: float) -> None:
        assert self._process is not None
        while time.monotonic() < deadline:
            if not self._process.running:
                if os.geteuid() == 0:
                    refuse_without_namespaces()
                raise LabError(
                    f"{self.name}: Asterisk ended while starting (exit code {self._process.exit_code}). "
                    f"Its last words, from {self.folder / 'log'}:\n  {self.log_tail()}"
                )
            try:
                # 503 until all modules are there; refused before the web server is.
                if self.ari("GET", "/asterisk/info")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise LabError(
            f"{self.name}: Asterisk has not booted in time. Look into {self.folder / 'log'} for what it "
            f"waits for; the end of it:\n  {self.log_tail()}"
        )

    def reset_queue_members(self) -> None:
        """Everybody stands in the fallback's queues, as before a Cordboard has been here.

        As Cordboard would by AMI: such members can be removed again, those from a file cannot.
        """
        for queue, members in self.queues.items():
            for member in members:
                self.cli(f"queue remove member PJSIP/{member} from {queue}")
                self.cli(f"queue add member PJSIP/{member} to {queue}")

    def _socket_path(self) -> Path:
        return self.folder / "run" / "asterisk.ctl"


# A lab that stays: `cordboard lab up`, and some day later `cordboard lab down`.


def up(
    name: str = "lab",
    folder: Path | None = None,
    agents: Sequence[str] = ("ana", "bob", "chen", "dora"),
    queues: Mapping[str, Sequence[str]] | None = None,
    *,
    browsers: Sequence[str] = (),
) -> LabStatus:
    """Start a lab that outlives this process; if it runs already, say so by its status."""
    for known in status():
        if known.name == name and known.running:
            return known
    lab = Lab(name, folder or run_folder() / name, agents, queues, browsers=browsers)
    lab.start(detached=True)
    note = _note(name)
    note.touch(mode=0o600)
    facts = lab.status()
    note.write_text(json.dumps(asdict(facts)))
    lab.leave()
    return facts


def down(name: str = "lab") -> bool:
    """End a lab that `up` started. False if there was none running."""
    for known in status():
        if known.name == name:
            if known.running:
                _end(known)
            _note(name).unlink(missing_ok=True)
            return known.running
    return False


def status() -> list[LabStatus]:
    """All labs that `up` started and nobody has taken down, running or not."""
    found = []
    for note in sorted(run_folder().glob("*.json")):
        facts = json.loads(note.read_text())
        found.append(LabStatus(**{**facts, "running": held(facts["index"])}))
    return found


def _note(name: str) -> Path:
    return run_folder() / f"{name}.json"


def _end(lab: LabStatus) -> None:
    command(Path(lab.folder) / "run" / "asterisk.ctl", "core stop now")
    if not _wait_until(lambda: not held(lab.index), 3):
        kill_session(lab.pid)
        _wait_until(lambda: not held(lab.index), 2)


def _wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met
