"""Reads from a file which systems are told of what, and blames what cannot be meant; sends nothing, shows no secret."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from acd.centre.words import names_of
from ivr.plain_yaml import BrokenFile, Reader, compose, quoted, text_of

MEANING: Mapping[str, str] = {
    "url": "where it listens, http:// or https://",
    "secret": "what signs the events, 24 characters or more that nobody can guess",
    "events": "the events it is told of",
}
_SHORTEST_SECRET = 24
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A system that is told of events."""

    name: str
    url: str
    secret: str = field(repr=False)
    events: tuple[str, ...] = ()


def read_targets_of(file: Path, *, events: Collection[str]) -> tuple[Target, ...]:
    """The targets in this file; raises BrokenFile with all that is wrong."""
    text = text_of(file, "CORDBOARD_WEBHOOKS says where it is")
    return read_targets(text, file.name, events=events)


def read_targets(text: str, file: str, *, events: Collection[str]) -> tuple[Target, ...]:
    """The targets that a text describes; raises BrokenFile. No problem shows a secret."""
    root = compose(text, file)
    if root is None:
        return ()
    reader = Reader(file=file, meaning=MEANING)
    found = []
    for name, (key, node) in reader.entries(root, "the file").items():
        reader.scope = f"webhook {quoted(name)}: "
        if not _NAME.fullmatch(name):
            reader.blame(key, "a name has a-z, 0-9, - and _, 32 at most")
        words = reader.words(node, "a webhook", required=("url", "secret", "events"))
        url = reader.text(words.get("url"), "url") or ""
        if url and (why := _fault_of(url)):
            reader.blame(words["url"], f"url {why}")
        secret = reader.text(words.get("secret"), "secret") or ""
        if secret and len(secret) < _SHORTEST_SECRET:
            reader.blame(words["secret"], f"secret is shorter than {_SHORTEST_SECRET} characters")
        told = names_of(reader, words.get("events"), "event", events)
        found.append(Target(name=name, url=url, secret=secret, events=told))
    if reader.problems:
        raise BrokenFile(reader.problems)
    return tuple(found)


def _fault_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is none"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "takes http:// or https:// and a host"
    if "@" in parts.netloc:
        return "takes no user and password: the signature says who we are"
    if is_nobodys(parts.hostname):
        return f"{parts.hostname} is no address of another system"
    return ""


def is_nobodys(host: str) -> bool:
    """Whether nothing of ours can be meant: a cloud's metadata service, a broadcast. A CRM in the same house can."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False  # A name; what it stands for is looked at when it is known.
    return address.is_link_local or address.is_multicast or address.is_unspecified
