"""Every route as a method. Made by `make client` from the API's own description; not to be edited."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, Literal

from cordboard_client import shapes
from cordboard_client.messages import segment


class Operations(ABC):
    """Every route, blocking."""

    @abstractmethod
    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        body: object = None,
        takes: Collection[int] = (),
    ) -> Any:
        """How a request is sent, and its answer read."""

    def log_in_user(self, wanted: shapes.Credentials) -> shapes.Session:
        """Log a user in. The token goes into the Authorization header of everything else: `Bearer …`.

        Refused: fault, engine-away, store-away, invalid, wrong-credentials, too-large, too-many-attempts.
        """
        answer: shapes.Session = self._ask("POST", "/v1/session", body=wanted)
        return answer

    def log_out_user(self) -> None:
        """Make the token worthless, and close its sockets. The agent's shift goes on.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, too-many-commands.
        """
        self._ask("DELETE", "/v1/session")

    def log_in_by_issuer(self, wanted: shapes.Proof) -> shapes.Session:
        """Log a user in of whom the issuer (OpenID Connect) says who he is: one of the centre file.

        Refused: fault, issuer-away, invalid, wrong-credentials, not-found, too-large, too-many-attempts,
        too-many-commands.
        """
        answer: shapes.Session = self._ask("POST", "/v1/session/oidc", body=wanted)
        return answer

    def who_am_i(self) -> shapes.Me:
        """Who you are, what you do, and the calls you are offered or have.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: shapes.Me = self._ask("GET", "/v1/me")
        return answer

    def ticket_for_socket(self) -> shapes.Ticket:
        """For browsers, which cannot send a header with a WebSocket: /v1/events?ticket=…, once, within 30 s.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, too-many-commands.
        """
        answer: shapes.Ticket = self._ask("POST", "/v1/ws-ticket")
        return answer

    def list_agents(self) -> list[shapes.Agent]:
        """Every agent you may see: for an agent himself, and the colleagues who serve a queue of his.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Agent] = self._ask("GET", "/v1/agents")
        return answer

    def one_agent(self, agent: str) -> shapes.Agent:
        """One agent.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-agent.
        """
        answer: shapes.Agent = self._ask("GET", f"/v1/agents/{segment(agent)}")
        return answer

    def list_desks(self) -> list[shapes.Desk]:
        """Every desk at which an agent may log in, and who sits there.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Desk] = self._ask("GET", "/v1/desks")
        return answer

    def log_agent_in(self, agent: str, wanted: shapes.ShiftWanted | None = None) -> shapes.Agent:
        """`log-in`: begin a shift, not ready; or take back a log-out that has not happened yet.

        Without a body it begins at the agent's own phone. With a desk, that phone is his in place of his own until he
        logs out; who is on shift already moves there, unless he has a call in hand. Who has no phone of his own has to
        name a desk.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, unknown-desk, no-phone, desk-taken, call-in-hand, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Agent = self._ask("PUT", f"/v1/agents/{segment(agent)}/shift", body=wanted)
        return answer

    def log_agent_out(self, agent: str) -> shapes.Agent:
        """`log-out`: end the shift, at once, or when the call in hand or a locked wrap-up is over.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, still-running, too-many-commands.
        """
        answer: shapes.Agent = self._ask("DELETE", f"/v1/agents/{segment(agent)}/shift")
        return answer

    def set_agent_state(
        self, agent: str, wanted: shapes.ReadyWanted | shapes.NotReadyWanted
    ) -> shapes.Agent:
        """`become-ready` or `become-not-ready`: at once, or when the call in hand is over.

        In wrap-up `ready` ends it, or is refused as `finish-wrap-up` would be; `not-ready` ends it where it
        is optional, and comes after it elsewhere.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, wrap-up-locked, not-disposed, held-by-supervisor, still-running,
        too-large, too-many-commands.
        """
        answer: shapes.Agent = self._ask("PUT", f"/v1/agents/{segment(agent)}/state", body=wanted)
        return answer

    def set_do_not_disturb(self, agent: str) -> shapes.Agent:
        """`set-do-not-disturb`: not to be rung until it is lifted; being ready does not lift it.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, still-running, too-many-commands.
        """
        answer: shapes.Agent = self._ask("PUT", f"/v1/agents/{segment(agent)}/do-not-disturb")
        return answer

    def lift_do_not_disturb(self, agent: str) -> shapes.Agent:
        """`lift-do-not-disturb`: to be rung again, if nothing else keeps the agent.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, still-running, too-many-commands.
        """
        answer: shapes.Agent = self._ask("DELETE", f"/v1/agents/{segment(agent)}/do-not-disturb")
        return answer

    def finish_wrap_up(self, agent: str) -> shapes.Agent:
        """`finish-wrap-up`: the work after the call is done before its time is up.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, not-in-wrap-up, wrap-up-locked, not-disposed, still-running,
        too-many-commands.
        """
        answer: shapes.Agent = self._ask("DELETE", f"/v1/agents/{segment(agent)}/wrap-up")
        return answer

    def extend_wrap_up(self, agent: str) -> shapes.Agent:
        """`extend-wrap-up`: more time for the work after the call, once, where the queue grants it.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, not-in-wrap-up, not-extensible, still-running, too-many-commands.
        """
        answer: shapes.Agent = self._ask("PUT", f"/v1/agents/{segment(agent)}/wrap-up/extension")
        return answer

    def force_agent(self, agent: str, wanted: shapes.Forced | shapes.ForcedLogOut) -> shapes.Agent:
        """`force-…`, for supervisors: what an agent cannot do himself, or will not. Who, why and when is kept.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, not-in-wrap-up, still-running, too-large, too-many-commands.
        """
        answer: shapes.Agent = self._ask("POST", f"/v1/agents/{segment(agent)}/force", body=wanted)
        return answer

    def change_duties(self, agent: str, wanted: shapes.DutiesWanted) -> shapes.Agent:
        """`change-duties`, for supervisors: other queues and skills, at once, also for calls that wait.

        They stand in place of what the centre's file says until they are changed or removed, over restarts too.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, unknown-queue, unknown-skill, too-large, too-many-commands, still-running.
        """
        answer: shapes.Agent = self._ask("PUT", f"/v1/agents/{segment(agent)}/duties", body=wanted)
        return answer

    def restore_duties(self, agent: str, *, reason: str | None = None) -> shapes.Agent:
        """`change-duties`, for supervisors: the queues and skills of the centre's file again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, too-many-commands, still-running.
        """
        answer: shapes.Agent = self._ask(
            "DELETE", f"/v1/agents/{segment(agent)}/duties", query={"reason": reason}
        )
        return answer

    def list_acts(
        self, *, agent: str | None = None, before: int | None = None, limit: int | None = None
    ) -> list[shapes.Act]:
        """For supervisors and auditors: who has acted on an agent who is not himself, newest first; only ever added to.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: list[shapes.Act] = self._ask(
            "GET", "/v1/audit", query={"agent": agent, "before": before, "limit": limit}
        )
        return answer

    def list_queues(self) -> list[shapes.Queue]:
        """Every queue you may see: for an agent those he serves.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Queue] = self._ask("GET", "/v1/queues")
        return answer

    def list_dispositions(self, queue: str) -> shapes.QueueDispositions:
        """What may come of this queue's calls, and whether an agent must say it before his wrap-up can be ended.

        Whatever is above another comes first; with no dispositions at all, any code may be an outcome.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-queue.
        """
        answer: shapes.QueueDispositions = self._ask(
            "GET", f"/v1/queues/{segment(queue)}/dispositions"
        )
        return answer

    def one_queue(self, queue: str) -> shapes.Queue:
        """One queue.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-queue.
        """
        answer: shapes.Queue = self._ask("GET", f"/v1/queues/{segment(queue)}")
        return answer

    def list_calls(self) -> list[shapes.Call]:
        """Every live call you may see: for an agent his own, and masked those that wait in his queues.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Call] = self._ask("GET", "/v1/calls")
        return answer

    def make_call(self, wanted: shapes.CallWanted) -> shapes.Call:
        """`make-call`: the agent's own phone rings, and when it is picked up, the number is dialled.

        The answer comes when the phone begins to ring. What becomes of it is told by `number-dialled`,
        `call-connected` and `call-ended`; send an Idempotency-Key, or asking again may call again.

        Refused: fault, engine-away, store-away, bad-number, invalid, key-reused, not-authenticated,
        not-allowed, unknown-agent, unknown-queue, not-logged-in, agent-not-free, outbound-stopped,
        no-route, premium-number, satellite-number, outside-hours, agent-cap, centre-cap, still-running,
        too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", "/v1/calls", body=wanted)
        return answer

    def one_call(self, call: str) -> shapes.Call:
        """One live call, with all that the screen pop said.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-call.
        """
        answer: shapes.Call = self._ask("GET", f"/v1/calls/{segment(call)}")
        return answer

    def clear_call(self, call: str) -> shapes.Call:
        """`clear`: the agent hangs up, for all who are in the call; the caller goes back to the dialplan.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("DELETE", f"/v1/calls/{segment(call)}")
        return answer

    def explain_call(self, call: str, *, agent: str | None = None) -> list[shapes.Candidate]:
        """Why this call goes to whom it goes, and the first rule that keeps each other agent from it.

        For supervisors and auditors. Of a call that somebody has, or that is over: as it was when it was last
        offered, or began to wait, as long as journals are kept.

        Refused: fault, too-long-ago, engine-away, store-away, invalid, not-authenticated, not-allowed,
        unknown-call.
        """
        answer: list[shapes.Candidate] = self._ask(
            "GET", f"/v1/calls/{segment(call)}/why", query={"agent": agent}
        )
        return answer

    def set_requirement(self, call: str, wanted: shapes.RequirementWanted) -> shapes.Call:
        """`set-requirement`: ask something else of the agents for a waiting call. For supervisors.

        Refused: fault, engine-away, store-away, invalid, bad-requirement, key-reused, not-authenticated,
        not-allowed, unknown-call, not-waiting, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "PUT", f"/v1/calls/{segment(call)}/requirement", body=wanted
        )
        return answer

    def set_priority(self, call: str, wanted: shapes.PriorityWanted) -> shapes.Call:
        """`set-priority`: serve a waiting call before, or after, others. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-waiting, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("PUT", f"/v1/calls/{segment(call)}/priority", body=wanted)
        return answer

    def move_call(self, call: str, wanted: shapes.QueueWanted) -> shapes.Call:
        """`move-to-queue`: a waiting call waits on in another queue, from when it began to. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, unknown-queue, not-waiting, queue-refuses, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Call = self._ask("PUT", f"/v1/calls/{segment(call)}/queue", body=wanted)
        return answer

    def move_to_front(self, call: str, wanted: shapes.PlaceWanted) -> shapes.Call:
        """`move-to-front`: a waiting call is the next of its queue. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-waiting, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("PUT", f"/v1/calls/{segment(call)}/place", body=wanted)
        return answer

    def write_data(self, call: str, wanted: shapes.DataWanted) -> shapes.Call:
        """`write-data`: note something with a call for all who have it on the screen, now and wherever it goes.

        For who has the call or whose phone rings for it, and for supervisors. It is kept with the call.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, too-much-data, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("PUT", f"/v1/calls/{segment(call)}/data", body=wanted)
        return answer

    def select_route(self, call: str, wanted: shapes.RouteWanted) -> shapes.Route:
        """The answer to `route-requested`: who is to have the call, or nobody yet. For routers.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-asked, not-a-candidate, still-running, too-large, too-many-commands.
        """
        answer: shapes.Route = self._ask("PUT", f"/v1/calls/{segment(call)}/route", body=wanted)
        return answer

    def record_outcome(self, call: str, wanted: shapes.OutcomeWanted) -> shapes.Outcome:
        """`record-outcome`: what came of a call, during it or after it; the last word counts.

        Where the centre has dispositions, one of those that `/v1/queues/{queue}/dispositions` says can be chosen.

        Refused: fault, engine-away, store-away, unknown-disposition, invalid, key-reused,
        not-authenticated, not-your-call, unknown-call, not-answered, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Outcome = self._ask("PUT", f"/v1/calls/{segment(call)}/outcome", body=wanted)
        return answer

    def outbound(self) -> shapes.OutboundState:
        """Whether agents can call out. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: shapes.OutboundState = self._ask("GET", "/v1/outbound")
        return answer

    def switch_outbound(self, wanted: shapes.OutboundWanted) -> shapes.OutboundState:
        """For admins: nobody calls out any more, emergency numbers apart, until it is allowed again.

        It holds over restarts. What is being dialled ends; who talks already, talks on.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        too-large, too-many-commands, still-running.
        """
        answer: shapes.OutboundState = self._ask("PUT", "/v1/outbound", body=wanted)
        return answer

    def list_callbacks(self, *, queue: str | None = None) -> list[shapes.Call]:
        """Who is to be called back, who has asked first in front; all, or of one queue. For supervisors and auditors.

        Each is a call that waits without its caller: `PUT /v1/calls/{call}/priority` and the like hold for it too.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: list[shapes.Call] = self._ask("GET", "/v1/callbacks", query={"queue": queue})
        return answer

    def register_callback(self, wanted: shapes.CallbackWanted) -> shapes.Call:
        """Somebody is called when it would be his turn had he called now, or at `due_at`. For agents and supervisors.

        Only supervisors put anybody before the others, by a `priority`.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, unknown-queue, no-callbacks, called-back-already, no-route, premium-number,
        satellite-number, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", "/v1/callbacks", body=wanted)
        return answer

    def cancel_callback(self, callback: str, *, reason: str | None = None) -> None:
        """He is not called any more; if he is being called, that ends. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-callback, too-many-commands, still-running.
        """
        self._ask("DELETE", f"/v1/callbacks/{segment(callback)}", query={"reason": reason})

    def hold_call(self, call: str) -> shapes.Call:
        """`hold`: the caller hears music, and so does who is in conference; the agent hears nothing.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, on-hold, consulting, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("PUT", f"/v1/calls/{segment(call)}/hold")
        return answer

    def retrieve_call(self, call: str) -> shapes.Call:
        """`retrieve`: caller and agent hear each other again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-on-hold, consulting, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("DELETE", f"/v1/calls/{segment(call)}/hold")
        return answer

    def transfer_call(
        self, call: str, wanted: shapes.ToQueue | shapes.ToAgent | shapes.ToNumber
    ) -> shapes.Call:
        """`transfer`: hand the caller on, unannounced, to a queue, to an agent who is free, or to a number.

        The agent who had the call is in wrap-up when the phone is down. An agent who does not answer leaves
        the caller to the queue where the caller was. To a number: the caller hears music, and is with the agent
        again if nobody picks up there (`cancel-consult` takes him back before that); if the agent has hung up
        meanwhile, the caller waits in his queue, in the place that he had. A supervisor may transfer a call of
        phase `outside`, too: the number that has the caller is let go at once, and if he is sent on to another
        one, it counts as a call of the agent who handed him out.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-your-call, unknown-call, unknown-queue, unknown-agent, not-talking, consulting, in-conference,
        queue-refuses, agent-not-free, outbound-stopped, no-route, premium-number, satellite-number,
        outside-hours, agent-cap, centre-cap, in-call-already, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/transfer", body=wanted)
        return answer

    def consult(
        self, call: str, wanted: shapes.ToQueue | shapes.ToAgent | shapes.ToNumber
    ) -> shapes.Call:
        """`consult`: ask another agent, or call a number, in private, while the caller hears music.

        However it ends (no answer, cancelled, the other one hangs up), agent and caller are together again.
        If the agent who has the call hangs up, whoever was consulted has it, or the caller is left to the
        number.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-your-call, unknown-call, unknown-agent, unknown-queue, not-talking, consulting, agent-not-free,
        nobody-free, outbound-stopped, no-route, premium-number, satellite-number, outside-hours, agent-cap,
        centre-cap, in-call-already, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/consult", body=wanted)
        return answer

    def cancel_consult(self, call: str) -> shapes.Call:
        """`cancel-consult`: let the other agent go; agent and caller are together again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("DELETE", f"/v1/calls/{segment(call)}/consult")
        return answer

    def alternate(self, call: str) -> shapes.Call:
        """`alternate`: from the other agent to the caller, or back; who is left hears music.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/consult/alternate")
        return answer

    def complete_consult(self, call: str) -> shapes.Call:
        """`complete-consult`: the caller is with the other agent, who has the call from now on, or with the number.

        Out of a conference: the agent who has been in it longest has the call; if there is none, its phase is
        `outside`.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/consult/complete")
        return answer

    def start_conference(self, call: str) -> shapes.Call:
        """`conference`: caller, agent and whoever is consulted hear each other. To add one more, consult him.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/conference")
        return answer

    def remove_party(self, call: str, agent: str) -> shapes.Call:
        """`remove-party`: let one go who is consulted or in conference. Who is it himself may `leave` so.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/parties/{segment(agent)}"
        )
        return answer

    def mute_party(self, call: str, agent: str) -> shapes.Call:
        """`mute-party`: one who is consulted or in conference hears all, and is not heard.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "PUT", f"/v1/calls/{segment(call)}/parties/{segment(agent)}/mute"
        )
        return answer

    def unmute_party(self, call: str, agent: str) -> shapes.Call:
        """`unmute-party`: he is heard again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/parties/{segment(agent)}/mute"
        )
        return answer

    def remove_number(self, call: str, number: str) -> shapes.Call:
        """`remove-party`: let a number go that is consulted or in conference.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/outsiders/{segment(number)}"
        )
        return answer

    def mute_number(self, call: str, number: str) -> shapes.Call:
        """`mute-party`: a number that is consulted or in conference hears all, and is not heard.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "PUT", f"/v1/calls/{segment(call)}/outsiders/{segment(number)}/mute"
        )
        return answer

    def unmute_number(self, call: str, number: str) -> shapes.Call:
        """`unmute-party`: it is heard again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/outsiders/{segment(number)}/mute"
        )
        return answer

    def begin_recording(self, call: str) -> shapes.Call:
        """`record`: keep what is said from now on, through holds and transfers, until it is stopped or the call ends.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, recorded-already, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("PUT", f"/v1/calls/{segment(call)}/recording")
        return answer

    def end_recording(self, call: str) -> shapes.Call:
        """`stop-recording`: what is recorded stays. With the next agent it begins again if the queue records always.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, not-recorded, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("DELETE", f"/v1/calls/{segment(call)}/recording")
        return answer

    def suspend_recording(self, call: str) -> shapes.Call:
        """`pause-recording`: nothing is kept while the caller says a card number, also not after a hold or a transfer.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, not-recorded, recording-paused, still-running,
        too-many-commands.
        """
        answer: shapes.Call = self._ask("PUT", f"/v1/calls/{segment(call)}/recording/pause")
        return answer

    def continue_recording(self, call: str) -> shapes.Call:
        """`resume-recording`: what is said is kept again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, not-recorded, recording-not-paused, still-running,
        too-many-commands.
        """
        answer: shapes.Call = self._ask("DELETE", f"/v1/calls/{segment(call)}/recording/pause")
        return answer

    def send_tones(self, call: str, wanted: shapes.TonesWanted) -> shapes.Call:
        """`send-tones`: the caller's side hears these keys.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, on-hold, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/tones", body=wanted)
        return answer

    def answer_call(self, call: str) -> shapes.Call:
        """`answer`: your phone picks up, which rings for this call: for a caller, a colleague, or a call of your own.

        The response says that the phone is told so; that it has picked up is told by `call-connected`, or by what else
        follows on the phone's own button. A phone that does not obey rings on. Nobody does it for another: who
        answers has an open microphone.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-ringing, phone-cannot, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/answer")
        return answer

    def reject_offer(self, call: str, agent: str) -> shapes.Call:
        """`reject`: this agent's phone rings no more, and the next one's does; it counts as the phone's red button.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-ringing, still-running, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/offers/{segment(agent)}"
        )
        return answer

    def deflect_offer(
        self, call: str, agent: str, wanted: shapes.ToQueue | shapes.ToAgent | shapes.ToNumber
    ) -> shapes.Call:
        """`deflect`: send on what rings at this agent's phone, to a queue, to an agent who is free, or to a number.

        It is held against nobody. An agent or a number that does not answer leaves the caller to the queue where he
        was, in the place that he had. A number counts as a call of this agent; while it rings, the call is of phase
        `outside`, and the caller hears what he heard before.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, unknown-call, unknown-queue, unknown-agent, not-ringing, queue-refuses, agent-not-free,
        caller-absent, outbound-stopped, no-route, premium-number, satellite-number, outside-hours,
        agent-cap, centre-cap, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "POST", f"/v1/calls/{segment(call)}/offers/{segment(agent)}/deflect", body=wanted
        )
        return answer

    def deflect_waiting_call(self, call: str, wanted: shapes.ToNumber) -> shapes.Call:
        """`deflect`, of a call that waits and rings at no phone: send it on to a number. For supervisors.

        It counts as a call of your own agent, so you need one. All else is as above; to a queue, `move-to-queue`.

        Refused: fault, engine-away, store-away, bad-number, invalid, key-reused, not-authenticated,
        not-allowed, no-phone, not-waiting, caller-absent, outbound-stopped, no-route, premium-number,
        satellite-number, outside-hours, agent-cap, centre-cap, still-running, unknown-call, unknown-queue,
        too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/deflect", body=wanted)
        return answer

    def supervise_call(self, call: str, wanted: shapes.SupervisionWanted) -> shapes.Call:
        """`listen`, `whisper`, `barge`: your phone rings, and you hear what the agent of this call hears and says.

        Once more with another `mode`, while you are in: from then on others hear you, or do not. It lasts until you
        hang up, or the agent has the call no more.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-talking, own-call, not-logged-in, agent-not-free, still-running, unknown-call,
        unknown-agent, too-large, too-many-commands.
        """
        answer: shapes.Call = self._ask(
            "PUT", f"/v1/calls/{segment(call)}/supervision", body=wanted
        )
        return answer

    def stop_supervising(self, call: str) -> shapes.Call:
        """`stop-supervising`: you leave the call; it goes on as if you had not been there.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-supervising, still-running, unknown-call, too-many-commands.
        """
        answer: shapes.Call = self._ask("DELETE", f"/v1/calls/{segment(call)}/supervision")
        return answer

    def take_over_call(self, call: str) -> shapes.Call:
        """`take-over`: you have the call, and the agent his wrap-up, as soon as you are in the conversation.

        That moment is told by `call-taken-over`. The conversation keeps its id, and counts as handed on to you.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-supervising, supervision-not-answered, consulting, still-running, unknown-call,
        too-many-commands.
        """
        answer: shapes.Call = self._ask("POST", f"/v1/calls/{segment(call)}/supervision/take-over")
        return answer

    def follow_agent(self, agent: str, wanted: shapes.SupervisionWanted) -> shapes.Agent:
        """Follow this agent: your phone rings for the call that he has, and for every one that he will have.

        Until you end it, follow another, or log out. Answers with yourself as an agent, and `follows` in it.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-logged-in, own-call, still-running, unknown-agent, too-large, too-many-commands.
        """
        answer: shapes.Agent = self._ask(
            "PUT", f"/v1/agents/{segment(agent)}/supervision", body=wanted
        )
        return answer

    def stop_following(self, agent: str) -> shapes.Agent:
        """Follow this agent no more, and leave the call of his that you hear. Answers with yourself as an agent.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-supervising, still-running, unknown-agent, too-many-commands.
        """
        answer: shapes.Agent = self._ask("DELETE", f"/v1/agents/{segment(agent)}/supervision")
        return answer

    def put_customers(self, wanted: shapes.CustomersWanted) -> shapes.CustomersTaken:
        """List customers or correct them, 500 at most at once. For supervisors.

        What is not named stays as it is, null empties it; the same again changes nothing. Bad rows are told, and the
        others taken; a number that cannot be read is left out and told.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: shapes.CustomersTaken = self._ask("PUT", "/v1/customers", body=wanted)
        return answer

    def find_customers(self, *, number: str) -> list[str]:
        """The ids of the customers who have a number, 100 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[str] = self._ask("GET", "/v1/customers", query={"number": number})
        return answer

    def one_customer(self, customer: str) -> shapes.CustomerRecord:
        """All that is listed of a customer. For supervisors, auditors, and an agent who has him on the line.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-customer.
        """
        answer: shapes.CustomerRecord = self._ask("GET", f"/v1/customers/{segment(customer)}")
        return answer

    def erase_customer(self, customer: str, *, reason: str) -> shapes.Erased:
        """For admins: forget this customer for good, with his recordings. How many called, and how long, stays.

        Nothing takes this back. Journals hold what was said to us for as many days as `journal_days` says.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, too-many-commands, still-running.
        """
        answer: shapes.Erased = self._ask(
            "DELETE", f"/v1/customers/{segment(customer)}", query={"reason": reason}
        )
        return answer

    def put_contacts(self, wanted: shapes.ContactsWanted) -> shapes.ContactsTaken:
        """Contacts by chat, e-mail, WeChat, SMS or visit, 500 at most at once. For supervisors.

        They stand in the same line as calls, and make a caller a repeat caller where a queue's rule says so. One of the
        same id takes the place of the first.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: shapes.ContactsTaken = self._ask("PUT", "/v1/contacts", body=wanted)
        return answer

    def merge_customers(self, customer: str, wanted: shapes.MergeWanted) -> shapes.CustomerChange:
        """For supervisors: another customer is this one. His numbers, calls, promises and all else are this one's.

        A call that he is in goes on, and is this one's when it is written down. `undo` takes it back.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, same-customer, still-running, too-many-commands.
        """
        answer: shapes.CustomerChange = self._ask(
            "POST", f"/v1/customers/{segment(customer)}/merge", body=wanted
        )
        return answer

    def split_customer(self, customer: str, wanted: shapes.SplitWanted) -> shapes.CustomerChange:
        """For supervisors: some numbers of this customer are another one's, with the calls that came from them.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, customer-exists, not-his-numbers, still-running, too-many-commands.
        """
        answer: shapes.CustomerChange = self._ask(
            "POST", f"/v1/customers/{segment(customer)}/split", body=wanted
        )
        return answer

    def list_customer_changes(self, *, customer: str) -> list[shapes.CustomerChange]:
        """The merges and splits that a customer was part of, newest first, 100 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.CustomerChange] = self._ask(
            "GET", "/v1/customer-changes", query={"customer": customer}
        )
        return answer

    def undo_customer_change(self, change: str, wanted: shapes.UndoWanted) -> None:
        """For supervisors: take a merge or a split back, as far as what was moved is still where it was moved to.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-change, unknown-customer, undone-already, customer-exists, still-running,
        too-many-commands.
        """
        self._ask("POST", f"/v1/customer-changes/{segment(change)}/undo", body=wanted)

    def make_promise(self, customer: str, wanted: shapes.PromiseWanted) -> shapes.PromiseRecord:
        """Owe a customer something until a moment to come.

        For supervisors, and for an agent who has him on the line, or has had him within a day.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, unknown-agent, too-large, too-many-commands, still-running.
        """
        answer: shapes.PromiseRecord = self._ask(
            "POST", f"/v1/customers/{segment(customer)}/promises", body=wanted
        )
        return answer

    def change_promise(
        self, customer: str, promise: str, wanted: shapes.PromiseChange
    ) -> shapes.PromiseRecord:
        """Keep or break a promise, agree upon another time, give it to another owner, open it once more.

        For supervisors, its owner, and an agent who has the customer on the line, or has had him within a day.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-promise, unknown-agent, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.PromiseRecord = self._ask(
            "PUT", f"/v1/customers/{segment(customer)}/promises/{segment(promise)}", body=wanted
        )
        return answer

    def list_promise_changes(self, customer: str, promise: str) -> list[shapes.CaseChange]:
        """Who has changed what of a promise, oldest first. For who may change it, and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-promise.
        """
        answer: list[shapes.CaseChange] = self._ask(
            "GET", f"/v1/customers/{segment(customer)}/promises/{segment(promise)}/changes"
        )
        return answer

    def list_promises(
        self,
        *,
        state: Literal["open", "lapsed", "kept", "broken"] | None = None,
        owner: str | None = None,
        due_before: int | None = None,
    ) -> list[shapes.PromiseRecord]:
        """What is owed, the soonest first, 1,000 at most: for supervisors and auditors all, for an agent what he owes.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.PromiseRecord] = self._ask(
            "GET", "/v1/promises", query={"state": state, "owner": owner, "due_before": due_before}
        )
        return answer

    def list_tasks(
        self, *, state: Literal["open", "offered", "calling", "done", "dropped"] | None = None
    ) -> list[shapes.Task]:
        """Who is to be called, the oldest first, 1,000 at most: for an agent his own, and anybody's in his queues.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Task] = self._ask("GET", "/v1/tasks", query={"state": state})
        return answer

    def finish_task(self, task: str, wanted: shapes.TaskDone) -> shapes.Task:
        """He was called, and this came of it. For supervisors, and who was to call.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-task, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.Task = self._ask("PUT", f"/v1/tasks/{segment(task)}/outcome", body=wanted)
        return answer

    def open_complaint(
        self, customer: str, wanted: shapes.ComplaintWanted
    ) -> shapes.ComplaintRecord:
        """Open a complaint.

        For supervisors, the back office, and an agent who has the customer on the line, or has had him within a day.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, too-large, too-many-commands, still-running.
        """
        answer: shapes.ComplaintRecord = self._ask(
            "POST", f"/v1/customers/{segment(customer)}/complaints", body=wanted
        )
        return answer

    def list_complaints(
        self,
        *,
        state: Literal["open", "in-work", "answered", "verified", "closed", "withdrawn"]
        | None = None,
        owner: str | None = None,
        due_before: int | None = None,
    ) -> list[shapes.ComplaintRecord]:
        """Complaints, the soonest due first, 1,000 at most: for supervisors, back office and auditors all.

        For others those that they own.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.ComplaintRecord] = self._ask(
            "GET",
            "/v1/complaints",
            query={"state": state, "owner": owner, "due_before": due_before},
        )
        return answer

    def one_complaint(self, complaint: str) -> shapes.ComplaintRecord:
        """One complaint. For supervisors, the back office, auditors, its owner, and who opened it.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-complaint.
        """
        answer: shapes.ComplaintRecord = self._ask("GET", f"/v1/complaints/{segment(complaint)}")
        return answer

    def change_complaint(
        self, complaint: str, wanted: shapes.ComplaintChange
    ) -> shapes.ComplaintRecord:
        """Bring a complaint on, give it to another owner, agree upon another time.

        Its owner takes it in work, answers it, or gives it away. That it is settled is verified by a supervisor or the
        back office, and not by who answered it; then it can be closed. They may also withdraw it and open it again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-by-you, not-found, unknown-complaint, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.ComplaintRecord = self._ask(
            "PUT", f"/v1/complaints/{segment(complaint)}", body=wanted
        )
        return answer

    def list_complaint_changes(self, complaint: str) -> list[shapes.CaseChange]:
        """Who has changed what of a complaint, oldest first. For who may see it.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-complaint.
        """
        answer: list[shapes.CaseChange] = self._ask(
            "GET", f"/v1/complaints/{segment(complaint)}/changes"
        )
        return answer

    def give_answer(self, wanted: shapes.AnswerWanted) -> shapes.Answer:
        """An answer that came by SMS, by a page, or in a follow-up call. A question of one call is answered once.

        For supervisors and systems, and for an agent who has the customer on the line, or has had him within a day;
        but nobody tells what is thought of himself.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, not-found, unknown-call, unknown-customer, not-now, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Answer = self._ask("POST", "/v1/surveys", body=wanted)
        return answer

    def list_answers(
        self,
        *,
        queue: str | None = None,
        agent: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[shapes.Answer]:
        """What customers have said, newest first. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Answer] = self._ask(
            "GET",
            "/v1/surveys",
            query={"queue": queue, "agent": agent, "before": before, "limit": limit},
        )
        return answer

    def list_call_lists(self) -> list[shapes.CallList]:
        """The lists, the newest first. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.CallList] = self._ask("GET", "/v1/follow-ups")
        return answer

    def create_call_list(self, wanted: shapes.ListWanted) -> shapes.CallList:
        """A list with nobody on it, by a rule of the centre's file. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-rule, too-large, too-many-commands, still-running.
        """
        answer: shapes.CallList = self._ask("POST", "/v1/follow-ups", body=wanted)
        return answer

    def one_call_list(self, call_list: str) -> shapes.CallList:
        """A list, and how those on it stand. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-list.
        """
        answer: shapes.CallList = self._ask("GET", f"/v1/follow-ups/{segment(call_list)}")
        return answer

    def close_call_list(self, call_list: str) -> shapes.CallList:
        """Nobody on it is called any more; who is being called, is. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-list, too-many-commands, still-running.
        """
        answer: shapes.CallList = self._ask("DELETE", f"/v1/follow-ups/{segment(call_list)}")
        return answer

    def list_entries(
        self,
        call_list: str,
        *,
        state: Literal["open", "offered", "calling", "done", "dropped"] | None = None,
    ) -> list[shapes.Entry]:
        """Who is on a list, in the order in which they are due, 1,000 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-list.
        """
        answer: list[shapes.Entry] = self._ask(
            "GET", f"/v1/follow-ups/{segment(call_list)}/entries", query={"state": state}
        )
        return answer

    def add_entries(self, call_list: str, wanted: shapes.EntriesWanted) -> shapes.Filled:
        """Put these on a list. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-list, unknown-rule, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.Filled = self._ask(
            "POST", f"/v1/follow-ups/{segment(call_list)}/entries", body=wanted
        )
        return answer

    def fill_call_list(self, call_list: str, wanted: shapes.FillWanted) -> shapes.Filled:
        """Put on it whom its rule draws of the calls of a day: the same ones each time. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-list, unknown-rule, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.Filled = self._ask(
            "POST", f"/v1/follow-ups/{segment(call_list)}/fill", body=wanted
        )
        return answer

    def agents_preview(self, agent: str) -> shapes.Preview | None:
        """Whom this agent is shown to call; null: nobody.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, unknown-agent.
        """
        answer: shapes.Preview | None = self._ask("GET", f"/v1/agents/{segment(agent)}/preview")
        return answer

    def answer_preview(self, agent: str, wanted: shapes.PreviewAnswer) -> shapes.Agent:
        """`accept-preview`: the agent's own phone rings, then the number is dialled. `skip-preview`: somebody else may.

        Refused: fault, engine-away, store-away, bad-number, invalid, key-reused, not-authenticated,
        not-allowed, unknown-agent, not-logged-in, no-preview, agent-not-free, outbound-stopped, no-route,
        premium-number, satellite-number, outside-hours, agent-cap, centre-cap, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Agent = self._ask("PUT", f"/v1/agents/{segment(agent)}/preview", body=wanted)
        return answer

    def list_barred(self) -> list[shapes.Barred]:
        """Numbers that no list calls, the newest first, 1,000 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Barred] = self._ask("GET", "/v1/do-not-call")
        return answer

    def bar_number(self, wanted: shapes.BarWanted) -> None:
        """No list calls this number any more. For supervisors; an agent says it as an outcome.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, not-found, too-large, too-many-commands, still-running.
        """
        self._ask("POST", "/v1/do-not-call", body=wanted)

    def unbar_number(self, wanted: shapes.BarWanted) -> None:
        """Lists may call it again: he has said so. For supervisors.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, not-found, not-listed, too-large, too-many-commands, still-running.
        """
        self._ask("POST", "/v1/do-not-call/lift", body=wanted)

    def list_recordings(
        self,
        *,
        call: str | None = None,
        queue: str | None = None,
        agent: str | None = None,
        since: int | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[shapes.Recording]:
        """Parts of recordings, newest first: for supervisors and auditors; an agent's own where the centre lets him.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Recording] = self._ask(
            "GET",
            "/v1/recordings",
            query={
                "call": call,
                "queue": queue,
                "agent": agent,
                "since": since,
                "before": before,
                "limit": limit,
            },
        )
        return answer

    def one_recording(self, recording: str) -> shapes.Recording:
        """One part.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-recording.
        """
        answer: shapes.Recording = self._ask("GET", f"/v1/recordings/{segment(recording)}")
        return answer

    def hear_recording(
        self, recording: str, *, range: str | None = None, if_range: str | None = None
    ) -> bytes:
        """The sound of one part, a WAV file, or one range of its bytes. Who has heard it is noted: see `/v1/audit`.

        With two `channels`, left is what the caller says, and right what he hears.
        `If-Range` takes the ETag of an earlier answer. HEAD says how large it is, and nobody has heard it by that.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-recording, no-such-range.
        """
        answer: bytes = self._ask(
            "GET",
            f"/v1/recordings/{segment(recording)}/sound",
            headers={"Range": range, "If-Range": if_range},
        )
        return answer

    def hear_call(
        self, call: str, *, range: str | None = None, if_range: str | None = None
    ) -> bytes:
        """All that is kept of what was said in a call, one part after the other, as one WAV file; as for one part.

        Of a call that goes on, the parts that are whole: the ETag is another one when there is one more. Who may hear
        his own calls alone hears the parts in which he has talked. Each part that is heard is noted.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-recording, no-such-range.
        """
        answer: bytes = self._ask(
            "GET",
            f"/v1/calls/{segment(call)}/recording/sound",
            headers={"Range": range, "If-Range": if_range},
        )
        return answer

    def one_report(
        self,
        report: str,
        *,
        day: str | None = None,
        to: str | None = None,
        tz: str | None = None,
        interval: Literal["15m", "30m", "60m", "day", "week"] | None = None,
        by: list[Literal["queue", "team", "agent", "dialled", "region", "reason", "outcome"]]
        | None = None,
        by_time: bool | None = None,
        queue: str | None = None,
        team: str | None = None,
        agent: str | None = None,
        dialled: str | None = None,
        lang: Literal["en", "zh"] | None = None,
        within_s: int | None = None,
        short_s: int | None = None,
        window_h: int | None = None,
    ) -> shapes.Report:
        """For supervisors: `daily` for the morning, `service` by whatever is asked for, who gave up and was not
        reached (`abandoned`), who was `overtaken` and why, every one of the `formulas`; `pay` for admins.

        Shares are 0 to 1, durations milliseconds. Each column names the formula and version it is computed by.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: shapes.Report = self._ask(
            "GET",
            f"/v1/reports/{segment(report)}",
            query={
                "day": day,
                "to": to,
                "tz": tz,
                "interval": interval,
                "by": by,
                "by_time": by_time,
                "queue": queue,
                "team": team,
                "agent": agent,
                "dialled": dialled,
                "lang": lang,
                "within_s": within_s,
                "short_s": short_s,
                "window_h": window_h,
            },
        )
        return answer

    def report_file(
        self,
        report: str,
        form: str,
        *,
        day: str | None = None,
        to: str | None = None,
        tz: str | None = None,
        interval: Literal["15m", "30m", "60m", "day", "week"] | None = None,
        by: list[Literal["queue", "team", "agent", "dialled", "region", "reason", "outcome"]]
        | None = None,
        by_time: bool | None = None,
        queue: str | None = None,
        team: str | None = None,
        agent: str | None = None,
        dialled: str | None = None,
        lang: Literal["en", "zh"] | None = None,
        within_s: int | None = None,
        short_s: int | None = None,
        window_h: int | None = None,
    ) -> bytes:
        """The same as a file: CSV for a spreadsheet, or a page with charts, without any script.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: bytes = self._ask(
            "GET",
            f"/v1/reports/{segment(report)}/{segment(form)}",
            query={
                "day": day,
                "to": to,
                "tz": tz,
                "interval": interval,
                "by": by,
                "by_time": by_time,
                "queue": queue,
                "team": team,
                "agent": agent,
                "dialled": dialled,
                "lang": lang,
                "within_s": within_s,
                "short_s": short_s,
                "window_h": window_h,
            },
        )
        return answer

    def agents_today(self, agent: str, *, lang: Literal["en", "zh"] | None = None) -> shapes.Report:
        """An agent's own figures of today, in the centre's time zone. For himself, supervisors and auditors.

        Talks, handling time, occupancy, offers missed, transfers; for how long he was ready, talked, wrapped up.
        What is over is in it; a state that lasts, up to the last full quarter of an hour.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: shapes.Report = self._ask(
            "GET", f"/v1/agents/{segment(agent)}/today", query={"lang": lang}
        )
        return answer

    def staffing(self, wanted: shapes.StaffingWanted) -> shapes.Report:
        """For supervisors: the agents that a target takes, by Erlang C and Erlang A, with `days` by the engine too.

        Formulas and a worked example are in docs/staffing.md.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: shapes.Report = self._ask("POST", "/v1/staffing", body=wanted)
        return answer

    def staffing_file(self, form: str, wanted: shapes.StaffingWanted) -> bytes:
        """The same as a file: CSV for a spreadsheet, or a page with charts, without any script.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: bytes = self._ask("POST", f"/v1/staffing/{segment(form)}", body=wanted)
        return answer

    def reload(self) -> shapes.Reloaded:
        """For admins: read the centre's file, its menus and its hours again, as a SIGHUP does.

        They hold as a whole or not at all. What is wrong is told in the message, with file, line and what to do.

        Refused: fault, engine-away, store-away, broken-centre, invalid, key-reused, not-authenticated,
        not-allowed, not-found, too-many-commands, still-running.
        """
        answer: shapes.Reloaded = self._ask("POST", "/v1/reload")
        return answer

    def list_keys(self) -> list[shapes.Key]:
        """For admins and auditors: the keys that are good, the oldest first.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: list[shapes.Key] = self._ask("GET", "/v1/keys")
        return answer

    def make_key(self, wanted: shapes.KeyWanted) -> shapes.NewKey:
        """For admins: a key with which a system acts as a user, in his role, until it is revoked or its days are over.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, unknown-user,
        too-large, too-many-commands.
        """
        answer: shapes.NewKey = self._ask("POST", "/v1/keys", body=wanted)
        return answer

    def revoke_key(self, key: str) -> None:
        """For admins: make a key worthless, and close its sockets.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-key, too-many-commands, still-running.
        """
        self._ask("DELETE", f"/v1/keys/{segment(key)}")

    def end_sessions(self, user: str) -> None:
        """For admins: end every log-in of a user, and close its sockets. His keys stay, and so does his agent's shift.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-user, too-many-commands, still-running.
        """
        self._ask("DELETE", f"/v1/users/{segment(user)}/sessions")

    def health(self) -> shapes.Live:
        """Whether the process answers. If it does not, restart it."""
        answer: shapes.Live = self._ask("GET", "/health")
        return answer

    def ready(self) -> shapes.Readiness:
        """Whether every Asterisk is heard, and the engine. If not, restarting us will not help."""
        answer: shapes.Readiness = self._ask("GET", "/ready", takes=(503,))
        return answer

    def metrics(self) -> bytes:
        """How it stands with this process, queues and agents, for Prometheus; by the key of an auditor or supervisor.

        Each process of the API tells of itself; queues, agents and calls are the same at each.

        Refused: not-authenticated, not-allowed.
        """
        answer: bytes = self._ask("GET", "/metrics")
        return answer


