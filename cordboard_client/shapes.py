"""Everything that goes over the wire, typed. Made by `make client` from the API's own description; not to be edited."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Reason: TypeAlias = Literal[
    "unknown-agent",
    "no-preview",
    "unknown-callback",
    "called-back-already",
    "no-callbacks",
    "unknown-call",
    "not-logged-in",
    "not-in-wrap-up",
    "wrap-up-locked",
    "not-extensible",
    "held-by-supervisor",
    "no-phone",
    "unknown-desk",
    "desk-taken",
    "call-in-hand",
    "unknown-skill",
    "not-your-call",
    "not-asked",
    "not-a-candidate",
    "caller-absent",
    "not-waiting",
    "unknown-queue",
    "bad-requirement",
    "not-talking",
    "on-hold",
    "not-on-hold",
    "queue-refuses",
    "agent-not-free",
    "not-disposed",
    "unknown-disposition",
    "nobody-free",
    "consulting",
    "not-consulting",
    "consult-not-answered",
    "in-conference",
    "own-call",
    "not-supervising",
    "supervision-not-answered",
    "may-not-be-recorded",
    "recorded-already",
    "not-recorded",
    "recording-paused",
    "recording-not-paused",
    "not-in-call",
    "in-call-already",
    "not-ringing",
    "phone-cannot",
    "too-much-data",
    "bad-number",
    "outbound-stopped",
    "no-route",
    "premium-number",
    "satellite-number",
    "outside-hours",
    "agent-cap",
    "centre-cap",
    "not-authenticated",
    "wrong-credentials",
    "not-allowed",
    "foreign-origin",
    "not-found",
    "method-not-allowed",
    "unknown-customer",
    "same-customer",
    "customer-exists",
    "not-his-numbers",
    "unknown-change",
    "undone-already",
    "unknown-promise",
    "unknown-complaint",
    "not-by-you",
    "unknown-recording",
    "no-such-range",
    "unknown-list",
    "unknown-rule",
    "not-listed",
    "unknown-task",
    "unknown-user",
    "unknown-key",
    "not-now",
    "broken-centre",
    "too-long-ago",
    "not-answered",
    "too-large",
    "invalid",
    "unknown-subprotocol",
    "upgrade-required",
    "key-reused",
    "still-running",
    "too-many-attempts",
    "too-many-commands",
    "too-many-sockets",
    "engine-away",
    "store-away",
    "issuer-away",
    "fault",
]


class Act(TypedDict):
    """Somebody has acted on an agent who is not himself, or on the centre. An action may be of another version."""

    at: int
    # A user, SIGHUP, RETENTION, or who sat at the server's terminal: terminal:root.
    by: str
    # null: the whole centre.
    agent: str | None
    action: str
    reason: str
    # What is different by it: the new queues, skills.
    detail: str


class Address(TypedDict):
    """Where a customer lives, or has something of ours."""

    id: str
    text: str
    region: str | None


class AddressWanted(TypedDict):
    """Where a customer lives, or has something of ours."""

    id: NotRequired[str]
    text: str
    region: NotRequired[str | None]


class Agent(TypedDict):
    """An agent, on shift or not. Colleagues see the state, but no cause, no device and no call."""

    id: str
    name: str
    # The phone that rings: his own, or the desk's; null: he has none now.
    device: str | None
    # Where he sits in this shift, unless it is at his own phone.
    desk: str | None
    queues: list[str]
    skills: dict[str, int]
    # Whether queues and skills are the file's, or a supervisor's.
    duties: Literal["file", "changed"]
    # `dialling`: calls somebody. `busy-acd`: a call of ours. `busy-consult`: beside another
    # agent who has the call. `busy-supervising`: hears another agent's call, or is rung for it.
    # `busy-inbound`, `busy-outbound`, `busy-other`: the phone has a call that is none of ours;
    # it rang, it did not, nobody knows.
    state: Literal[
        "logged-out",
        "not-ready",
        "ready",
        "offered",
        "dialling",
        "busy-acd",
        "busy-consult",
        "busy-supervising",
        "wrap-up",
        "busy-inbound",
        "busy-outbound",
        "busy-other",
    ]
    # Since when; 0: he has been in no other state that is known here.
    since: int
    causes: list[Cause]
    # The state that follows the call in hand, the work after it and his own call.
    pending: Literal["logged-out", "not-ready", "ready"] | None
    # The phone has a call that is none of ours: his state by it, now, or when his wrap-up is
    # over and it is not.
    own_call: Literal["busy-inbound", "busy-outbound", "busy-other"] | None
    # How Asterisk sees his phone, in its words: NOT_INUSE, INUSE …
    device_state: str | None
    # The call that he has, is beside, or is rung for; null: none is his.
    call: str | None
    # When wrap-up ends by itself.
    until: int | None
    # What else ends it. `optional`: `ready`, `finish-wrap-up`, or a break, which begins at
    # once; `timed`: the first two; `locked`: nothing that he can say.
    wrap_up: Literal["optional", "timed", "locked"] | None
    # The call whose outcome must be recorded before wrap-up can be ended.
    undisposed: str | None
    # Whose calls he hears, if he is a supervisor.
    follows: Follows | None
    # The task of which he is shown whom to call: `GET …/preview`.
    preview: str | None
    # What the agent, or a supervisor in his place, may do now.
    allowed: list[
        Literal[
            "log-in",
            "become-ready",
            "become-not-ready",
            "set-do-not-disturb",
            "lift-do-not-disturb",
            "finish-wrap-up",
            "extend-wrap-up",
            "make-call",
            "accept-preview",
            "skip-preview",
            "log-out",
        ]
    ]
    # What only a supervisor may do now.
    forcible: list[
        Literal[
            "force-ready",
            "force-not-ready",
            "force-finish-wrap-up",
            "force-log-out",
            "change-duties",
        ]
    ]


class AgentChanged(TypedDict):
    """An agent's state, device or call is another one."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["agent-changed"]
    agent: str
    view: Agent


class Answer(TypedDict):
    """An answer, as it is kept."""

    id: str
    at: int
    call: str | None
    customer: str | None
    queue: str | None
    agent: str | None
    question: str
    scale: Literal["csat", "nps"]
    score: int
    # `keys`: pressed after the call.
    source: str
    # The user who has told us of it.
    given_by: str | None


