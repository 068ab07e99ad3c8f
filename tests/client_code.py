"""Writes those parts of `cordboard_client` that say the API once more: its shapes and its operations."""

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cti_api.asyncapi import events_of_frames, schemas_of_frames
from cti_api.refusals import REFUSALS
from tests.cti_api.api import described

PACKAGE = Path(__file__).parent.parent / "cordboard_client"
_MADE = "Made by `make client` from the API's own description; not to be edited."
# These are the WebSocket's and the event stream's: `events` is written by hand.
_BY_HAND = ("events_need_a_socket", "stream_events")
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
Schema = Mapping[str, Any]


def files() -> dict[Path, str]:
    """Every file that is made, with what should be in it."""
    api = described()
    return {
        PACKAGE / "shapes.py": _formatted(_shapes(api)),
        PACKAGE / "operations.py": _formatted(_operations(api)),
    }


# Shapes.


def _shapes(api: Schema) -> str:
    schemas = dict(sorted({**api["components"]["schemas"], **schemas_of_frames()}.items()))
    reasons = ", ".join(json.dumps(reason.value) for reason in REFUSALS)
    events = " | ".join(shape.__name__ for shape in events_of_frames())
    return "\n\n".join(
        [
            f'"""Everything that goes over the wire, typed. {_MADE}"""',
            "from __future__ import annotations",
            "from typing import Any, Literal, NotRequired, TypeAlias, TypedDict",
            f"Reason: TypeAlias = Literal[{reasons}]",
            *(_shape(_name(name), schema) for name, schema in schemas.items()),
            f"Event: TypeAlias = {events}",
            "Frame: TypeAlias = Snapshot | Resumed | Pong | Event",
        ]
    )


def _shape(name: str, schema: Schema) -> str:
    if "properties" not in schema:
        return f'{name}: TypeAlias = "{_type(schema)}"'
    required = schema.get("required", [])
    lines = [f"class {name}(TypedDict):", f"    {_docstring(schema.get('description', ''), 4)}", ""]
    for key, value in schema["properties"].items():
        kind = _type(value)
        if said := value.get("description"):
            lines += [f"    # {line}" for line in textwrap.wrap(said, 90)]
        lines.append(f"    {key}: {kind if key in required else f'NotRequired[{kind}]'}")
    return "\n".join(lines)


def _type(schema: Schema, prefix: str = "") -> str:
    """The annotation for a schema; `prefix` stands before names of shapes."""
    if "$ref" in schema:
        return prefix + _name(schema["$ref"].rpartition("/")[2])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(one, prefix) for one in schema[union]))
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"
    match schema.get("type"):
        case "array":
            return f"list[{_type(schema.get('items', {}), prefix)}]"
        case "object":
            values = schema.get("additionalProperties")
            return f"dict[str, {_type(values, prefix) if isinstance(values, Mapping) else 'Any'}]"
        case list(kinds):
            return " | ".join(_PLAIN[kind] for kind in kinds)
        case kind:
            return _PLAIN.get(kind, "Any")


def _name(schema: str) -> str:
    return re.sub(r"\W", "", schema.replace("-", ""))


# Operations.


def _operations(api: Schema) -> str:
    return "\n\n".join(
        [
            f'"""Every route as a method. {_MADE}"""',
            "from abc import ABC, abstractmethod",
            "from collections.abc import Collection, Mapping",
            "from typing import Any, Literal",
            "from cordboard_client import shapes",
            "from cordboard_client.messages import segment",
            _class("Operations", api, is_async=False),
            _class("AsyncOperations", api, is_async=True),
        ]
    )


def _class(name: str, api: Schema, *, is_async: bool) -> str:
    begin = "async def" if is_async else "def"
    ask = (
        f"    @abstractmethod\n    {begin} _ask(\n        self,\n        method: str,\n        path: str,\n        *,\n"
        "        query: Mapping[str, object] | None = None,\n"
        "        headers: Mapping[str, object] | None = None,\n"
        "        body: object = None,\n        takes: Collection[int] = (),\n    ) -> Any:\n"
        '        """How a request is sent, and its answer read."""'
    )
    methods = [_method(*route, is_async=is_async) for route in _routes(api)]
    said = "Every route, blocking." if not is_async else "Every route, to be awaited."
    return "\n\n".join([f'class {name}(ABC):\n    """{said}"""', ask, *methods])


