"""Every figure as a named, versioned formula over sums, with its text and its source; each report prints those it used.

The letters, for a queue and the callers who joined it in the interval: O offered, A answered, B abandoned,
F left otherwise, R refused at entry; O = A + B + F, arrivals = O + R. X is the time limit, s the limit of a
short abandonment. A formula that has nothing to divide by says nothing. One that has been used is not
changed: it gets another version.
"""

from collections.abc import Mapping

from acd.reports.agent_formulas import OF_AGENTS
from acd.reports.caller_formulas import OF_CALLERS
from acd.reports.formula import Formula
from acd.reports.survey_formulas import OF_SURVEYS

FORMULAS: Mapping[str, Formula] = {
    formula.name: formula for formula in (*OF_CALLERS, *OF_AGENTS, *OF_SURVEYS)
}

# The same calls as others would report them.
SIDE_BY_SIDE = (
    "sl.answered",
    "sl.answered_or_abandoned_within",
    "sl.removed_within",
    "sl.offered",
    "sl.offered.without_short",
)
