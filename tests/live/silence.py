"""Ends what Asterisk still repeats to phones that are gone: no test may hear the calls of the one before it.

A phone that is pulled out while it is invited says nothing, so Asterisk can neither cancel the INVITE
(RFC 3261, 9.1) nor give up for 32 s, long after the channel is gone. The next test's phones would ring for nobody.
"""

from __future__ import annotations

import re
import select
import socket
from contextlib import ExitStack

from acd.adapters.asterisk.lab import Lab
from tests.live.waiting import until

# Of the timers that `pjsip dump endpt` lists, a transaction's first repeats its request; the second gives up.
_REPEATED = re.compile(r"^\s*timer\.c\s+\d+\s+1\s+[\d.]+\s+\S*sip_transaction\.c", re.MULTILINE)
_CALLERS_PORTS = range(5060, 5100)
_HEADERS = re.compile(r"^(?:Via|From|To|Call-ID|CSeq):.*$", re.MULTILINE | re.IGNORECASE)


def make_silent(lab: Lab) -> None:
    """Answer in the place of phones and callers that are gone, until Asterisk repeats nothing."""
    # Below this level the dump is empty.
    lab.cli("pjproject set log level 3")
    try:
        if repeats(lab):
            with ExitStack() as stack:
                absent = [_at(stack, lab.agents_address, 5060)]
                absent += [_at(stack, lab.trunk_address, port) for port in _CALLERS_PORTS]
                # It repeats after as long as it has waited already: 8 s after 4.
                until(lambda: _answered(absent) and not repeats(lab), within_s=40, what="silence")
    finally:
        lab.cli("pjproject set log level default")


def repeats(lab: Lab) -> bool:
    return _REPEATED.search(lab.cli("pjsip dump endpt details")) is not None


def _at(stack: ExitStack, address: str, port: int) -> socket.socket:
    listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    listener.bind((address, port))
    return listener


def _answered(absent: list[socket.socket]) -> bool:
    for listener in select.select(absent, [], [], 0.05)[0]:
        data, sender = listener.recvfrom(65_535)
        listener.sendto(_answer(data.decode(errors="replace").replace("\r\n", "\n")), sender)
    return True


def _answer(message: str) -> bytes:
    headers = _HEADERS.findall(message.partition("\n\n")[0])
    if message.startswith("INVITE "):
        first = "SIP/2.0 480 Temporarily Unavailable"
    elif message.startswith("SIP/2.0"):  # Our INVITE's end: told again until we say that we heard.
        first = "ACK sip:gone SIP/2.0"
        headers = [re.sub(r"^(CSeq:.*) INVITE$", r"\1 ACK", header) for header in headers]
    else:
        first = "SIP/2.0 200 OK"
    return "\r\n".join([first, *headers, "Content-Length: 0", "", ""]).encode()
