"""The figures of what callers think, shown only of enough answers; of no single caller."""

from collections import Counter
from math import sqrt

from acd.reports.facts import ANSWERED
from acd.reports.formula import Formula, Terms, Unit, share
from acd.reports.sums import Sums

LEAST_ANSWERS = 30  # Fewer answers to a survey are not shown.
_Z = 1.959964  # The standard normal's 0.975 quantile: an interval of 95 %.
CSAT, NPS = "csat", "nps"


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


OF_SURVEYS = (
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
