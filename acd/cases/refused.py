"""Why something that somebody asks of a case is not done; says it, and changes nothing."""

from enum import StrEnum


class Why(StrEnum):
    """The edge turns each into a status and a sentence."""

    UNKNOWN_CUSTOMER = "unknown-customer"
    UNKNOWN_PROMISE = "unknown-promise"
    UNKNOWN_COMPLAINT = "unknown-complaint"
    NOT_BY_YOU = "not-by-you"  # Who answered it does not verify it.
    UNKNOWN_LIST = "unknown-list"
    NOT_LISTED = "not-listed"
    UNKNOWN_TASK = "unknown-task"
    SAME_CUSTOMER = "same-customer"
    CUSTOMER_EXISTS = "customer-exists"
    NOT_HIS_NUMBERS = "not-his-numbers"
    UNKNOWN_CHANGE = "unknown-change"
    UNDONE_ALREADY = "undone-already"
    NOT_NOW = "not-now"  # Not in the state it is in; the detail says which.


class CaseRefusedError(Exception):
    """Nothing was changed."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.detail = detail
