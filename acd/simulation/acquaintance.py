"""Who calls a played centre, and what its books would know of him; draws from the play's seed and asks no database."""

from dataclasses import replace
from random import Random

from acd.core.customer import Confidence, Contact, Customer, Identity, earlier_contacts
from acd.core.ids import AgentId, CallId, CustomerId
from acd.simulation.scenario import People


class Acquaintance:
    """Everybody who has called so far, by his number."""

    def __init__(self, people: People, random: Random) -> None:
        self._people = people
        self._random = random
        self._contacts: dict[str, dict[CallId, Contact]] = {}
        self._numbers: list[str] = []
        self._vips: dict[str, Customer] = {}

    def number_of(self, nth: int) -> str:
        """Who calls as the so-manieth: somebody new, or somebody who has called before."""
        people, random = self._people, self._random
        if people.again and self._numbers and random.random() < people.again:
            return self._numbers[random.randrange(len(self._numbers))]
        number = f"{people.numbers}{nth:08}"
        self._numbers.append(number)
        if people.vip and random.random() < people.vip:
            self._vips[number] = Customer(id=CustomerId(number), name="", segment="vip")
        return number

    def has_called(self, number: str, call: CallId, at: int) -> None:
        """Note his call, where it matters that somebody calls again."""
        if self._people.again:
            self._contacts.setdefault(number, {})[call] = Contact(call=call, at=at)

    def was_served(self, number: str, call: CallId, agent: AgentId) -> None:
        """Note by whom."""
        calls = self._contacts.get(number, {})
        if call in calls:
            calls[call] = replace(calls[call], agent=agent)

    def identity(self, number: str, *, at: int, window_ms: int) -> Identity:
        """What is known of who calls from this number."""
        own = Confidence.OWN
        contacts = list(self._contacts.get(number, {}).values())
        earlier = earlier_contacts(own, contacts, at=at, window_ms=window_ms)
        vips = (self._vips[number],) if number in self._vips else ()
        return Identity(number=number, confidence=own, customers=vips, earlier=earlier)
