"""A phone in a web page, as far as Asterisk can tell: it registers over a WebSocket, and is gone with it."""

from __future__ import annotations

import re
import secrets
from hashlib import md5
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from acd.adapters.asterisk.lab import Lab


class WebPhone:
    """Registered while it is entered; closing the page is closing the socket."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab, self._name = lab, name
        self._call_id, self._sequence = secrets.token_hex(8), 0
        self._socket: ClientConnection

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            self._lab.sip_websocket_url, subprotocols=[Subprotocol("sip")], compression=None
        )
        refused = await self._register("")
        nonce = re.search(r'nonce="([^"]+)"', refused)
        realm = re.search(r'realm="([^"]+)"', refused)
        assert nonce and realm, refused
        answered = await self._register(self._proof(realm[1], nonce[1]))
        assert answered.startswith("SIP/2.0 200"), answered
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._socket.close()

    async def _register(self, proof: str) -> str:
        self._sequence += 1
        address = f"sip:{self._name}@{self._lab.sip_address}"
        await self._socket.send(
            f"REGISTER sip:{self._lab.sip_address} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS page.invalid;branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            "Max-Forwards: 70\r\n"
            f"From: <{address}>;tag={self._call_id}\r\n"
            f"To: <{address}>\r\n"
            f"Call-ID: {self._call_id}\r\n"
            f"CSeq: {self._sequence} REGISTER\r\n"
            f"Contact: <sip:{self._name}@page.invalid;transport=ws>;expires=300\r\n"
            f"{proof}Content-Length: 0\r\n\r\n"
        )
        answer = await self._socket.recv()
        assert isinstance(answer, str)
        return answer

    def _proof(self, realm: str, nonce: str) -> str:
        """That the password is known (RFC 7616, with a count and a nonce of ours)."""
        uri, count, ours = f"sip:{self._lab.sip_address}", "00000001", secrets.token_hex(4)
        who = _md5(f"{self._name}:{realm}:{self._lab.browser_password}")
        what = _md5(f"REGISTER:{uri}")
        response = _md5(f"{who}:{nonce}:{count}:{ours}:auth:{what}")
        return (
            f'Authorization: Digest username="{self._name}", realm="{realm}", nonce="{nonce}", '
            f'uri="{uri}", response="{response}", qop=auth, nc={count}, cnonce="{ours}", '
            "algorithm=MD5\r\n"
        )


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
