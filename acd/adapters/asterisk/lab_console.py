"""Speaks to Asterisk's console socket as `asterisk -rx` does; must never start a process for it."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def command(path: Path, line: str, timeout_s: float = 5.0) -> str | None:
    """The console's answer, or None when nobody listens at this path."""
    folder = -1
    try:
        # Through /proc, for a socket's path may have 107 characters and a folder's many more.
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as console:
            console.settimeout(timeout_s)
            console.connect(f"/proc/self/fd/{folder}/{path.name}")
            # It closes the connection after the answer, which is the only end that an answer has.
            console.sendall(f"cli quit after {line}\0".encode())
            answer = bytearray()
            while piece := console.recv(65536):
                answer += piece
    except OSError:
        return None
    finally:
        if folder >= 0:
            os.close(folder)
    # Its first line is a greeting with host, pid and version.
    return _ESCAPE.sub("", answer.decode(errors="replace")).partition("\n")[2]
