"""Turns the templates of asterisk_conf into one lab's configuration; must never decide about calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import asterisk_conf

_TEMPLATES = Path(asterisk_conf.__file__).parent
# Asterisk reports each of them as an error when it is missing, and an error should mean something.
_EMPTY = (
    "acl",
    "aeap",
    "ccss",
    "cdr",
    "cel",
    "chan_websocket",
    "cli_aliases",
    "features",
    "pjproject",
    "pjsip_notify",
    "pjsip_wizard",
    "res_http_media_cache",
    "stasis",
    "udptl",
    "websocket_client",
)


def write(folder: Path, values: Mapping[str, str]) -> None:
    """All templates: those that an integrator uses too, and those that only a lab needs."""
    for name in _EMPTY:
        (folder / f"{name}.conf").touch()
    for template in (*_TEMPLATES.glob("*.conf"), *_TEMPLATES.glob("lab/*.conf")):
        (folder / template.name).write_text(render(template.read_text(), values))


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill in the @NAMES@; the dialplan's own ${...} stay as they are. An unknown name is our bug."""
    return re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], template)


def queues(names: Iterable[str]) -> str:
    return "".join(f"[{name}](cordboard-queue)\n" for name in names)


def agents(names: Iterable[str], address: str) -> str:
    """Phones at a fixed address: nothing registers, so ten thousand of them cost nothing at rest."""
    return "".join(
        f"[{name}](agent)\naors={name}\ncallerid={name} <{name}>\n"
        f"[{name}](agent-aor)\ncontact=sip:{name}@{address}:5060\n"
        for name in names
    )


def browsers(names: Iterable[str], password: str) -> str:
    """Phones in a web page: they register over WebSocket and come from anywhere on the loopback."""
    return "".join(
        f"[{name}](browser)\naors={name}\nauth={name}\ncallerid={name} <{name}>\n"
        f"[{name}](browser-aor)\n"
        f"[{name}]\ntype=auth\nusername={name}\npassword={password}\n"
        for name in names
    )