def _routes(api: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in api["paths"].items():
        for method, route in methods.items():
            if route["operationId"] not in _BY_HAND:
                yield method.upper(), path, route


def _method(method: str, path: str, route: Schema, *, is_async: bool) -> str:
    # The clients make a key for each command by themselves.
    parameters = [one for one in route.get("parameters", []) if one["name"] != "Idempotency-Key"]
    in_path = [one["name"] for one in parameters if one["in"] == "path"]
    takes = [f"{name}: str" for name in in_path]
    passed = []
    if (body := route.get("requestBody")) is not None:
        content = body["content"].get("application/json", {"schema": {}})
        usual = "" if body.get("required", False) else " = None"
        takes.append(f"wanted: {_type(content['schema'], 'shapes.')}{usual}")
        passed.append("body=wanted")
    optional = []
    for place in ("query", "header"):
        told = [one for one in parameters if one["in"] == place]
        for one in told:
            kind = _type(one["schema"], "shapes.")
            none = "" if "None" in kind else " | None"
            needed = one.get("required", False)
            optional.append(f"{_argument(one)}: {kind}" + ("" if needed else f"{none} = None"))
        if told:
            given = ", ".join(f"{json.dumps(one['name'])}: {_argument(one)}" for one in told)
            passed.append(f"{'headers' if place == 'header' else place}={{{given}}}")
    if optional:
        takes += ["*", *optional]
    answers, also, reasons = _answers(route)
    if also:
        passed.append(f"takes=({', '.join(map(str, also))},)")
    address = re.sub(r"\{(\w+)(?::\w+)?\}", r"{segment(\1)}", path)
    literal = f'f"{address}"' if in_path else f'"{address}"'
    call = f"self._ask({', '.join([repr(method), literal, *passed])})"
    call = f"await {call}" if is_async else call
    said = f"Refused: {', '.join(reasons)}."
    refused = "\n\n" + textwrap.fill(said, 100, break_on_hyphens=False) if reasons else ""
    does = call if answers == "None" else f"answer: {answers} = {call}\n        return answer"
    return (
        f"    {'async ' * is_async}def {route['operationId']}({', '.join(['self', *takes])}) -> {answers}:\n"
        f"        {_docstring(route['description'] + refused, 8)}\n        {does}"
    )


def _argument(parameter: Schema) -> str:
    name = re.sub(r"\W", "_", parameter["name"].lower())
    return f"{name}_" if keyword.iskeyword(name) else name


def _answers(route: Schema) -> tuple[str, list[int], list[str]]:
    """The type of the answer, the statuses that look like a refusal and are an answer, the reasons for a no."""
    kinds, also, reasons = [], [], []
    for status, response in route["responses"].items():
        content = response.get("content", {})
        said = content.get("application/json", {})
        if "examples" in said and status >= "4":
            reasons += list(said["examples"])
            continue
        if status >= "4":
            also.append(int(status))
        if "application/json" in content:
            kinds.append(_type(said["schema"], "shapes."))
        else:
            kinds.append("bytes" if content else "None")
    return " | ".join(dict.fromkeys(kinds)), also, reasons


def _docstring(text: str, indent: int) -> str:
    lines = text.strip().replace("\\", "\\\\").splitlines() or ["?"]
    if len(lines) == 1:
        return f'"""{lines[0]}"""'
    rest = "\n".join(" " * indent + line if line else "" for line in lines[1:])
    return f'"""{lines[0]}\n{rest}\n{" " * indent}"""'


def _formatted(code: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    for command in (
        ["check", "--quiet", "--fix", "--select", "I,F401,UP", "--stdin-filename", "made.py", "-"],
        ["format", "--quiet", "-"],
    ):
        code = subprocess.run(
            [*ruff, *command], input=code, capture_output=True, text=True, check=True
        ).stdout
    return code


if __name__ == "__main__":
    for file, text in files().items():
        file.write_text(text)
