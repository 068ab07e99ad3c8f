"""The figures of agents' work: talks, the work after them, offers, calls to those on a list; of no single caller."""

from acd.core.agent import AgentState
from acd.core.callback import UNDONE, CallbackOutcome
from acd.core.offer import OfferOutcome
from acd.reports.formula import Formula, Terms, Unit, share
from acd.reports.sums import Sums

_CONTACT = (
    AgentState.DIALLING,
    AgentState.TALKING,
    AgentState.CONSULTED,
    AgentState.WRAP_UP,
)
_MISSED = (OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED, OfferOutcome.UNREACHABLE)
_NOT_HIS = (OfferOutcome.CALLER_LEFT, OfferOutcome.ELSEWHERE, OfferOutcome.WITHDRAWN)


def contact_ms(sums: Sums) -> int:
    """How long agents were busy with calls and the work after them."""
    return sum(sums.state_ms[state] for state in _CONTACT)


def _aht(sums: Sums, _terms: Terms) -> float | None:
    return share(sums.talk_ms + sums.wrap_up_ms, sums.talks)


def _occupancy(sums: Sums, _terms: Terms) -> float | None:
    contact = contact_ms(sums)
    return share(contact, contact + sums.state_ms[AgentState.READY])


def missed(sums: Sums) -> int:
    """Offers that the agent could have taken and did not."""
    return sum(sums.offers[outcome] for outcome in _MISSED)


def _no_answer_rate(sums: Sums, _terms: Terms) -> float | None:
    return share(missed(sums), sums.offers.total() - sum(sums.offers[one] for one in _NOT_HIS))


def _callbacks_reached(sums: Sums, _terms: Terms) -> float | None:
    paid = sums.callbacks[CallbackOutcome.REACHED] + sums.callbacks[CallbackOutcome.RESUMED]
    return share(paid, sums.callbacks.total() - sums.callbacks[CallbackOutcome.CANCELLED])


OF_AGENTS = (
    Formula(
        name="handle.talks",
        unit=Unit.COUNT,
        title=("Talks", "通话数"),
        text=("talks that began; a transfer makes another", "开始的通话；转接另计一次"),
        source="Cordboard",
        compute=lambda sums, _: sums.talks,
    ),
    Formula(
        name="handle.aht",
        unit=Unit.DURATION,
        title=("AHT", "平均处理"),
        text=(
            "(talk with hold + wrap-up) / talks; without time on breaks",
            "（通话含保持 + 话后）÷ 通话数；不含小休",
        ),
        source="Amazon Connect, average handle time",
        compute=_aht,
    ),
    Formula(
        name="handle.talk",
        unit=Unit.DURATION,
        title=("Talk", "平均通话"),
        text=("talk with hold / talks", "通话含保持 ÷ 通话数"),
        source="Amazon Connect, average interaction and hold time",
        compute=lambda sums, _: share(sums.talk_ms, sums.talks),
    ),
    Formula(
        name="transfer.rate",
        unit=Unit.SHARE,
        title=("Transferred", "转接率"),
        text=("talks that ended in a transfer / talks", "以转接结束的通话 ÷ 通话数"),
        source="Amazon Connect",
        compute=lambda sums, _: share(sums.transferred, sums.talks),
    ),
    Formula(
        name="agent.occupancy",
        version=2,  # The first left out the time in which an agent's own call is set up.
        unit=Unit.SHARE,
        title=("Occupancy", "占用率"),
        text=(
            "(talking + calling + wrap-up) / (these + ready), by the clock; ringing and breaks in neither",
            "（通话 + 外呼 + 话后）÷（通话 + 外呼 + 话后 + 就绪），按时钟统计；振铃与小休均不计",
        ),
        source="Amazon Connect, occupancy",
        compute=_occupancy,
    ),
    Formula(
        name="offer.no_answer_rate",
        unit=Unit.SHARE,
        title=("Not picked up", "振铃未接率"),
        text=(
            "offers rung out, refused or unreachable / offers, without those the caller or a colleague ended",
            "振铃超时、拒接或不可达 ÷ 派单数，客户挂机与同事先接者除外",
        ),
        source="Amazon Connect, agent non-response without customer abandons",
        compute=_no_answer_rate,
    ),
    Formula(
        name="callbacks.asked",
        unit=Unit.COUNT,
        title=("Callbacks", "预约回呼"),
        text=(
            "calls owed to callers that are settled, by when they were asked for; who asked while he waited is in F "
            "(O = A + B + F), the calls themselves are in none of O, A, B, F",
            "已了结的预约回呼，按预约时间；来电计入 F（O = A + B + F），回呼本身不计入 O、A、B、F",
        ),
        source="Cordboard",
        compute=lambda sums, _: sums.callbacks.total(),
    ),
    Formula(
        name="callbacks.reached",
        unit=Unit.SHARE,
        title=("Paid", "回呼成功率"),
        text=(
            "callbacks by which he was reached, or for which he called again himself / callbacks that nobody cancelled",
            "接通或客户再次来电续位的回呼 ÷ 未取消的回呼",
        ),
        source="Cordboard",
        compute=_callbacks_reached,
    ),
    Formula(
        name="callbacks.failed",
        unit=Unit.COUNT,
        title=("Not reached", "回呼未果"),
        text=(
            "callbacks given up after all attempts, or expired",
            "多次未接通或逾期的回呼",
        ),
        source="Cordboard",
        compute=lambda sums, _: sum(sums.callbacks[outcome] for outcome in UNDONE),
    ),
    Formula(
        name="attempts.made",
        unit=Unit.COUNT,
        title=("Attempts", "外呼次数"),
        text=(
            "calls to people who are on a list, of which it is known what came of them",
            "按名单外呼且已有结果的次数",
        ),
        source="Cordboard",
        compute=lambda sums, _: sums.attempts.total(),
    ),
    Formula(
        name="attempts.reached",
        unit=Unit.SHARE,
        title=("Reached", "接触率"),
        text=(
            "attempts by which somebody was talked to, whatever he said / attempts",
            "接通到客户（不论结果）的次数 ÷ 外呼次数",
        ),
        source="Cordboard",
        compute=lambda sums, _: share(
            sums.attempts.total() - sums.attempts["not-reached"], sums.attempts.total()
        ),
    ),
    Formula(
        name="attempts.refused",
        unit=Unit.SHARE,
        title=("Refused", "拒访率"),
        text=(
            "attempts that ended in refused or do-not-call / those by which somebody was talked to",
            "客户拒绝或要求勿扰的次数 ÷ 接通到客户的次数",
        ),
        source="Cordboard",
        compute=lambda sums, _: share(
            sums.attempts["refused"] + sums.attempts["do-not-call"],
            sums.attempts.total() - sums.attempts["not-reached"],
        ),
    ),
)
