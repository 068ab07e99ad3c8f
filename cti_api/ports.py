"""What the API needs of the rest of the system, as Protocols; never how any of it is done.

An API in a process without an engine implements the same ports over the network.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from acd.cases.follow_up import FollowUpRule, Outcome
from acd.centre.changes import Reloaded
from acd.core.board import Board
from acd.core.events import Event
from acd.core.explain import Candidate
from acd.core.ids import AgentId, CallId
from acd.core.notices import Accepted, Notice, Refused, Supervised
from acd.core.outbound import Number
from acd.core.requests import Request


class Switchboard(Protocol):
    """The engine, as people outside meet it."""

    board: Board
    reachable: bool  # Whether what the board says is as it is now.

    @property
    def redis_heard(self) -> bool | None:
        """Whether what goes over Redis gets through; None: there is no Redis."""

    async def submit(self, request: Request) -> Accepted | Refused:
        """Ask for something; `at` and `request` are filled in there."""

    def deliver(self, event: Event) -> None:
        """Something has happened: an agent's client has come or gone."""

    def listen(self, listener: Callable[[Sequence[Notice]], None], *, first: bool = False) -> None:
        """Let `listener` hear all notices of each step, when the board knows them already.

        `first`: before a phone rings.
        """

    async def explain(self, call: CallId, agent: AgentId | None) -> Sequence[Candidate]:
        """Who gets this call and who does not, and why; of one agent, or of all in its queue."""

    def now_ms(self) -> int:
        """The time by which everything is stamped."""


class Backlog(Protocol):
    """What is to be written down, and is not yet."""

    @property
    def waits(self) -> bool:
        """Whether that is because the database is away."""

    @property
    def behind(self) -> int:
        """So many facts wait for the database."""

    @property
    def lost(self) -> int:
        """So many were given up since the start: it was away for too long."""


class Role(StrEnum):
    """What a user may do: see `rights`."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    ROUTER = "router"  # A system that chooses agents.
    BACK_OFFICE = "back-office"  # Sees to complaints, and verifies that they are settled.
    AUDITOR = "auditor"  # Reads what has been, and changes nothing.


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may use the API, and the agent he is, if he is one."""

    id: str
    role: Role
    agent: AgentId | None
    password_hash: str | None  # Of argon2id; None: a system, which has keys and no password.

    @property
    def supervises(self) -> bool:
        """Whether he sees everything and may act for every agent."""
        return self.role in (Role.SUPERVISOR, Role.ADMIN)

    @property
    def reads(self) -> bool:
        """Whether he may read the whole record: acts, decisions, reports, customers and what is owed to them."""
        return self.supervises or self.role is Role.AUDITOR

    @property
    def settles(self) -> bool:
        """Whether he sees all complaints, and may verify that they are settled."""
        return self.supervises or self.role is Role.BACK_OFFICE

    @property
    def routes(self) -> bool:
        """Whether he is asked which agent is to have a call, and may say so."""
        return self.role in (Role.ROUTER, Role.ADMIN)


class Users(Protocol):
    """Everybody who may log in."""

    async def find(self, user_id: str) -> User | None:
        """The user of this id, as he is now."""


class Issuer(Protocol):
    """Somebody else who knows who people are. Raises IssuerAwayError."""

    async def user_of(self, id_token: str) -> str | None:
        """The user whom this token names, or None if it is not to be believed."""


class TokenStore(Protocol):
    """Where log-ins are kept over a restart. Knows a token's hash only, never the token."""

    async def keep(
        self, digest: str, user_id: str, created_at: int, expires_at: int, key: str | None
    ) -> None:
        """Keep this log-in, or the key of this name."""

    async def revoke(self, digest: str, at: int) -> None:
        """This log-in is over."""

    async def valid(self, at: int) -> Sequence[tuple[str, str, int, int, str | None]]:
        """All that are neither over nor revoked: (digest, user id, created at, expires at, name of the key)."""


class TicketStore(Protocol):
    """Where tickets are kept that any process may be shown. Knows a ticket's hash only, and its log-in's."""

    async def keep(self, ticket: str, digest: str, life_ms: int) -> None:
        """Whoever shows this ticket has this log-in."""

    async def take(self, ticket: str) -> str | None:
        """The log-in of this ticket, which is used up."""


class AnswerStore(Protocol):
    """Where answers are kept for those who ask again; what they say is not its business. Raises EngineAway."""

    async def claim(self, key: str, text: str, *, at: int, life_ms: int) -> str | None:
        """Keep this if there is nothing yet; else what there is."""

    async def put(self, key: str, text: str, *, at: int, life_ms: int) -> None:
        """Keep this, whatever there is."""

    async def drop(self, key: str) -> None:
        """Keep nothing."""


