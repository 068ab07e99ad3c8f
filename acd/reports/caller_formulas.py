"""The figures of callers: how many, served how fast, how often again, what they could be told; of no agent."""

from acd.core.customer import Confidence
from acd.reports.formula import Formula, Terms, Unit, share
from acd.reports.sums import CALLBACK, Sums


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


def _untold(sums: Sums, *why: Confidence) -> int:
    return sum(sums.untold[one] for one in why)


OF_CALLERS = (
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
            "F: longest wait, overflow, a key, moved by a person, sent on to a number, lost",
            "F：等待超时、溢出、按键退出、人工转移、转接外线、丢失",
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
            title=(f"Wait p{percent}", f"等待 p{percent}"),
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
        title=("FCR not yet known", "FCR 未满期"),
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
)
