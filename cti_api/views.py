"""What is going on, rendered for the wire: for one who sees it in full, or in part; knows no user.

Numbers and names come from the telephone network, so from anybody: what is shown has no control
characters, has an end, and can be encoded.
"""

from collections.abc import Callable

from acd.core import supervision
from acd.core.board import AgentView, CallView, QueueDispositions, QueueView
from acd.core.call_permits import consulted_of
from acd.core.customer import CAN_REPEAT, Contact, Customer
from acd.core.estimate import Forecast
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.notices import PreviewOffered
from acd.core.permits import Standing, allowed, forcible
from acd.core.route import RouteCandidate
from acd.pop import NO_PROFILE, Background, Backgrounds, Score
from cti_api import masks
from cti_api.frames import routing
from cti_api.masks import Masks
from cti_api.ports import User
from cti_api.rights import call_actions
from cti_api.shapes import access, agents, callers, calls, forms, queues
from cti_api.shapes.previews import Preview

_LONGEST = 64
_MOST_EARLIER = 10
LONGEST_DATA = 200
LONGEST_PROBLEM = 1_000  # It says what to do at its end.


class Views:
    """Renders. `queue_names` is kept up to date by the feed."""

    def __init__(
        self,
        backgrounds: Backgrounds,
        masks: Masks,
        picks_up: Callable[[AgentId], bool],
        calls_out: Callable[[], bool],
    ) -> None:
        self.picks_up = picks_up
        self.calls_out = calls_out
        self.masks = masks
        self.backgrounds = backgrounds
        self.queue_names: dict[QueueId, str] = {}

    def call(
        self,
        view: CallView,
        *,
        full: bool,
        supervises: bool,
        agent: AgentId | None = None,
        background: Background | None = None,
    ) -> calls.Call:
        """A call, for one who may see it in full or in part; `background` as it was then, or else as it is.

        `agent` is who looks, if it matters whether he has the call or is beside it.
        """
        if background is None:
            background = self.backgrounds.of(view.id)
        return {
            "id": view.id,
            "phase": view.phase,  # type: ignore[typeddict-item] # The board's words.
            "direction": view.direction.value,
            "started_at": view.started_at,
            "dialled": plain(view.dialled),
            "caller": self._caller(view, background, supervises) if full else _masked_caller(view),
            "queue": self._queue_name(view.queue),
            "priority": view.priority,
            "requires": list(view.requires),
            "reason": view.reason,
            "menus": list(view.menus),
            "joined_at": view.joined_at,
            "expected_wait": _expected(view.expected),
            "resumed": view.resumed,
            "agent": view.agent,
            "ringing": list(view.ringing),
            "attempts": view.attempts,
            "connected_at": view.connected_at,
            "held_since": view.held_since,
            "parties": [
                {"agent": one.agent, "state": one.state.value, "muted": one.muted}  # type: ignore[typeddict-item] # Of those who are there.
                for one in view.parties
            ],
            "outsiders": [
                {
                    "number": plain(one.number),
                    "transfer": one.transfer,
                    "state": one.state.value,  # type: ignore[typeddict-item] # Of those who are there.
                    "muted": one.muted,
                }
                for one in view.outsiders
            ],
            "supervisors": _supervisors(view)
            if full and (supervises or self.masks.agents_see_supervision)
            else [],
            "recording": _recording(view) if full else None,
            "data": {plain(key): plain(text, LONGEST_DATA) for key, text in view.data.items()}
            if full
            else {},
            "allowed": call_actions(
                view,
                supervises=supervises,
                agent=agent,
                picks_up=self.picks_up,
                calls_out=self.calls_out,
            )
            if full
            else [],
            "callback": _callback(view) if full else None,
        }

    def preview(self, notice: PreviewOffered, *, supervises: bool) -> Preview:
        """Who is to be called, as he would pop if he called."""
        work = notice.work
        name = CallId(work.task)
        as_call = CallView(
            id=name,
            phase="preview",
            number=work.number.digits,
            name="",
            dialled="",
            started_at=notice.at,
            identity=work.identity.meaning(work.customer),
        )
        return {
            "task": work.task,
            "list": work.list,
            "queue": self._queue_name(work.queue),
            "why": plain(work.why, LONGEST_DATA),
            "until": notice.until,
            "caller": self._caller(as_call, self.backgrounds.of(name), supervises),
            "data": {plain(key): plain(text, LONGEST_DATA) for key, text in work.data.items()},
        }

    def _caller(self, view: CallView, background: Background, supervises: bool) -> callers.Caller:
        identity = view.identity
        history = background.history or identity.earlier
        earlier = [self._contact(contact) for contact in history[:_MOST_EARLIER]]
        caller: callers.Caller = {
            "number": plain(identity.number or view.number),
            "name": plain(view.name),
            "confidence": identity.confidence.value,
            "customers": [_customer(customer, background) for customer in identity.customers],
            "contact_number": identity.repeats + 1 if identity.confidence in CAN_REPEAT else None,
            "window_ms": identity.window_ms,
            "last_contact": earlier[0] if earlier else None,
            "earlier": earlier,
            "last_score": _score(background.last_score),
            "crm": dict(background.crm) if background.crm is not None else None,
            "reminders": [
                {"id": one.id, "kind": one.kind, "text": one.text}  # type: ignore[typeddict-item] # The file's words.
                for one in self.masks.reminders(view, background, supervises=supervises)
            ],
        }
        return self.masks.of_caller(caller, supervises=supervises)

    def _contact(self, contact: Contact) -> callers.Contact:
        agent = contact.agent
        return {
            "call": contact.call,
            "at": contact.at,
            "channel": contact.channel,
            "queue": self._queue_name(contact.queue),
            "agent": {"id": agent, "name": contact.agent_name or agent} if agent else None,
            "reason": contact.reason,
            "outcome": contact.outcome,
        }

    def _queue_name(self, queue: QueueId | None) -> forms.Named | None:
        # A queue that is no longer configured has only its id.
        if queue is None:
            return None
        return {"id": queue, "name": self.queue_names.get(queue, queue)}