class AnswerWanted(TypedDict):
    """What a customer answered, asked in another way than by keys after his call.

    Name the call; or, where there was none, the customer or his number, and the queue and agent whom it is about.
    """

    call: NotRequired[str | None]
    customer: NotRequired[str | None]
    number: NotRequired[str | None]
    queue: NotRequired[str | None]
    agent: NotRequired[str | None]
    # What was asked; the scale's name if nothing is said.
    question: NotRequired[str | None]
    # csat: 1 to 5; nps: 0 to 10.
    scale: Literal["csat", "nps"]
    score: int
    # How it came in: sms, call, web …
    source: str


class BarWanted(TypedDict):
    """Whom no list is to call."""

    number: str


class Barred(TypedDict):
    """A number that no list calls."""

    number: str
    at: int
    by: str


class Call(TypedDict):
    """A call. Who has no part in it sees a masked number and nothing else of the caller."""

    id: str
    # Of a call that an agent makes: `placed` while the agent's own phone rings, `dialling`
    # while that of who is called does. `outside`: left to a number. `survey`: the agent has
    # hung up, and the caller is asked what he thinks of it.
    phase: Literal[
        "arrived",
        "menu",
        "waiting",
        "paused",
        "offered",
        "placed",
        "dialling",
        "talking",
        "outside",
        "survey",
        "ended",
    ]
    # `out`: an agent calls somebody.
    direction: Literal["in", "out"]
    started_at: int
    # The number by which he came.
    dialled: str
    caller: Caller
    queue: Named | None
    # The higher, the sooner, whoever waits longer.
    priority: int
    # What it asks of agents by itself; all must hold.
    requires: list[str]
    # Why he calls, as the dialplan says or a menu has learned.
    reason: str | None
    # Those that the caller has been in.
    menus: list[str]
    # Since when he waits, or waited, for an agent.
    joined_at: int | None
    # null: not in a queue yet, or its estimates are not good enough now.
    expected_wait: ExpectedWait | None
    # The earlier call whose place he has again, as he called back in time.
    resumed: str | None
    # Who has it, or is the first to be rung for it.
    agent: str | None
    # Whose phones ring for it.
    ringing: list[str]
    # How many agents have been rung for it.
    attempts: int
    # Since when the one who has it has talked to him.
    connected_at: int | None
    # Since when the caller hears music.
    held_since: int | None
    # Agents beside the one who has it, consulted or in conference.
    parties: list[Party]
    # Numbers, the same; in phase `outside` no agent has the call any more.
    outsiders: list[Outsider]
    # Who hears it; an agent sees that unless the centre's file hides it.
    supervisors: list[Supervisor]
    # null: it may not be recorded, or nobody has had it yet.
    recording: CallRecording | None
    # What was noted with it for screens: see `write-data`.
    data: dict[str, str]
    # What it pays, until he is reached.
    callback: CallCallback | None
    # What you may do with it now.
    allowed: list[
        Literal[
            "hold",
            "retrieve",
            "transfer",
            "send-tones",
            "consult",
            "alternate",
            "complete-consult",
            "cancel-consult",
            "conference",
            "remove-party",
            "mute-party",
            "unmute-party",
            "clear",
            "record",
            "stop-recording",
            "pause-recording",
            "resume-recording",
            "record-outcome",
            "answer",
            "write-data",
            "reject",
            "deflect",
            "leave",
            "set-requirement",
            "set-priority",
            "move-to-queue",
            "move-to-front",
            "cancel-callback",
            "listen",
            "whisper",
            "barge",
        ]
    ]


class CallCallback(TypedDict):
    """What a call pays: somebody is to be called back. `DELETE /v1/callbacks/{callback}` calls it off."""

    # It stays from one attempt to the next; the call's does not.
    id: str
    asked_at: int
    # Who asked for it; empty: the caller.
    by: str
    # The call in which he did.
    origin: str | None
    # How often he was called.
    tries: int
    # He is not called before then.
    due_at: int


class CallChanged(TypedDict):
    """A supervisor has changed what a waiting call asks for, or its place; `view` says how it is now."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-changed"]
    call: str
    # The user who did it.
    by: str
    change: Literal["requirement", "priority", "queue", "front"]
    view: Call


class CallConnected(TypedDict):
    """Caller and agent hear each other."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-connected"]
    call: str
    offer: str
    agent: str
    waited_ms: int
    view: Call


class CallEnded(TypedDict):
    """The call is no longer with us. `agent` is who talked, if anybody did, or who made it."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-ended"]
    call: str
    agent: str | None
    ending: Literal[
        "completed", "abandoned", "left-menu", "released", "taken-back", "lost", "not-reached"
    ]
    # With what it was given back; of `not-reached`: busy, rejected, no-answer, unknown-number,
    # unreachable (the trunk is down or full), agent-gave-up, agent-no-answer, agent-
    # unreachable, outbound-stopped.
    detail: str
    waited_ms: int
    # Of the last conversation, holds included.
    talked_ms: int
    held_ms: int
    view: Call


class CallHandedOut(TypedDict):
    """No agent has the caller any more, who is left to a number that rings or talks; `agent` had him, if one did."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-handed-out"]
    call: str
    number: str
    agent: str | None
    talked_ms: int
    held_ms: int
    view: Call


class CallHeld(TypedDict):
    """The caller hears music."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-held"]
    call: str
    agent: str
    view: Call


class CallList(TypedDict):
    """A list, and how those on it stand."""

    id: str
    rule: str
    name: str
    created_at: int
    created_by: str
    closed_at: int | None
    # How many are open, offered, calling …
    states: dict[str, int]
    # What came of how many so far.
    outcomes: dict[str, int]


class CallOffered(TypedDict):
    """The screen pop: the phone of `agent` is about to ring for this call."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-offered"]
    call: str
    offer: str
    agent: str
    attempt: int
    waited_ms: int
    view: Call


class CallOverflowed(TypedDict):
    """A step of a queue's overflow was done for a caller; what it did is one of `also`, `to` and `result`."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-overflowed"]
    call: str
    queue: str
    # The first of the queue's steps is 1.
    step: int
    # Agents of these queues are asked too.
    also: list[str]
    # The queue in which he waits on.
    to: str | None
    # With this he goes back to the dialplan.
    result: str | None
    view: Call


class CallPlaced(TypedDict):
    """The screen pop of a call that `agent` makes: his own phone is about to ring, and is to be picked up first."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-placed"]
    call: str
    offer: str
    agent: str
    # By which way out, of the centre's file.
    route: str
    view: Call


