"""What an agent is reminded of, or may offer, while a caller is on his screen: rules in a file; looks nothing up.

A rule of which all that it asks for holds is shown, in the order of the file, five at most. What it asks of a
customer holds only where there is one candidate: what is meant for one is not said to another.
See docs/centre/reminders.yaml.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from acd.centre.words import items_of, names_of, one_of
from acd.core.board import CallView
from acd.core.customer import CAN_REPEAT, Contact, Identity
from acd.pop import NO_PROFILE, Background, Profile
from ivr.plain_yaml import BrokenFile, Reader, compose, quoted, text_of

MOST_SHOWN = 5  # He has some seconds to read.
MOST_RULES = 200
LONGEST_TEXT = 200
KINDS = ("reminder", "offer")
_MOST_DAYS = 36_600
_MOST_TIMES = 1_000

MEANING: Mapping[str, str] = {
    "text": "what the agent reads",
    "when": "what has to hold, all of it",
}
# What of a caller each word reads, as the centre's `hides` names it.
_READS: Mapping[str, str] = {
    "segments": "segment",
    "regions": "region",
    "product": "products",
    "product_age_days": "products",
    "promises": "promises",
    "outcomes": "contacts",
}
_WORDS = (*_READS, "contact_number", "queues", "reasons")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From one number to another, both included."""

    least: int = 0
    most: int | None = None

    def __contains__(self, number: int) -> bool:
        return self.least <= number and (self.most is None or number <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """All that a rule asks for; what is empty or None asks for nothing."""

    segments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    product: str = ""
    product_age_days: Range | None = None
    promises: Range | None = None
    contact_number: Range | None = None
    outcomes: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def holds(self, call: CallView, known: Background) -> bool:
        """Whether all of it does, for this caller in his queue."""
        identity = call.identity
        return (
            (not self.queues or call.queue in self.queues)
            and (not self.reasons or call.reason in self.reasons)
            and (not self.outcomes or _last_outcome(known.history) in self.outcomes)
            and (self.contact_number is None or _number(identity) in self.contact_number)
            and self._holds_of_customer(identity, known)
        )

    def _holds_of_customer(self, identity: Identity, known: Background) -> bool:
        if not (self.segments or self.regions or self._asks_products or self.promises is not None):
            return True
        customer = identity.customer
        if customer is None or identity.confidence not in CAN_REPEAT:
            return False
        profile = known.profiles.get(customer.id, NO_PROFILE)
        return (
            (not self.segments or customer.segment in self.segments)
            and (not self.regions or profile.region in self.regions)
            and (self.promises is None or len(profile.card.get("promises", ())) in self.promises)
            and (not self._asks_products or self._owns(profile, identity.at))
        )

    @property
    def _asks_products(self) -> bool:
        return bool(self.product) or self.product_age_days is not None

    def _owns(self, profile: Profile, at: int) -> bool:
        """Whether one thing of his is all that is asked of it."""
        today = datetime.fromtimestamp(at / 1000, UTC).date()
        return any(
            self.product.casefold() in one["name"].casefold()
            and (self.product_age_days is None or _age_days(one, today) in self.product_age_days)
            for one in profile.card.get("products", ())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One rule of the file. `reads`: which fields of a caller one can tell from seeing it."""

    id: str
    text: str
    kind: str = KINDS[0]
    when: When = field(default_factory=When)
    reads: tuple[str, ...] = ()


Reminders = tuple[Reminder, ...]


def reminders_for(
    rules: Reminders, call: CallView, known: Background, *, hidden: Collection[str] = ()
) -> Iterator[Reminder]:
    """Those to be shown of this caller; none that would betray one of the `hidden` fields."""
    left = MOST_SHOWN
    for rule in rules:
        if not left:
            return
        if rule.when.holds(call, known) and not any(f in hidden for f in rule.reads):
            left -= 1
            yield rule


def _number(identity: Identity) -> int:
    """Which contact in the window it is; 0: nobody can tell."""
    return identity.repeats + 1 if identity.confidence in CAN_REPEAT else 0


def _last_outcome(history: Sequence[Contact]) -> str | None:
    return next((one.outcome for one in history if one.outcome is not None), None)


def _age_days(product: Mapping[str, Any], today: date) -> int:
    """How old it is; -1, which is in no range, if that is not known or it is installed later."""
    try:
        return max(-1, (today - date.fromisoformat(product["installed_on"])).days)
    except (TypeError, ValueError):
        return -1


def read_reminders_of(file: Path, *, queues: Collection[str]) -> Reminders:
    """The rules in this file; raises BrokenFile with all that is wrong."""
    text = text_of(file, "'reminders' in the centre file names it")
    return read_reminders(text, file.name, queues=queues)


def read_reminders(text: str, file: str, *, queues: Collection[str]) -> Reminders:
    """The rules that a text describes, none if it is empty; raises BrokenFile."""
    root = compose(text, file)
    if root is None:
        return ()
    reader = Reader(file=file, meaning=MEANING)
    found = []
    for name, (key, node) in reader.entries(root, "the file").items():
        reader.scope = f"rule {quoted(name)}: "
        found.append(_rule(reader, name, node, queues))
        if len(found) == MOST_RULES + 1:
            reader.blame(key, f"is one more than {MOST_RULES}; take some out")
    if reader.problems:
        raise BrokenFile(reader.problems)
    return tuple(found)


def _rule(reader: Reader, name: str, node: yaml.Node, queues: Collection[str]) -> Reminder:
    words = reader.words(node, "a rule", required=("text", "when"), optional=("kind",))
    text = reader.text(words.get("text"), "text") or ""
    if len(text) > LONGEST_TEXT:
        reader.blame(words["text"], f"text has {len(text)} characters; {LONGEST_TEXT} at most")
    asked: dict[str, yaml.Node] = {}
    if "when" in words:
        asked = reader.words(words["when"], "when", optional=_WORDS)
    return Reminder(
        id=name,
        text=text,
        kind=one_of(reader, words.get("kind"), "kind", KINDS, KINDS[0]),
        when=When(
            segments=_texts(reader, asked, "segments"),
            regions=_texts(reader, asked, "regions"),
            product=reader.text(asked.get("product"), "product") or "",
            product_age_days=_range(reader, asked, "product_age_days", _MOST_DAYS),
            promises=_range(reader, asked, "promises", _MOST_TIMES),
            contact_number=_range(reader, asked, "contact_number", _MOST_TIMES),
            outcomes=_texts(reader, asked, "outcomes"),
            queues=names_of(reader, asked.get("queues"), "queue", queues),
            reasons=_texts(reader, asked, "reasons"),
        ),
        reads=tuple(dict.fromkeys(_READS[word] for word in asked if word in _READS)),
    )


def _texts(reader: Reader, words: Mapping[str, yaml.Node], word: str) -> tuple[str, ...]:
    items = items_of(reader, words.get(word), word)
    if word in words and isinstance(words[word], yaml.SequenceNode) and not items:
        reader.blame(words[word], f"{word} is an empty list, which nobody fits; leave it out")
    return tuple(text for item in items if (text := reader.text(item, word)) is not None)


def _range(reader: Reader, words: Mapping[str, yaml.Node], word: str, most: int) -> Range | None:
    if (node := words.get(word)) is None:
        return None
    ends = reader.words(node, word, optional=("from", "to"))
    least = reader.number(ends.get("from"), f"{word} from", 0, most, default=0)
    last = reader.number(ends.get("to"), f"{word} to", 0, most, default=most)
    if last < least:
        reader.blame(node, f"{word}: nothing is from {least} to {last}")
    return Range(least=least, most=last if "to" in ends else None)
