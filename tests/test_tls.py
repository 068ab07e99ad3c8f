"""The API over TLS, as it is really served; and certificates that are none."""

import asyncio
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from acd.serving import Door, serve_until
from acd.tls import Certificate, CertificateError
from cordboard_client import AsyncClient, Client, UnreachableError
from tests.cti_api.desk import PASSWORD, Desk

pytestmark = pytest.mark.slow

CA = trustme.CA()


def issue(folder: Path, name: str = "api", ca: trustme.CA = CA) -> tuple[Path, Path]:
    chain, key = folder / f"{name}.crt", folder / f"{name}.key"
    issued = ca.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(key)
    chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    return chain, key


def trusting(ca: trustme.CA = CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


@asynccontextmanager
async def served(desk: Desk, certificate: Certificate) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Where it is served, and an event that is set by each reload."""
    end, reloaded = asyncio.Event(), asyncio.Event()
    at: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def reload() -> None:
        reloaded.set()

    door = Door(socket.create_server(("127.0.0.1", 0)), certificate)
    serving = asyncio.create_task(
        serve_until(desk.app, door, end.wait(), ready=at.set_result, reload=reload)
    )
    try:
        yield await at, reloaded
    finally:
        end.set()
        await serving
        door.close()
        desk.switchboard.stop()


async def test_requests_and_sockets_are_served_over_tls_and_over_nothing_else(tmp_path: Path):
    async with served(Desk(), Certificate(*issue(tmp_path))) as (url, _):
        assert url.startswith("https://127.0.0.1:")
        async with AsyncClient(url, tls=trusting()) as client:
            await client.log_in("sue", PASSWORD)
            first = await anext(client.events())
            assert first["type"] == "snapshot"
        async with httpx2.AsyncClient(verify=trusting()) as client:
            answer = await client.get(f"{url}/health")
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            with pytest.raises(httpx2.HTTPError):
                await client.get(f"{url.replace('https', 'http')}/health")
        async with AsyncClient(
            url
        ) as stranger:  # Who does not know who has signed it is told what to do.
            with pytest.raises(UnreachableError, match=r"tls=ssl\.create_default_context"):
                await stranger.log_in("sue", PASSWORD)
            with pytest.raises(UnreachableError, match=r"tls=ssl\.create_default_context"):
                await anext(stranger.events())


async def test_a_client_trusts_whom_everybody_does_for_requests_and_for_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def listen(url: str) -> str:
        with Client(url) as client:
            client.log_in("sue", PASSWORD)
            return next(iter(client.events()))["type"]

    chain, key = issue(tmp_path)
    CA.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with served(Desk(), Certificate(chain, key)) as (url, _):
        async with AsyncClient(url) as client:
            await client.log_in("sue", PASSWORD)
            assert (await anext(client.events()))["type"] == "snapshot"
        assert await asyncio.to_thread(listen, url) == "snapshot"


def test_what_is_older_than_tls_1_2_is_not_spoken(tmp_path: Path):
    assert Certificate(*issue(tmp_path)).context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_a_certificate_is_renewed_without_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    other = trustme.CA()
    certificate = Certificate(*issue(tmp_path))
    async with served(Desk(), certificate) as (url, reloaded):

        async def hang_up() -> None:
            reloaded.clear()
            os.kill(os.getpid(), signal.SIGHUP)
            await reloaded.wait()

        async def heard(ca: trustme.CA) -> int:
            async with httpx2.AsyncClient(verify=trusting(ca)) as client:
                return (await client.get(f"{url}/health")).status_code

        assert await heard(CA) == 200
        issue(tmp_path, ca=other)
        await hang_up()
        assert await heard(other) == 200
        with pytest.raises(httpx2.HTTPError):
            await heard(CA)
        (tmp_path / "api.key").write_text("half a ke")
        await hang_up()
        assert await heard(other) == 200
    assert "goes on with the certificate that it has" in caplog.text


def test_what_makes_no_certificate_is_explained(tmp_path: Path):
    chain, key = issue(tmp_path)
    other_chain, other_key = issue(tmp_path, "other")
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        load_pem_private_key(key.read_bytes(), None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        )
    )
    for files, words in (
        ((chain, tmp_path / "none"), "none cannot be read: No such file"),
        ((chain, other_key), "the key is another certificate's"),
        ((chain, locked), "has a pass phrase"),
        ((key, chain), "they are not PEM"),
        ((other_chain, Path("/dev/null")), "they are not PEM"),
    ):
        with pytest.raises(CertificateError, match=words):
            Certificate(*files)
