"""Knows who has a number, and when he last called; reads only, but for listing customers; judges nothing.

The caller of a phone call waits for `identify`: one hop to a thread, two index look-ups, written out as
SQL because more than half of his wait was spent on the layers above. What the ledger has heard and not yet written is
laid over what is in the tables, so a call that began a moment ago counts.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from acd.adapters.database.connection import LOOK_UPS, Database, LookUp
from acd.adapters.database.last_moments import CallChanges, LastMoments
from acd.adapters.database.numbers import Reading, example_number, read_number
from acd.core.customer import (
    CALL,
    CALL_OUT,
    CAN_REPEAT,
    Confidence,
    Contact,
    Customer,
    Identity,
    earlier_contacts,
)
from acd.core.ids import AgentId, CallId, CustomerId, Direction, direction_of
from acd.pop import NO_BACKGROUND, Background, Profile, Score

MOST_CONTACTS = 50  # Newest first: enough for any screen, and a dialler gone mad stays cheap.
_MOST_SURVEYS = 10  # When he was asked, and what he said.
MOST_OTHERS = 20  # Of those, by other channels.
MOST_SHOWN = 10  # Those from before the window, which are for the screen alone.
_MOST_CANDIDATES = 100  # Rows: a switchboard may be a whole town's.

# What is known of a customer, with the numbers that are his and nobody else's.
_OF_HIM = "customers.id, name, segment, language, notes, customers.kind, region, card, his.e164"
_HIS = f"""
    LEFT JOIN customer_numbers AS his ON his.customer_id = customers.id
        AND his.kind IN ('{Confidence.OWN}', '{Confidence.HOME}', '{Confidence.WORK}')
        AND NOT EXISTS (
            SELECT 1 FROM customer_numbers AS others
            WHERE others.e164 = his.e164 AND others.customer_id <> his.customer_id
        )
"""  # noqa: S608 # Of our own words alone, as those below.
# Everybody who has the number.
_CANDIDATES = f"""
    SELECT listed.kind, {_OF_HIM}
    FROM customer_numbers AS listed
    JOIN customers ON customers.id = listed.customer_id
    {_HIS}
    WHERE listed.e164 = :number
    ORDER BY listed.customer_id, his.e164
    LIMIT {_MOST_CANDIDATES}
"""  # noqa: S608

# This one.
_TOLD = f"""
    SELECT '{Confidence.TOLD}', {_OF_HIM}
    FROM customers
    {_HIS}
    WHERE customers.id = :told
    ORDER BY his.e164
    LIMIT {_MOST_CANDIDATES}
"""  # noqa: S608
# Whom he was made one with.
_MERGED = """
    SELECT kept FROM customer_changes
    WHERE gone = :told AND what = 'merge' AND undone_at IS NULL
    ORDER BY serial DESC LIMIT 1
"""
_MOST_MERGES = 10  # One after the other.

_CONTACT = (
    *("id", "started_at", "channel", "number", "customer_id", "confidence"),
    *("queue", "agent", "reason", "outcome"),
)
_CALLS = f"""
    SELECT id, started_at, '{CALL}', number, customer_id, confidence, queue, agent, reason, outcome
    FROM calls WHERE
"""  # noqa: S608
_SURVEY = "survey"  # Not a contact: what he thought of one.
_SURVEYS = f"""
    SELECT id, at, '{_SURVEY}', number, customer_id, scale, queue, agent, question, CAST(score AS TEXT)
    FROM surveys WHERE
"""  # noqa: S608
_OTHERS = """
    SELECT id, at, channel, number, customer_id, NULL, queue, agent, reason, outcome
    FROM contacts WHERE
"""


def _newest(condition: str, nobodys: str = "") -> Iterator[str]:
    """The newest contacts for which this is true, by calls and by other channels, and what he thought of them.

    Each is one range of an index, and reads no more of it than it may return.
    """
    calls = f"{_CALLS} {condition} {nobodys} AND started_at < :at"
    yield f"{calls} ORDER BY started_at DESC LIMIT {MOST_CONTACTS}"
    yield f"{_OTHERS} {condition} AND at < :at ORDER BY at DESC LIMIT {MOST_OTHERS}"
    yield f"{_SURVEYS} {condition} AND at < :at ORDER BY at DESC LIMIT {_MOST_SURVEYS}"


def _all_of(parts: Iterable[str]) -> str:
    return " UNION ALL ".join(f"SELECT * FROM ({part}) AS part{n}" for n, part in enumerate(parts))  # noqa: S608


def _nobodys(count: int) -> Iterator[str]:
    """Nobody's contacts from :number0, :number1 …: whoever had a number before, took his along."""
    listed = ", ".join(f":number{n}" for n in range(count))
    # Not `customer_id IS NULL`: with statistics SQLite would rather read all strangers' calls of the window
    # by the index of customers (measured at 1,000,000 calls: 1.7 ms instead of 0.13).
    return _newest(
        f"number IN ({listed}) AND COALESCE(customer_id, '') = ''",
        f"AND (confidence IS NULL OR confidence = '{Confidence.UNLISTED}')",
    )


