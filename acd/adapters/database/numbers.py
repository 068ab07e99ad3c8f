"""Reads what a trunk says about the caller's number; pure, never raises, and never writes the raw text.

A number that is read wrong pops the wrong customer, so whatever is not surely a subscriber's number
stands for nobody.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers

from acd.core.customer import Confidence
from acd.core.outbound import Number, NumberKind

# No numbering plan comes near; a longer text is somebody trying us out, and is not worth reading.
_LONGEST_TEXT = 256
_MOST_DIGITS = 20
# A call's number is read when it arrives and when its caller is looked up, and many callers call again.
_REMEMBERED = 20_000

_URI = re.compile(r"(?:^|[<\s])(?:sips?|tel):([^@>?]*)", re.IGNORECASE)
_EXTENSION = re.compile(
    r"[\s,]*(?:;ext=|extension|ext\.?|x|#|转|轉|分机|分機)[\s:.]*(\d{1,7})$", re.IGNORECASE
)
# Digits of any script: phonenumbers knows them. A letter is a word, and a word is not a number.
_DIALLABLE = re.compile(r"[+(]*[\d \t().\-‐‑‒–—−/~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a number says by itself, before the directory is asked who has it."""

    e164: str | None = None  # Only for a subscriber's number.
    confidence: Confidence = Confidence.ANONYMOUS


def read_number(raw: str, region: str) -> Reading:
    """The subscriber's number in `raw`, as it is written in `region` (CN, DE …).

    UNLISTED: a full number. SWITCHBOARD: a full number with an extension, so many phones are behind it.
    SHORT: digits that are no subscriber's number. ANONYMOUS: everything else.
    """
    return _read(raw, region) if len(raw) <= _LONGEST_TEXT else Reading()


@lru_cache(maxsize=_REMEMBERED)
def _read(raw: str, region: str) -> Reading:
    text = _without_uri(unicodedata.normalize("NFKC", raw)).strip()
    number = _EXTENSION.sub("", text)
    if not _DIALLABLE.fullmatch(number):
        return Reading()
    digits = [unicodedata.decimal(character, None) for character in number]
    digits = [digit for digit in digits if digit is not None]
    # Trunks write a withheld number as 0, 000 …
    if not any(digits) or len(digits) > _MOST_DIGITS:
        return Reading()
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return Reading(confidence=Confidence.SHORT)
    # 95588 and extension 1001 become +8695588 and +861001 without complaint: only validity tells.
    if not phonenumbers.is_valid_number(parsed):
        return Reading(confidence=Confidence.SHORT)
    return Reading(
        e164=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        confidence=Confidence.UNLISTED if number == text else Confidence.SWITCHBOARD,
    )


def example_number(region: str) -> str:
    """A number as they are in this region; nobody's in particular."""
    example = phonenumbers.example_number(region) or phonenumbers.example_number("CN")
    assert example is not None
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)


# Numbers of no country: Inmarsat, satellites, networks of the world; and those who are paid, wherever they are.
_SATELLITE = frozenset({870, 881, 882, 883})
_PAID_ANYWHERE = 979
_PAID = frozenset(
    {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}
)


def read_dialled(raw: str, region: str) -> Number | None:
    """The number that an agent wants to call, as it is written in `region`; None if it is none.

    Nothing that was written is in it but digits. An extension cannot be dialled, so what has one is none.
    """
    reading = read_number(raw, region)
    if reading.e164 is not None:
        if reading.confidence is Confidence.SWITCHBOARD:
            return None
        return Number(digits=reading.e164, kind=_kind_of(reading.e164))
    digits = "".join(str(unicodedata.decimal(one)) for one in raw.strip() if one.isdecimal())
    if reading.confidence is not Confidence.SHORT or not digits or "+" in raw:
        return None
    return Number(digits=digits, kind=NumberKind.SHORT)


def _kind_of(e164: str) -> NumberKind:
    parsed = phonenumbers.parse(e164)
    if parsed.country_code in _SATELLITE:
        return NumberKind.SATELLITE
    paid = phonenumbers.number_type(parsed) in _PAID or parsed.country_code == _PAID_ANYWHERE
    return NumberKind.PREMIUM if paid else NumberKind.SUBSCRIBER


def masked(number: str | None) -> str:
    """The number as a log may show it: enough to find a call, not enough to ring its caller."""
    text = unicodedata.normalize("NFKC", (number or "")[:_LONGEST_TEXT])
    kept = "".join(character for character in text if character.isdigit() or character == "+")
    shown = len(kept) - 4  # At least four digits stay hidden, of a short number all.
    if shown <= 0:
        return "****"
    tail = min(4, shown // 2)
    head = min(6, shown - tail)
    return f"{kept[:head]}****{kept[len(kept) - tail :]}"


def _without_uri(text: str) -> str:
    """The user part of a SIP or tel URI with the extension, if it has one; other text as it is."""
    found = _URI.search(text)
    if not found:
        return text
    number, *parameters = unquote(found[1]).split(";")
    return number + "".join(f";{name}" for name in parameters if name.startswith("ext="))
