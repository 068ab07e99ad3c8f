"""Every reason to say no, with its HTTP status and its sentence, in one table; decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
from fastapi import Response

from acd.core.notices import Reason
from cti_api.shapes.forms import Error


class Denial(StrEnum):
    """Why the API itself says no; the engine has its own reasons."""

    NOT_AUTHENTICATED = "not-authenticated"
    WRONG_CREDENTIALS = "wrong-credentials"
    NOT_ALLOWED = "not-allowed"
    FOREIGN_ORIGIN = "foreign-origin"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NOT_ANSWERED = "not-answered"
    UNKNOWN_CUSTOMER = "unknown-customer"
    SAME_CUSTOMER = "same-customer"
    CUSTOMER_EXISTS = "customer-exists"
    NOT_HIS_NUMBERS = "not-his-numbers"
    UNKNOWN_CHANGE = "unknown-change"
    UNDONE_ALREADY = "undone-already"
    UNKNOWN_PROMISE = "unknown-promise"
    UNKNOWN_COMPLAINT = "unknown-complaint"
    NOT_BY_YOU = "not-by-you"
    UNKNOWN_TASK = "unknown-task"
    UNKNOWN_LIST = "unknown-list"
    UNKNOWN_RULE = "unknown-rule"
    NOT_LISTED = "not-listed"
    UNKNOWN_RECORDING = "unknown-recording"
    NO_SUCH_RANGE = "no-such-range"
    NO_PHONE = "no-phone"
    UNKNOWN_USER = "unknown-user"
    UNKNOWN_KEY = "unknown-key"
    NOT_NOW = "not-now"
    BROKEN_CENTRE = "broken-centre"
    TOO_LONG_AGO = "too-long-ago"
    TOO_LARGE = "too-large"
    INVALID = "invalid"
    UNKNOWN_SUBPROTOCOL = "unknown-subprotocol"
    UPGRADE_REQUIRED = "upgrade-required"
    KEY_REUSED = "key-reused"
    STILL_RUNNING = "still-running"
    TOO_MANY_ATTEMPTS = "too-many-attempts"
    TOO_MANY_COMMANDS = "too-many-commands"
    TOO_MANY_SOCKETS = "too-many-sockets"
    ENGINE_AWAY = "engine-away"
    STORE_AWAY = "store-away"
    ISSUER_AWAY = "issuer-away"
    FAULT = "fault"


AnyReason: TypeAlias = Reason | Denial


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a reason is told."""

    status: int
    message: str


