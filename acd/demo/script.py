"""Who calls when, who answers how, and who the customers are; only data and arithmetic."""

from dataclasses import dataclass

from acd.adapters.asterisk.sipp import Phone
from acd.adapters.database.listings import Listing
from acd.core.customer import Confidence
from acd.core.ids import CustomerId

SUPPORT, SALES = "1", "2"  # Keys of the menu.


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer in the directory."""

    id: str
    name: str
    numbers: tuple[str, ...]
    segment: str | None = None
    notes: str | None = None

    @property
    def listing(self) -> Listing:
        """As he is listed."""
        return Listing(
            id=CustomerId(self.id),
            fields={"name": self.name, "segment": self.segment, "notes": self.notes},
            numbers=dict.fromkeys(self.numbers, Confidence.OWN),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One call of the demo."""

    at_s: float
    number: str
    name: str
    key: str
    patience_s: float = 0  # Hangs up so long after pressing the key; 0: never gives up.
    solved: bool = True


PEOPLE = (
    Person(
        id="c-li",
        name="李静 Li Jing",
        numbers=("+8613800138001", "+862162345678"),
        notes="Fridge BX-200, 2023",
    ),
    Person(id="c-wang", name="王伟 Wang Wei", numbers=("+8613800138002",), segment="vip"),
    Person(
        id="c-zhao",
        name="赵敏 Zhao Min",
        numbers=("+8613800138003",),
        notes="Washer W7, work order open",
    ),
    Person(id="c-chen", name="陈晨 Chen Chen", numbers=("+8613800138004",)),
    Person(id="c-smith", name="Emma Smith", numbers=("+442079460018",), segment="vip"),
    Person(id="c-zhou", name="周周𠮷 Zhou", numbers=("+8613800138006",)),
    # One number, two customers: whoever calls from it is never a repeat caller.
    Person(id="c-sun1", name="孙一 Sun Yi", numbers=("+8613800138007",)),
    Person(id="c-sun2", name="孙二 Sun Er", numbers=("+8613800138007",)),
)

# Yesterday's and today's calls of which the ledger knows before the demo begins: (number, hours ago, agent, outcome).
HISTORY = (
    ("+862162345678", 3.2, "ana", "not-solved"),
    ("+442079460018", 22.5, "chen", "solved"),
    ("+8613800138004", 30.0, "bob", "solved"),  # More than 24 hours ago: not a repeat.
)

# Twelve callers; the first two call twice.
CALLERS = (
    Caller(at_s=0.0, number="13800138002", name="王伟", key=SUPPORT, solved=False),
    Caller(at_s=0.8, number="13800138003", name="赵敏", key=SUPPORT, solved=False),
    Caller(at_s=1.6, number="02162345678", name="Li Jing", key=SUPPORT),
    Caller(at_s=2.4, number="+442079460018", name="Emma Smith", key=SALES),
    Caller(at_s=3.2, number="13800138004", name="陈晨", key=SUPPORT),
    Caller(at_s=4.0, number="13800138006", name="周周𠮷", key=SALES),
    Caller(at_s=4.8, number="13800138007", name="孙", key=SUPPORT),
    Caller(at_s=5.6, number="anonymous", name="Anonymous", key=SUPPORT),
    Caller(at_s=6.4, number="95588", name="Short number", key=SALES, patience_s=3),
    Caller(at_s=7.2, number="13912345678", name="", key=SUPPORT),
    Caller(at_s=8.0, number="13912345679", name="${SHELL(id)}", key=SUPPORT),
    Caller(at_s=8.8, number="+12125550123", name="O'Neil, Jr. <b>", key=""),
    Caller(at_s=26.0, number="13800138002", name="王伟", key=SUPPORT),
    Caller(at_s=27.0, number="13800138003", name="赵敏", key=SUPPORT),
)

AGENTS = {"ana": "Anna", "bob": "Bob", "chen": "Chen", "dora": "Dora"}

# The agents hang up. Bob lets his phone ring, so that one sees what becomes of the caller.
PHONES = {
    "ana": Phone(ring_ms=900, talk_ms=6_000),
    "bob": Phone(what="ring"),
    "chen": Phone(ring_ms=1_200, talk_ms=5_000),
    "dora": Phone(ring_ms=700, talk_ms=4_000),
}

CENTRE = """\
queues:
  support: {{name: Support 客服, ring_timeout_s: 4, wrap_up_s: 2, no_answer: not-ready}}
  sales: {{name: Sales 销售, ring_timeout_s: 4, wrap_up_s: 2, no_answer: not-ready}}
agents:
  ana: {{name: Anna, phone: PJSIP/ana, queues: [support, sales]}}
  bob: {{name: Bob, phone: PJSIP/bob, queues: [support]}}
  chen: {{name: Chen, phone: PJSIP/chen, queues: [support, sales]}}
  dora: {{name: Dora, phone: PJSIP/dora, queues: [support]}}
users:
  ana: {{role: agent, agent: ana, password_hash: "{hash}"}}
  bob: {{role: agent, agent: bob, password_hash: "{hash}"}}
  chen: {{role: agent, agent: chen, password_hash: "{hash}"}}
  dora: {{role: agent, agent: dora, password_hash: "{hash}"}}
  boss: {{role: supervisor, password_hash: "{hash}"}}
"""
