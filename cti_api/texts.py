"""What listeners are told, as it goes over the wire; made once for all of them, and knows nothing of who they are."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from cti_api import wire


class Text:
    """One thing that is told; encoded for the first who is to have it."""

    __slots__ = ("_bytes", "_make", "event", "state_of")

    def __init__(self, event: str, make: Callable[[], Any], *, state_of: str | None = None) -> None:
        """`event` is its name, `make` gives its frame. With `state_of` it only says how that stands now: the next

        that does takes its place with one who has not had this one yet.
        """
        self.event = event
        self.state_of = None if state_of is None else (event, state_of)
        self._make: Callable[[], Any] | None = make
        self._bytes = b""

    def frame(self) -> bytes:
        """The whole frame."""
        if self._make is not None:
            self._bytes, self._make = encoded(self._make()), None
        return self._bytes

    def message(self) -> bytes:
        """The text in it."""
        return wire.message_of(self.frame())


class Telling:
    """What is told at once; joined for the first who is to have it all."""

    __slots__ = ("_bytes", "texts")

    def __init__(self, texts: Sequence[Text] = ()) -> None:
        self.texts = texts
        self._bytes: bytes | None = None

    def frames(self) -> bytes:
        """All of it, one whole frame after the other."""
        if self._bytes is None:
            self._bytes = b"".join([text.frame() for text in self.texts])
        return self._bytes


NOTHING = Telling()


def still_true(texts: Sequence[Text]) -> list[Text]:
    """These, in order, without the states that are told anew further on."""
    newest = {text.state_of: text for text in texts if text.state_of is not None}
    return [text for text in texts if text.state_of is None or newest[text.state_of] is text]


def encoded(frame: Any) -> bytes:
    """A frame of ours as it goes over the wire."""
    return wire.framed(msgspec.json.encode(frame))