REFUSALS: Mapping[AnyReason, Refusal] = {
    Reason.UNKNOWN_AGENT: Refusal(404, "There is no such agent."),
    Reason.NO_PREVIEW: Refusal(409, "The agent is not shown this call, or not any more."),
    Reason.UNKNOWN_CALLBACK: Refusal(
        404, "Nobody is to be called back by this name, or not any more."
    ),
    Reason.CALLED_BACK_ALREADY: Refusal(
        409, "This number is to be called back already: see `GET /v1/callbacks`."
    ),
    Reason.NO_CALLBACKS: Refusal(
        409,
        "This queue calls nobody back: it has no `callback` in the centre's file, or no agents.",
    ),
    Reason.UNKNOWN_CALL: Refusal(404, "There is no such call."),
    Reason.NOT_LOGGED_IN: Refusal(409, "The agent is not on shift. Log the agent in first."),
    Reason.NOT_IN_WRAP_UP: Refusal(409, "The agent is not in wrap-up."),
    Reason.WRAP_UP_LOCKED: Refusal(
        409, "This wrap-up lasts until its time is up; only a supervisor can end it."
    ),
    Reason.NOT_EXTENSIBLE: Refusal(409, "This wrap-up cannot be made longer, or not once more."),
    Reason.HELD_BY_SUPERVISOR: Refusal(
        409, "A supervisor has made the agent not ready, and only a supervisor can lift it."
    ),
    Reason.NO_PHONE: Refusal(
        409, "This agent has no phone of his own: log in at a desk, GET /v1/desks lists them."
    ),
    Reason.UNKNOWN_DESK: Refusal(
        404, "There is no such desk: GET /v1/desks lists those there are."
    ),
    Reason.DESK_TAKEN: Refusal(409, "Somebody else is on shift at this desk: choose another."),
    Reason.CALL_IN_HAND: Refusal(409, "Finish the call in hand first, then move to another desk."),
    Reason.UNKNOWN_SKILL: Refusal(404, "No agent in the centre's file has this skill."),
    Reason.NOT_YOUR_CALL: Refusal(403, "Another agent has, or had, this call."),
    Reason.NOT_ASKED: Refusal(
        409, "Nobody is asked this any more: answered, too late, or the call has gone on."
    ),
    Reason.NOT_A_CANDIDATE: Refusal(409, "None of these can be offered the call now."),
    Reason.CALLER_ABSENT: Refusal(
        409,
        "Nobody is on the line: this customer is to be called back. Deflect the call to an agent or a queue.",
    ),
    Reason.NOT_WAITING: Refusal(409, "The call does not wait: somebody is rung for it, or has it."),
    Reason.UNKNOWN_QUEUE: Refusal(404, "There is no such queue."),
    Reason.BAD_REQUIREMENT: Refusal(
        422, "No expression over skills of agents here that anybody could meet."
    ),
    Reason.NOT_TALKING: Refusal(409, "Nobody talks to this caller now."),
    Reason.ON_HOLD: Refusal(409, "The caller is on hold. Retrieve the call first."),
    Reason.NOT_ON_HOLD: Refusal(409, "The caller is not on hold."),
    Reason.QUEUE_REFUSES: Refusal(
        409, "The queue takes nobody now: it is closed or full, or nobody is on shift."
    ),
    Reason.AGENT_NOT_FREE: Refusal(409, "That agent is not free, or the phone cannot be rung."),
    Reason.NOT_DISPOSED: Refusal(
        409, "This queue wants to know what came of the call: record its outcome first."
    ),
    Reason.UNKNOWN_DISPOSITION: Refusal(
        422, "That is no disposition which this call may have; the message says which there are."
    ),
    Reason.NOBODY_FREE: Refusal(409, "Nobody is free in that queue who could be asked."),
    Reason.CONSULTING: Refusal(
        409,
        "Somebody is being consulted, or a number called to have the caller: alternate, complete, cancel or make it "
        "a conference.",
    ),
    Reason.NOT_CONSULTING: Refusal(409, "Nobody is consulted now."),
    Reason.CONSULT_NOT_ANSWERED: Refusal(
        409, "Who is to be consulted, or to have the caller, has not answered."
    ),
    Reason.IN_CONFERENCE: Refusal(
        409, "Others are in conference: complete leaves the call to them, or remove them first."
    ),
    Reason.OWN_CALL: Refusal(409, "You have this call yourself, or would follow yourself."),
    Reason.NOT_SUPERVISING: Refusal(409, "You are not in this call, or follow another or nobody."),
    Reason.SUPERVISION_NOT_ANSWERED: Refusal(409, "Pick up your phone first: it rings for this."),
    Reason.MAY_NOT_BE_RECORDED: Refusal(
        409, "This call may not be recorded: its queue says so, or the caller has not agreed."
    ),
    Reason.RECORDED_ALREADY: Refusal(409, "The call is recorded already."),
    Reason.NOT_RECORDED: Refusal(409, "The call is not being recorded."),
    Reason.RECORDING_PAUSED: Refusal(409, "The recording is paused already."),
    Reason.RECORDING_NOT_PAUSED: Refusal(
        409, "Nobody has paused the recording. While the caller is on hold it pauses by itself."
    ),
    Reason.NOT_IN_CALL: Refusal(404, "Nobody of that name or number is beside this call."),
    Reason.IN_CALL_ALREADY: Refusal(409, "That number is beside this call already."),
    Reason.NOT_RINGING: Refusal(409, "That agent's phone does not ring for this call."),
    Reason.PHONE_CANNOT: Refusal(
        409,
        "That agent's phone is not known to pick up when it is told to: pick it up by hand, or, "
        "if it can, say so in the centre's file (remote_answer).",
    ),
    Reason.TOO_MUCH_DATA: Refusal(
        409, "More than 20 things would be noted with this call. Take some away with null."
    ),
    Reason.BAD_NUMBER: Refusal(
        422,
        "That is no number that can be called. Write it as it is dialled, or in full, as +861065551234.",
    ),
    Reason.OUTBOUND_STOPPED: Refusal(
        409, "An admin has stopped calling out. Only emergency numbers can be called."
    ),
    Reason.NO_ROUTE: Refusal(
        409, "This number may not be called: no route of the centre allows it."
    ),
    Reason.PREMIUM_NUMBER: Refusal(
        409, "Calls to this number pay its owner, and no route allows that."
    ),
    Reason.SATELLITE_NUMBER: Refusal(409, "This is a satellite number, and no route allows those."),
    Reason.OUTSIDE_HOURS: Refusal(409, "The route for this number is closed at this hour."),
    Reason.AGENT_CAP: Refusal(
        409, "The agent has made as many calls as the centre allows within an hour, or at once."
    ),
    Reason.CENTRE_CAP: Refusal(
        409, "The centre has made as many calls as it may within an hour, or at once."
    ),
    Denial.NOT_AUTHENTICATED: Refusal(
        401, "Log in first: the token, key or ticket is missing, wrong, used or over."
    ),
    Denial.WRONG_CREDENTIALS: Refusal(401, "User or password is wrong."),
    Denial.NOT_ALLOWED: Refusal(
        403, "A user of your role may not do this, or only for himself and his own calls."
    ),
    Denial.FOREIGN_ORIGIN: Refusal(403, "Pages of this origin may not connect."),
    Denial.NOT_FOUND: Refusal(
        404, "There is nothing at this address: /v1/openapi.json lists all that there is."
    ),
    Denial.METHOD_NOT_ALLOWED: Refusal(405, "This address does not take this method."),
    Denial.UNKNOWN_CUSTOMER: Refusal(404, "There is no such customer."),
    Denial.SAME_CUSTOMER: Refusal(409, "A customer cannot be merged with himself."),
    Denial.CUSTOMER_EXISTS: Refusal(
        409, "There is a customer of that id: choose another, or merge the two."
    ),
    Denial.NOT_HIS_NUMBERS: Refusal(409, "These are not all numbers of this customer."),
    Denial.UNKNOWN_CHANGE: Refusal(404, "There is no such change, or who it was of was erased."),
    Denial.UNDONE_ALREADY: Refusal(409, "That change is undone already."),
    Denial.UNKNOWN_PROMISE: Refusal(404, "This customer is promised no such thing."),
    Denial.UNKNOWN_COMPLAINT: Refusal(404, "There is no such complaint."),
    Denial.NOT_BY_YOU: Refusal(
        403, "You have answered it yourself. Let somebody else verify that it is settled."
    ),
    Denial.UNKNOWN_RECORDING: Refusal(
        404, "There is no such recording that you may hear, or it has no sound."
    ),
    Denial.NO_SUCH_RANGE: Refusal(416, "The sound ends before the bytes that are asked for."),
    Denial.UNKNOWN_LIST: Refusal(404, "There is no such list."),
    Denial.UNKNOWN_RULE: Refusal(404, "The centre file has no such follow-up."),
    Denial.NOT_LISTED: Refusal(404, "It is not on the list of those who are not called."),
    Denial.UNKNOWN_TASK: Refusal(404, "There is no such task."),
    Denial.NO_PHONE: Refusal(
        409, "You have no phone here: in the centre's file, your user needs `agent`."
    ),
    Denial.UNKNOWN_USER: Refusal(404, "The centre file lists no such user."),
    Denial.UNKNOWN_KEY: Refusal(404, "There is no such key, or it is over."),
    Denial.NOT_NOW: Refusal(409, "That cannot be done as it stands now."),
    Denial.BROKEN_CENTRE: Refusal(
        422, "The centre's files are refused as they are, and what runs goes on."
    ),
    Denial.TOO_LONG_AGO: Refusal(
        503,
        "The journal of that day is too long to be asked here: cordboard why CALL --journal FOLDER.",
    ),
    Denial.NOT_ANSWERED: Refusal(409, "Nobody has talked to this caller."),
    Denial.TOO_LARGE: Refusal(
        413, "The body is too large: 16 KiB at most, and 2 MiB where lists are brought in."
    ),
    Denial.INVALID: Refusal(422, "The request is not understood."),
    Denial.UNKNOWN_SUBPROTOCOL: Refusal(
        400, "The WebSocket's subprotocol is cordboard.v1, or none."
    ),
    Denial.UPGRADE_REQUIRED: Refusal(426, "This is a WebSocket: connect with one."),
    Denial.KEY_REUSED: Refusal(
        422, "Under this Idempotency-Key something else was asked. A key is for one command."
    ),
    Denial.STILL_RUNNING: Refusal(
        409, "What was first asked under this Idempotency-Key is not done yet. Ask again."
    ),
    Denial.TOO_MANY_ATTEMPTS: Refusal(429, "Too many attempts to log in."),
    Denial.TOO_MANY_COMMANDS: Refusal(
        429, "This user has sent too many commands in too little time."
    ),
    Denial.TOO_MANY_SOCKETS: Refusal(
        429, "This user has as many sockets open as anybody may have, 32. Close some."
    ),
    Denial.ENGINE_AWAY: Refusal(
        503,
        "The engine does not answer. What was asked may have been done, or not: look before you ask again.",
    ),
    Denial.STORE_AWAY: Refusal(
        503,
        "The database cannot be used now; calls go on. Ask again soon; the log says what to do.",
    ),
    Denial.ISSUER_AWAY: Refusal(
        503, "Who says who you are cannot be asked now. Log in with a password, or try again soon."
    ),
    Denial.FAULT: Refusal(500, "This is our fault. It was logged under the id given here."),
}

