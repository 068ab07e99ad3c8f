"""What can go wrong when one asks the API; never shows what was sent, which may be a password."""

from cordboard_client.shapes import Reason


class ApiError(Exception):
    """The API did not do what it was asked; the text says why."""


class UnreachableError(ApiError):
    """No answer, or one that is not Cordboard's. Whether the request was carried out is not known."""


class RefusedError(ApiError):
    """The API says no, for a documented reason, and nothing has changed."""

    def __init__(
        self, asked: str, status: int, reason: Reason, message: str, *, retry_after_s: float | None
    ) -> None:
        super().__init__(f"{asked}: {message}")
        self.status = status
        # For programs: one of those in OpenAPI. A newer server may have others.
        self.reason = reason
        self.message = message  # For people.
        self.retry_after_s = retry_after_s  # When to try again, if the API says so.
