"""Staffing for those who ask over the API: reckoned in a process of its own; what is asked goes there as JSON."""

import sys
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from acd.apart import done_apart, give_way
from acd.reports.render import WRITERS
from acd.staffing.page import Wish, staffing

PATIENCE_S = 60.0


async def written(wish: Wish, form: str, *, patience_s: float = PATIENCE_S) -> str:
    """The report, as CSV, JSON or HTML. Raises TooLongError."""
    asked = msgspec.json.encode((form, wish), enc_hook=_zone_out)
    said = await done_apart(__name__, asked, patience_s=patience_s)
    assert said, "it has failed, and its log says how"
    return said.decode()


def _zone_out(zone: object) -> Any:
    assert isinstance(zone, ZoneInfo)
    return zone.key


def _zone_in(kind: type, key: Any) -> Any:
    assert kind is ZoneInfo
    return ZoneInfo(key)


def _main() -> None:
    give_way()
    form, wish = msgspec.json.decode(
        sys.stdin.buffer.read(), type=tuple[str, Wish], dec_hook=_zone_in
    )
    sys.stdout.buffer.write(WRITERS[form][0](staffing(wish)).encode())


if __name__ == "__main__":
    _main()
