"""The three that are compared, each started on a running lab; must never give one what it keeps from another."""

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.lab_process import GuardedProcess
from bench import floor
from bench.api import Api, ApiError, Listeners
from bench.waiting import until
from cti_api.users import hash_password

_QUEUE = "bench"
API_PORT = 8080
# Who listens while calls are routed: one in ten sees everything, the others what agents see.
_LISTENERS = 100
_AGENTS_LISTENING = 9


class SubjectError(Exception):
    """One of the three did not start or did not last; the text says where its last words are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What callers dial, and the process whose cost is counted, if it is not Asterisk itself."""

    extension: str
    pid: int | None = None
    listeners: Listeners | None = None
    api: Api | None = None  # A supervisor's.


@contextmanager
def app_queue(lab: Lab) -> Iterator[Running]:
    """Asterisk's own queue at its best: the shortest pause between two tries, and no rest for agents."""
    members = "".join(f"member => PJSIP/{agent}\n" for agent in lab.agents)
    with (lab.folder / "etc/queues.conf").open("a") as file:
        file.write(
            f"\n[{_QUEUE}]\nstrategy=rrmemory\nautofill=yes\ntimeout=60\nretry=1\nwrapuptime=0\n"
            f"ringinuse=no\njoinempty=yes\nleavewhenempty=no\n{members}"
        )
    lab.cli("queue reload all")
    try:
        yield Running(extension=_extension(lab, "7001", f"Queue({_QUEUE})"))
    finally:
        # With a thousand members it would go on to follow every phone while the others are measured.
        text = (lab.folder / "etc/queues.conf").read_text().partition(f"\n[{_QUEUE}]")[0]
        (lab.folder / "etc/queues.conf").write_text(text)
        lab.cli("queue reload all")


@contextmanager
def bare_ari(lab: Lab) -> Iterator[Running]:
    """The floor."""
    argv = [sys.executable, "-m", "bench.floor", lab.ari_url, lab.ari_user, *lab.agents]
    with _process(argv, {floor.PASSWORD: lab.ari_password}, lab.folder / "floor.log") as process:
        until(lambda: lab.ari("GET", f"/applications/{floor.APPLICATION}")[0] == 200)
        extension = _extension(lab, "7002", f"Stasis({floor.APPLICATION})")
        yield Running(extension=extension, pid=process.pid)


@contextmanager
def cordboard(
    lab: Lab,
    *,
    database: str | None = None,
    listening: int = _AGENTS_LISTENING,
    sockets: int = _LISTENERS,
) -> Iterator[Running]:
    """The whole server with everything on: ledger, journal, look-up, AMI, and 100 sockets that listen.

    They are shared out, in this order, among a supervisor and so many of the agents. `database`: the URL of one that
    is there already.
    """
    with tempfile.TemporaryDirectory(prefix="cordboard-bench-") as name:
        folder, password = Path(name), secrets.token_hex(16)
        (folder / "centre.yaml").write_text(_centre(lab.agents, password, listening))
        settings = {
            "centre": str(folder / "centre.yaml"),
            "database": database or f"sqlite:///{folder / 'cordboard.db'}",
            "journal": str(folder / "journal"),
            "ari_url": lab.ari_url,
            "ari_user": lab.ari_user,
            "ari_password": lab.ari_password,
            "ami_host": lab.ami_host,
            "ami_port": str(lab.ami_port),
            "ami_user": lab.ami_user,
            "ami_secret": lab.ami_secret,
            "api_host": lab.ari_host,
            "api_port": str(API_PORT),
        }
        environment = {f"CORDBOARD_{name.upper()}": value for name, value in settings.items()}
        with (
            _fallback_emptied(lab),
            _process([sys.executable, "-m", "acd"], environment, folder / "log") as process,
        ):
            api = Api(lab.ari_host, API_PORT)
            until(lambda: api.is_ready() or not process.running)
            tokens = [api.log_in(user, password) for user in _users(lab.agents, listening)]
            api.log_in("boss", password)
            api.make_ready(lab.agents)
            # Each of them joins app_queue's copy of the queue, too: work of the morning, not of calls.
            until(
                lambda: lab.cli("queue show support").count("PJSIP/") == len(lab.agents),
                within_s=60 + len(lab.agents) / 25,
                every_s=0.5,
            )
            with Listeners(api.address, tokens, sockets) as listeners:
                yield Running(extension="4001", pid=process.pid, listeners=listeners, api=api)


def log_as_in_production(lab: Lab) -> None:
    """The lab writes down every step of the dialplan, which costs more than to route a call."""
    (lab.folder / "etc/logger.conf").write_text("[logfiles]\nmessages => warning,error\n")
    lab.cli("logger reload")


@contextmanager
def _fallback_emptied(lab: Lab) -> Iterator[None]:
    """Cordboard leaves its agents in app_queue for the callers' sake; the others must not pay for that."""
    try:
        yield
    finally:
        for agent in lab.agents:
            lab.cli(f"queue remove member PJSIP/{agent} from support")


def _centre(agents: Sequence[str], password: str, listening: int) -> str:
    """The centre file: one queue whose agents rest as little as app_queue's."""
    hashed = hash_password(password)
    queue = {"name": "Support", "ring_timeout_s": 15, "wrap_up_s": 0, "no_answer": "retry"}
    return json.dumps(
        {
            # Nobody calls sales, but our menus speak of it.
            "queues": {"support": queue, "sales": {"name": "Sales"}},
            "agents": {
                name: {"name": name, "phone": f"PJSIP/{name}", "queues": ["support"]}
                for name in agents
            },
            "users": {
                "boss": {"role": "supervisor", "password_hash": hashed},
                **{
                    name: {"role": "agent", "agent": name, "password_hash": hashed}
                    for name in _users(agents, listening)[1:]
                },
            },
        },
        indent=1,
    )


def _users(agents: Sequence[str], listening: int) -> list[str]:
    return ["boss", *agents[:listening]]


def _extension(lab: Lab, number: str, application: str) -> str:
    lab.cli(f"dialplan add extension {number},1,{application} into from-trunk replace")
    return number


@contextmanager
def _process(argv: Sequence[str], settings: dict[str, str], log: Path) -> Iterator[GuardedProcess]:
    process = GuardedProcess(argv, output=log, env={**os.environ, **settings})
    try:
        yield process
    except (OSError, TimeoutError, ApiError) as error:
        raise SubjectError(f"{error}\n{_last_words(log)}") from error
    else:
        if not process.running:
            raise SubjectError(f"it ended with {process.exit_code}\n{_last_words(log)}")
    finally:
        process.stop(grace_s=5)


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
