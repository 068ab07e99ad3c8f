"""Every figure as a named, versioned formula over sums, with its text and its source; each report prints those it used.

The letters, for a queue and the callers who joined it in the interval: O offered, A answered, B abandoned,
F left otherwise, R refused at entry; O = A + B + F, arrivals = O + R. X is the time limit, s the limit of a
short abandonment. A formula that has nothing to divide by says nothing. One that has been used is not
changed: it gets another version.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from acd.core.agent import AgentState
from acd.core.customer import Confidence
from acd.core.offer import OfferOutcome
from acd.reports.facts import ANSWERED
from acd.reports.sums import CALLBACK, Sums

LEAST_ANSWERS = 30  # Fewer answers to a survey are not shown.
_Z = 1.959964  # The standard normal's 0.975 quantile: an interval of 95 %.


class Unit(StrEnum):
    """What a figure is."""

    COUNT = "count"
    SHARE = "share"  # 0 to 1.
    DURATION = "ms"
    NUMBER = "number"
    POINTS = "points"  # -100 to 100.
    TEXT = "text"
    TIME = "time"  # Milliseconds since 1970.
    MONEY = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a formula is told beside the sums. Printed on the report."""

    within_s: int = 20  # X
    short_s: int = 5  # s
    window_h: int = 24  # Of a repeat, and of first-contact resolution.


