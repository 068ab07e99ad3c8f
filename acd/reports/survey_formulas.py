"""The figures of what callers think, shown only of enough answers; of no single caller."""

from math import sqrt

from acd.reports.facts import ANSWERED
from acd.reports.formula import Formula, Unit, share
from acd.reports.sums import Sums

LEAST_ANSWERS = 30  # Fewer answers to a survey are not shown.
_HALVINGS = 40  # Until an end of an interval is exact.
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


def score_interval(for_us: int, against: int, whole: int) -> tuple[float, float] | None:
    """The same for the difference of two shares of one whole (T. Tango, 1998, Statistics in Medicine 17:891).

    It is where the score test does not rule a difference out. Where nobody is between the two it is Wilson's.
    """
    if not whole:
        return None
    found = (for_us - against) / whole

    def is_within(d: float) -> bool:
        # The most likely share of those against, if d were the difference.
        b = (2 * whole - for_us + against) * d - for_us - against
        share_against = (sqrt(max(0.0, b * b + 8 * whole * against * d * (1 - d))) - b) / (
            4 * whole
        )
        spread = max(0.0, 2 * share_against + d * (1 - d)) / whole
        return (found - d) ** 2 <= _Z * _Z * spread

    ends = []
    for outside in (-1.0, 1.0):
        inside = found
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if is_within(middle) else (inside, middle)
        ends.append(outside)
    return ends[0], ends[1]


class _Scale:
    """The answers to one scale, and whether they are enough to be shown."""

    def __init__(self, sums: Sums, name: str) -> None:
        self._scores = sums.scored(name)
        self.n = self._scores.total()

    def count(self, least: int, most: int) -> int:
        """How many answered so."""
        return sum(self._scores[score] for score in range(least, most + 1))

    @property
    def is_enough(self) -> bool:
        return self.n >= LEAST_ANSWERS


def _part(sums: Sums, least: int, most: int) -> float | None:
    scale = _Scale(sums, CSAT)
    return share(scale.count(least, most), scale.n) if scale.is_enough else None


def _part_within(sums: Sums, least: int, most: int, end: int) -> float | None:
    scale = _Scale(sums, CSAT)
    found = wilson(scale.count(least, most), scale.n) if scale.is_enough else None
    return None if found is None else found[end]


def _nps(sums: Sums) -> float | None:
    scale = _Scale(sums, NPS)
    net = share(scale.count(9, 10) - scale.count(0, 6), scale.n) if scale.is_enough else None
    return None if net is None else 100 * net


def _nps_within(sums: Sums, end: int) -> float | None:
    scale = _Scale(sums, NPS)
    ends = (
        score_interval(scale.count(9, 10), scale.count(0, 6), scale.n) if scale.is_enough else None
    )
    return None if ends is None else 100 * ends[end]


_WILSON = "E. B. Wilson, 1927, JASA 22:209"
_TANGO = "T. Tango, 1998, Statistics in Medicine 17:891"


def _ends_of(name: str, title: str, titled: str, least: int, most: int) -> tuple[Formula, Formula]:
    """The ends of the interval of a share: of answers from `least` to `most`; titled in English and Chinese."""
    low = Formula(
        name=f"{name}.low",
        unit=Unit.SHARE,
        title=(f"{title} ≥", f"{titled}下限"),
        text=(
            f"what {title} is at least, in 95 of 100 cases: Wilson's interval",
            f"{titled} 95 % 威尔逊区间的下限",
        ),
        source=_WILSON,
        compute=lambda sums, _: _part_within(sums, least, most, 0),
    )
    high = Formula(
        name=f"{name}.high",
        unit=Unit.SHARE,
        title=(f"{title} ≤", f"{titled}上限"),
        text=(
            f"what {title} is at most, in 95 of 100 cases: Wilson's interval",
            f"{titled} 95 % 威尔逊区间的上限",
        ),
        source=_WILSON,
        compute=lambda sums, _: _part_within(sums, least, most, 1),
    )
    return low, high


OF_SURVEYS = (
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
        name="csat.answers",
        unit=Unit.COUNT,
        title=("n of CSAT", "满意度评价数"),
        text=(
            "answers of 1 to 5, whatever was asked and however they came in",
            "1–5 分的评价数，不分题目与渠道",
        ),
        source="Cordboard",
        compute=lambda sums, _: _Scale(sums, CSAT).n,
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
        compute=lambda sums, _: _part(sums, 4, 5),
    ),
    *_ends_of("csat", "CSAT", "满意度", 4, 5),
    Formula(
        name="dsat",
        unit=Unit.SHARE,
        title=("DSAT", "不满意度"),
        text=(
            f"answers of 1 or 2 / answers, from {LEAST_ANSWERS} answers on",
            f"1–2 分 ÷ 答卷，至少 {LEAST_ANSWERS} 份",
        ),
        source="industry standard",
        compute=lambda sums, _: _part(sums, 1, 2),
    ),
    *_ends_of("dsat", "DSAT", "不满意度", 1, 2),
    Formula(
        name="nps.answers",
        unit=Unit.COUNT,
        title=("n of NPS", "净推荐值评价数"),
        text=(
            "answers of 0 to 10, whatever was asked and however they came in",
            "0–10 分的评价数，不分题目与渠道",
        ),
        source="Cordboard",
        compute=lambda sums, _: _Scale(sums, NPS).n,
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
        compute=lambda sums, _: _nps(sums),
    ),
    Formula(
        name="nps.low",
        unit=Unit.POINTS,
        title=("NPS ≥", "净推荐值下限"),
        text=(
            "what NPS is at least, in 95 of 100 cases: Wilson's interval for a difference",
            "净推荐值 95 % 区间的下限：威尔逊区间用于两个占比之差",
        ),
        source=_TANGO,
        compute=lambda sums, _: _nps_within(sums, 0),
    ),
    Formula(
        name="nps.high",
        unit=Unit.POINTS,
        title=("NPS ≤", "净推荐值上限"),
        text=(
            "what NPS is at most, in 95 of 100 cases: Wilson's interval for a difference",
            "净推荐值 95 % 区间的上限：威尔逊区间用于两个占比之差",
        ),
        source=_TANGO,
        compute=lambda sums, _: _nps_within(sums, 1),
    ),
)
