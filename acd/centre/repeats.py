"""Reads who is a repeat caller, of the centre and of a queue, and blames what cannot be meant; mends nothing."""

from types import MappingProxyType

import yaml

from acd.centre.dispositions import with_all_below
from acd.centre.words import DAY_S, items_of, names_of, one_of
from acd.core.customer import CALL, OTHER_CHANNELS, USUAL_RULE, RepeatRule
from acd.core.disposition import Dispositions
from ivr.plain_yaml import Reader


def read_repeat_rule(
    reader: Reader,
    node: yaml.Node | None,
    usual: RepeatRule = USUAL_RULE,
    dispositions: Dispositions = MappingProxyType({}),
) -> RepeatRule:
    """Which earlier contacts make a call a repeat; `usual` if nothing is said."""
    if node is None:
        return usual
    optional = ("window_s", "counts", "channels", "reasons")
    words = reader.words(node, "a repeat rule", optional=optional)
    window_s = reader.number(
        words.get("window_s"), "window_s", 1, 366 * DAY_S, default=USUAL_RULE.window_ms // 1000
    )
    counts = one_of(reader, words.get("counts"), "counts", ("any", "answered"), "any")
    known = (CALL, *OTHER_CHANNELS)
    channels = names_of(reader, words.get("channels"), "channel", known)
    about = words.get("reasons")
    same = isinstance(about, yaml.ScalarNode) and about.value == "same"
    reasons = [
        reader.text(item, "reason") or ""
        for item in items_of(reader, None if same else about, "reasons")
    ]
    return RepeatRule(
        window_ms=1000 * window_s,
        answered_only=counts == "answered",
        channels=channels or USUAL_RULE.channels,
        reasons=with_all_below(dispositions, reasons),
        same_reason=same,
    )
