"""What it costs an agent to let a call go, worked out anew from the rules of its queue; asks no engine."""

from collections import Counter

from acd.core.agent import AgentState
from acd.core.configuration import Configuration, MissedPolicy, QueueRules
from acd.core.ids import AgentId, QueueId
from acd.core.notices import AgentStateChanged
from acd.core.offer import OfferOutcome

CAUSE_OF = {OfferOutcome.NO_ANSWER: "ring-no-answer", OfferOutcome.REJECTED: "rejected"}


class Misses:
    """Counts what was let go in a row, and says who has to be sent away for it, and who has to rest."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.resting_until: dict[AgentId, int] = {}
        self._in_a_row: dict[AgentId, Counter[OfferOutcome]] = {}
        self._sent_away: dict[AgentId, str] = {}  # Just now, and not yet told.

    def answers_again(self, agent: AgentId) -> None:
        """He has talked, or has said that he is ready."""
        self._in_a_row.pop(agent, None)

    def forget(self, agent: AgentId) -> None:
        """Not one of ours any more."""
        self.answers_again(agent)
        self.resting_until.pop(agent, None)

    def freed(self, agent: AgentId, queue: QueueId, outcome: OfferOutcome | None, at: int) -> None:
        """His slot is free after an offer of this queue that ended so; None: after a conversation."""
        if outcome is None:
            self.answers_again(agent)
            return
        counts = self._in_a_row.setdefault(agent, Counter())
        counts[outcome] += 1
        rules = self.configuration.queues.get(queue) or QueueRules(id=queue, name="")
        policy, most, rest_ms = {
            OfferOutcome.NO_ANSWER: (rules.no_answer, rules.no_answers, rules.no_answer_rest_ms),
            OfferOutcome.REJECTED: (rules.reject, rules.rejects, rules.reject_rest_ms),
            OfferOutcome.UNREACHABLE: (None, 0, self.configuration.limits.cool_ms),
            OfferOutcome.FAILED: (None, 0, self.configuration.limits.cool_ms),
        }.get(outcome, (None, 0, 0))
        self.resting_until[agent] = at + rest_ms
        if policy is MissedPolicy.NOT_READY and counts[outcome] >= most:
            self._sent_away[agent] = CAUSE_OF[outcome]

    def hear(self, was: AgentStateChanged | None, said: AgentStateChanged) -> None:
        """He is sent away for what he let go if his queue says so, and else he is not."""
        due = self._sent_away.pop(said.agent, None)
        if said.state is AgentState.LOGGED_OUT:
            self.answers_again(said.agent)
        elif was is not None and was.state is not AgentState.LOGGED_OUT:
            causes = {cause for cause, _ in said.causes}
            new = causes - {cause for cause, _ in was.causes}
            assert due is None or due in causes, (due, said)
            assert not new & set(CAUSE_OF.values()) - {due}, (was, said)
        # Else he brings his causes along from before our restart.
