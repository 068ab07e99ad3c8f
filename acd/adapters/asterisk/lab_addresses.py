"""Gives each lab a block of loopback addresses of its own; must never give one to two of them.

The claim is a lock on a file that the lab's first process inherits. So it lasts exactly as long as
the lab does, however that ends, and, unlike a pid in a file, it cannot be mistaken for another's.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from acd.adapters.asterisk.lab_parts import LabError

SIP_PORT, ARI_PORT, AMI_PORT = 5060, 8088, 5038
_LAST_BLOCK = 200


@dataclass(slots=True)
class AddressBlock:
    """127.77.<index>.x: .1 is Asterisk, .2 the trunk's callers, .3 the agents."""

    index: int
    lock_fd: int

    @classmethod
    def claim(cls) -> Self:
        for index in range(1, _LAST_BLOCK + 1):
            lock = _open_lock(index)
            if _lock(lock) and ports_are_free(f"127.77.{index}.1"):
                return cls(index, lock)
            os.close(lock)
        raise LabError(
            f"All address blocks of labs, 127.77.1.x to 127.77.{_LAST_BLOCK}.x, are in use, or their "
            f"ports {SIP_PORT}, {ARI_PORT} and {AMI_PORT} cannot be bound. `ss -lntup` shows by whom; "
            "`cordboard lab down` ends a lab that was left running."
        )

    def address(self, host: int) -> str:
        return f"127.77.{self.index}.{host}"

    def release(self) -> None:
        """Close our copy; the lab's own goes with the lab."""
        os.close(self.lock_fd)


def held(index: int) -> bool:
    """Whether a lab lives on this block."""
    lock = _open_lock(index)
    try:
        return not _lock(lock)
    finally:
        os.close(lock)


def ports_are_free(address: str) -> bool:
    """Somebody who knows nothing of our locks may listen there, or on all addresses."""
    for kind, port in (
        (socket.SOCK_DGRAM, SIP_PORT),
        (socket.SOCK_STREAM, ARI_PORT),
        (socket.SOCK_STREAM, AMI_PORT),
    ):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                # As Asterisk itself does: connections that are closing are not in the way.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def run_folder() -> Path:
    """Where the labs of this user note what they hold: gone after a reboot, as the labs are. Raises LabError."""
    if os.geteuid() == 0:
        folder = Path("/run/cordboard-lab")
    else:
        home = os.environ.get("XDG_RUNTIME_DIR") or pwd.getpwuid(os.geteuid()).pw_dir
        folder = Path(home) / "cordboard-lab"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LabError(
            f"The folder {folder}, where labs note what they hold, cannot be made: {error.strerror}. "
            "Give XDG_RUNTIME_DIR a folder that this user may write to."
        ) from error
    return folder


def _open_lock(index: int) -> int:
    return os.open(run_folder() / f"{index}.lock", os.O_RDWR | os.O_CREAT, 0o600)


def _lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