class PastCalls(Protocol):
    """Calls that are over: who had them, so that nobody else writes down their outcome."""

    async def served_by(self, call: CallId) -> AgentId | None:
        """The agent who talked to this caller, or None if the call is not known or nobody did."""


class Audit(Protocol):
    """The record of who has acted on an agent who is not himself."""

    async def acts(
        self, *, agent: AgentId | None, before: int | None, limit: int
    ) -> Sequence[Supervised]:
        """The newest so many, newest first: on this agent or anybody, before that moment or until now."""


class Sound(Protocol):
    """What can be heard, as a file."""

    @property
    def size(self) -> int:
        """Its bytes."""

    def read(self, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there. Raises SoundAwayError."""


class Recordings(Protocol):
    """What was said. Rows are as `shapes.recordings` says. What cannot be reached raises SoundAwayError."""

    @property
    def agents_hear(self) -> bool:
        """Whether an agent may hear the recordings of his own calls."""

    async def listed(
        self,
        *,
        call: CallId | None,
        queue: str | None,
        agent: AgentId | None,
        of: AgentId | None,
        since: int | None,
        before: int | None,
        limit: int,
    ) -> Sequence[Mapping[str, Any]]:
        """The newest so many, newest first; `of`: only those in which this agent has talked."""

    async def find(self, name: str, *, of: AgentId | None) -> Mapping[str, Any] | None:
        """One part."""

    async def sound(self, names: Sequence[str]) -> Sound | None:
        """Of these parts, one after the other as one WAV file; None if there is none."""

    async def note_heard(self, name: str, *, by: str) -> None:
        """This user hears it."""


class Persons(Protocol):
    """Who is who, and who is to be forgotten: `shapes.privacy`. What is refused raises CaseRefusedError."""

    async def merge(self, kept: str, gone: str, *, by: str, reason: str) -> Mapping[str, Any]:
        """Two are one and the same: all that was `gone`'s is `kept`'s."""

    async def split(
        self, customer: str, new: str, name: str, numbers: Sequence[str], *, by: str, reason: str
    ) -> Mapping[str, Any]:
        """These numbers are another customer's, with what came from them."""

    async def undo(self, change: int, *, by: str, reason: str) -> None:
        """Take a merge or a split back."""

    async def erase(self, customer: str, *, by: str, reason: str) -> Mapping[str, int]:
        """Forget this customer; how many rows of each table were touched."""

    async def changes(self, customer: str) -> Sequence[Mapping[str, Any]]:
        """The merges and splits that he was part of, newest first."""


class Promises(Protocol):
    """What is owed to customers. Rows are as `shapes.cases` says. What is refused raises CaseRefusedError."""

    async def served(self, agent: AgentId, customer: str, *, since: int) -> bool:
        """Whether this agent has talked to this customer since then."""

    async def make(
        self,
        customer: str,
        *,
        what: str,
        owner: str | None,
        due_at: int,
        call: str | None,
        by: str,
        at: int,
    ) -> Mapping[str, Any]:
        """Owe this customer something."""

    async def change(
        self, customer: str, promise: str, said: Mapping[str, Any], *, by: str, at: int
    ) -> Mapping[str, Any]:
        """Change what is said of it, with a note."""

    async def find(self, customer: str, promise: str) -> Mapping[str, Any]:
        """One promise."""

    async def listed(
        self, *, owner: str | None, state: str | None, due_before: int | None
    ) -> Sequence[Mapping[str, Any]]:
        """Those of this owner, in this state, due before then."""

    async def changes(self, kind: str, customer: str, subject: str) -> Sequence[Mapping[str, Any]]:
        """Who has changed what of it."""


class Complaints(Protocol):
    """What customers complain of. Rows are as `shapes.cases` says. What is refused raises CaseRefusedError."""

    async def make(
        self,
        customer: str,
        *,
        what: str,
        category: str | None,
        owner: str | None,
        due_at: int,
        call: str | None,
        by: str,
        at: int,
    ) -> Mapping[str, Any]:
        """Open one."""

    async def change(
        self, complaint: str, said: Mapping[str, Any], *, by: str, at: int
    ) -> Mapping[str, Any]:
        """Change what is said of it, with a note."""

    async def find(self, complaint: str) -> Mapping[str, Any]:
        """One complaint."""

    async def listed(
        self, *, owner: str | None, state: str | None, due_before: int | None
    ) -> Sequence[Mapping[str, Any]]:
        """Those of this owner, in this state, due before then."""

    async def changes(self, kind: str, customer: str, subject: str) -> Sequence[Mapping[str, Any]]:
        """Who has changed what of it."""


class Tasks(Protocol):
    """Who is to be called. Rows are as `shapes.cases` says. What is refused raises CaseRefusedError."""

    async def listed(
        self, *, state: str, agent: str | None = None, queues: Collection[str] = ()
    ) -> Sequence[Mapping[str, Any]]:
        """Those in this state: all, or an agent's and those of his queues that are anybody's."""

    async def find(self, task: str) -> Mapping[str, Any]:
        """One task."""

    async def close(self, task: str, *, outcome: str, at: int) -> Mapping[str, Any]:
        """He was called, and this came of it."""


class Surveys(Protocol):
    """What customers think of their calls. Rows are as `shapes.surveys` says. Raises CaseRefusedError."""

    async def of_call(self, call: str) -> Mapping[str, Any] | None:
        """Who called, and who had him last."""

    async def give(
        self, said: Mapping[str, Any], *, of: Mapping[str, Any], by: str, at: int
    ) -> Mapping[str, Any]:
        """Keep an answer."""

    async def listed(
        self, *, queue: str | None, agent: str | None, before: int | None, limit: int
    ) -> Sequence[Mapping[str, Any]]:
        """The newest so many answers."""


class FollowUps(Protocol):
    """Who is on a list to be called. Rows are as `shapes.follow_ups` says. Raises CaseRefusedError."""

    def rules(self) -> Mapping[str, FollowUpRule]:
        """By which lists are filled and worked off, as the centre's file is now."""

    async def create(self, rule: FollowUpRule, name: str, *, by: str, at: int) -> Mapping[str, Any]:
        """A list with nobody on it."""

    async def find(self, name: str) -> Mapping[str, Any]:
        """One list."""

    async def lists(self) -> Sequence[Mapping[str, Any]]:
        """All of them."""

    async def close(self, name: str, *, at: int) -> Mapping[str, Any]:
        """Nobody on it is called any more."""

    async def entries(self, name: str, *, state: str | None) -> Sequence[Mapping[str, Any]]:
        """Who is on it."""

    async def add(
        self, name: str, rule: FollowUpRule, rows: Sequence[Mapping[str, Any]], *, at: int
    ) -> tuple[int, list[str]]:
        """Put these on it; how many are new, and what is wrong with others."""

    async def drawn(self, rule: FollowUpRule, day: date) -> Sequence[Mapping[str, Any]]:
        """Whom the rule draws of a day's calls."""

    async def settle(
        self,
        task: str,
        outcome: Outcome,
        rules: Mapping[str, FollowUpRule],
        *,
        by: str | None,
        at: int,
        again_at: int | None = None,
        note: str | None = None,
    ) -> Mapping[str, Any]:
        """This came of an attempt."""

    async def bar(self, number: str, *, by: str, at: int) -> None:
        """No list calls it."""

    async def unbar(self, number: str) -> None:
        """Lists may call it again."""

    async def barred(self) -> Sequence[Mapping[str, Any]]:
        """What no list calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """What is between customers and us from one call to the next."""

    promises: Promises
    complaints: Complaints
    tasks: Tasks
    surveys: Surveys
    follow_ups: FollowUps


class PastDecisions(Protocol):
    """Why calls that are over went to whom they went."""

    async def explain(self, call: CallId, agent: AgentId | None) -> Sequence[Candidate] | None:
        """As it was when the call was last offered, or began to wait; None: it is not known. Raises TooLongError."""


class ReadNumber(Protocol):
    """Reads the number that somebody wants to call."""

    def __call__(self, text: str, /) -> Number | None:
        """The number, or None if it is none."""


class CentreFiles(Protocol):
    """The files that say how the call centre is."""

    @property
    def reload_good(self) -> bool:
        """Whether what was read last is in force."""

    async def reload(self, by: str) -> Reloaded:
        """Put what they say now in force, as a whole or not at all, and note who had it done."""


class Customers(Protocol):
    """Customers and their contacts by other channels. Rows and records are as `shapes.customers` says."""

    async def put(self, rows: Sequence[Mapping[str, Any]], *, at: int) -> Mapping[str, Any]:
        """List customers or correct them."""

    async def find(self, customer: str) -> dict[str, Any] | None:
        """All that is listed of a customer."""

    async def who_has(self, number: str, *, at: int) -> Sequence[str]:
        """The ids of the customers who have a number."""

    async def put_contacts(
        self, rows: Sequence[Mapping[str, Any]], *, at: int
    ) -> Mapping[str, Any]:
        """Keep contacts."""
