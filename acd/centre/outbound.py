"""Reads how a centre calls out from its file, and blames what cannot be meant; mends nothing."""

import re
from collections.abc import Collection, Mapping

import yaml

from acd.centre.words import items_of, name_of
from acd.core.ids import QueueId
from acd.core.outbound import Caps, Outbound, Route
from ivr.plain_yaml import Reader, quoted

MEANING: Mapping[str, str] = {
    "queue": "the queue by whose rules calls out go",
    "routes": "the ways out by name",
    "endpoint": "the trunk's endpoint in pjsip.conf",
    "caller_id": "the number that is presented to who is called",
}
_ENDPOINT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")
_DIGITS = re.compile(r"[0-9]{1,15}")
_CALLER_ID = re.compile(r"\+?[0-9]{1,20}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_OPTIONAL = (
    *("prefixes", "barred", "numbers", "emergency", "premium", "satellite"),
    *("strip", "prepend", "hours", "ring_s"),
)
_MOST_CALLS = 1_000_000


def read_outbound(
    reader: Reader,
    node: yaml.Node | None,
    queues: Collection[str],
    calendars: Collection[str],
) -> Outbound:
    """How the centre calls out; not at all if nothing is said."""
    if node is None:
        return Outbound()
    words = reader.words(node, "outbound", required=("queue", "routes"), optional=("caps",))
    queue = name_of(reader, words.get("queue"), "queue", queues) or ""
    caps = _caps(reader, words.get("caps"))
    routes = []
    if (named := words.get("routes")) is not None:
        for name, (key, value) in reader.entries(named, "routes").items():
            if not _NAME.fullmatch(name):
                reader.blame(key, f"route {quoted(name)}: a name has a-z, 0-9, - and _, 32 at most")
                continue
            reader.scope = f"route {name!r}: "
            routes.append(_route(reader, name, value, calendars))
            reader.scope = ""
        _no_two_say_the_same(reader, named, routes)
    return Outbound(routes=tuple(routes), queue=QueueId(queue), caps=caps)


def _caps(reader: Reader, node: yaml.Node | None) -> Caps:
    if node is None:
        return Caps()
    names = ("agent_per_hour", "agent_at_once", "centre_per_hour", "centre_at_once")
    words = reader.words(node, "caps", optional=names)
    usual = Caps()
    return Caps(
        **{
            name: reader.number(words.get(name), name, 0, _MOST_CALLS, default=getattr(usual, name))
            for name in names
        }
    )


def _route(reader: Reader, name: str, node: yaml.Node, calendars: Collection[str]) -> Route:
    words = reader.words(node, "a route", required=("endpoint", "caller_id"), optional=_OPTIONAL)

    def matching(word: str, form: re.Pattern[str], what: str) -> str:
        text = reader.text(words.get(word), word) or ""
        if text and not form.fullmatch(text):
            reader.blame(words[word], f"{word} {quoted(text)} is not {what}")
        return text

    def several(word: str, form: re.Pattern[str], what: str) -> tuple[str, ...]:
        found = []
        for item in items_of(reader, words.get(word), word):
            text = reader.text(item, word) or ""
            if text and not form.fullmatch(text):
                reader.blame(item, f"{word}: {quoted(text)} is not {what}")
            elif text in found:
                reader.blame(item, f"{word}: {quoted(text)} is there twice")
            found.append(text)
        return tuple(found)

    prefix = "the beginning of an E.164 number, such as +8610"
    short = "a number of digits alone"
    route = Route(
        name=name,
        endpoint=matching("endpoint", _ENDPOINT, "a name in pjsip.conf: letters, digits, - and _"),
        caller_id=matching(
            "caller_id", _CALLER_ID, "a number: digits, with a + before them or not"
        ),
        prefixes=several("prefixes", _PREFIX, prefix),
        barred=several("barred", _PREFIX, prefix),
        numbers=several("numbers", _DIGITS, short),
        emergency=several("emergency", _DIGITS, short),
        premium=reader.boolean(words.get("premium"), "premium") or False,
        satellite=reader.boolean(words.get("satellite"), "satellite") or False,
        strip=matching("strip", _PREFIX, prefix),
        prepend=matching("prepend", re.compile(r"[0-9]{1,8}"), "some digits, 8 at most"),
        hours=name_of(reader, words.get("hours"), "hours", calendars) or "",
        ring_ms=1000 * reader.number(words.get("ring_s"), "ring_s", 5, 180, default=45),
    )
    _blame_idle_words(reader, node, words, route)
    return route


def _blame_idle_words(
    reader: Reader, node: yaml.Node, words: Mapping[str, yaml.Node], route: Route
) -> None:
    """What allows nothing, or says how to dial what is not allowed."""
    if words and not (route.prefixes or route.numbers or route.emergency):
        reader.blame(node, "allows nothing: give it prefixes, numbers or emergency")
    for barred in route.barred:
        if not any(barred.startswith(prefix) for prefix in route.prefixes):
            reader.blame(words["barred"], f"bars {barred}, which none of its prefixes allows")
    if route.strip and not all(prefix.startswith(route.strip) for prefix in route.prefixes):
        reader.blame(words["strip"], f"not all of its prefixes begin with {route.strip}")


def _no_two_say_the_same(reader: Reader, node: yaml.Node, routes: Collection[Route]) -> None:
    """One number has one way: two routes that claim it equally are a mistake, whichever would win."""
    said: dict[str, str] = {}
    for route in routes:
        claims = (*route.prefixes, *route.barred, *route.numbers, *route.emergency)
        for claim in claims:
            if claim in said:
                reader.blame(node, f"{quoted(claim)} is in {said[claim]} and again in {route.name}")
            said[claim] = route.name
