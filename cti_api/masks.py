"""What a role sees of a caller, wherever he is shown: fields emptied, never left out; reminders; who listens."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from acd.centre.reminders import Reminder, Reminders, reminders_for
from acd.core.board import CallView
from acd.pop import HIDEABLE, Background
from acd.reports.sheet import Report, Section, Value
from cti_api.shapes import callers

# What networks and exchanges say in the place of a number that they do not tell.
_WITHHELD = frozenset(
    ("anonymous", "unavailable", "unknown", "private", "restricted", "withheld", "匿名", "未知")
)
_NUMBER = re.compile(r"[-+*#()./ \d]*\d[-+*#()./ \d]*")


class Masks:
    """The fields that agents, and that supervisors, do not see; and the rules of what is shown besides."""

    def __init__(
        self, hides: Mapping[str, Collection[str]] | None = None, reminders: Reminders = ()
    ) -> None:
        self.use(hides or {}, reminders)

    def use(
        self,
        said: Mapping[str, Collection[str]],
        reminders: Reminders = (),
        agents_see_supervision: bool = True,
    ) -> None:
        """These fields are hidden from these roles from now on, and these rules hold."""
        self._reminders = reminders
        self.agents_see_supervision = agents_see_supervision
        # In the order of the table, whatever the order in which they were named.
        self._hidden = {
            supervises: tuple(name for name in HIDEABLE if name in said.get(role, ()))
            for role, supervises in (("agent", False), ("supervisor", True))
        }

    @property
    def differ(self) -> bool:
        """Whether agents see other things than supervisors."""
        return self._hidden[False] != self._hidden[True]

    def reminders(
        self, call: CallView, known: Background, *, supervises: bool
    ) -> Iterator[Reminder]:
        """Of what this role is reminded; nothing that would tell it what it is not to see."""
        hidden = self._hidden[supervises]
        if "reminders" in hidden:
            return iter(())
        return reminders_for(self._reminders, call, known, hidden=hidden)

    def of_caller(self, caller: callers.Caller, *, supervises: bool) -> callers.Caller:
        """The caller as this role sees him. Changes what it is given."""
        hidden = self._hidden[supervises]
        if not hidden:
            return caller
        for customer in caller["customers"]:
            _empty(customer, hidden)
        if "number" in hidden:
            caller["number"] = masked(caller["number"])
        if "name" in hidden:
            caller["name"] = ""
        if "contacts" in hidden:
            caller["last_contact"], caller["earlier"] = None, []
        if "crm" in hidden:
            caller["crm"] = None
        if "scores" in hidden:
            caller["last_score"] = None
        return caller

    def of_record(self, record: dict[str, Any], *, supervises: bool) -> dict[str, Any]:
        """All that is listed of a customer, as this role sees it. Changes what it is given."""
        hidden = self._hidden[supervises]
        _empty(record, hidden)
        if "number" in hidden:
            for one in (*record["numbers"], *record["contacts"]):
                one["number"] = self.of_number(one["number"], supervises=supervises)
        return record

    def of_number(self, number: str | None, *, supervises: bool) -> str | None:
        """A caller's number, as this role sees it."""
        return masked(number) if number and "number" in self._hidden[supervises] else number

    def of_report(self, report: Report, *, supervises: bool) -> Report:
        """A report as this role sees it: in one table of all, that of who gave up, callers are named."""
        hidden = self._hidden[supervises]
        if "number" not in hidden and "name" not in hidden:
            return report
        shown = [
            replace(section, rows=[self._of_row(section, row, hidden) for row in section.rows])
            if section.name == "abandoned"
            else section
            for section in report.sections
        ]
        return replace(report, sections=shown)

    def _of_row(
        self, section: Section, row: Sequence[Value], hidden: tuple[str, ...]
    ) -> Sequence[Value]:
        said = dict(zip((column.name for column in section.columns), row, strict=True))
        # Who is not listed is called by his number there.
        is_numbered = said["caller"] == said["number"]
        if said["number"] and "number" in hidden:
            said["number"] = masked(str(said["number"]))
        if is_numbered:
            said["caller"] = said["number"]
        elif said["caller"] and "name" in hidden:
            said["caller"] = f"{str(said['caller'])[:1]}*"
        return list(said.values())


def _empty(customer: Any, hidden: tuple[str, ...]) -> None:
    for name in hidden:
        if name == "name":
            customer[name] = f"{customer[name][:1]}*"
        elif name in customer:
            customer[name] = HIDEABLE[name]


def masked(number: str) -> str:
    """The number with its subscriber's part hidden: +86138****1234.

    That it was withheld is told as it was told to us. What is no number may be anything: nothing of it is shown.
    """
    if number.strip().casefold() in _WITHHELD:
        return number
    if number and not _NUMBER.fullmatch(number):
        return "****"
    if len(number) > 8:
        return f"{number[:-8]}****{number[-4:]}"
    return f"****{number[-2:]}" if len(number) > 4 else "****" if number else ""