class CallQueued(TypedDict):
    """The caller waits."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-queued"]
    call: str
    view: Call


class CallRecording(TypedDict):
    """The recording of a call that may be recorded.

    `off`: nothing is recorded now. `between`: it goes on when the next agent has the caller. `failed`: Asterisk does
    not record though it should.
    """

    state: Literal["off", "starting", "running", "paused", "between", "failed"]
    # Of the part under way, or the last one; 0: none yet.
    part: int
    # Somebody has paused it, and it stays so until somebody lets it go on.
    withheld: bool


class CallRetrieved(TypedDict):
    """Caller and agent hear each other again."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-retrieved"]
    call: str
    agent: str
    held_ms: int
    view: Call


class CallStarted(TypedDict):
    """A call is with us."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-started"]
    call: str
    view: Call


class CallTakenOver(TypedDict):
    """`agent`, who was beside the call, has it now; `by`, who had it, has done with it."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-taken-over"]
    call: str
    offer: str
    agent: str
    by: str
    talked_ms: int
    held_ms: int
    view: Call


class CallTransferred(TypedDict):
    """`agent` has handed the caller on, to a queue or, by name, to an agent who is free."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["call-transferred"]
    call: str
    agent: str
    # The queue that it is of now; by name, the one it was of already.
    to_queue: str
    # By name; null: whom the queue finds.
    to_agent: str | None
    talked_ms: int
    held_ms: int
    view: Call


class CallWanted(TypedDict):
    """Whom an agent is to call, and what is to be on the screen."""

    # As people write it: in full, or as it is dialled in the centre's country.
    number: str
    # Who calls. Without: the agent who asks.
    agent: NotRequired[str | None]
    # By whose rules (wrap-up, dispositions, music). Without: the centre's.
    queue: NotRequired[str | None]
    # Who is meant, where several have the number.
    customer: NotRequired[str | None]
    # Shown with the call as it is.
    data: NotRequired[dict[str, Any]]


class CallbackChanged(TypedDict):
    """A call is owed, and this is how it stands: its place, when it is due, how often it was tried. For supervisors.

    Each attempt is a call of its own: `call` is the present one, `id` stays.
    """

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["callback-changed"]
    call: str
    id: str
    view: Call


class CallbackEnded(TypedDict):
    """It is not owed any more: he was reached, or has his place since he called again; or it will not be paid.

    After `given-up` and `expired`, a known customer has a promise that lapses at once, and so a task to call him.
    """

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["callback-ended"]
    call: str
    id: str
    outcome: Literal["reached", "resumed", "cancelled", "given-up", "expired"]
    # Who cancelled it; else empty.
    by: str
    # Why he was not reached, or why it was cancelled.
    reason: str
    view: Call


class CallbackWanted(TypedDict):
    """Who is to be called, for which queue, and not before when."""

    # As people write it: in full, or as it is dialled in the centre's country.
    number: str
    # Where he waits, and whose agents call.
    queue: str
    name: NotRequired[str]
    # Who is meant, where several have the number.
    customer: NotRequired[str | None]
    priority: NotRequired[int]
    # He waits from then on. Without: from now on.
    due_at: NotRequired[int]
    # Shown with the call as it is.
    data: NotRequired[dict[str, Any]]


class Caller(TypedDict):
    """Who is calling, as far as his number tells: it proves nothing, for numbers can be forged."""

    # Masked for those who have no part in the call; a withheld one as it came: `anonymous`.
    number: str
    # As the telephone network says: anybody's words.
    name: str
    # `told`: your dialplan says who it is, whatever the number. Else whose number it is: one
    # customer's own, at home or at work, that of nobody listed, of several customers, of a
    # company; no subscriber's, or withheld.
    confidence: Literal[
        "told", "own", "home", "work", "unlisted", "shared", "switchboard", "short", "anonymous"
    ]
    # Every candidate.
    customers: list[Customer]
    # 2 for the second contact in the window; null if nobody can tell.
    contact_number: int | None
    # How far back contacts are counted.
    window_ms: int
    last_contact: Contact | None
    # Newest first, ten at most, over all channels and before the window too.
    earlier: list[Contact]
    # What he answered last when he was asked after a call.
    last_score: Score | None
    # What your CRM says of him, as far as it has yet.
    crm: dict[str, Any] | None
    # Five at most, in the order of the rule file.
    reminders: list[Reminder]


class CallerChanged(TypedDict):
    """More is known of a caller who is on a screen already: your CRM has answered."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["caller-changed"]
    call: str
    view: Call


class CallerRecognised(TypedDict):
    """Who is calling is known; `late` if the call was offered before."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["caller-recognised"]
    call: str
    late: bool
    view: Call


class Candidate(TypedDict):
    """An agent as seen from a call: `rule` is the first that keeps him from it; null: he is the one."""

    agent: str
    rule: str | None
    detail: str


class CaseChange(TypedDict):
    """Who has changed what, and when; it is only ever added to."""

    at: int
    # The user; null: its time came, or the customer called.
    by: str | None
    what: str
    call: str | None
    note: str | None


class Cause(TypedDict):
    """One cause that keeps an agent from being ready. Of a lost device, the reason is its state."""

    cause: Literal[
        "manual",
        "ring-no-answer",
        "rejected",
        "do-not-disturb",
        "supervisor",
        "device-lost",
        "client-lost",
    ]
    reason: str


class CentreChange(TypedDict):
    """What is different in the centre's files."""

    kind: Literal["queue", "agent", "user", "menu", "hours", "follow-up", "webhook", "centre"]
    id: str
    how: Literal["added", "removed", "changed"]
    # The words of the file that say another thing.
    words: list[str]


class Complaint(TypedDict):
    """What a customer complains of, who sees to it and until when."""

    id: str
    what: str
    category: str | None
    # The user who sees to it.
    owner: str | None
    state: Literal["open", "in-work", "answered", "verified", "closed", "withdrawn"]
    due_at: int
    opened_at: int


class ComplaintChange(TypedDict):
    """What is different from now on; `note` says why, and is kept with it."""

    state: NotRequired[
        Literal["open", "in-work", "answered", "verified", "closed", "withdrawn"] | None
    ]
    due_at: NotRequired[int | None]
    owner: NotRequired[str | None]
    note: NotRequired[str | None]


class ComplaintRecord(TypedDict):
    """A complaint with all that is kept of it."""

    id: str
    what: str
    category: str | None
    # The user who sees to it.
    owner: str | None
    state: Literal["open", "in-work", "answered", "verified", "closed", "withdrawn"]
    due_at: int
    opened_at: int
    customer: str
    # In which he complained.
    call: str | None
    opened_by: str
    # Who takes it for settled.
    answered_by: str | None
    # Who has found that it is.
    verified_by: str | None
    ended_at: int | None
    changed_at: int