@lru_cache(maxsize=_MOST_CANDIDATES)
def _of_numbers(count: int) -> str:
    return _all_of(_nobodys(count))


@lru_cache(maxsize=_MOST_CANDIDATES)
def _of_customer_or_numbers(count: int) -> str:
    nobodys = _nobodys(count) if count else ()
    return _all_of((*_newest("customer_id = :customer"), *nobodys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Who calls, for the engine; and what only his screen shows, which no decision needs."""

    identity: Identity
    background: Background = NO_BACKGROUND


class Directory:
    """Who has a number. `agent_names` may be replaced when the configuration is."""

    def __init__(
        self,
        database: Database,
        *,
        region: str,
        ledger: LastMoments,
        agent_names: Mapping[AgentId, str],
    ) -> None:
        self.agent_names = agent_names
        self._database = database
        self._region = region
        self._ledger = ledger

    async def identify(self, number: str, *, at: int, window_ms: int) -> Identity:
        """Who calls from `number` at `at`, and his contacts in the window before. Raises DatabaseError."""
        return (await self.recognise(number, at=at, window_ms=window_ms)).identity

    async def rehearse(self, *, at: int) -> None:
        """Ask as for the first callers, so that none of them waits for connections and numbering plans.

        Raises DatabaseError.
        """
        example = example_number(self._region)
        await asyncio.gather(
            *(self.recognise(example, at=at, window_ms=0) for _ in range(LOOK_UPS))
        )

    def recognise(
        self, number: str, *, at: int, window_ms: int, told: CustomerId | None = None
    ) -> Coroutine[Any, Any, Recognition]:
        """As `identify`, with what is shown of him besides; `told` is the customer that he is. Raises DatabaseError.

        The tables are being read when this returns, before anybody awaits it.
        """
        reading = read_number(number, self._region)
        # Taken before the tables are read: what leaves the ledger's hands meanwhile is in one or both.
        unwritten = self._ledger.unwritten_calls()
        looking = None
        if reading.e164 or told:
            looking = self._database.look_up(_look_up, reading, told, at=at)
        return self._recognition(reading, looking, unwritten, at=at, window_ms=window_ms)

    async def _recognition(
        self,
        reading: Reading,
        looking: "Coroutine[Any, Any, _Found] | None",
        unwritten: Sequence[Mapping[CallId, CallChanges]],
        *,
        at: int,
        window_ms: int,
    ) -> Recognition:
        if looking is None:
            return Recognition(identity=Identity(confidence=reading.confidence, at=at))
        found = await looking
        found.lay_over(unwritten)
        newest = self._newest(found.calls, at=at, since=at - window_ms)
        earlier = earlier_contacts(found.confidence, newest, at=at, window_ms=window_ms)
        return Recognition(
            identity=Identity(
                number=reading.e164,
                confidence=found.confidence,
                customers=found.customers,
                earlier=earlier[:MOST_CONTACTS],
                at=at,
                surveyed_at=max((one.at for one in found.surveyed), default=None),
            ),
            background=Background(
                profiles=found.profiles,
                history=newest[:MOST_SHOWN],
                last_score=found.last_score,
            ),
        )

    def _newest(
        self, rows: Mapping[CallId, CallChanges], *, at: int, since: int
    ) -> tuple[Contact, ...]:
        """Those before `at`, newest first: all since `since`, and older ones as far as they are shown."""
        ordered = sorted(
            (-row["started_at"], call) for call, row in rows.items() if row["started_at"] < at
        )
        return tuple(
            self._contact(call, rows[call])
            for n, (negative, call) in enumerate(ordered)
            if -negative >= since or n < MOST_SHOWN
        )

    def _contact(self, call: CallId, row: CallChanges) -> Contact:
        agent = row.get("agent")
        return Contact(
            call=call,
            at=row["started_at"],
            # Whom we have called has not called us.
            channel=CALL_OUT if direction_of(call) is Direction.OUT else row.get("channel", CALL),
            queue=row.get("queue"),
            agent=agent,
            agent_name=self.agent_names.get(agent) if agent else None,
            reason=row.get("reason"),
            outcome=row.get("outcome"),
        )


class _Found:
    """What the tables say about one number, and then what the ledger has not written yet."""

    def __init__(self, reading: Reading, candidates: Sequence[tuple[Any, ...]]) -> None:
        by_id: dict[str, Customer] = {}
        kinds: list[Confidence] = []
        numbers: list[str] = []
        self.profiles: dict[CustomerId, Profile] = {}
        for (
            kind,
            customer,
            name,
            segment,
            language,
            notes,
            what,
            region,
            card,
            number,
        ) in candidates:
            if customer not in by_id:
                kinds.append(Confidence(kind))
                by_id[customer] = Customer(
                    id=CustomerId(customer),
                    name=name,
                    segment=segment,
                    language=language,
                    notes=notes,
                )
                self.profiles[CustomerId(customer)] = Profile(
                    kind=what,
                    region=region,
                    card=msgspec.json.decode(card) if card is not None else {},
                )
            if number is not None:
                numbers.append(number)
        self.customers = tuple(by_id.values())
        self.customer: CustomerId | None = None
        self.numbers: Sequence[str] = [reading.e164] if reading.e164 else []  # Nobody else's.
        self.calls: dict[CallId, CallChanges] = {}
        self.surveyed: list[Score] = []  # Whether he answered or not.
        if not kinds:
            self.confidence = reading.confidence
        elif len(kinds) == 1:
            self.confidence = kinds[0]
            self.customer = self.customers[0].id
            self.numbers = numbers
        elif Confidence.SWITCHBOARD in kinds:
            self.confidence = Confidence.SWITCHBOARD
        else:
            self.confidence = Confidence.SHARED

    @property
    def last_score(self) -> Score | None:
        """What he answered last."""
        given = [one for one in self.surveyed if one.score is not None]
        return max(given, key=lambda one: one.at, default=None)

    def lay_over(self, layers: Iterable[Mapping[CallId, CallChanges]]) -> None:
        """Add the calls that are his, and what is new of those already found, the oldest layer first."""
        if self.confidence not in CAN_REPEAT:
            return
        for layer in layers:
            for call, changes in layer.items():
                if call in self.calls:
                    self.calls[call] = {**self.calls[call], **changes}
                elif "started_at" in changes and self._is_his(changes):
                    self.calls[call] = changes

    def _is_his(self, changes: CallChanges) -> bool:
        customer = changes.get("customer_id")
        if customer is not None:
            return bool(customer == self.customer)
        untold = changes.get("confidence") in (None, Confidence.UNLISTED.value)
        return untold and changes.get("number") in self.numbers


def _look_up(connection: LookUp, reading: Reading, told: CustomerId | None, *, at: int) -> _Found:
    rows = connection.rows(_CANDIDATES, number=reading.e164) if reading.e164 else []
    found = _Found(reading, rows)
    if told and (found.confidence is not Confidence.OWN or found.customer != told):
        found = _told(connection, reading, told) or found
    if found.confidence not in CAN_REPEAT:
        return found
    asked = _of_numbers if found.customer is None else _of_customer_or_numbers
    values = {f"number{n}": number for n, number in enumerate(found.numbers)}
    rows = connection.rows(asked(len(found.numbers)), customer=found.customer, at=at, **values)
    for row in rows:
        if row[2] == _SURVEY:
            found.surveyed.append(_score(dict(zip(_CONTACT, row, strict=True))))
        else:
            found.calls[row[0]] = dict(zip(_CONTACT, row, strict=True))
    return found


def _told(connection: LookUp, reading: Reading, told: CustomerId) -> "_Found | None":
    """This customer, or who he is since he was merged; None if nobody of this id is listed."""
    for _ in range(_MOST_MERGES):
        if rows := connection.rows(_TOLD, told=told):
            return _Found(reading, rows)
        kept = connection.rows(_MERGED, told=told)
        if not kept:
            return None
        told = CustomerId(kept[0][0])
    return None


def _score(row: Mapping[str, Any]) -> Score:
    return Score(
        at=row["started_at"],
        question=row["reason"],
        scale=row["confidence"],
        score=None if row["outcome"] is None else int(row["outcome"]),
        queue=row["queue"],
        agent=row["agent"],
    )