# What the framework refuses by itself.
BY_STATUS: Mapping[int, Denial] = {
    400: Denial.INVALID,
    401: Denial.NOT_AUTHENTICATED,
    403: Denial.NOT_ALLOWED,
    404: Denial.NOT_FOUND,
    405: Denial.METHOD_NOT_ALLOWED,
    413: Denial.TOO_LARGE,
}


class RefusalError(Exception):
    """The request is refused for this reason."""

    def __init__(
        self,
        reason: AnyReason,
        message: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = REFUSALS[reason].status
        self.message = message or REFUSALS[reason].message
        self.headers = dict(headers or {})
        if self.status == 401:
            self.headers.setdefault("WWW-Authenticate", "Bearer")

    def response(self) -> Response:
        """The refusal as it is sent."""
        return Response(
            msgspec.json.encode(body(self.reason, self.message)),
            self.status,
            self.headers,
            media_type="application/json",
        )


ERROR = {"$ref": "#/components/schemas/Error"}


def body(reason: AnyReason, message: str | None = None) -> Error:
    """The body of a refusal."""
    return {"error": {"reason": reason.value, "message": message or REFUSALS[reason].message}}


def documented(*reasons: AnyReason) -> dict[int | str, dict[str, Any]]:
    """These refusals, for OpenAPI."""
    found: dict[int | str, dict[str, Any]] = {}
    for reason in reasons:
        refusal = REFUSALS[reason]
        told = found.setdefault(refusal.status, {"description": ""})
        told["description"] = f"{told['description']} {refusal.message}".strip()
        # By its name alone: as a model it would be worked out anew for each status of each route, and be kept.
        content = told.setdefault(
            "content", {"application/json": {"schema": ERROR, "examples": {}}}
        )
        content["application/json"]["examples"][reason.value] = {"value": body(reason)}
    return found