class ComplaintWanted(TypedDict):
    """What he complains of, and until when he is to have an answer; `owner` is the user who sees to it."""

    what: str
    due_at: int
    category: NotRequired[str | None]
    owner: NotRequired[str | None]
    # The call in which he complains.
    call: NotRequired[str | None]


class Contact(TypedDict):
    """An earlier contact of the same customer. `agent` is null if nobody answered."""

    # Of another channel: what that one calls it.
    call: str
    at: int
    # call, chat, email, wechat, sms or visit
    channel: str
    queue: Named | None
    agent: Named | None
    reason: str | None
    outcome: str | None


class ContactWanted(TypedDict):
    """One contact by another channel than a call of ours."""

    id: str
    at: int
    channel: Literal["chat", "email", "wechat", "sms", "visit"]
    customer: NotRequired[str | None]
    number: NotRequired[str | None]
    agent: NotRequired[str | None]
    queue: NotRequired[str | None]
    reason: NotRequired[str | None]
    outcome: NotRequired[str | None]
    summary: NotRequired[str | None]


class ContactsTaken(TypedDict):
    """What became of the rows."""

    taken: int
    problems: list[RowProblem]


class ContactsWanted(TypedDict):
    """Contacts to be kept."""

    contacts: list[ContactWanted]


class Credentials(TypedDict):
    """User and password."""

    user: str
    password: str


class Customer(TypedDict):
    """Somebody who may be calling. What your role is not to see is null or empty."""

    id: str
    name: str
    # person, household or company
    kind: str
    segment: str | None
    language: str | None
    region: str | None
    notes: str | None
    addresses: list[Address]
    # The newest first.
    products: list[Product]
    # What is still to be done first.
    services: list[Service]
    # Those that are still owed.
    promises: list[Promise]
    # Those that have not ended.
    complaints: list[Complaint]


class CustomerChange(TypedDict):
    """A merge or a split. `kept` has since what was moved, `gone` had it before."""

    change: int
    at: int
    what: Literal["merge", "split"]
    kept: str
    gone: str
    undone_at: int | None


class CustomerRecord(TypedDict):
    """All that is listed of a customer."""

    id: str
    name: str
    kind: str
    segment: str | None
    language: str | None
    region: str | None
    notes: str | None
    created_at: int
    numbers: list[Number]
    addresses: list[Address]
    products: list[Product]
    services: list[Service]
    promises: list[Promise]
    contacts: list[OtherContact]
    # What he thought of his calls, newest first.
    scores: list[Score]


class CustomerWanted(TypedDict):
    """One customer. What is not named stays as it is, null empties it."""

    id: str
    name: NotRequired[str | None]
    kind: NotRequired[Literal["person", "household", "company"] | None]
    segment: NotRequired[str | None]
    language: NotRequired[str | None]
    region: NotRequired[str | None]
    notes: NotRequired[str | None]
    numbers: NotRequired[list[NumberWanted]]
    addresses: NotRequired[list[AddressWanted]]
    products: NotRequired[list[ProductWanted]]
    services: NotRequired[list[ServiceWanted]]


class CustomersTaken(TypedDict):
    """What became of the rows."""

    new: int
    changed: int
    unchanged: int
    problems: list[RowProblem]


class CustomersWanted(TypedDict):
    """Customers to be listed or corrected."""

    customers: list[CustomerWanted]


class DataChanged(TypedDict):
    """Something was noted with a call, or taken away; `by` is the user, or empty if a restart has found it so."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["data-changed"]
    call: str
    by: str
    view: Call


class DataWanted(TypedDict):
    """What to note with a call, beside what is noted already; null takes a note away."""

    data: dict[str, Any]


class Desk(TypedDict):
    """A phone that is nobody's own, at which an agent may log in."""

    id: str
    name: str
    # Somebody is on shift there.
    taken: bool
    # Who; null also where he is somebody of whom you see nothing.
    agent: str | None


class Disposition(TypedDict):
    """One of the things that may come of a call, or several of them together."""

    # Stable, also when it is put elsewhere in the tree.
    code: str
    name: str
    # The code of what it is a part of.
    above: str | None
    # Whether it can be chosen: it is divided no further.
    choose: bool
    # Whether it also says why he called.
    reason: bool


class DutiesWanted(TypedDict):
    """Queues and skills in place of what the centre's file says; what is left out, or null, is as it says."""

    # Why; kept for the audit.
    reason: str
    queues: NotRequired[list[str] | None]
    skills: NotRequired[dict[str, Any] | None]


class EntriesWanted(TypedDict):
    """These are to be called. Who is on the list, or does not want to be called, is passed over."""

    entries: list[EntryWanted]


class Entry(TypedDict):
    """One who is on a list."""

    id: str
    list: str
    number: str
    customer: str | None
    what: str
    state: Literal["open", "offered", "calling", "done", "dropped"]
    # Not before.
    due_at: int
    attempts: int
    # Of the last attempt.
    outcome: str | None
    # Who has called him last, or is shown him.
    agent: str | None
    call: str | None
    note: str | None


class EntryWanted(TypedDict):
    """Who is to be called: a number, or a customer, of whose numbers his own is taken first."""

    number: NotRequired[str | None]
    customer: NotRequired[str | None]
    # Why, if not as the rule says.
    what: NotRequired[str | None]
    # By whose clock he may be called.
    zone: NotRequired[str | None]
    data: NotRequired[dict[str, Any]]


class Erased(TypedDict):
    """How many rows of each table were forgotten, or have nobody's name any more."""

    rows: dict[str, int]


class Error(TypedDict):
    """Every refusal has this body."""

    error: ErrorDetails


class ErrorDetails(TypedDict):
    """Why not: a reason for programs, a sentence for people."""

    reason: str
    message: str


class ExpectedInterval(TypedDict):
    """What is expected of one interval; `agents` are those who are there, if you want to know what comes of them."""

    label: str
    length_s: int
    calls: float
    aht_s: float
    agents: NotRequired[int | None]


class ExpectedWait(TypedDict):
    """How long it will take until an agent has the call, as estimated when it was queued."""

    # From when it counts.
    at: int
    # Half of such callers are served by then.
    median_ms: int
    # Eight of ten are.
    upper_ms: int


class FillWanted(TypedDict):
    """Fill it by its rule, with the calls of this day, by the centre's clock."""

    day: str


class Filled(TypedDict):
    """How many are new on the list, and which could not be taken."""

    taken: int
    problems: list[str]


class Follows(TypedDict):
    """Whose calls a supervisor hears, one after the other."""

    agent: str
    mode: Literal["listen", "whisper", "barge"]


