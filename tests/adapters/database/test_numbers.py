"""What trunks send as the caller's number, and what we take it for."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.database import numbers
from acd.adapters.database.numbers import Reading, masked, read_dialled, read_number
from acd.core.customer import Confidence
from acd.core.outbound import Number, NumberKind

FULL = [
    # China, as it is written there
    ("13800138000", "+8613800138000"),
    ("+8613800138000", "+8613800138000"),
    ("8613800138000", "+8613800138000"),
    ("008613800138000", "+8613800138000"),
    ("+86 138 0013 8000", "+8613800138000"),
    ("138-0013-8000", "+8613800138000"),
    ("  13800138000  ", "+8613800138000"),
    ("１３８００１３８０００", "+8613800138000"),
    ("＋８６　１３８－００１３－８０００", "+8613800138000"),
    ("010-88888888", "+861088888888"),
    ("(0755) 1234 5678", "+8675512345678"),
    ("0755.1234.5678", "+8675512345678"),
    ("4008001234", "+864008001234"),
    ("19000000000", "+8619000000000"),
    # The world
    ("+14155552671", "+14155552671"),
    ("001 415 555 2671", "+14155552671"),
    ("+1 (415) 555-2671", "+14155552671"),
    ("+44 20 7946 0958", "+442079460958"),
    ("0044 20 7946 0958", "+442079460958"),
    ("+49 30 901820", "+4930901820"),
    ("+39 06 698 12345", "+390669812345"),
    ("+33 1 42 68 53 00", "+33142685300"),
    ("+81 3-3224-5000", "+81332245000"),
    ("+852 2123 4567", "+85221234567"),
    ("+853 2833 3333", "+85328333333"),
    ("+886 2 2345 6789", "+886223456789"),
    ("+65 6123 4567", "+6561234567"),
    ("+91 98765 43210", "+919876543210"),
    ("+55 11 91234-5678", "+5511912345678"),
    ("+7 495 123-45-67", "+74951234567"),
    ("+971 50 123 4567", "+971501234567"),
    ("+٨٦١٣٨٠٠١٣٨٠٠٠", "+8613800138000"),
    # As SIP carries it
    ("sip:+8613800138000@10.0.0.1", "+8613800138000"),
    ("sips:13800138000@example.com:5061;transport=tls", "+8613800138000"),
    ("<sip:13800138000@10.0.0.1;user=phone>", "+8613800138000"),
    ('"张三" <sip:%2B8613800138000@10.0.0.1>;tag=9fxced76sl', "+8613800138000"),
    ("SIP:13800138000@10.0.0.1", "+8613800138000"),
    ("sip:13800138000;phone-context=+86@10.0.0.1", "+8613800138000"),
    ("tel:+86-138-0013-8000", "+8613800138000"),
]

WITH_EXTENSION = [
    ("010-88888888 ext. 123", "+861088888888"),
    ("010-88888888x123", "+861088888888"),
    ("010-88888888#123", "+861088888888"),
    ("010-88888888转123", "+861088888888"),
    ("010-88888888 分机 123", "+861088888888"),
    ("+1 415 555 2671 extension 9", "+14155552671"),
    ("tel:+86-10-88888888;ext=12", "+861088888888"),
]

SHORT = [
    "95588",
    "1001",
    "10086",
    "９５５８８",
    "12345",
    "110",
    "5",
    "sip:1001@10.0.0.1",
    "tel:10086",
    "1234567",
    "14155552671",  # Another country's number without + or 00 is nobody's here.
    "+999123456789",
    "+1 555",
    "95588-1",
]

ANONYMOUS = [
    "",
    " ",
    "　",
    "anonymous",
    "Anonymous",
    "unknown",
    "Unavailable",
    "Restricted",
    "Private Number",
    "asterisk",
    "withheld",
    "匿名",
    "0",
    "0000000000",
    "+",
    "+++",
    "-",
    "()",
    "<null>",
    "None",
    "s",
    "sip:anonymous@anonymous.invalid",
    '"Anonymous" <sip:anonymous@anonymous.invalid>',
    "sip:@",
    "sip:",
    "1-800-FLOWERS",  # Digits spelt as words are not what trunks send.
    "*67",
    "#31#13800138000",
    "13800138000\x00",
    "13800138000\n13800138001",
    "'; DROP TABLE calls; --",
    "\ud800",
    "½",
    "1" * 21,
    "1" * 10_000,
    "138" * 4_000,
    "x" * 10_000,
    "+" * 10_000,
    "<sip:" * 2_000,
]


@pytest.mark.parametrize(("raw", "e164"), FULL)
def test_a_subscribers_number_becomes_e164(raw: str, e164: str) -> None:
    assert read_number(raw, "CN") == Reading(e164=e164, confidence=Confidence.UNLISTED)


@pytest.mark.parametrize(("raw", "e164"), WITH_EXTENSION)
def test_a_number_with_an_extension_is_a_switchboard(raw: str, e164: str) -> None:
    assert read_number(raw, "CN") == Reading(e164=e164, confidence=Confidence.SWITCHBOARD)


@pytest.mark.parametrize("raw", SHORT)
def test_digits_that_are_no_subscribers_number_are_short(raw: str) -> None:
    assert read_number(raw, "CN") == Reading(confidence=Confidence.SHORT)


@pytest.mark.parametrize("raw", ANONYMOUS)
def test_everything_else_is_anonymous(raw: str) -> None:
    assert read_number(raw, "CN") == Reading(confidence=Confidence.ANONYMOUS)


@pytest.mark.parametrize(
    ("region", "raw", "e164"),
    [
        ("DE", "030 901820", "+4930901820"),
        ("US", "(415) 555-2671", "+14155552671"),
        ("GB", "020 7946 0958", "+442079460958"),
        ("JP", "03-3224-5000", "+81332245000"),
        ("HK", "2123 4567", "+85221234567"),
        ("US", "011 86 138 0013 8000", "+8613800138000"),
        ("IT", "06 698 12345", "+390669812345"),
    ],
)
def test_a_national_number_is_read_in_its_region(region: str, raw: str, e164: str) -> None:
    assert read_number(raw, region).e164 == e164


@given(st.text(max_size=300) | st.text(alphabet=string.digits + "+- ()x#;:@<>sipte", max_size=40))
def test_nothing_can_make_it_fail(raw: str) -> None:
    reading = read_number(raw, "CN")
    full = reading.confidence in (Confidence.UNLISTED, Confidence.SWITCHBOARD)
    assert (reading.e164 is not None) == full
    masked(raw)


def test_what_was_read_reads_the_same_anywhere() -> None:
    for _, e164 in FULL + WITH_EXTENSION:
        assert read_number(e164, "DE").e164 == e164


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613812341234", "+86138****1234"),
        ("138-1234-1234", "1381****234"),
        ("+6591234567", "+659****567"),
        ("95588", "9****"),
        ("1001", "****"),
        ("", "****"),
        (None, "****"),
        ("anonymous", "****"),
        ("1" * 10_000, "111111****1111"),
    ],
)
def test_a_log_shows_only_a_part(number: str | None, shown: str) -> None:
    assert masked(number) == shown


def test_a_number_is_remembered_but_not_a_long_text() -> None:
    numbers._read.cache_clear()
    for raw in ("13800138000", "13800138000", "1" * 10_000, "x" * 257):
        read_number(raw, "CN")
    assert numbers._read.cache_info()[:2] == (1, 1)  # Hits, misses.
    assert read_number("13800138000", "DE") != read_number("13800138000", "CN")


@pytest.mark.parametrize(
    ("raw", "digits", "kind"),
    [
        ("010 6555 1234", "+861065551234", NumberKind.SUBSCRIBER),
        ("+44 20 7946 0000", "+442079460000", NumberKind.SUBSCRIBER),
        ("１３８００１３８０００", "+8613800138000", NumberKind.SUBSCRIBER),
        ("110", "110", NumberKind.SHORT),
        ("95588", "95588", NumberKind.SHORT),
        ("+44 909 8790123", "+449098790123", NumberKind.PREMIUM),
        ("+881 6 3141 5926", "+881631415926", NumberKind.SATELLITE),
        ("+870 773 111 632", "+870773111632", NumberKind.SATELLITE),
        ("+979 123 456 789", "+979123456789", NumberKind.PREMIUM),
    ],
)
def test_a_number_that_somebody_wants_to_call(raw: str, digits: str, kind: NumberKind) -> None:
    assert read_dialled(raw, "CN") == Number(digits=digits, kind=kind)


@pytest.mark.parametrize(
    "raw", ["", "wang", "*72", "110@x", "0", "+86", "010 6555 1234 ext 9", "1" * 30, "110,1"]
)
def test_what_cannot_be_called(raw: str) -> None:
    assert read_dialled(raw, "CN") is None


@given(st.text(max_size=40))
def test_whatever_is_written_only_digits_are_dialled(raw: str) -> None:
    number = read_dialled(raw, "CN")
    assert number is None or re.fullmatch(r"\+?[0-9]{1,20}", number.digits)
