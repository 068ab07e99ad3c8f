"""The API's description of itself, without a call centre behind it."""

from typing import Any

from acd.core.board import Board
from cti_api.app import create_app
from cti_api.users import FixedUsers


class _Nobody:
    """A switchboard that nobody uses."""

    def __init__(self) -> None:
        self.board = Board()

    def now_ms(self) -> int:
        return 0

    def deliver(self, event: object) -> None:
        pass

    def listen(self, listener: object, *, first: bool = False) -> None:
        pass


def described() -> dict[str, Any]:
    """OpenAPI, as it is served."""
    return create_app(_Nobody(), FixedUsers([])).openapi()  # type: ignore[arg-type]