class Forced(TypedDict):
    """Lift every pause that people have set and end wrap-up; pause so that only a supervisor lifts it; end wrap-up."""

    # Why; kept for the audit.
    reason: str
    action: Literal["force-ready", "force-not-ready", "force-finish-wrap-up"]


class ForcedLogOut(TypedDict):
    """End the shift. `now` stops a phone that rings, and ends wrap-up; a conversation is never cut."""

    # Why; kept for the audit.
    reason: str
    action: Literal["force-log-out"]
    when: NotRequired[Literal["now", "after-call"]]


class Key(TypedDict):
    """A key that is good, without what proves it."""

    id: str
    name: str
    user: str
    created_at: int
    expires_at: int


class KeyWanted(TypedDict):
    """A key for a system: as which user it acts, what the key is called, and for how many days it is good."""

    user: str
    name: str
    days: NotRequired[int]


class LikeWanted(TypedDict):
    """A day, as its weekday has been in the weeks before it, by the ledger."""

    day: str
    weeks: NotRequired[int]
    queue: NotRequired[str | None]
    interval: NotRequired[Literal["15m", "30m", "60m"]]


class ListWanted(TypedDict):
    """A list by a rule of the centre's file, with nobody on it yet."""

    rule: str
    name: str


class Live(TypedDict):
    """The process answers."""

    live: bool


class Me(TypedDict):
    """Who is asking, what he does, and the calls he has."""

    user: str
    role: Literal["agent", "supervisor", "admin", "router", "back-office", "auditor"]
    agent: str | None
    expires_at: int
    view: Agent | None
    calls: list[Call]


class MenuEntered(TypedDict):
    """The caller hears a menu."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["menu-entered"]
    call: str
    menu: str
    view: Call


class MergeWanted(TypedDict):
    """Who is one and the same as the customer of the address."""

    # All that is his is the other's from now on.
    gone: str
    # Why; kept for the audit, so without anybody's name.
    reason: str


class Misconfigured(TypedDict):
    """Somebody must look at the dialplan or the configuration."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["misconfigured"]
    call: str | None
    problem: str


class Named(TypedDict):
    """Something, and what people call it."""

    id: str
    name: str


class NewKey(TypedDict):
    """A new key. `key` is shown this once, and goes into the Authorization header: `Bearer …`."""

    id: str
    name: str
    user: str
    created_at: int
    expires_at: int
    key: str


class NodeChanged(TypedDict):
    """We hear this Asterisk, or we do not."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["node-changed"]
    node: str
    connected: bool


class NotReadyWanted(TypedDict):
    """Take no calls: now, or after the call in hand."""

    state: Literal["not-ready"]
    # Shown to supervisors and kept for reports.
    reason: NotRequired[str]


class Number(TypedDict):
    """A number, and whose it is."""

    number: str
    kind: Literal["mobile", "home", "work", "shared", "switchboard"]


class NumberDialled(TypedDict):
    """The agent has picked up, and hears how the number is called."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["number-dialled"]
    call: str
    agent: str
    route: str
    view: Call


class NumberWanted(TypedDict):
    """A number, and whose it is."""

    number: str
    kind: Literal["mobile", "home", "work", "shared", "switchboard"]


class OfferEnded(TypedDict):
    """The phone no longer rings, and nobody has talked."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["offer-ended"]
    call: str
    offer: str
    agent: str
    outcome: Literal[
        "no-answer",
        "rejected",
        "unreachable",
        "caller-left",
        "withdrawn",
        "failed",
        "answered-elsewhere",
    ]
    rang_ms: int
    view: Call


class OtherContact(TypedDict):
    """A contact by another channel."""

    id: str
    at: int
    channel: str
    number: str | None
    agent: str | None
    queue: str | None
    reason: str | None
    outcome: str | None
    summary: str | None


class OutboundState(TypedDict):
    """Whether agents can call out."""

    # Whether the centre's file has any route.
    routes: bool
    # Whether an admin has stopped it.
    stopped: bool


class OutboundWanted(TypedDict):
    """Whether anybody may call out."""

    stopped: bool
    # Why; kept for the audit.
    reason: str


class Outcome(TypedDict):
    """What came of a call, as it was written down."""

    call: str
    agent: str
    outcome: str


class OutcomeRecorded(TypedDict):
    """An agent has said what came of a call."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["outcome-recorded"]
    call: str
    agent: str
    outcome: str


class OutcomeWanted(TypedDict):
    """What came of a call; the next agent will read it."""

    outcome: str


class Outsider(TypedDict):
    """A number beside a call; its states are those of a party. `transfer`: the caller is handed on to it."""

    number: str
    transfer: bool
    state: Literal["ringing", "consulted", "on-hold", "joined"]
    muted: bool


class OutsiderChanged(TypedDict):
    """A number beside the call has picked up, is put on hold, joined or muted."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["outsider-changed"]
    call: str
    number: str
    by: str
    state: Literal["ringing", "consulted", "on-hold", "joined"]
    muted: bool
    view: Call


class OutsiderDialled(TypedDict):
    """A number is being called for a call that goes on: it is consulted, or the caller is handed on to it."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["outsider-dialled"]
    call: str
    number: str
    # Towards whose caps it counts.
    by: str
    # By which way out, of the centre's file.
    route: str
    transfer: bool
    view: Call


class OutsiderLeft(TypedDict):
    """A number is no longer beside the call."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["outsider-left"]
    call: str
    number: str
    by: str
    # Why nobody was heard: busy, rejected, no-answer, unknown-number, unreachable, caller-left,
    # withdrawn, outbound-stopped. Empty: somebody was.
    result: str
    talked_ms: int
    view: Call


class Party(TypedDict):
    """An agent beside the one who has a call.

    `consulted`: the two are by themselves, and the caller hears music. `on-hold`: he hears music himself.
    `joined`: in conference.
    """

    agent: str
    state: Literal["ringing", "consulted", "on-hold", "joined"]
    muted: bool


class PartyChanged(TypedDict):
    """An agent beside the call is heard, put on hold, joined or muted."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["party-changed"]
    call: str
    agent: str
    state: Literal["ringing", "consulted", "on-hold", "joined"]
    muted: bool
    view: Call


class PartyLeft(TypedDict):
    """An agent is no longer beside the call; `outcome` says why nobody heard him, if nobody did."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["party-left"]
    call: str
    agent: str
    outcome: (
        Literal[
            "no-answer",
            "rejected",
            "unreachable",
            "caller-left",
            "withdrawn",
            "failed",
            "answered-elsewhere",
        ]
        | None
    )
    talked_ms: int
    view: Call


class PartyOffered(TypedDict):
    """The screen pop of who is to be asked: the phone of `agent` is about to ring because `by` consults him."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["party-offered"]
    call: str
    offer: str
    agent: str
    by: str
    view: Call


