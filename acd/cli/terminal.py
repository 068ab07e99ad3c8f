"""What the words of the `cordboard` command share: to say, to show, to fail, to ask the API; does no word's work."""

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console, RenderableType

if TYPE_CHECKING:
    from cordboard_client import Client

Answer = TypeVar("Answer")

Url = Annotated[str, typer.Option("--url", envvar="CORDBOARD_API")]
User = Annotated[str | None, typer.Option(envvar="CORDBOARD_USER", help="A supervisor.")]
Password = Annotated[str | None, typer.Option(envvar="CORDBOARD_PASSWORD")]
_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,64}")  # As the API takes them.


def _line(text: str) -> str:
    if not _LINE.fullmatch(text):
        raise typer.BadParameter("it takes 1 to 64 characters on one line")
    return text


_WHY = typer.Option(
    "--reason",
    parser=_line,
    metavar="<str>",
    help="Why; it is kept, with who did it: without anybody's name.",
)
Why = Annotated[str, _WHY]
WhyIfAny = Annotated[str | None, _WHY]
HERE = "http://127.0.0.1:8080"

# Where nobody watches (a file, a CI log) there is no width to keep to.
console = Console(width=None if sys.stdout.isatty() else 150)
errors = Console(stderr=True)


def say(text: str) -> None:
    """Print a line as it is."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def whoever() -> str:
    """Who sits at this terminal, as the audit calls him: no user of the API can be called so."""
    try:
        name = os.getlogin()  # Also of one who has become another by sudo.
    except OSError:
        name = _owner_of_this_process()
    return f"terminal:{name}"


def _owner_of_this_process() -> str:
    import pwd  # There is none on Windows, where a supervisor may well sit.

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def print_table(what: RenderableType) -> None:
    """Print a table; as wide as it is, where nobody watches."""
    Console(width=None if sys.stdout.isatty() else 400).print(what, highlight=False)


def fail(message: object, code: int = 1) -> typer.Exit:
    """End with a sentence, in red."""
    errors.print(str(message), style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(code)


def ask(
    url: str, user: str | None, password: str | None, question: "Callable[[Client], Answer]"
) -> Answer:
    """The API's answer, or its own words and exit code 1."""
    from cordboard_client import ApiError, Client

    try:
        with Client(url) as api:
            name = user or typer.prompt("User")
            api.log_in(name, password or typer.prompt("Password", hide_input=True))
            return question(api)
    except ApiError as error:
        raise fail(error) from error