USUAL_TERMS = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One figure. `source` says where it is from, or who else calculates so."""

    name: str
    unit: Unit
    title: tuple[str, str]  # English, Chinese: short, for the head of a column.
    text: tuple[str, str]
    source: str
    compute: Callable[[Sums, Terms], float | None]
    version: int = 1

    @property
    def key(self) -> str:
        """Its name with its version."""
        return f"{self.name}@{self.version}"


def _untold(sums: Sums, *why: Confidence) -> int:
    return sum(sums.untold[one] for one in why)


def share(part: float, whole: float) -> float | None:
    """A part of the whole, if there is one."""
    return part / whole if whole else None


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """Within what the true share lies, in 95 of 100 cases (E. B. Wilson, 1927, JASA 22:209)."""
    if not whole:
        return None
    p, z2 = part / whole, _Z * _Z
    middle = p + z2 / (2 * whole)
    spread = _Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    return max(0.0, (middle - spread) / (1 + z2 / whole)), min(
        1.0, (middle + spread) / (1 + z2 / whole)
    )


# Service level.


def _sl_answered(sums: Sums, terms: Terms) -> float | None:
    return share(sums.answered.within(terms.within_s), sums.answered.n)


def _sl_answered_or_abandoned(sums: Sums, terms: Terms) -> float | None:
    x = terms.within_s
    good = sums.answered.within(x) + sums.abandoned.within(x)
    return share(good, sums.answered.n + sums.abandoned.n)


def _sl_removed(sums: Sums, terms: Terms) -> float | None:
    parts = (sums.answered, sums.abandoned, sums.left(CALLBACK))
    return share(sum(part.within(terms.within_s) for part in parts), sums.offered)


def _sl_offered(sums: Sums, terms: Terms) -> float | None:
    whole = sums.answered.n + sums.abandoned.n + sums.flowed_out_by_time
    return share(sums.answered.within(terms.within_s), whole)


def _sl_offered_without_short(sums: Sums, terms: Terms) -> float | None:
    whole = sums.answered.n + sums.abandoned.n + sums.flowed_out_by_time
    short = sums.abandoned.within(terms.short_s)
    return share(sums.answered.within(terms.within_s), whole - short)


# Agents.

_CONTACT = (AgentState.TALKING, AgentState.CONSULTED, AgentState.WRAP_UP)
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


# Surveys.


CSAT, NPS = "csat", "nps"


def _csat(sums: Sums, _terms: Terms) -> float | None:
    return _of_enough(sums.scored(CSAT), 4, 5)


def _dsat(sums: Sums, _terms: Terms) -> float | None:
    return _of_enough(sums.scored(CSAT), 1, 2)


def _of_enough(scores: Counter[int], least: int, most: int) -> float | None:
    n = scores.total()
    part = sum(scores[score] for score in range(least, most + 1))
    return share(part, n) if n >= LEAST_ANSWERS else None


def _nps(sums: Sums, _terms: Terms) -> float | None:
    scores = sums.scored(NPS)
    for_us, against = _of_enough(scores, 9, 10), _of_enough(scores, 0, 6)
    return None if for_us is None or against is None else 100 * (for_us - against)


def _csat_within(sums: Sums, end: int) -> float | None:
    scores = sums.scored(CSAT)
    found = wilson(scores[4] + scores[5], scores.total())
    return None if found is None or scores.total() < LEAST_ANSWERS else found[end]


def _answers(sums: Sums, _terms: Terms) -> float | None:
    return sums.scores.total()


_ALL = (
    Formula(
        name="calls.arrived",
        unit=Unit.COUNT,
        title=("Arrived", "进线"),
        text=("O + R: who asked for the queue", "O + R：请求进入队列的呼叫"),
        source="Cordboard",
        compute=lambda sums, _: sums.offered + sums.refused.total(),
    ),
    Formula(
        name="calls.refused",
        unit=Unit.COUNT,
        title=("Refused", "拒入"),
        text=("R: closed, full, or nobody on shift", "R：非服务时间、队列已满或无人上班"),
        source="Cordboard",
        compute=lambda sums, _: sums.refused.total(),
    ),
    Formula(
        name="calls.offered",
        unit=Unit.COUNT,
        title=("Offered", "入队"),
        text=(
            "O = A + B + F, by when they joined the queue",
            "O = A + B + F，按进入队列的时间统计",
        ),
        source="Cordboard",
        compute=lambda sums, _: sums.offered,
    ),
    Formula(
        name="calls.answered",
        unit=Unit.COUNT,
        title=("Answered", "接通"),
        text=("A: caller and agent heard each other", "A：客户与座席已通话"),
        source="Cordboard",
        compute=lambda sums, _: sums.answered.n,
    ),
    Formula(
        name="calls.abandoned",
        unit=Unit.COUNT,
        title=("Gave up", "放弃"),
        text=("B: hung up while waiting", "B：等待中挂机"),
        source="Cordboard",
        compute=lambda sums, _: sums.abandoned.n,
    ),
    Formula(
        name="calls.flowed_out",
        unit=Unit.COUNT,
        title=("Left otherwise", "溢出"),
        text=(
            "F: longest wait, overflow, a key, moved by a person, lost",
            "F：等待超时、溢出、按键退出、人工转移、丢失",
        ),
        source="Cordboard",
        compute=lambda sums, _: sums.flowed_out,
    ),
    Formula(
        name="sl.offered",
        unit=Unit.SHARE,
        title=("Service level", "服务水平"),
        text=(
            "answered within X / (A + B + F by time)",
            "X 秒内接通 ÷（A + B + 因超时离开的 F）",
        ),
        source="Cordboard's default; Genesys Cloud with all switches on",
        compute=_sl_offered,
    ),
    Formula(
        name="sl.offered.without_short",
        unit=Unit.SHARE,
        title=("… without short", "…不计短放弃"),
        text=(
            "answered within X / (A + B − abandoned within s + F by time)",
            "X 秒内接通 ÷（A + B − s 秒内放弃 + 因超时离开的 F）",
        ),
        source="Cordboard; Genesys Cloud without short abandons",
        compute=_sl_offered_without_short,
    ),
    Formula(
        name="sl.answered",
        unit=Unit.SHARE,
        title=("SL of answered", "已接服务水平"),
        text=("answered within X / A", "X 秒内接通 ÷ A"),
        source="app_queue's ServicelevelPerf; Wazo",
        compute=_sl_answered,
    ),
    Formula(
        name="sl.answered_or_abandoned_within",
        unit=Unit.SHARE,
        title=("SL2", "SL2"),
        text=(
            "(answered within X + abandoned within X) / (A + B)",
            "（X 秒内接通 + X 秒内放弃）÷（A + B）",
        ),
        source="app_queue's ServicelevelPerf2",
        compute=_sl_answered_or_abandoned,
    ),
    Formula(
        name="sl.removed_within",
        unit=Unit.SHARE,
        title=("SL of removed", "X 秒内离队"),
        text=(
            "(answered, abandoned or callback, each within X) / O",
            "（X 秒内接通、放弃或预约回拨）÷ O",
        ),
        source="Amazon Connect, service level X",
        compute=_sl_removed,
    ),
    Formula(
        name="answer.rate",
        unit=Unit.SHARE,
        title=("Answer rate", "接通率"),
        text=("A / O", "A ÷ O"),
        source="Genesys Cloud",
        compute=lambda sums, _: share(sums.answered.n, sums.offered),
    ),
    Formula(
        name="abandon.rate",
        unit=Unit.SHARE,
        title=("Abandon rate", "放弃率"),
        text=("B / O", "B ÷ O"),
        source="Amazon Connect; Genesys Cloud",
        compute=lambda sums, _: share(sums.abandoned.n, sums.offered),
    ),
    Formula(
        name="abandon.time",
        unit=Unit.DURATION,
        title=("Patience", "放弃前等待"),
        text=("wait of those who gave up / B", "放弃者等待总时长 ÷ B"),
        source="Amazon Connect, average queue abandon time",
        compute=lambda sums, _: share(sums.abandoned.total_ms, sums.abandoned.n),
    ),
    Formula(
        name="wait.asa",
        unit=Unit.DURATION,
        title=("ASA", "平均应答"),
        text=("wait of the answered / A", "已接通者等待总时长 ÷ A"),
        source="Amazon Connect, average queue answer time",
        compute=lambda sums, _: share(sums.answered.total_ms, sums.answered.n),
    ),
    *(
        Formula(
            name=f"wait.p{percent}",
            unit=Unit.DURATION,
            title=(f"p{percent}", f"p{percent}"),
            text=(
                f"{percent} of 100 answered waited no longer, to the second",
                f"百分之 {percent} 的已接通者等待不超过此值（精确到秒）",
            ),
            source="nearest rank",
            compute=lambda sums, _, p=percent: sums.answered.quantile_ms(p / 100),  # type: ignore[misc]
        )
        for percent in (50, 90, 95)
    ),
    Formula(
        name="wait.max",
        unit=Unit.DURATION,
        title=("Longest", "最长等待"),
        text=("the longest wait of an answered caller", "已接通者的最长等待"),
        source="Cordboard",
        compute=lambda sums, _: sums.answered.longest_ms if sums.answered.n else None,
    ),
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
        unit=Unit.SHARE,
        title=("Occupancy", "占用率"),
        text=(
            "(talking + wrap-up) / (talking + wrap-up + ready), by the clock; ringing and breaks in neither",
            "（通话 + 话后）÷（通话 + 话后 + 就绪），按时钟统计；振铃与小休均不计",
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
        name="repeat.rate",
        unit=Unit.SHARE,
        title=("Repeat callers", "重复来电率"),
        text=(
            "identified calls with an earlier call of the same customer in the w hours before / identified calls",
            "此前 w 小时内同一客户来过电的已识别来电 ÷ 已识别来电",
        ),
        source="Cordboard",
        compute=lambda sums, _: share(sums.repeats, sums.identified),
    ),
    Formula(
        name="repeat.identified",
        unit=Unit.SHARE,
        title=("Identified", "识别率"),
        text=(
            "calls of which the customer can be told / calls; shared and withheld numbers cannot",
            "可识别客户的来电 ÷ 来电；共用号码与隐藏号码不可识别",
        ),
        source="Cordboard",
        compute=lambda sums, _: share(sums.identified, sums.calls),
    ),
    Formula(
        name="repeat.withheld",
        unit=Unit.COUNT,
        title=("Withheld", "隐藏号码"),
        text=(
            "calls from withheld numbers, service codes and extensions: never a repeat",
            "隐藏号码、短号、分机来电：不计重复",
        ),
        source="Cordboard",
        compute=lambda sums, _: _untold(sums, Confidence.ANONYMOUS, Confidence.SHORT),
    ),
    Formula(
        name="repeat.shared",
        unit=Unit.COUNT,
        title=("Shared numbers", "共用号码"),
        text=(
            "calls from numbers that several customers have: never a repeat",
            "多位客户共用号码的来电：不计重复",
        ),
        source="Cordboard",
        compute=lambda sums, _: _untold(sums, Confidence.SHARED),
    ),
    Formula(
        name="repeat.switchboard",
        unit=Unit.COUNT,
        title=("Switchboards", "总机"),
        text=(
            "calls from a company's main number: never a repeat",
            "企业总机来电：不计重复",
        ),
        source="Cordboard",
        compute=lambda sums, _: _untold(sums, Confidence.SWITCHBOARD),
    ),
    Formula(
        name="contacts.per_issue",
        unit=Unit.NUMBER,
        title=("Calls per issue", "每事来电"),
        text=(
            "identified calls / identified calls that are no repeat",
            "已识别来电 ÷ 其中非重复的来电",
        ),
        source="callcentrehelper.com, calls / issues raised",
        compute=lambda sums, _: share(sums.identified, sums.identified - sums.repeats),
    ),
    Formula(
        name="fcr",
        unit=Unit.SHARE,
        title=("FCR", "一次解决率"),
        text=(
            "1 − calls handled after which the same customer called the same queue within w hours / "
            "calls handled more than w hours ago; of identified customers, counted for the first agent of each",
            "1 − 处理后 w 小时内同一客户再次致电同一队列的来电 ÷ w 小时以前处理的来电；"
            "仅计已识别客户，归于首位处理的座席",
        ),
        source="operational first-contact resolution, right-censored",
        compute=lambda sums, _: None if not sums.settled else 1 - sums.followed / sums.settled,
    ),
    Formula(
        name="fcr.provisional",
        unit=Unit.COUNT,
        title=("Too young", "未满期"),
        text=(
            "calls handled too lately to say, left out of FCR",
            "处理未满 w 小时、未计入一次解决率的来电",
        ),
        source="Cordboard",
        compute=lambda sums, _: sums.provisional,
    ),
    Formula(
        name="forecast.held",
        unit=Unit.SHARE,
        title=("Estimate held", "预估准确"),
        text=(
            "answered within the upper figure of their estimate / answered with an estimate; should be 80 %",
            "在预估上限内接通 ÷ 有预估的接通；应为 80 %",
        ),
        source="Cordboard",
        compute=lambda sums, _: share(
            sums.forecasts["within-median"] + sums.forecasts["within-upper"],
            sums.forecasts.total() - sums.forecasts["unknown"],
        ),
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
    Formula(
        name="survey.answers",
        unit=Unit.COUNT,
        title=("Answers", "评价数"),
        text=(
            "answers to surveys, whatever was asked and however they came in",
            "满意度评价数，不分题目与渠道",
        ),
        source="Cordboard",
        compute=_answers,
    ),
    Formula(
        name="survey.rate",
        unit=Unit.SHARE,
        title=("Answered", "评价率"),
        text=(
            "callers who answered a question after their call / callers who were asked",
            "通话后作答的客户 ÷ 被邀评的客户",
        ),
        source="Cordboard",
        compute=lambda sums, _: share(sums.surveys[ANSWERED], sums.surveys.total()),
    ),
    Formula(
        name="csat",
        unit=Unit.SHARE,
        title=("CSAT", "满意度"),
        text=(
            f"answers of 4 or 5 / answers, from {LEAST_ANSWERS} answers on",
            f"4–5 分 ÷ 答卷，至少 {LEAST_ANSWERS} 份",
        ),
        source="industry standard",
        compute=_csat,
    ),
    Formula(
        name="csat.low",
        unit=Unit.SHARE,
        title=("CSAT ≥", "满意度下限"),
        text=(
            "what CSAT is at least, in 95 of 100 cases: Wilson's interval",
            "满意度 95 % 威尔逊区间的下限",
        ),
        source="E. B. Wilson, 1927, JASA 22:209",
        compute=lambda sums, _: _csat_within(sums, 0),
    ),
    Formula(
        name="csat.high",
        unit=Unit.SHARE,
        title=("CSAT ≤", "满意度上限"),
        text=(
            "what CSAT is at most, in 95 of 100 cases: Wilson's interval",
            "满意度 95 % 威尔逊区间的上限",
        ),
        source="E. B. Wilson, 1927, JASA 22:209",
        compute=lambda sums, _: _csat_within(sums, 1),
    ),
    Formula(
        name="dsat",
        unit=Unit.SHARE,
        title=("DSAT", "不满意度"),
        text=(
            f"answers of 1 or 2 / answers, from {LEAST_ANSWERS} answers on",
            f"1–2 分 ÷ 答卷，至少 {LEAST_ANSWERS} 份",
        ),
        source="industry standard",
        compute=_dsat,
    ),
    Formula(
        name="nps",
        unit=Unit.POINTS,
        title=("NPS", "净推荐值"),
        text=(
            f"% of 9 and 10 − % of 0 to 6, from {LEAST_ANSWERS} answers on",
            f"9–10 分占比 − 0–6 分占比，至少 {LEAST_ANSWERS} 份",
        ),
        source="Reichheld, 2003, HBR 81:46",
        compute=_nps,
    ),
)

FORMULAS: Mapping[str, Formula] = {formula.name: formula for formula in _ALL}

# The same calls as others would report them.
SIDE_BY_SIDE = (
    "sl.answered",
    "sl.answered_or_abandoned_within",
    "sl.removed_within",
    "sl.offered",
    "sl.offered.without_short",
)