class Ping(TypedDict):
    """All that a client may say; the answer is a pong."""

    type: Literal["ping"]


class PlaceResumed(TypedDict):
    """A caller who hung up while he waited has called again in time, and has his old place."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["place-resumed"]
    call: str
    # The call in which he had that place.
    earlier: str
    away_ms: int
    view: Call


class PlaceWanted(TypedDict):
    """Which place in its queue a waiting call is to have."""

    place: Literal["first"]


class Pong(TypedDict):
    """The answer to a ping. `seq` is the newest event there is, whether or not you may see it."""

    type: Literal["pong"]
    seq: int
    at: int


class Preview(TypedDict):
    """Who is to be called, and why. The agent still takes calls: one that comes takes it back."""

    task: str
    list: str
    queue: Named | None
    why: str
    # When it is taken back if nothing is said.
    until: int
    # As he would pop if he called.
    caller: Caller
    data: dict[str, str]


class PreviewAnswer(TypedDict):
    """Call him, or let somebody else; `task` is which, so that a late answer means no other."""

    task: str
    answer: Literal["accept", "skip"]
    # Why not.
    reason: NotRequired[str]


class PreviewEnded(TypedDict):
    """It is no longer shown. `call` is the one that is made; `reason` why not."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["preview-ended"]
    agent: str
    task: str
    list: str
    outcome: Literal["accepted", "skipped", "expired", "taken-back", "not-offered"]
    call: str | None
    reason: str


class PreviewOffered(TypedDict):
    """An agent who is idle is shown whom to call: `PUT /v1/agents/{agent}/preview` says whether it is done."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["preview-offered"]
    agent: str
    preview: Preview


class PriorityWanted(TypedDict):
    """How urgent a waiting call is."""

    # Higher is served first, in all queues.
    priority: int


class Product(TypedDict):
    """What a customer owns."""

    id: str
    name: str
    installed_on: str | None
    address: str | None


class ProductWanted(TypedDict):
    """What a customer owns."""

    id: str
    name: str
    installed_on: NotRequired[str | None]
    address: NotRequired[str | None]


class Promise(TypedDict):
    """What is owed to a customer, by whom and until when."""

    id: str
    what: str
    owner: str | None
    due_at: int
    # `lapsed`: its time has passed, and it is owed still.
    state: Literal["open", "lapsed", "kept", "broken"]
    created_at: int
    # How often he called again when it had been closed.
    reopened: int


class PromiseChange(TypedDict):
    """What is different from now on; `note` says why, and is kept with it."""

    state: NotRequired[Literal["open", "kept", "broken"] | None]
    due_at: NotRequired[int | None]
    owner: NotRequired[str | None]
    note: NotRequired[str | None]


class PromiseChanged(TypedDict):
    """Of a promise: for supervisors and its owner. `GET /v1/customers/{customer}` and `/v1/promises` say what it is."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["promise-changed"]
    customer: str
    promise: str
    change: Literal["made", "moved", "given", "kept", "broken", "lapsed", "reopened"]
    state: Literal["open", "lapsed", "kept", "broken"]
    # An agent.
    owner: str | None
    due_at: int
    # A user; null: time has, or the customer, who called again.
    by: str | None
    # During which.
    call: str | None


class PromiseRecord(TypedDict):
    """A promise with all that is kept of it."""

    id: str
    what: str
    owner: str | None
    due_at: int
    # `lapsed`: its time has passed, and it is owed still.
    state: Literal["open", "lapsed", "kept", "broken"]
    created_at: int
    # How often he called again when it had been closed.
    reopened: int
    customer: str
    made_by: str | None
    # In which it was made.
    call: str | None
    closed_at: int | None
    # How often another time was agreed upon.
    moved: int


class PromiseWanted(TypedDict):
    """What is owed, until when, and by whom; by who makes it, if nobody is named."""

    what: str
    due_at: int
    owner: NotRequired[str | None]
    # The call in which it is promised.
    call: NotRequired[str | None]


class Proof(TypedDict):
    """What the issuer has said of a user: an ID token of OpenID Connect, ten minutes old at most."""

    id_token: str


class Queue(TypedDict):
    """A queue. `answered` and `abandoned` count since we started."""

    id: str
    name: str
    # Those for whom a phone rings included.
    waiting: int
    # Since when the first one waits.
    longest_since: int | None
    answered: int
    abandoned: int
    # Whether `expected_wait` is told of its calls: enough estimates were scored, and they held.
    estimates_good: bool


class QueueChanged(TypedDict):
    """What waits in a queue is different; told a few times a second at most."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["queue-changed"]
    queue: str
    view: Queue


class QueueDispositions(TypedDict):
    """What may come of a queue's calls."""

    # Whether an agent must choose one before he can end his wrap-up.
    required: bool
    dispositions: list[Disposition]


class QueueWanted(TypedDict):
    """Where a waiting call is to wait on."""

    queue: str


class Readiness(TypedDict):
    """Whether every Asterisk is heard; and how many faults of ours were mended since the start: should be 0."""

    ready: bool
    nodes: dict[str, bool]
    missing: list[str]
    faults: int
    # Parts of recordings that failed since the start: should be 0.
    unrecorded: int
    # waited-for: it is away, and the engine keeps what it has to write down.
    database: Literal["written", "waited-for"]
    # Whether agents can call out: no route; yes; an admin has stopped it.
    outbound: Literal["none", "allowed", "stopped"]
    # away: at the engine's process, API processes hear nothing of it, and calls go on; at one
    # of these, it hears nothing of the engine, and is not ready. null: there is no Redis.
    redis: Literal["heard", "away"] | None


class ReadyWanted(TypedDict):
    """Take calls: now, or after the call in hand."""

    state: Literal["ready"]


class Recording(TypedDict):
    """A part of what was said in a call: a new part begins with each agent to whom the caller is handed on."""

    id: str
    call: str
    part: int
    started_at: int
    ended_at: int | None
    queue: str | None
    # Who had the call when the part began.
    agent: str | None
    # Whether the caller agreed; null: he was not asked.
    consent: bool | None
    # Asterisk could not, or not to the end.
    failed: bool | None
    # 2: what the caller says is left, and what he hears right.
    channels: Literal[1, 2]
    # Of the file; null: it is not whole yet.
    bytes: int | None
    # Of the file as it was when it was whole.
    sha256: str | None


