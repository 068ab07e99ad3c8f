"""This machine's part: files, folders, the database, Redis, the API's port and certificate; writes nothing."""

import asyncio
import os
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from acd.adapters.database import migrations
from acd.adapters.database.connection import Database, DatabaseError
from acd.centre.file import Centre
from acd.doctor.finding import Finding, bad, doubtful, good
from acd.settings import Settings
from acd.tls import Certificate, CertificateError
from cordboard_client import ApiError, Client

_LEAST_FREE = 1 << 30
_CERTIFICATE_DAYS = 14
_WITHIN_S = 3.0


async def look_here(settings: Settings) -> AsyncIterator[Finding]:
    """All that is not Asterisk's."""
    yield await _database(settings)
    yield _folder("journal", settings.journal, "CORDBOARD_JOURNAL")
    if settings.recordings is not None:
        yield _recordings(settings.recordings)
    if settings.redis is not None:
        yield await _redis(settings.redis)
    if settings.api_certificate is not None and settings.api_private_key is not None:
        yield _certificate(settings.api_certificate, settings.api_private_key)
    yield await asyncio.to_thread(_api, settings)


def look_at_centre(centre: Centre) -> Iterator[Finding]:
    """What a centre file may say, and nobody will have meant."""
    roles = {user.role for user in centre.users.values()}
    if "admin" not in roles:
        yield doubtful(
            "users",
            "nobody is an admin",
            "Give one user `role: admin`: the others cannot reload, stop calling out, or make keys.",
        )
    served = {queue for one in centre.configuration.agents.values() for queue in one.queues}
    empty = [queue for queue in centre.configuration.queues if queue not in served]
    if empty:
        yield doubtful(
            "queues",
            f"no agent serves {', '.join(empty)}",
            "Name them in `queues` of an agent, unless a supervisor is to do so.",
        )


async def _database(settings: Settings) -> Finding:
    database = Database(settings.database)
    try:
        if (file := _file_of(database)) is not None and not file.exists():  # Nobody waits.
            return _new_file(database.where, file.parent)
        found, newest = await database.read(migrations.versions)
    except DatabaseError as error:
        return bad("database", str(error), "")
    finally:
        await database.close()
    if found == newest:
        return good("database", f"{database.where}, tables of version {found}")
    if found is None or found in migrations.known():
        had = f"of version {found}" if found else "not there yet"
        return good("database", f"{database.where}, tables {had}: the next start makes {newest}")
    return bad(
        "database",
        f"{database.where} has tables of version {found}, of a newer Cordboard",
        "Upgrade Cordboard, or give it another database.",
    )


def _file_of(database: Database) -> Path | None:
    name = database.url.database
    return Path(name).absolute() if database.dialect == "sqlite" and name else None


def _new_file(where: str, folder: Path) -> Finding:
    if folder.is_dir() and os.access(folder, os.W_OK):
        return good("database", f"{where}: made by the first start")
    return bad(
        "database",
        f"{where} cannot be made: no folder {folder} in which this user may write",
        "Make the folder, or correct CORDBOARD_DATABASE.",
    )


def _folder(part: str, folder: Path, setting: str) -> Finding:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return bad(
            part,
            f"this user may not write in {there}",
            f"Let the user who runs Cordboard write there, or correct {setting}.",
        )
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        return doubtful(
            part,
            f"others may look into {folder}, and it holds personal data",
            f"chmod 700 {folder}",
        )
    free = shutil.disk_usage(there).free
    if free < _LEAST_FREE:
        return doubtful(
            part,
            f"{free >> 20} MB are free for {folder.absolute()}",
            "Make room: a busy day's journal is some hundred megabytes.",
        )
    return good(part, f"{folder.absolute()}, {free >> 30} GB free")


def _recordings(folder: Path) -> Finding:
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        return bad(
            "recordings",
            f"{folder} is no folder that this user may read",
            "Correct CORDBOARD_RECORDINGS, or leave it away: recordings are asked of Asterisk then.",
        )
    if not os.access(folder, os.W_OK):
        return doubtful(
            "recordings",
            f"this user may not delete in {folder}",
            "Let him: what is older than keep_recordings_days stays otherwise.",
        )
    return good("recordings", str(folder))


async def _redis(url: str) -> Finding:
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        client = Redis.from_url(url, socket_timeout=_WITHIN_S)
    except ValueError:
        return bad("redis", "CORDBOARD_REDIS is no address", "Write redis://host:6379/0.")
    try:
        async with asyncio.timeout(_WITHIN_S):
            said = await client.info("server")
    except (RedisError, OSError, TimeoutError) as error:
        return doubtful(
            "redis",
            f"it does not answer: {type(error).__name__}",
            "Start it, or correct CORDBOARD_REDIS: calls are routed without it, other API processes hear nothing.",
        )
    finally:
        await client.aclose()
    return good("redis", f"version {said.get('redis_version', 'unknown')}")


def _certificate(chain: Path, key: Path) -> Finding:
    from cryptography import x509

    try:
        Certificate(chain, key)
    except CertificateError as error:
        return bad("certificate", str(error), "")
    ends = x509.load_pem_x509_certificates(chain.read_bytes())[0].not_valid_after_utc
    days = (ends - datetime.now(UTC)).days
    said = f"{chain} is good until {ends:%Y-%m-%d}"
    if days < 0:
        return bad("certificate", f"{chain} was good until {ends:%Y-%m-%d}", "Renew it.")
    if days < _CERTIFICATE_DAYS:
        return doubtful("certificate", said, "Renew it, then `kill -HUP` the server.")
    return good("certificate", said)


def _api(settings: Settings) -> Finding:
    everywhere = settings.api_host in ("0.0.0.0", "::")  # noqa: S104 # Asked there, not opened.
    host = "localhost" if everywhere else settings.api_host
    url = f"{'http' if settings.api_certificate is None else 'https'}://{host}:{settings.api_port}"
    try:
        socket.create_connection((host, settings.api_port), timeout=_WITHIN_S).close()
    except OSError:
        return good("server", f"none runs at {url}: `cordboard serve` starts it")
    whoever = ssl.create_default_context()
    whoever.check_hostname = False  # It has a name of its own, which is not `localhost`.
    whoever.verify_mode = ssl.CERT_NONE
    try:
        with Client(url, timeout_s=_WITHIN_S, tls=whoever) as client:
            ready = client.ready()
    except ApiError as error:
        return bad("server", str(error), "See what is there, or set CORDBOARD_API_PORT.")
    if not ready["ready"]:
        missing = ", ".join(ready["missing"]) or "any Asterisk"
        return doubtful("server", f"runs at {url}, and does not hear {missing}", "See below.")
    if ready["faults"] or ready["database"] != "written":
        return doubtful(
            "server", f"routes at {url}, and not all is well", "Ask `cordboard status`."
        )
    return good("server", f"routes at {url}")
