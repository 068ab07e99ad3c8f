"""Users from a list, and their passwords; never keeps a password, and never blocks the loop to check one."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from acd.core.ids import AgentId
from cti_api.ports import Role, User

_AT_ONCE = 2  # Each takes 64 MiB and a processor for some 50 ms; calls come first.

_hasher = PasswordHasher()

# Nobody's: an unknown user costs the same time as a wrong password, so neither can be told apart.
_NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$Y29yZGJvYXJkLW5vYm9keQ$"
    "vuCs0CnVZ9h+ywyLbLyr4yUumeUAwvJ32+QevM1cp6A"
)


class Listed(Protocol):
    """A user as a file or a table lists him."""

    @property
    def id(self) -> str:
        """What he types to log in."""

    @property
    def role(self) -> str:
        """One of `Role`."""

    @property
    def agent(self) -> AgentId | None:
        """Which agent he is."""

    @property
    def password_hash(self) -> str | None:
        """Of argon2id, if he has a password."""


class FixedUsers:
    """The users that the centre file lists."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        self.use(listed)

    def use(self, listed: Iterable[Listed]) -> None:
        """These are the users from now on; who is not among them is nobody, whatever token he has."""
        self._users = {
            user.id: User(
                id=user.id,
                role=Role(user.role),
                agent=user.agent,
                password_hash=user.password_hash,
            )
            for user in listed
        }

    async def find(self, user_id: str) -> User | None:
        """The user of this id."""
        return self._users.get(user_id)


class Passwords:
    """Checks passwords in threads, a few at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def match(self, user: User | None, password: str) -> bool:
        """Whether this is the user's password; takes as long for a user who does not exist."""
        password_hash = user.password_hash if user is not None else None
        async with self._turn:
            matches = await asyncio.to_thread(_matches, password_hash or _NOBODYS_HASH, password)
        return matches and password_hash is not None


def hash_password(password: str) -> str:
    """What is written into the centre file. Takes some 50 ms: call it in a thread."""
    return _hasher.hash(password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