class RecordingChanged(TypedDict):
    """How the recording of a call stands; null: it may not be recorded. `by` is the user who asked, if one did."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["recording-changed"]
    call: str
    agent: str | None
    state: Literal["off", "starting", "running", "paused", "between", "failed"] | None
    part: int
    by: str
    view: Call


class Reloaded(TypedDict):
    """The centre's files were read again, and hold as a whole."""

    # None: nothing is different.
    changes: list[CentreChange]


class Reminder(TypedDict):
    """What the agent is to remember of this caller, or may offer him: a rule of the centre's file holds."""

    id: str
    kind: Literal["reminder", "offer"]
    text: str


class Repaired(TypedDict):
    """Something was as it must never be, and was mended: a fault of ours; please tell us."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["repaired"]
    call: str | None
    problem: str


class Report(TypedDict):
    """Figures, with the formulas they are computed by."""

    report: str
    title: str
    zone: str
    about: dict[str, str]
    terms: ReportTerms
    headline: dict[str, float | None]
    sections: list[ReportSection]
    formulas: list[ReportFormula]
    check: str


class ReportColumn(TypedDict):
    """`formula` is by what it is computed, with its version; null: it is no figure."""

    name: str
    title: str
    unit: Literal["count", "share", "ms", "number", "points", "text", "time", "money"]
    formula: str | None


class ReportFormula(TypedDict):
    """What a figure means, and who else reckons so."""

    name: str
    text: str
    source: str


class ReportSection(TypedDict):
    """One table."""

    name: str
    title: str
    note: str
    columns: list[ReportColumn]
    rows: list[list[str | int | float | None]]
    # Of each row, in a tree: 0, or how far below; a row is the sum of those right below it.
    # Empty where rows are no tree.
    levels: list[int]


class ReportTerms(TypedDict):
    """What the formulas were told."""

    within_s: int
    short_s: int
    window_h: int


class RequirementWanted(TypedDict):
    """What agents must be able to do for a waiting call, besides what its queue asks for."""

    # An expression over skills: and, or, not, brackets, comparisons with 0 to 100. Empty:
    # nothing. It takes the place of what dialplan and menu have asked for.
    requires: str


class Resumed(TypedDict):
    """What you have missed follows: no snapshot is needed. `seq` is the newest event there is."""

    type: Literal["resumed"]
    seq: int
    at: int


class Route(TypedDict):
    """What became of an answer: `agent` is rung for the call; null: nobody yet."""

    call: str
    route: int
    agent: str | None


class RouteCandidate(TypedDict):
    """One agent whom you may choose. `busy_share`: of his shift, 0 to 1."""

    agent: str
    team: str | None
    skills: dict[str, int]
    level: int
    idle_ms: int
    calls: int
    busy_share: float


class RouteEnded(TypedDict):
    """A router has chosen, has asked for time, or has not answered: then the queue has decided.

    `withdrawn`: nobody need answer any more. The caller is gone, was moved or changed, or the rules are others; if he
    waits on, it is asked anew.
    """

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["route-ended"]
    call: str
    route: int
    queue: str
    ending: Literal["selected", "later", "overdue", "withdrawn"]
    # The user who answered; empty if nobody did.
    by: str


class RouteRequested(TypedDict):
    """For routers: say by `answer_by` who is to have this call (`PUT /v1/calls/{call}/route`), or the queue decides."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["route-requested"]
    call: str
    # The number of the question: name it in the answer.
    route: int
    queue: str
    requires: list[str]
    waited_ms: int
    # How many agents have been rung for it.
    attempts: int
    answer_by: int
    # In the order of the queue's own strategy; 20 at most.
    candidates: list[RouteCandidate]
    view: Call


class RouteWanted(TypedDict):
    """Which agent is to have the call: the first of these who still can; none, and it is asked again later."""

    # The number of the question.
    route: int
    agents: NotRequired[list[str]]
    # With no agents: so long until it is asked again.
    again_ms: NotRequired[int]


class RowProblem(TypedDict):
    """What is wrong with one row of a request, counted from 0."""

    row: int
    id: str
    problem: str


class Score(TypedDict):
    """What a customer thought of a call of his; `queue` and `agent` are whom it is about."""

    at: int
    # What was asked, as a code.
    question: str
    # csat: 1 to 5; nps: 0 to 10.
    scale: Literal["csat", "nps"]
    score: int
    queue: str | None
    agent: str | None


class Service(TypedDict):
    """What was done for a customer, or is to be."""

    id: str
    kind: str
    name: str
    state: str
    day: str | None
    product: str | None


class ServiceWanted(TypedDict):
    """What was done for a customer, or is to be."""

    id: str
    kind: str
    name: str
    state: NotRequired[Literal["open", "done"]]
    day: NotRequired[str | None]
    product: NotRequired[str | None]


class Session(TypedDict):
    """A log-in. The token is shown this once."""

    token: str
    expires_at: int
    user: str
    role: Literal["agent", "supervisor", "admin", "router", "back-office", "auditor"]
    agent: str | None


class ShiftWanted(TypedDict):
    """Where the agent sits: at a desk of the centre's file, `GET /v1/desks`; null: at his own phone, or where he is."""

    # The id of a desk.
    desk: NotRequired[str | None]


class Snapshot(TypedDict):
    """Everything you may see, as it is after event `seq`. The first frame, unless you resumed."""

    type: Literal["snapshot"]
    seq: int
    at: int
    you: You
    agents: list[Agent]
    queues: list[Queue]
    calls: list[Call]
    # Each Asterisk by its name; false: it is not heard.
    nodes: dict[str, bool]


class SplitWanted(TypedDict):
    """Some numbers of a customer are another one's."""

    # Of the other customer, who is listed by this.
    id: str
    name: str
    numbers: list[str]
    # Why; kept for the audit, so without anybody's name.
    reason: str


class StaffingWanted(TypedDict):
    """`intervals`, or `like`; and at least one of what is to be reached."""

    intervals: NotRequired[list[ExpectedInterval] | None]
    like: NotRequired[LikeWanted | None]
    # And what comes of so many, all day.
    agents: NotRequired[int | None]
    # This share of callers is answered in time.
    service_level: NotRequired[float | None]
    # In time: within this.
    within_s: NotRequired[int]
    # Average wait of the answered.
    asa_s: NotRequired[float | None]
    # Agents are busy at most.
    occupancy: NotRequired[float | None]
    # Callers give up at most.
    abandoned: NotRequired[float | None]
    shrinkage: NotRequired[float]
    # Mean patience; null: as the ledger saw it, or 120.
    patience_s: NotRequired[float | None]
    # So many are played by the engine; days × calls 20000 at most.
    days: NotRequired[int]
    lang: NotRequired[Literal["en", "zh"]]