class AsyncOperations(ABC):
    """Every route, to be awaited."""

    @abstractmethod
    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        body: object = None,
        takes: Collection[int] = (),
    ) -> Any:
        """How a request is sent, and its answer read."""

    async def log_in_user(self, wanted: shapes.Credentials) -> shapes.Session:
        """Log a user in. The token goes into the Authorization header of everything else: `Bearer …`.

        Refused: fault, engine-away, store-away, invalid, wrong-credentials, too-large, too-many-attempts.
        """
        answer: shapes.Session = await self._ask("POST", "/v1/session", body=wanted)
        return answer

    async def log_out_user(self) -> None:
        """Make the token worthless, and close its sockets. The agent's shift goes on.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, too-many-commands.
        """
        await self._ask("DELETE", "/v1/session")

    async def log_in_by_issuer(self, wanted: shapes.Proof) -> shapes.Session:
        """Log a user in of whom the issuer (OpenID Connect) says who he is: one of the centre file.

        Refused: fault, issuer-away, invalid, wrong-credentials, not-found, too-large, too-many-attempts,
        too-many-commands.
        """
        answer: shapes.Session = await self._ask("POST", "/v1/session/oidc", body=wanted)
        return answer

    async def who_am_i(self) -> shapes.Me:
        """Who you are, what you do, and the calls you are offered or have.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: shapes.Me = await self._ask("GET", "/v1/me")
        return answer

    async def ticket_for_socket(self) -> shapes.Ticket:
        """For browsers, which cannot send a header with a WebSocket: /v1/events?ticket=…, once, within 30 s.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, too-many-commands.
        """
        answer: shapes.Ticket = await self._ask("POST", "/v1/ws-ticket")
        return answer

    async def list_agents(self) -> list[shapes.Agent]:
        """Every agent you may see: for an agent himself, and the colleagues who serve a queue of his.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Agent] = await self._ask("GET", "/v1/agents")
        return answer

    async def one_agent(self, agent: str) -> shapes.Agent:
        """One agent.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-agent.
        """
        answer: shapes.Agent = await self._ask("GET", f"/v1/agents/{segment(agent)}")
        return answer

    async def list_desks(self) -> list[shapes.Desk]:
        """Every desk at which an agent may log in, and who sits there.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Desk] = await self._ask("GET", "/v1/desks")
        return answer

    async def log_agent_in(
        self, agent: str, wanted: shapes.ShiftWanted | None = None
    ) -> shapes.Agent:
        """`log-in`: begin a shift, not ready; or take back a log-out that has not happened yet.

        Without a body it begins at the agent's own phone. With a desk, that phone is his in place of his own until he
        logs out; who is on shift already moves there, unless he has a call in hand. Who has no phone of his own has to
        name a desk.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, unknown-desk, no-phone, desk-taken, call-in-hand, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Agent = await self._ask(
            "PUT", f"/v1/agents/{segment(agent)}/shift", body=wanted
        )
        return answer

    async def log_agent_out(self, agent: str) -> shapes.Agent:
        """`log-out`: end the shift, at once, or when the call in hand or a locked wrap-up is over.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, still-running, too-many-commands.
        """
        answer: shapes.Agent = await self._ask("DELETE", f"/v1/agents/{segment(agent)}/shift")
        return answer

    async def set_agent_state(
        self, agent: str, wanted: shapes.ReadyWanted | shapes.NotReadyWanted
    ) -> shapes.Agent:
        """`become-ready` or `become-not-ready`: at once, or when the call in hand is over.

        In wrap-up `ready` ends it, or is refused as `finish-wrap-up` would be; `not-ready` ends it where it
        is optional, and comes after it elsewhere.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, wrap-up-locked, not-disposed, held-by-supervisor, still-running,
        too-large, too-many-commands.
        """
        answer: shapes.Agent = await self._ask(
            "PUT", f"/v1/agents/{segment(agent)}/state", body=wanted
        )
        return answer

    async def set_do_not_disturb(self, agent: str) -> shapes.Agent:
        """`set-do-not-disturb`: not to be rung until it is lifted; being ready does not lift it.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, still-running, too-many-commands.
        """
        answer: shapes.Agent = await self._ask("PUT", f"/v1/agents/{segment(agent)}/do-not-disturb")
        return answer

    async def lift_do_not_disturb(self, agent: str) -> shapes.Agent:
        """`lift-do-not-disturb`: to be rung again, if nothing else keeps the agent.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, still-running, too-many-commands.
        """
        answer: shapes.Agent = await self._ask(
            "DELETE", f"/v1/agents/{segment(agent)}/do-not-disturb"
        )
        return answer

    async def finish_wrap_up(self, agent: str) -> shapes.Agent:
        """`finish-wrap-up`: the work after the call is done before its time is up.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, not-in-wrap-up, wrap-up-locked, not-disposed, still-running,
        too-many-commands.
        """
        answer: shapes.Agent = await self._ask("DELETE", f"/v1/agents/{segment(agent)}/wrap-up")
        return answer

    async def extend_wrap_up(self, agent: str) -> shapes.Agent:
        """`extend-wrap-up`: more time for the work after the call, once, where the queue grants it.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, not-in-wrap-up, not-extensible, still-running, too-many-commands.
        """
        answer: shapes.Agent = await self._ask(
            "PUT", f"/v1/agents/{segment(agent)}/wrap-up/extension"
        )
        return answer

    async def force_agent(
        self, agent: str, wanted: shapes.Forced | shapes.ForcedLogOut
    ) -> shapes.Agent:
        """`force-…`, for supervisors: what an agent cannot do himself, or will not. Who, why and when is kept.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, not-logged-in, not-in-wrap-up, still-running, too-large, too-many-commands.
        """
        answer: shapes.Agent = await self._ask(
            "POST", f"/v1/agents/{segment(agent)}/force", body=wanted
        )
        return answer

    async def change_duties(self, agent: str, wanted: shapes.DutiesWanted) -> shapes.Agent:
        """`change-duties`, for supervisors: other queues and skills, at once, also for calls that wait.

        They stand in place of what the centre's file says until they are changed or removed, over restarts too.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, unknown-queue, unknown-skill, too-large, too-many-commands, still-running.
        """
        answer: shapes.Agent = await self._ask(
            "PUT", f"/v1/agents/{segment(agent)}/duties", body=wanted
        )
        return answer

    async def restore_duties(self, agent: str, *, reason: str | None = None) -> shapes.Agent:
        """`change-duties`, for supervisors: the queues and skills of the centre's file again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-agent, too-many-commands, still-running.
        """
        answer: shapes.Agent = await self._ask(
            "DELETE", f"/v1/agents/{segment(agent)}/duties", query={"reason": reason}
        )
        return answer

    async def list_acts(
        self, *, agent: str | None = None, before: int | None = None, limit: int | None = None
    ) -> list[shapes.Act]:
        """For supervisors and auditors: who has acted on an agent who is not himself, newest first; only ever added to.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: list[shapes.Act] = await self._ask(
            "GET", "/v1/audit", query={"agent": agent, "before": before, "limit": limit}
        )
        return answer

    async def list_queues(self) -> list[shapes.Queue]:
        """Every queue you may see: for an agent those he serves.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Queue] = await self._ask("GET", "/v1/queues")
        return answer

    async def list_dispositions(self, queue: str) -> shapes.QueueDispositions:
        """What may come of this queue's calls, and whether an agent must say it before his wrap-up can be ended.

        Whatever is above another comes first; with no dispositions at all, any code may be an outcome.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-queue.
        """
        answer: shapes.QueueDispositions = await self._ask(
            "GET", f"/v1/queues/{segment(queue)}/dispositions"
        )
        return answer

    async def one_queue(self, queue: str) -> shapes.Queue:
        """One queue.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-queue.
        """
        answer: shapes.Queue = await self._ask("GET", f"/v1/queues/{segment(queue)}")
        return answer

    async def list_calls(self) -> list[shapes.Call]:
        """Every live call you may see: for an agent his own, and masked those that wait in his queues.

        Refused: fault, engine-away, store-away, invalid, not-authenticated.
        """
        answer: list[shapes.Call] = await self._ask("GET", "/v1/calls")
        return answer

    async def make_call(self, wanted: shapes.CallWanted) -> shapes.Call:
        """`make-call`: the agent's own phone rings, and when it is picked up, the number is dialled.

        The answer comes when the phone begins to ring. What becomes of it is told by `number-dialled`,
        `call-connected` and `call-ended`; send an Idempotency-Key, or asking again may call again.

        Refused: fault, engine-away, store-away, bad-number, invalid, key-reused, not-authenticated,
        not-allowed, unknown-agent, unknown-queue, not-logged-in, agent-not-free, outbound-stopped,
        no-route, premium-number, satellite-number, outside-hours, agent-cap, centre-cap, still-running,
        too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask("POST", "/v1/calls", body=wanted)
        return answer

    async def one_call(self, call: str) -> shapes.Call:
        """One live call, with all that the screen pop said.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, unknown-call.
        """
        answer: shapes.Call = await self._ask("GET", f"/v1/calls/{segment(call)}")
        return answer

    async def clear_call(self, call: str) -> shapes.Call:
        """`clear`: the agent hangs up, for all who are in the call; the caller goes back to the dialplan.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("DELETE", f"/v1/calls/{segment(call)}")
        return answer

    async def explain_call(self, call: str, *, agent: str | None = None) -> list[shapes.Candidate]:
        """Why this call goes to whom it goes, and the first rule that keeps each other agent from it.

        For supervisors and auditors. Of a call that somebody has, or that is over: as it was when it was last
        offered, or began to wait, as long as journals are kept.

        Refused: fault, too-long-ago, engine-away, store-away, invalid, not-authenticated, not-allowed,
        unknown-call.
        """
        answer: list[shapes.Candidate] = await self._ask(
            "GET", f"/v1/calls/{segment(call)}/why", query={"agent": agent}
        )
        return answer

    async def set_requirement(self, call: str, wanted: shapes.RequirementWanted) -> shapes.Call:
        """`set-requirement`: ask something else of the agents for a waiting call. For supervisors.

        Refused: fault, engine-away, store-away, invalid, bad-requirement, key-reused, not-authenticated,
        not-allowed, unknown-call, not-waiting, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/requirement", body=wanted
        )
        return answer

    async def set_priority(self, call: str, wanted: shapes.PriorityWanted) -> shapes.Call:
        """`set-priority`: serve a waiting call before, or after, others. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-waiting, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/priority", body=wanted
        )
        return answer

    async def move_call(self, call: str, wanted: shapes.QueueWanted) -> shapes.Call:
        """`move-to-queue`: a waiting call waits on in another queue, from when it began to. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, unknown-queue, not-waiting, queue-refuses, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/queue", body=wanted
        )
        return answer

    async def move_to_front(self, call: str, wanted: shapes.PlaceWanted) -> shapes.Call:
        """`move-to-front`: a waiting call is the next of its queue. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-waiting, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/place", body=wanted
        )
        return answer

    async def write_data(self, call: str, wanted: shapes.DataWanted) -> shapes.Call:
        """`write-data`: note something with a call for all who have it on the screen, now and wherever it goes.

        For who has the call or whose phone rings for it, and for supervisors. It is kept with the call.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, too-much-data, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask("PUT", f"/v1/calls/{segment(call)}/data", body=wanted)
        return answer

    async def select_route(self, call: str, wanted: shapes.RouteWanted) -> shapes.Route:
        """The answer to `route-requested`: who is to have the call, or nobody yet. For routers.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-asked, not-a-candidate, still-running, too-large, too-many-commands.
        """
        answer: shapes.Route = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/route", body=wanted
        )
        return answer

    async def record_outcome(self, call: str, wanted: shapes.OutcomeWanted) -> shapes.Outcome:
        """`record-outcome`: what came of a call, during it or after it; the last word counts.

        Where the centre has dispositions, one of those that `/v1/queues/{queue}/dispositions` says can be chosen.

        Refused: fault, engine-away, store-away, unknown-disposition, invalid, key-reused,
        not-authenticated, not-your-call, unknown-call, not-answered, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Outcome = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/outcome", body=wanted
        )
        return answer

    async def outbound(self) -> shapes.OutboundState:
        """Whether agents can call out. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: shapes.OutboundState = await self._ask("GET", "/v1/outbound")
        return answer

    async def switch_outbound(self, wanted: shapes.OutboundWanted) -> shapes.OutboundState:
        """For admins: nobody calls out any more, emergency numbers apart, until it is allowed again.

        It holds over restarts. What is being dialled ends; who talks already, talks on.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        too-large, too-many-commands, still-running.
        """
        answer: shapes.OutboundState = await self._ask("PUT", "/v1/outbound", body=wanted)
        return answer

    async def list_callbacks(self, *, queue: str | None = None) -> list[shapes.Call]:
        """Who is to be called back, who has asked first in front; all, or of one queue. For supervisors and auditors.

        Each is a call that waits without its caller: `PUT /v1/calls/{call}/priority` and the like hold for it too.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: list[shapes.Call] = await self._ask("GET", "/v1/callbacks", query={"queue": queue})
        return answer

    async def register_callback(self, wanted: shapes.CallbackWanted) -> shapes.Call:
        """Somebody is called when it would be his turn had he called now, or at `due_at`. For agents and supervisors.

        Only supervisors put anybody before the others, by a `priority`.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, unknown-queue, no-callbacks, called-back-already, no-route, premium-number,
        satellite-number, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask("POST", "/v1/callbacks", body=wanted)
        return answer

    async def cancel_callback(self, callback: str, *, reason: str | None = None) -> None:
        """He is not called any more; if he is being called, that ends. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-callback, too-many-commands, still-running.
        """
        await self._ask("DELETE", f"/v1/callbacks/{segment(callback)}", query={"reason": reason})

    async def hold_call(self, call: str) -> shapes.Call:
        """`hold`: the caller hears music, and so does who is in conference; the agent hears nothing.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, on-hold, consulting, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("PUT", f"/v1/calls/{segment(call)}/hold")
        return answer

    async def retrieve_call(self, call: str) -> shapes.Call:
        """`retrieve`: caller and agent hear each other again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-on-hold, consulting, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("DELETE", f"/v1/calls/{segment(call)}/hold")
        return answer

    async def transfer_call(
        self, call: str, wanted: shapes.ToQueue | shapes.ToAgent | shapes.ToNumber
    ) -> shapes.Call:
        """`transfer`: hand the caller on, unannounced, to a queue, to an agent who is free, or to a number.

        The agent who had the call is in wrap-up when the phone is down. An agent who does not answer leaves
        the caller to the queue where the caller was. To a number: the caller hears music, and is with the agent
        again if nobody picks up there (`cancel-consult` takes him back before that); if the agent has hung up
        meanwhile, the caller waits in his queue, in the place that he had. A supervisor may transfer a call of
        phase `outside`, too: the number that has the caller is let go at once, and if he is sent on to another
        one, it counts as a call of the agent who handed him out.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-your-call, unknown-call, unknown-queue, unknown-agent, not-talking, consulting, in-conference,
        queue-refuses, agent-not-free, outbound-stopped, no-route, premium-number, satellite-number,
        outside-hours, agent-cap, centre-cap, in-call-already, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "POST", f"/v1/calls/{segment(call)}/transfer", body=wanted
        )
        return answer

    async def consult(
        self, call: str, wanted: shapes.ToQueue | shapes.ToAgent | shapes.ToNumber
    ) -> shapes.Call:
        """`consult`: ask another agent, or call a number, in private, while the caller hears music.

        However it ends (no answer, cancelled, the other one hangs up), agent and caller are together again.
        If the agent who has the call hangs up, whoever was consulted has it, or the caller is left to the
        number.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-your-call, unknown-call, unknown-agent, unknown-queue, not-talking, consulting, agent-not-free,
        nobody-free, outbound-stopped, no-route, premium-number, satellite-number, outside-hours, agent-cap,
        centre-cap, in-call-already, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "POST", f"/v1/calls/{segment(call)}/consult", body=wanted
        )
        return answer

    async def cancel_consult(self, call: str) -> shapes.Call:
        """`cancel-consult`: let the other agent go; agent and caller are together again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("DELETE", f"/v1/calls/{segment(call)}/consult")
        return answer

    async def alternate(self, call: str) -> shapes.Call:
        """`alternate`: from the other agent to the caller, or back; who is left hears music.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "POST", f"/v1/calls/{segment(call)}/consult/alternate"
        )
        return answer

    async def complete_consult(self, call: str) -> shapes.Call:
        """`complete-consult`: the caller is with the other agent, who has the call from now on, or with the number.

        Out of a conference: the agent who has been in it longest has the call; if there is none, its phase is
        `outside`.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("POST", f"/v1/calls/{segment(call)}/consult/complete")
        return answer

    async def start_conference(self, call: str) -> shapes.Call:
        """`conference`: caller, agent and whoever is consulted hear each other. To add one more, consult him.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, not-consulting, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("POST", f"/v1/calls/{segment(call)}/conference")
        return answer

    async def remove_party(self, call: str, agent: str) -> shapes.Call:
        """`remove-party`: let one go who is consulted or in conference. Who is it himself may `leave` so.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/parties/{segment(agent)}"
        )
        return answer

    async def mute_party(self, call: str, agent: str) -> shapes.Call:
        """`mute-party`: one who is consulted or in conference hears all, and is not heard.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/parties/{segment(agent)}/mute"
        )
        return answer

    async def unmute_party(self, call: str, agent: str) -> shapes.Call:
        """`unmute-party`: he is heard again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/parties/{segment(agent)}/mute"
        )
        return answer

    async def remove_number(self, call: str, number: str) -> shapes.Call:
        """`remove-party`: let a number go that is consulted or in conference.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/outsiders/{segment(number)}"
        )
        return answer

    async def mute_number(self, call: str, number: str) -> shapes.Call:
        """`mute-party`: a number that is consulted or in conference hears all, and is not heard.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/outsiders/{segment(number)}/mute"
        )
        return answer

    async def unmute_number(self, call: str, number: str) -> shapes.Call:
        """`unmute-party`: it is heard again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-in-call, not-talking, consult-not-answered, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/outsiders/{segment(number)}/mute"
        )
        return answer

    async def begin_recording(self, call: str) -> shapes.Call:
        """`record`: keep what is said from now on, through holds and transfers, until it is stopped or the call ends.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, recorded-already, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("PUT", f"/v1/calls/{segment(call)}/recording")
        return answer

    async def end_recording(self, call: str) -> shapes.Call:
        """`stop-recording`: what is recorded stays. With the next agent it begins again if the queue records always.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, not-recorded, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("DELETE", f"/v1/calls/{segment(call)}/recording")
        return answer

    async def suspend_recording(self, call: str) -> shapes.Call:
        """`pause-recording`: nothing is kept while the caller says a card number, also not after a hold or a transfer.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, not-recorded, recording-paused, still-running,
        too-many-commands.
        """
        answer: shapes.Call = await self._ask("PUT", f"/v1/calls/{segment(call)}/recording/pause")
        return answer

    async def continue_recording(self, call: str) -> shapes.Call:
        """`resume-recording`: what is said is kept again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, may-not-be-recorded, not-recorded, recording-not-paused, still-running,
        too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/recording/pause"
        )
        return answer

    async def send_tones(self, call: str, wanted: shapes.TonesWanted) -> shapes.Call:
        """`send-tones`: the caller's side hears these keys.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-your-call,
        unknown-call, not-talking, on-hold, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "POST", f"/v1/calls/{segment(call)}/tones", body=wanted
        )
        return answer

    async def answer_call(self, call: str) -> shapes.Call:
        """`answer`: your phone picks up, which rings for this call: for a caller, a colleague, or a call of your own.

        The response says that the phone is told so; that it has picked up is told by `call-connected`, or by what else
        follows on the phone's own button. A phone that does not obey rings on. Nobody does it for another: who
        answers has an open microphone.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-ringing, phone-cannot, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask("POST", f"/v1/calls/{segment(call)}/answer")
        return answer

    async def reject_offer(self, call: str, agent: str) -> shapes.Call:
        """`reject`: this agent's phone rings no more, and the next one's does; it counts as the phone's red button.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-call, not-ringing, still-running, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "DELETE", f"/v1/calls/{segment(call)}/offers/{segment(agent)}"
        )
        return answer

    async def deflect_offer(
        self, call: str, agent: str, wanted: shapes.ToQueue | shapes.ToAgent | shapes.ToNumber
    ) -> shapes.Call:
        """`deflect`: send on what rings at this agent's phone, to a queue, to an agent who is free, or to a number.

        It is held against nobody. An agent or a number that does not answer leaves the caller to the queue where he
        was, in the place that he had. A number counts as a call of this agent; while it rings, the call is of phase
        `outside`, and the caller hears what he heard before.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, unknown-call, unknown-queue, unknown-agent, not-ringing, queue-refuses, agent-not-free,
        caller-absent, outbound-stopped, no-route, premium-number, satellite-number, outside-hours,
        agent-cap, centre-cap, still-running, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "POST", f"/v1/calls/{segment(call)}/offers/{segment(agent)}/deflect", body=wanted
        )
        return answer

    async def deflect_waiting_call(self, call: str, wanted: shapes.ToNumber) -> shapes.Call:
        """`deflect`, of a call that waits and rings at no phone: send it on to a number. For supervisors.

        It counts as a call of your own agent, so you need one. All else is as above; to a queue, `move-to-queue`.

        Refused: fault, engine-away, store-away, bad-number, invalid, key-reused, not-authenticated,
        not-allowed, no-phone, not-waiting, caller-absent, outbound-stopped, no-route, premium-number,
        satellite-number, outside-hours, agent-cap, centre-cap, still-running, unknown-call, unknown-queue,
        too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "POST", f"/v1/calls/{segment(call)}/deflect", body=wanted
        )
        return answer

    async def supervise_call(self, call: str, wanted: shapes.SupervisionWanted) -> shapes.Call:
        """`listen`, `whisper`, `barge`: your phone rings, and you hear what the agent of this call hears and says.

        Once more with another `mode`, while you are in: from then on others hear you, or do not. It lasts until you
        hang up, or the agent has the call no more.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-talking, own-call, not-logged-in, agent-not-free, still-running, unknown-call,
        unknown-agent, too-large, too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "PUT", f"/v1/calls/{segment(call)}/supervision", body=wanted
        )
        return answer

    async def stop_supervising(self, call: str) -> shapes.Call:
        """`stop-supervising`: you leave the call; it goes on as if you had not been there.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-supervising, still-running, unknown-call, too-many-commands.
        """
        answer: shapes.Call = await self._ask("DELETE", f"/v1/calls/{segment(call)}/supervision")
        return answer

    async def take_over_call(self, call: str) -> shapes.Call:
        """`take-over`: you have the call, and the agent his wrap-up, as soon as you are in the conversation.

        That moment is told by `call-taken-over`. The conversation keeps its id, and counts as handed on to you.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-supervising, supervision-not-answered, consulting, still-running, unknown-call,
        too-many-commands.
        """
        answer: shapes.Call = await self._ask(
            "POST", f"/v1/calls/{segment(call)}/supervision/take-over"
        )
        return answer

    async def follow_agent(self, agent: str, wanted: shapes.SupervisionWanted) -> shapes.Agent:
        """Follow this agent: your phone rings for the call that he has, and for every one that he will have.

        Until you end it, follow another, or log out. Answers with yourself as an agent, and `follows` in it.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-logged-in, own-call, still-running, unknown-agent, too-large, too-many-commands.
        """
        answer: shapes.Agent = await self._ask(
            "PUT", f"/v1/agents/{segment(agent)}/supervision", body=wanted
        )
        return answer

    async def stop_following(self, agent: str) -> shapes.Agent:
        """Follow this agent no more, and leave the call of his that you hear. Answers with yourself as an agent.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        no-phone, not-supervising, still-running, unknown-agent, too-many-commands.
        """
        answer: shapes.Agent = await self._ask("DELETE", f"/v1/agents/{segment(agent)}/supervision")
        return answer

    async def put_customers(self, wanted: shapes.CustomersWanted) -> shapes.CustomersTaken:
        """List customers or correct them, 500 at most at once. For supervisors.

        What is not named stays as it is, null empties it; the same again changes nothing. Bad rows are told, and the
        others taken; a number that cannot be read is left out and told.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: shapes.CustomersTaken = await self._ask("PUT", "/v1/customers", body=wanted)
        return answer

    async def find_customers(self, *, number: str) -> list[str]:
        """The ids of the customers who have a number, 100 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[str] = await self._ask("GET", "/v1/customers", query={"number": number})
        return answer

    async def one_customer(self, customer: str) -> shapes.CustomerRecord:
        """All that is listed of a customer. For supervisors, auditors, and an agent who has him on the line.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-customer.
        """
        answer: shapes.CustomerRecord = await self._ask("GET", f"/v1/customers/{segment(customer)}")
        return answer

    async def erase_customer(self, customer: str, *, reason: str) -> shapes.Erased:
        """For admins: forget this customer for good, with his recordings. How many called, and how long, stays.

        Nothing takes this back. Journals hold what was said to us for as many days as `journal_days` says.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, too-many-commands, still-running.
        """
        answer: shapes.Erased = await self._ask(
            "DELETE", f"/v1/customers/{segment(customer)}", query={"reason": reason}
        )
        return answer

    async def put_contacts(self, wanted: shapes.ContactsWanted) -> shapes.ContactsTaken:
        """Contacts by chat, e-mail, WeChat, SMS or visit, 500 at most at once. For supervisors.

        They stand in the same line as calls, and make a caller a repeat caller where a queue's rule says so. One of the
        same id takes the place of the first.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: shapes.ContactsTaken = await self._ask("PUT", "/v1/contacts", body=wanted)
        return answer

    async def merge_customers(
        self, customer: str, wanted: shapes.MergeWanted
    ) -> shapes.CustomerChange:
        """For supervisors: another customer is this one. His numbers, calls, promises and all else are this one's.

        A call that he is in goes on, and is this one's when it is written down. `undo` takes it back.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, same-customer, still-running, too-many-commands.
        """
        answer: shapes.CustomerChange = await self._ask(
            "POST", f"/v1/customers/{segment(customer)}/merge", body=wanted
        )
        return answer

    async def split_customer(
        self, customer: str, wanted: shapes.SplitWanted
    ) -> shapes.CustomerChange:
        """For supervisors: some numbers of this customer are another one's, with the calls that came from them.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, customer-exists, not-his-numbers, still-running, too-many-commands.
        """
        answer: shapes.CustomerChange = await self._ask(
            "POST", f"/v1/customers/{segment(customer)}/split", body=wanted
        )
        return answer

    async def list_customer_changes(self, *, customer: str) -> list[shapes.CustomerChange]:
        """The merges and splits that a customer was part of, newest first, 100 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.CustomerChange] = await self._ask(
            "GET", "/v1/customer-changes", query={"customer": customer}
        )
        return answer

    async def undo_customer_change(self, change: str, wanted: shapes.UndoWanted) -> None:
        """For supervisors: take a merge or a split back, as far as what was moved is still where it was moved to.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-change, unknown-customer, undone-already, customer-exists, still-running,
        too-many-commands.
        """
        await self._ask("POST", f"/v1/customer-changes/{segment(change)}/undo", body=wanted)

    async def make_promise(
        self, customer: str, wanted: shapes.PromiseWanted
    ) -> shapes.PromiseRecord:
        """Owe a customer something until a moment to come.

        For supervisors, and for an agent who has him on the line, or has had him within a day.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, unknown-agent, too-large, too-many-commands, still-running.
        """
        answer: shapes.PromiseRecord = await self._ask(
            "POST", f"/v1/customers/{segment(customer)}/promises", body=wanted
        )
        return answer

    async def change_promise(
        self, customer: str, promise: str, wanted: shapes.PromiseChange
    ) -> shapes.PromiseRecord:
        """Keep or break a promise, agree upon another time, give it to another owner, open it once more.

        For supervisors, its owner, and an agent who has the customer on the line, or has had him within a day.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-promise, unknown-agent, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.PromiseRecord = await self._ask(
            "PUT", f"/v1/customers/{segment(customer)}/promises/{segment(promise)}", body=wanted
        )
        return answer

    async def list_promise_changes(self, customer: str, promise: str) -> list[shapes.CaseChange]:
        """Who has changed what of a promise, oldest first. For who may change it, and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-promise.
        """
        answer: list[shapes.CaseChange] = await self._ask(
            "GET", f"/v1/customers/{segment(customer)}/promises/{segment(promise)}/changes"
        )
        return answer

    async def list_promises(
        self,
        *,
        state: Literal["open", "lapsed", "kept", "broken"] | None = None,
        owner: str | None = None,
        due_before: int | None = None,
    ) -> list[shapes.PromiseRecord]:
        """What is owed, the soonest first, 1,000 at most: for supervisors and auditors all, for an agent what he owes.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.PromiseRecord] = await self._ask(
            "GET", "/v1/promises", query={"state": state, "owner": owner, "due_before": due_before}
        )
        return answer

    async def list_tasks(
        self, *, state: Literal["open", "offered", "calling", "done", "dropped"] | None = None
    ) -> list[shapes.Task]:
        """Who is to be called, the oldest first, 1,000 at most: for an agent his own, and anybody's in his queues.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Task] = await self._ask("GET", "/v1/tasks", query={"state": state})
        return answer

    async def finish_task(self, task: str, wanted: shapes.TaskDone) -> shapes.Task:
        """He was called, and this came of it. For supervisors, and who was to call.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-task, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.Task = await self._ask(
            "PUT", f"/v1/tasks/{segment(task)}/outcome", body=wanted
        )
        return answer

    async def open_complaint(
        self, customer: str, wanted: shapes.ComplaintWanted
    ) -> shapes.ComplaintRecord:
        """Open a complaint.

        For supervisors, the back office, and an agent who has the customer on the line, or has had him within a day.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-customer, too-large, too-many-commands, still-running.
        """
        answer: shapes.ComplaintRecord = await self._ask(
            "POST", f"/v1/customers/{segment(customer)}/complaints", body=wanted
        )
        return answer

    async def list_complaints(
        self,
        *,
        state: Literal["open", "in-work", "answered", "verified", "closed", "withdrawn"]
        | None = None,
        owner: str | None = None,
        due_before: int | None = None,
    ) -> list[shapes.ComplaintRecord]:
        """Complaints, the soonest due first, 1,000 at most: for supervisors, back office and auditors all.

        For others those that they own.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.ComplaintRecord] = await self._ask(
            "GET",
            "/v1/complaints",
            query={"state": state, "owner": owner, "due_before": due_before},
        )
        return answer

    async def one_complaint(self, complaint: str) -> shapes.ComplaintRecord:
        """One complaint. For supervisors, the back office, auditors, its owner, and who opened it.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-complaint.
        """
        answer: shapes.ComplaintRecord = await self._ask(
            "GET", f"/v1/complaints/{segment(complaint)}"
        )
        return answer

    async def change_complaint(
        self, complaint: str, wanted: shapes.ComplaintChange
    ) -> shapes.ComplaintRecord:
        """Bring a complaint on, give it to another owner, agree upon another time.

        Its owner takes it in work, answers it, or gives it away. That it is settled is verified by a supervisor or the
        back office, and not by who answered it; then it can be closed. They may also withdraw it and open it again.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-by-you, not-found, unknown-complaint, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.ComplaintRecord = await self._ask(
            "PUT", f"/v1/complaints/{segment(complaint)}", body=wanted
        )
        return answer

    async def list_complaint_changes(self, complaint: str) -> list[shapes.CaseChange]:
        """Who has changed what of a complaint, oldest first. For who may see it.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-complaint.
        """
        answer: list[shapes.CaseChange] = await self._ask(
            "GET", f"/v1/complaints/{segment(complaint)}/changes"
        )
        return answer

    async def give_answer(self, wanted: shapes.AnswerWanted) -> shapes.Answer:
        """An answer that came by SMS, by a page, or in a follow-up call. A question of one call is answered once.

        For supervisors and systems, and for an agent who has the customer on the line, or has had him within a day;
        but nobody tells what is thought of himself.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, not-found, unknown-call, unknown-customer, not-now, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Answer = await self._ask("POST", "/v1/surveys", body=wanted)
        return answer

    async def list_answers(
        self,
        *,
        queue: str | None = None,
        agent: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[shapes.Answer]:
        """What customers have said, newest first. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Answer] = await self._ask(
            "GET",
            "/v1/surveys",
            query={"queue": queue, "agent": agent, "before": before, "limit": limit},
        )
        return answer

    async def list_call_lists(self) -> list[shapes.CallList]:
        """The lists, the newest first. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.CallList] = await self._ask("GET", "/v1/follow-ups")
        return answer

    async def create_call_list(self, wanted: shapes.ListWanted) -> shapes.CallList:
        """A list with nobody on it, by a rule of the centre's file. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-rule, too-large, too-many-commands, still-running.
        """
        answer: shapes.CallList = await self._ask("POST", "/v1/follow-ups", body=wanted)
        return answer

    async def one_call_list(self, call_list: str) -> shapes.CallList:
        """A list, and how those on it stand. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-list.
        """
        answer: shapes.CallList = await self._ask("GET", f"/v1/follow-ups/{segment(call_list)}")
        return answer

    async def close_call_list(self, call_list: str) -> shapes.CallList:
        """Nobody on it is called any more; who is being called, is. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-list, too-many-commands, still-running.
        """
        answer: shapes.CallList = await self._ask("DELETE", f"/v1/follow-ups/{segment(call_list)}")
        return answer

    async def list_entries(
        self,
        call_list: str,
        *,
        state: Literal["open", "offered", "calling", "done", "dropped"] | None = None,
    ) -> list[shapes.Entry]:
        """Who is on a list, in the order in which they are due, 1,000 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-list.
        """
        answer: list[shapes.Entry] = await self._ask(
            "GET", f"/v1/follow-ups/{segment(call_list)}/entries", query={"state": state}
        )
        return answer

    async def add_entries(self, call_list: str, wanted: shapes.EntriesWanted) -> shapes.Filled:
        """Put these on a list. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-list, unknown-rule, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.Filled = await self._ask(
            "POST", f"/v1/follow-ups/{segment(call_list)}/entries", body=wanted
        )
        return answer

    async def fill_call_list(self, call_list: str, wanted: shapes.FillWanted) -> shapes.Filled:
        """Put on it whom its rule draws of the calls of a day: the same ones each time. For supervisors.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, unknown-list, unknown-rule, not-now, still-running, too-large, too-many-commands.
        """
        answer: shapes.Filled = await self._ask(
            "POST", f"/v1/follow-ups/{segment(call_list)}/fill", body=wanted
        )
        return answer

    async def agents_preview(self, agent: str) -> shapes.Preview | None:
        """Whom this agent is shown to call; null: nobody.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, unknown-agent.
        """
        answer: shapes.Preview | None = await self._ask(
            "GET", f"/v1/agents/{segment(agent)}/preview"
        )
        return answer

    async def answer_preview(self, agent: str, wanted: shapes.PreviewAnswer) -> shapes.Agent:
        """`accept-preview`: the agent's own phone rings, then the number is dialled. `skip-preview`: somebody else may.

        Refused: fault, engine-away, store-away, bad-number, invalid, key-reused, not-authenticated,
        not-allowed, unknown-agent, not-logged-in, no-preview, agent-not-free, outbound-stopped, no-route,
        premium-number, satellite-number, outside-hours, agent-cap, centre-cap, still-running, too-large,
        too-many-commands.
        """
        answer: shapes.Agent = await self._ask(
            "PUT", f"/v1/agents/{segment(agent)}/preview", body=wanted
        )
        return answer

    async def list_barred(self) -> list[shapes.Barred]:
        """Numbers that no list calls, the newest first, 1,000 at most. For supervisors and auditors.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Barred] = await self._ask("GET", "/v1/do-not-call")
        return answer

    async def bar_number(self, wanted: shapes.BarWanted) -> None:
        """No list calls this number any more. For supervisors; an agent says it as an outcome.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, not-found, too-large, too-many-commands, still-running.
        """
        await self._ask("POST", "/v1/do-not-call", body=wanted)

    async def unbar_number(self, wanted: shapes.BarWanted) -> None:
        """Lists may call it again: he has said so. For supervisors.

        Refused: fault, engine-away, store-away, invalid, bad-number, key-reused, not-authenticated,
        not-allowed, not-found, not-listed, too-large, too-many-commands, still-running.
        """
        await self._ask("POST", "/v1/do-not-call/lift", body=wanted)

    async def list_recordings(
        self,
        *,
        call: str | None = None,
        queue: str | None = None,
        agent: str | None = None,
        since: int | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[shapes.Recording]:
        """Parts of recordings, newest first: for supervisors and auditors; an agent's own where the centre lets him.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: list[shapes.Recording] = await self._ask(
            "GET",
            "/v1/recordings",
            query={
                "call": call,
                "queue": queue,
                "agent": agent,
                "since": since,
                "before": before,
                "limit": limit,
            },
        )
        return answer

    async def one_recording(self, recording: str) -> shapes.Recording:
        """One part.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-recording.
        """
        answer: shapes.Recording = await self._ask("GET", f"/v1/recordings/{segment(recording)}")
        return answer

    async def hear_recording(
        self, recording: str, *, range: str | None = None, if_range: str | None = None
    ) -> bytes:
        """The sound of one part, a WAV file, or one range of its bytes. Who has heard it is noted: see `/v1/audit`.

        With two `channels`, left is what the caller says, and right what he hears.
        `If-Range` takes the ETag of an earlier answer. HEAD says how large it is, and nobody has heard it by that.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-recording, no-such-range.
        """
        answer: bytes = await self._ask(
            "GET",
            f"/v1/recordings/{segment(recording)}/sound",
            headers={"Range": range, "If-Range": if_range},
        )
        return answer

    async def hear_call(
        self, call: str, *, range: str | None = None, if_range: str | None = None
    ) -> bytes:
        """All that is kept of what was said in a call, one part after the other, as one WAV file; as for one part.

        Of a call that goes on, the parts that are whole: the ETag is another one when there is one more. Who may hear
        his own calls alone hears the parts in which he has talked. Each part that is heard is noted.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found,
        unknown-recording, no-such-range.
        """
        answer: bytes = await self._ask(
            "GET",
            f"/v1/calls/{segment(call)}/recording/sound",
            headers={"Range": range, "If-Range": if_range},
        )
        return answer

    async def one_report(
        self,
        report: str,
        *,
        day: str | None = None,
        to: str | None = None,
        tz: str | None = None,
        interval: Literal["15m", "30m", "60m", "day", "week"] | None = None,
        by: list[Literal["queue", "team", "agent", "dialled", "region", "reason", "outcome"]]
        | None = None,
        by_time: bool | None = None,
        queue: str | None = None,
        team: str | None = None,
        agent: str | None = None,
        dialled: str | None = None,
        lang: Literal["en", "zh"] | None = None,
        within_s: int | None = None,
        short_s: int | None = None,
        window_h: int | None = None,
    ) -> shapes.Report:
        """For supervisors: `daily` for the morning, `service` by whatever is asked for, who gave up and was not
        reached (`abandoned`), who was `overtaken` and why, every one of the `formulas`; `pay` for admins.

        Shares are 0 to 1, durations milliseconds. Each column names the formula and version it is computed by.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: shapes.Report = await self._ask(
            "GET",
            f"/v1/reports/{segment(report)}",
            query={
                "day": day,
                "to": to,
                "tz": tz,
                "interval": interval,
                "by": by,
                "by_time": by_time,
                "queue": queue,
                "team": team,
                "agent": agent,
                "dialled": dialled,
                "lang": lang,
                "within_s": within_s,
                "short_s": short_s,
                "window_h": window_h,
            },
        )
        return answer

    async def report_file(
        self,
        report: str,
        form: str,
        *,
        day: str | None = None,
        to: str | None = None,
        tz: str | None = None,
        interval: Literal["15m", "30m", "60m", "day", "week"] | None = None,
        by: list[Literal["queue", "team", "agent", "dialled", "region", "reason", "outcome"]]
        | None = None,
        by_time: bool | None = None,
        queue: str | None = None,
        team: str | None = None,
        agent: str | None = None,
        dialled: str | None = None,
        lang: Literal["en", "zh"] | None = None,
        within_s: int | None = None,
        short_s: int | None = None,
        window_h: int | None = None,
    ) -> bytes:
        """The same as a file: CSV for a spreadsheet, or a page with charts, without any script.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: bytes = await self._ask(
            "GET",
            f"/v1/reports/{segment(report)}/{segment(form)}",
            query={
                "day": day,
                "to": to,
                "tz": tz,
                "interval": interval,
                "by": by,
                "by_time": by_time,
                "queue": queue,
                "team": team,
                "agent": agent,
                "dialled": dialled,
                "lang": lang,
                "within_s": within_s,
                "short_s": short_s,
                "window_h": window_h,
            },
        )
        return answer

    async def agents_today(
        self, agent: str, *, lang: Literal["en", "zh"] | None = None
    ) -> shapes.Report:
        """An agent's own figures of today, in the centre's time zone. For himself, supervisors and auditors.

        Talks, handling time, occupancy, offers missed, transfers; for how long he was ready, talked, wrapped up.
        What is over is in it; a state that lasts, up to the last full quarter of an hour.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, not-found.
        """
        answer: shapes.Report = await self._ask(
            "GET", f"/v1/agents/{segment(agent)}/today", query={"lang": lang}
        )
        return answer

    async def staffing(self, wanted: shapes.StaffingWanted) -> shapes.Report:
        """For supervisors: the agents that a target takes, by Erlang C and Erlang A, with `days` by the engine too.

        Formulas and a worked example are in docs/staffing.md.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: shapes.Report = await self._ask("POST", "/v1/staffing", body=wanted)
        return answer

    async def staffing_file(self, form: str, wanted: shapes.StaffingWanted) -> bytes:
        """The same as a file: CSV for a spreadsheet, or a page with charts, without any script.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        not-found, too-large, too-many-commands, still-running.
        """
        answer: bytes = await self._ask("POST", f"/v1/staffing/{segment(form)}", body=wanted)
        return answer

    async def reload(self) -> shapes.Reloaded:
        """For admins: read the centre's file, its menus and its hours again, as a SIGHUP does.

        They hold as a whole or not at all. What is wrong is told in the message, with file, line and what to do.

        Refused: fault, engine-away, store-away, broken-centre, invalid, key-reused, not-authenticated,
        not-allowed, not-found, too-many-commands, still-running.
        """
        answer: shapes.Reloaded = await self._ask("POST", "/v1/reload")
        return answer

    async def list_keys(self) -> list[shapes.Key]:
        """For admins and auditors: the keys that are good, the oldest first.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed.
        """
        answer: list[shapes.Key] = await self._ask("GET", "/v1/keys")
        return answer

    async def make_key(self, wanted: shapes.KeyWanted) -> shapes.NewKey:
        """For admins: a key with which a system acts as a user, in his role, until it is revoked or its days are over.

        Refused: fault, engine-away, store-away, invalid, not-authenticated, not-allowed, unknown-user,
        too-large, too-many-commands.
        """
        answer: shapes.NewKey = await self._ask("POST", "/v1/keys", body=wanted)
        return answer

    async def revoke_key(self, key: str) -> None:
        """For admins: make a key worthless, and close its sockets.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-key, too-many-commands, still-running.
        """
        await self._ask("DELETE", f"/v1/keys/{segment(key)}")

    async def end_sessions(self, user: str) -> None:
        """For admins: end every log-in of a user, and close its sockets. His keys stay, and so does his agent's shift.

        Refused: fault, engine-away, store-away, invalid, key-reused, not-authenticated, not-allowed,
        unknown-user, too-many-commands, still-running.
        """
        await self._ask("DELETE", f"/v1/users/{segment(user)}/sessions")

    async def health(self) -> shapes.Live:
        """Whether the process answers. If it does not, restart it."""
        answer: shapes.Live = await self._ask("GET", "/health")
        return answer

    async def ready(self) -> shapes.Readiness:
        """Whether every Asterisk is heard, and the engine. If not, restarting us will not help."""
        answer: shapes.Readiness = await self._ask("GET", "/ready", takes=(503,))
        return answer

    async def metrics(self) -> bytes:
        """How it stands with this process, queues and agents, for Prometheus; by the key of an auditor or supervisor.

        Each process of the API tells of itself; queues, agents and calls are the same at each.

        Refused: not-authenticated, not-allowed.
        """
        answer: bytes = await self._ask("GET", "/metrics")
        return answer
