"""What only a caller's screen shows of him, kept while his call is with us; never reaches a decision or a journal.

The engine is told who calls; his products, promises, older contacts and what the CRM says travel beside it.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from acd.core.board import Board
from acd.core.customer import Contact
from acd.core.ids import AgentId, CallId, CustomerId, QueueId
from acd.core.notices import CallEnded, Notice, PreviewEnded

Json = Mapping[str, Any]

# What a role may not be shown of a caller, and what stands there then.
HIDEABLE: Json = {
    "number": None,  # Masked: some of it tells one call from another.
    "name": None,  # So is a name: its first letter.
    "segment": None,
    "language": None,
    "region": None,
    "notes": None,
    "addresses": (),
    "products": (),
    "services": (),
    "promises": (),
    "complaints": (),
    "contacts": (),
    "crm": None,
    "reminders": (),
    "scores": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of a customer besides what the engine is told."""

    kind: str = "person"
    region: str | None = None
    card: Json = field(default_factory=dict)  # addresses, products, services, promises, complaints


NO_PROFILE = Profile()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a customer was asked of a call of his, and answered, if he did."""

    at: int
    question: str | None
    scale: str | None
    score: int | None
    queue: QueueId | None = None
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Of one call. `history` is newest first, over all channels."""

    profiles: Mapping[CustomerId, Profile] = field(default_factory=dict)
    history: Sequence[Contact] = ()
    crm: Json | None = None
    last_score: Score | None = None


NO_BACKGROUND = Background()


def on_screens(board: Board) -> dict[CallId, None]:
    """Of whom screens show something now: those who call, and those whom an agent is shown to call."""
    previews = (view.preview for view in board.agents.values())
    tasks = (CallId(one.work.task) for one in previews if one is not None)
    return dict.fromkeys((*board.calls, *tasks))


class Backgrounds:
    """Those of the calls that are with us."""

    def __init__(self) -> None:
        self._of: dict[CallId, Background] = {}
        self._changed: Callable[[CallId], None] = lambda call: None

    def of(self, call: CallId) -> Background:
        """What is shown of this caller."""
        return self._of.get(call, NO_BACKGROUND)

    def know(self, call: CallId, background: Background) -> None:
        """Before the engine hears who calls."""
        crm = self.of(call).crm
        self._of[call] = (
            background
            if crm is None or background.crm is not None
            else replace(background, crm=crm)
        )

    def learn(self, call: CallId, crm: Json) -> None:
        """What the CRM says, whenever it does; who looks at the call already is shown it now."""
        self._of[call] = replace(self.of(call), crm=crm)
        self._changed(call)

    def owe(self, call: CallId, customer: CustomerId, promises: Sequence[Json]) -> None:
        """What is owed to this customer is different now; who looks at the call already is shown it now."""
        if call not in self._of:
            return  # He has hung up meanwhile.
        known = self.of(call)
        profile = known.profiles.get(customer, NO_PROFILE)
        card = {**profile.card, "promises": promises}
        profiles = {**known.profiles, customer: replace(profile, card=card)}
        self._of[call] = replace(known, profiles=profiles)
        self._changed(call)

    def keep_only(self, shown: Container[CallId]) -> None:
        """Forget all others: their ends were not heard."""
        self._of = {call: one for call, one in self._of.items() if call in shown}

    def on_change(self, changed: Callable[[CallId], None]) -> None:
        """Let `changed` hear of what came late."""
        self._changed = changed

    def hear(self, notices: Iterable[Notice]) -> None:
        """Forget the calls that are over. Must hear after whoever shows them."""
        for notice in notices:
            if isinstance(notice, CallEnded):
                self._of.pop(notice.call, None)
            elif isinstance(notice, PreviewEnded):
                self._of.pop(CallId(notice.task), None)