def _score(said: Score | None) -> callers.Score | None:
    if said is None or said.score is None or said.scale is None or said.question is None:
        return None
    return {  # type: ignore[return-value] # The scale is one of `ivr.steps.SCALES`.
        "at": said.at,
        "question": said.question,
        "scale": said.scale,
        "score": said.score,
        "queue": said.queue,
        "agent": said.agent,
    }


def _supervisors(view: CallView) -> list[calls.Supervisor]:
    consulting = consulted_of(view.parties) is not None
    return [
        {
            "agent": one.agent,
            "mode": one.mode.value,
            "since": one.since,
            "allowed": list(
                supervision.allowed(one.mode, heard=one.since is not None, consulting=consulting)  # type: ignore[arg-type] # Its words.
            ),
        }
        for one in view.supervisors
    ]


def _callback(view: CallView) -> calls.CallCallback | None:
    owed = view.callback
    if owed is None:
        return None
    return {
        "id": owed.id,
        "asked_at": owed.asked_at,
        "by": owed.by,
        "origin": owed.origin,
        "tries": owed.tries,
        "due_at": owed.due_at,
    }


def _recording(view: CallView) -> calls.CallRecording | None:
    if view.recording is None:
        return None
    return {
        "state": view.recording.state.value,
        "part": view.recording.part,
        "withheld": view.recording.withheld,
    }


