"""What is wrong with a request, in words: where, and what would be right; never what was sent, it may be a password."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

_LONGEST = 500
NO_JSON = "The body is not understood: send JSON, in UTF-8."
_SENT_AS_JSON = "The body is not said to be JSON: send it with Content-Type: application/json."
# Where no field is wrong, but all of it.
_BODY = {
    "missing": "The body is missing: send JSON.",
    "model_attributes_type": "The body is no JSON object: send {…}.",
}
_FIELD = {
    "missing": "is missing",
    "extra_forbidden": "is not expected here",
}

Found = Mapping[str, Any]  # One of pydantic's errors.


def explained(errors: Sequence[Found], body: Any) -> str:
    """All that was found wrong; `body` is what was sent, read, as far as it could be."""
    if isinstance(body, bytes):
        return _SENT_AS_JSON
    # What may be this or that is wrong in as many ways: told are those that are nearest to what was sent.
    ways = [list(found) for _, found in groupby(errors, lambda one: _way(one, body))]
    fewest = min((len(way) for way in ways if _way(way[0], body)), default=0)
    common = [_told(one, body) for way in ways if not _way(way[0], body) for one in way]
    nearest = [
        "; ".join(_told(one, body) for one in way)
        for way in ways
        if _way(way[0], body) and len(way) == fewest
    ]
    return "; ".join([*common, *([", or ".join(nearest)] if nearest else [])])[:_LONGEST]


def _way(error: Found, body: Any) -> str:
    """Which of several shapes the body was held against; empty, if there is only one."""
    kind, *rest = error["loc"]
    shape = rest[0] if kind == "body" and rest else ""
    is_field = isinstance(body, dict) and shape in body
    return shape if isinstance(shape, str) and shape[:1].isupper() and not is_field else ""


def _told(error: Found, body: Any) -> str:
    kind, *path = error["loc"]
    if error["type"] == "json_invalid":
        return f"The body is no JSON: {error['ctx']['error']}, at character {path[0] + 1}."
    place = ".".join(_fields(path, error, body) if kind == "body" else map(str, path))
    if error["type"] == "union_tag_not_found":
        return f"{_below(place, error)}: is missing"
    if error["type"] == "union_tag_invalid":
        return f"{_below(place, error)}: must be one of {error['ctx']['expected_tags']}"
    if not place:
        return _BODY.get(error["type"], f"The body: {error['msg']}")
    return f"{place}: {_FIELD.get(error['type'], error['msg'])}"


def _below(place: str, error: Found) -> str:
    """The field by which it is told what the others are."""
    field = error["ctx"]["discriminator"].strip("'")
    return f"{place}.{field}" if place else field


def _fields(path: Sequence[Any], error: Found, body: Any) -> list[str]:
    """The path as it is in what was sent: pydantic also names shapes there, of which the sender knows nothing."""
    fields, at = [], body
    for number, part in enumerate(path):
        last = number == len(path) - 1
        if _has(at, part):
            at = at[part]
        elif not (last and error["type"] == "missing"):
            continue
        fields.append(str(part))
    return fields


def _has(at: Any, part: Any) -> bool:
    return (isinstance(at, dict) and part in at) or (
        isinstance(at, list) and isinstance(part, int) and part < len(at)
    )
