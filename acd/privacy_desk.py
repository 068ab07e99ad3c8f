"""Merges, splits and erasures as people ask for them over the API: done, and on record with who did it and why."""

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from acd.adapters.database.one_person import PrivacyError
from acd.adapters.database.privacy import Privacy
from acd.again import again_and_again
from acd.away import StoreAwayError
from acd.cases.refused import CaseRefusedError
from acd.core.callback import CancelCallback
from acd.core.notices import Supervised
from cti_api.ports import Switchboard

T = TypeVar("T")

_ERASURES_EVERY_S = 5.0
ERASURE = "ERASURE"  # Who calls off what was owed to somebody erased; no user can be called so.


class PrivacyDesk:
    """The port `Persons` of the API. The record names a change by its number, and nobody who was erased."""

    def __init__(
        self,
        privacy: Privacy,
        *,
        note: Callable[[Supervised], Awaitable[None]],
        now_ms: Callable[[], int],
        call_off: Callable[[Sequence[str], str], Awaitable[None]],
    ) -> None:
        """`note` puts an act on record before it returns, and all that was told before it; `call_off` is below."""
        self._privacy = privacy
        self._note = note
        self._now_ms = now_ms
        self._call_off = call_off

    async def merge(self, kept: str, gone: str, *, by: str, reason: str) -> Mapping[str, Any]:
        """Two are one and the same: all that was `gone`'s is `kept`'s."""
        number = await _asked(self._privacy.merge(kept, gone, at=self._now_ms()))
        return await self._done("merge-customers", number, kept, by, reason)

    async def split(
        self, customer: str, new: str, name: str, numbers: Sequence[str], *, by: str, reason: str
    ) -> Mapping[str, Any]:
        """These numbers are another customer's, with what came from them."""
        split = self._privacy.split(customer, new, name, numbers, at=self._now_ms())
        return await self._done("split-customer", await _asked(split), new, by, reason)

    async def undo(self, change: int, *, by: str, reason: str) -> None:
        """Take a merge or a split back."""
        await _asked(self._privacy.undo(change, at=self._now_ms()))
        await self._put_on_record("undo-customer-change", by, reason, f"change {change}")

    async def erase(self, customer: str, *, by: str, reason: str) -> Mapping[str, int]:
        """Forget this customer; how many rows of each table were touched."""
        person = await _asked(self._privacy.whose(customer=customer, number=None))
        # While we owe him a call, he would be written down again with each step of it.
        await self._call_off(person.names, by)
        # On record first: that somebody was to be forgotten must not depend on all files being within reach.
        await self._put_on_record("erase-customer", by, reason, "")
        return await _asked(self._privacy.erase(person))

    async def changes(self, customer: str) -> Sequence[Mapping[str, Any]]:
        """The merges and splits that he was part of, newest first."""
        return await self._privacy.changes(customer)

    async def _done(
        self, action: str, number: int, kept: str, by: str, reason: str
    ) -> Mapping[str, Any]:
        await self._put_on_record(action, by, reason, f"change {number}")
        done = await self._privacy.changes(kept)
        return next(one for one in done if one["change"] == number)

    async def _put_on_record(self, action: str, by: str, reason: str, detail: str) -> None:
        await self._note(
            Supervised(
                at=self._now_ms(), by=by, agent=None, action=action, reason=reason, detail=detail
            )
        )


def desk_for(
    privacy: Privacy, switchboard: Switchboard, note: Callable[[Supervised], Awaitable[None]]
) -> PrivacyDesk:
    """The desk of a process that has this switchboard."""
    off = partial(call_off, switchboard)
    return PrivacyDesk(privacy, note=note, now_ms=switchboard.now_ms, call_off=off)


async def call_off(switchboard: Switchboard, names: Container[str], by: str) -> None:
    """Call nobody back who has one of these names: customers by their ids, and numbers."""
    for view in tuple(switchboard.board.calls.values()):
        owed = view.callback
        if owed is not None and (owed.customer in names or owed.number.digits in names):
            request = CancelCallback(by=by, callback=owed.id, reason="erased")
            await switchboard.submit(request)


async def call_off_the_erased(privacy: Privacy, switchboard: Switchboard) -> None:
    """Call nobody back who was erased by a command or a purge, which cannot tell the engine."""
    gone = await privacy.called_off()
    if not gone:
        return
    owed = [view.callback for view in switchboard.board.calls.values()]
    known = [one.id for one in owed if one is not None and one.id in gone]
    for name in known:
        await switchboard.submit(CancelCallback(by=ERASURE, callback=name, reason="erased"))
    if len(known) < len(gone):
        await privacy.forget_callbacks([name for name in gone if name not in known])


async def heed_erasures(privacy: Privacy, switchboard: Switchboard) -> None:
    """Look again and again whether somebody was."""
    look = partial(call_off_the_erased, privacy, switchboard)
    await again_and_again("calling off what is owed to who was erased", look, _ERASURES_EVERY_S)


async def _asked(work: Awaitable[T]) -> T:
    try:
        return await work
    except PrivacyError as error:
        if error.why is None:
            raise StoreAwayError(str(error)) from error
        raise CaseRefusedError(error.why) from error