def agent(view: AgentView, *, full: bool) -> agents.Agent:
    """An agent."""
    standing = view.standing if full else None
    return {
        "id": view.id,
        "name": view.name,
        "device": (view.phone or None) if full else None,
        "desk": view.desk.id if full and view.desk is not None else None,
        "queues": list(view.queues),
        "skills": dict(view.skills) if full else {},
        "duties": "changed" if view.duties.any else "file",
        "state": view.state.value,
        "since": view.since,
        "causes": [{"cause": c, "reason": r} for c, r in view.causes] if full else [],  # type: ignore[typeddict-item] # The engine's words.
        "pending": view.pending.value if view.pending else None,  # type: ignore[typeddict-item] # Never a busy state.
        "own_call": view.own_call.value if full and view.own_call else None,  # type: ignore[typeddict-item] # One of three.
        "device_state": view.device_state.value if full else None,
        "call": view.call if full else None,
        "until": view.until,
        "wrap_up": view.wrap_up.value if view.wrap_up else None,  # type: ignore[typeddict-item] # Nobody is in one of mode `none`.
        "undisposed": view.undisposed if full else None,
        "follows": {"agent": view.follows.agent, "mode": view.follows.mode.value}
        if full and view.follows is not None
        else None,
        "preview": view.preview.work.task if full and view.preview is not None else None,
        "allowed": _allowed(view, standing) if standing else [],
        "forcible": [action.value for action in forcible(standing)] if standing else [],  # type: ignore[misc] # A supervisor's.
    }


def _allowed(view: AgentView, standing: Standing) -> list[agents.AgentAction]:
    own: list[agents.AgentAction] = [action.value for action in allowed(standing)]  # type: ignore[misc] # His own words of `Action`.
    return [*own, "make-call"] if view.calls_out else own


def candidate(one: RouteCandidate) -> routing.RouteCandidate:
    """An agent whom a router may choose."""
    return {
        "agent": one.agent,
        "team": one.team,
        "skills": dict(one.skills),
        "level": one.level,
        "idle_ms": one.idle_ms,
        "calls": one.calls,
        "busy_share": one.busy_share,
    }


def queue(view: QueueView) -> queues.Queue:
    """A queue."""
    return {
        "id": view.id,
        "name": view.name,
        "waiting": view.waiting,
        "longest_since": view.longest_since,
        "answered": view.answered,
        "abandoned": view.abandoned,
        "estimates_good": view.estimates_good,
    }


def _expected(found: Forecast | None) -> calls.ExpectedWait | None:
    if found is None:
        return None
    return {"at": found.at, "median_ms": found.median_ms, "upper_ms": found.upper_ms}


def dispositions(found: QueueDispositions) -> queues.QueueDispositions:
    """What may come of a queue's calls."""
    divided = {one.above: None for one in found.tree}
    return {
        "required": found.required,
        "dispositions": [
            {
                "code": one.code,
                "name": one.name,
                "above": one.above,
                "choose": one.code not in divided,
                "reason": one.is_reason,
            }
            for one in found.tree
        ],
    }


def you(user: User) -> access.You:
    """Who is asking."""
    return {"user": user.id, "role": user.role.value, "agent": user.agent}


def plain(text: str, longest: int = _LONGEST) -> str:
    """The text without control characters and halves of characters, cut where nobody reads on."""
    if text.isascii() and text.isprintable():
        return text[:longest]
    clean = text[:longest].encode("utf-8", "replace").decode("utf-8")
    return "".join(character for character in " ".join(clean.split()) if character.isprintable())


def masked(number: str) -> str:
    """What anybody said is his number, with its subscriber's part hidden."""
    return masks.masked(plain(number))


def _customer(customer: Customer, background: Background) -> callers.Customer:
    profile = background.profiles.get(customer.id, NO_PROFILE)
    return {
        "id": customer.id,
        "name": customer.name,
        "kind": profile.kind,
        "segment": customer.segment,
        "language": customer.language,
        "region": profile.region,
        "notes": customer.notes,
        "addresses": profile.card.get("addresses", []),
        "products": profile.card.get("products", []),
        "services": profile.card.get("services", []),
        "promises": profile.card.get("promises", []),
        "complaints": profile.card.get("complaints", []),
    }


def _masked_caller(view: CallView) -> callers.Caller:
    return {
        "number": masked(view.identity.number or view.number),
        "name": "",
        "confidence": view.identity.confidence.value,
        "customers": [],
        "contact_number": None,
        "window_ms": view.identity.window_ms,
        "last_contact": None,
        "earlier": [],
        "last_score": None,
        "crm": None,
        "reminders": [],
    }
