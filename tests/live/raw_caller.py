"""A caller on a bare socket, who can say what SIPp cannot and hangs up when he likes; must never be polite about it."""

from __future__ import annotations

import re
import secrets
import socket
from threading import Thread
from typing import Self

from acd.adapters.asterisk.lab import Lab

_SDP = "v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0\r\n"


class RawCaller:
    """One call, from the trunk or another `address`. `caller` is the From header as it goes onto the wire."""

    def __init__(
        self,
        lab: Lab,
        extension: str = "4001",
        *,
        caller: bytes = b"<sip:13800138000@trunk>",
        address: str | None = None,
    ) -> None:
        self.status = 0  # Of the newest answer to the INVITE.
        self.over = False
        self._asterisk = (lab.sip_address, lab.sip_port)
        self._uri = f"sip:{extension}@{lab.sip_address}"
        self._caller = caller
        self._to = f"<{self._uri}>"
        self._id, self._branch = secrets.token_hex(8), f"z9hG4bK{secrets.token_hex(8)}"
        self._hung_up = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address or lab.trunk_address, 0))
        self._here = "{}:{}".format(*self._socket.getsockname())
        self._reader = Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        self._say("INVITE", body=_SDP.format(self._here.partition(":")[0]).encode())
        return self

    def __exit__(self, *_: object) -> None:
        # An empty message to ourselves ends the reading.
        self._socket.sendto(b"", self._socket.getsockname())
        self._reader.join()
        self._socket.close()

    def hang_up(self) -> None:
        """Put the receiver down, whether anybody has answered or not."""
        self._hung_up = True
        self._say("BYE" if self.status == 200 else "CANCEL")

    def _read(self) -> None:
        while data := self._socket.recv(65535):
            text = data.decode("utf-8", "replace")
            if not text.startswith("SIP/2.0 "):
                self._agree(text)
                continue
            status, method = int(text[8:11]), _header(text, "CSeq").partition(" ")[2]
            if method == "BYE":
                self.over = True
            if method != "INVITE" or status < 200:
                continue
            self.status, self._to = status, _header(text, "To")
            self._say("ACK")
            if status != 200:
                self.over = True
            elif self._hung_up:  # The two have crossed.
                self._say("BYE")

    def _agree(self, request: str) -> None:
        head = [
            line
            for line in request.split("\r\n")
            if re.match(r"(Via|From|To|Call-ID|CSeq):", line, re.IGNORECASE)
        ]
        self._send("\r\n".join(["SIP/2.0 200 OK", *head, "Content-Length: 0", "", ""]).encode())
        self.over = self.over or request.startswith("BYE ")

    def _say(self, method: str, *, body: bytes = b"") -> None:
        number = 2 if method == "BYE" else 1
        # The ACK for a 200 and the BYE are transactions of their own.
        own = method == "BYE" or (method == "ACK" and self.status == 200)
        branch = f"z9hG4bK{secrets.token_hex(8)}" if own else self._branch
        head = (
            f"{method} {self._uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._here};branch={branch}\r\nMax-Forwards: 70\r\n"
            f"To: {self._to}\r\nCall-ID: {self._id}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:caller@{self._here}>\r\nFrom: "
        ).encode()
        kind = b"\r\nContent-Type: application/sdp" if body else b""
        length = f"\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        self._send(head + self._caller + b";tag=" + self._id.encode() + kind + length + body)

    def _send(self, data: bytes) -> None:
        self._socket.sendto(data, self._asterisk)


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""