class Supervised(TypedDict):
    """Somebody has acted on an agent who is not himself, or on the whole centre (agent null); see `GET /v1/audit`."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["supervised"]
    agent: str | None
    by: str
    action: (
        Literal[
            "log-in",
            "become-ready",
            "become-not-ready",
            "set-do-not-disturb",
            "lift-do-not-disturb",
            "finish-wrap-up",
            "extend-wrap-up",
            "make-call",
            "accept-preview",
            "skip-preview",
            "log-out",
        ]
        | Literal[
            "force-ready",
            "force-not-ready",
            "force-finish-wrap-up",
            "force-log-out",
            "change-duties",
        ]
        | Literal["transfer", "clear", "stop-outbound", "allow-outbound", "reload"]
        | Literal[
            "listen",
            "whisper",
            "barge",
            "take-over",
            "stop-supervising",
            "follow",
            "stop-following",
        ]
    )
    reason: str


class SupervisionChanged(TypedDict):
    """`agent`, a supervisor, is rung for the call of `of` (`since` null), or hears it; `mode`: who hears him."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["supervision-changed"]
    call: str
    agent: str
    of: str
    mode: Literal["listen", "whisper", "barge"]
    since: int | None
    view: Call


class SupervisionEnded(TypedDict):
    """A supervisor is in the call no more, or has it; `outcome` says why he never heard it, null: he did."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["supervision-ended"]
    call: str
    agent: str
    of: str
    mode: Literal["listen", "whisper", "barge"]
    outcome: (
        Literal["no-answer", "rejected", "unreachable", "caller-left", "withdrawn", "failed"] | None
    )
    heard_ms: int
    view: Call


class SupervisionWanted(TypedDict):
    """Who is to hear the supervisor: nobody (`listen`), the agent alone (`whisper`), everybody (`barge`)."""

    mode: Literal["listen", "whisper", "barge"]


class Supervisor(TypedDict):
    """A supervisor who hears a call, or whose phone rings for it.

    `listen`: nobody hears him. `whisper`: the agent alone does. `barge`: everybody does.
    """

    agent: str
    mode: Literal["listen", "whisper", "barge"]
    # Hears it since; null: the phone rings.
    since: int | None
    # What this supervisor may do.
    allowed: list[Literal["listen", "whisper", "barge", "take-over", "stop-supervising"]]


class SurveyAnswered(TypedDict):
    """A caller has given a score by keys: for supervisors. `agent` is who had him last."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["survey-answered"]
    call: str
    agent: str | None
    queue: str | None
    question: str
    scale: str
    score: int


class SurveyBegan(TypedDict):
    """The agent has hung up, the caller has not, and is asked what he thinks of it. `call-ended` comes after it."""

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["survey-began"]
    call: str
    agent: str | None
    menu: str
    talked_ms: int
    held_ms: int
    view: Call


class Task(TypedDict):
    """Somebody is to be called."""

    id: str
    # `promise`: one has lapsed; `subject` is its id. `follow-up`: one is on a list.
    kind: str
    customer: str | None
    # Null: one of the customer's.
    number: str | None
    what: str
    subject: str | None
    # Whose it is; null: anybody's of the queue.
    agent: str | None
    queue: str | None
    state: Literal["open", "offered", "calling", "done", "dropped"]
    # Not before.
    due_at: int
    outcome: str | None
    created_at: int


class TaskChanged(TypedDict):
    """Somebody is to be called, was called, or need not be any more; of `GET /v1/tasks`.

    For supervisors, and the agent whose it is; if it is anybody's, for the agents of its queue. Who is put on a list is
    not told one by one.
    """

    type: Literal["event"]
    # Grows; what you may not see leaves gaps.
    seq: int
    at: int
    event: Literal["task-changed"]
    task: str
    kind: Literal["promise", "follow-up"]
    state: Literal["open", "done", "dropped"]
    customer: str | None
    # The promise, or the call that is followed up.
    subject: str | None
    agent: str | None
    queue: str | None
    # What came of the last attempt.
    outcome: str | None


class TaskDone(TypedDict):
    """He was called: what came of it."""

    # Of one on a list: reached, not-reached, refused, wrong-number, call-again (with
    # `again_at`) or do-not-call.
    outcome: str
    again_at: NotRequired[int | None]
    note: NotRequired[str | None]


class Ticket(TypedDict):
    """Good for one WebSocket, once."""

    ticket: str
    expires_at: int


class ToAgent(TypedDict):
    """An agent who is free: he is to have the caller, or is asked."""

    agent: str


class ToNumber(TypedDict):
    """A number that one of the centre's routes allows: he is handed on to it, or it is asked."""

    # As people write it.
    number: str


class ToQueue(TypedDict):
    """A queue: where the caller is to wait, or whoever is free and next there is asked."""

    queue: str


class TonesWanted(TypedDict):
    """Keys as DTMF."""

    keys: str


class UndoWanted(TypedDict):
    """Why a change is taken back."""

    # Why; kept for the audit, so without anybody's name.
    reason: str


class You(TypedDict):
    """Who is asking."""

    user: str
    role: Literal["agent", "supervisor", "admin", "router", "back-office", "auditor"]
    agent: str | None


Event: TypeAlias = (
    CallStarted
    | CallerRecognised
    | CallerChanged
    | MenuEntered
    | CallQueued
    | PlaceResumed
    | CallOverflowed
    | CallChanged
    | RouteRequested
    | RouteEnded
    | CallOffered
    | OfferEnded
    | CallPlaced
    | NumberDialled
    | CallConnected
    | CallHeld
    | CallRetrieved
    | CallTransferred
    | PartyOffered
    | PartyChanged
    | PartyLeft
    | CallTakenOver
    | OutsiderDialled
    | OutsiderChanged
    | OutsiderLeft
    | CallHandedOut
    | SupervisionChanged
    | SupervisionEnded
    | RecordingChanged
    | SurveyBegan
    | DataChanged
    | SurveyAnswered
    | PreviewOffered
    | PreviewEnded
    | PromiseChanged
    | TaskChanged
    | CallbackChanged
    | CallbackEnded
    | CallEnded
    | OutcomeRecorded
    | AgentChanged
    | Supervised
    | QueueChanged
    | NodeChanged
    | Misconfigured
    | Repaired
)

Frame: TypeAlias = Snapshot | Resumed | Pong | Event
