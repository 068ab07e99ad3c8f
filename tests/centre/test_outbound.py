"""How a centre calls out, as its file says; what cannot be meant is refused, with its line."""

from textwrap import dedent

import pytest

from acd.centre.file import parse_centre
from acd.core.ids import NodeId
from acd.core.outbound import Caps, Outbound, Route
from ivr.plain_yaml import BrokenFile

HEAD = """\
queues: {support: {name: Support}}
agents: {ana: {name: Ana, phone: PJSIP/ana, queues: [support]}}
hours: {office: {time_zone: Asia/Shanghai, week: {mon-fri: 09:00-18:00}}}
"""


def read(section: str) -> Outbound:
    text = HEAD + dedent(section)
    return parse_centre(text, file="centre.yaml", node=NodeId("pbx1")).configuration.outbound


def problems(section: str) -> list[str]:
    with pytest.raises(BrokenFile) as broken:
        read(section)
    return [f"{one.line}: {one.message}" for one in broken.value.problems]


def test_a_centre_that_says_nothing_calls_nobody():
    assert read("") == Outbound() and Outbound().routes == ()


def test_routes_are_read_as_they_are_written():
    found = read(
        """
        outbound:
          queue: support
          caps: {agent_per_hour: 30, centre_at_once: 10}
          routes:
            country:
              endpoint: trunk-1
              caller_id: "+861065550000"
              prefixes: [+86]
              barred: ["+8690"]
              numbers: [95588]
              emergency: [110, "119"]
              strip: "+86"
              prepend: 0
              premium: true
              hours: office
              ring_s: 30
        """
    )
    assert found.queue == "support"
    assert found.caps == Caps(agent_per_hour=30, centre_at_once=10)
    assert found.routes == (
        Route(
            name="country",
            endpoint="trunk-1",
            caller_id="+861065550000",
            prefixes=("+86",),
            barred=("+8690",),
            numbers=("95588",),
            emergency=("110", "119"),
            strip="+86",
            prepend="0",
            premium=True,
            hours="office",
            ring_ms=30_000,
        ),
    )


ROUTE = "{endpoint: trunk, caller_id: 1, prefixes: [+86]%s}"


def routes(*more: str) -> str:
    lines = [f"    r{n}: {ROUTE % one}" for n, one in enumerate(more)]
    return "\n".join(["outbound:", "  queue: support", "  routes:", *lines])


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("outbound: {queue: suport, routes: {}}", "support"),
        ("outbound: {queue: support}", "needs 'routes'"),
        (routes(", ring_s: 1"), "5 to 180"),
        (routes(", premiun: true"), "premium"),
        (routes(", barred: [+49]"), "bars +49, which none of its prefixes allows"),
        (routes(", strip: +49"), "not all of its prefixes begin with +49"),
        (routes(", prepend: 0w"), "some digits"),
        (routes(", hours: offise"), "office"),
        (routes(", numbers: [+95588]"), "a number of digits alone"),
        (routes(", emergency: [112, 112]"), "twice"),
        (routes("", ""), "'+86' is in r0 and again in r1"),
    ],
)
def test_what_cannot_be_meant_is_refused(section, said):
    assert any(said in one for one in problems(section)), problems(section)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("endpoint", "trunk@evil"),
        ("endpoint", "trunk/sip:x"),
        ("endpoint", "a&PJSIP"),
        ("caller_id", '"Wang <1>"'),
        ("caller_id", "anonymous"),
        ("prefixes", "[86]"),
        ("prefixes", '["+"]'),
        ("prefixes", '["+0"]'),
        ("numbers", '["1,2"]'),
    ],
)
def test_nothing_that_could_be_more_than_a_number_or_a_name_is_taken(word, value):
    words = {"endpoint": "trunk", "caller_id": "1", "prefixes": "[+86]"} | {word: value}
    route = ", ".join(f"{key}: {text}" for key, text in words.items())
    found = problems(f"outbound: {{queue: support, routes: {{r: {{{route}}}}}}}")
    assert any(word in one and one.startswith("4:") for one in found), found


def test_a_route_that_allows_nothing_is_refused():
    assert (
        "allows nothing"
        in problems("outbound: {queue: support, routes: {r: {endpoint: t, caller_id: 1}}}")[0]
    )


def test_a_route_has_a_name_that_can_be_told():
    assert (
        "a name has"
        in problems(
            "outbound: {queue: support, routes: {R 1: {endpoint: t, caller_id: 1, prefixes: [+86]}}}"
        )[0]
    )
