"""Finds or builds the Asterisk and the SIPp that a lab runs; must never change an installed Asterisk.

Most distributions carry no Asterisk, or an old one. So one is unpacked into a folder of its own,
next to the system and not into it; deleting that folder is all there is to uninstalling it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from acd.adapters.asterisk.lab_process import GuardedProcess

OLDEST = 20
DEFAULT_ROOT = Path("/var/cache/cordboard/asterisk")
_SUITE = "forky"  # the first Debian release that carries Asterisk 22 LTS
_PACKAGES = ("asterisk", "asterisk-core-sounds-en-gsm", "asterisk-moh-opsound-gsm")
_BYTES_NEEDED = 1_500_000_000
_SBIN = ":/usr/local/sbin:/usr/sbin:/sbin"

# What shows the demo to those who have Docker and nothing else.
IN_DOCKER = "docker build -t cordboard-demo -f asterisk_conf/lab/Dockerfile . && docker run --rm -it cordboard-demo"

Progress = Callable[[str], None]


class LabError(Exception):
    """What went wrong, where, and what to do about it, in words for the person at the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An Asterisk that can be run: the program as seen from its root folder, and its version."""

    root: Path
    asterisk: str
    version: str

    @property
    def installed(self) -> bool:
        """Whether it is the system's own, not one in a folder."""
        return self.root == Path("/")


def lab_root() -> Path:
    return Path(os.environ.get("CORDBOARD_LAB_ROOT") or DEFAULT_ROOT)


def find_parts() -> Parts:
    """The Asterisk that is here already: the installed one if it is new enough, else the built one."""
    installed = which("asterisk")
    too_old = ""
    if installed is not None:
        version = _version(Path("/"), installed)
        if _major(version) >= OLDEST:
            return Parts(root=Path("/"), asterisk=installed, version=version)
        too_old = f" {installed} is {version}; Cordboard needs Asterisk {OLDEST} or newer."
    root = lab_root()
    if (root / "usr/sbin/asterisk").exists():
        if os.geteuid() != 0:
            raise LabError(
                f"The lab's Asterisk in {root} runs in a root folder of its own, "
                "which only root may enter: run with sudo."
            )
        version = _version(root, "/usr/sbin/asterisk")
        if _major(version) < OLDEST:
            raise LabError(
                f"{root} holds {version}; Cordboard needs Asterisk {OLDEST} or newer. "
                "Delete the folder, and it is built anew."
            )
        return Parts(root=root, asterisk="/usr/sbin/asterisk", version=version)
    raise LabError(f"There is no Asterisk here yet.{too_old} `cordboard lab up` builds one.")


def ensure_parts(progress: Progress = lambda line: None) -> Parts:
    """SIPp and an Asterisk, fetched and built if they are missing; the first time takes a minute."""
    if which("sipp") is None:
        apt_install(["sip-tester"], progress)
    try:
        return find_parts()
    except LabError as nothing_yet:
        if lab_root().joinpath("usr/sbin/asterisk").exists():
            raise
        _refuse_unless_buildable(str(nothing_yet))
    _build(lab_root(), progress)
    return find_parts()


def which(program: str) -> str | None:
    """Like shutil.which, but sees the sbin folders too, which an ordinary user's PATH leaves out."""
    return shutil.which(program, path=os.environ.get("PATH", "") + _SBIN)


def apt_install(packages: Sequence[str], progress: Progress) -> None:
    """Install these from the system's own sources, which are refreshed if that is needed."""
    _refuse_unless_buildable(f"{' and '.join(packages)} is missing.")
    progress(f"Installing {' and '.join(packages)}")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    if _run(install).returncode == 0:
        return
    _run(["apt-get", "update", "-q"])  # the lists may be stale, or not there at all
    done = _run(install)
    if done.returncode != 0:
        tail = "\n  ".join(done.stdout.strip().splitlines()[-5:])
        raise LabError(f"apt-get could not install {' and '.join(packages)}:\n  {tail}")


def debian_mirror(etc: Path = Path("/etc"), environment: str = "CORDBOARD_DEBIAN_MIRROR") -> str:
    """The mirror that this host already trusts for Debian, from whichever form its sources have."""
    if named := os.environ.get(environment):
        return named
    for uri in _apt_uris(etc):
        parts = urlsplit(uri)
        # Security and third-party archives lie in other folders; a Debian mirror's is named debian.
        if parts.scheme in {"http", "https", "file"} and parts.path.rstrip("/").endswith("/debian"):
            return uri
    raise LabError(
        f"The apt sources under {etc / 'apt'} name no Debian mirror, and the lab's Asterisk is a Debian "
        f"package. Set {environment} to the address of one, ending in /debian, and try again."
    )


def _apt_uris(etc: Path) -> Iterator[str]:
    folder = etc / "apt"
    for source in sorted(folder.glob("sources.list.d/*.sources")):
        text = re.sub(r"^#.*\n?", "", source.read_text(), flags=re.MULTILINE)
        for stanza in re.split(r"\n\s*\n", text):
            if re.search(r"^Enabled:\s*no", stanza, re.MULTILINE | re.IGNORECASE):
                continue
            # A field goes on over lines that begin with a blank.
            if field := re.search(r"^URIs:((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE):
                yield from field[1].split()
    for source in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        if source.exists():
            yield from re.findall(
                r"^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)", source.read_text(), re.MULTILINE
            )


def _refuse_unless_buildable(why: str) -> None:
    if os.geteuid() != 0:
        raise LabError(
            f"{why} Building needs root: run with sudo, install Asterisk {OLDEST} or newer and SIPp yourself, "
            f"or see the demo in Docker: {IN_DOCKER}"
        )
    if which("apt-get") is None:
        raise LabError(
            f"{why} Building is for Debian and Ubuntu, and this system has no apt-get: install "
            f"Asterisk {OLDEST} or newer and SIPp with your package manager, "
            f"or see the demo in Docker: {IN_DOCKER}"
        )


def refuse_without_namespaces() -> None:
    """Raises LabError where root may not do what root does: in most containers."""
    tried = _run(["unshare", "--mount", "--pid", "--fork", "true"])
    if tried.returncode != 0:
        raise LabError(
            "The lab runs in namespaces of its own, and here root may make none "
            f"({tried.stdout.strip()[-100:]}). In a container, give it CAP_SYS_ADMIN, or run as another "
            f"user with Asterisk {OLDEST} or newer and SIPp installed, as this image does: {IN_DOCKER}"
        )


def _build(root: Path, progress: Progress) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    with _only_one_builder(root, progress):
        if root.exists():
            return  # another process built it while we waited for the lock
        for left_over in root.parent.glob(f"{root.name}.building-*"):
            # Its mounts went with its namespace, so nothing of the host hangs below it.
            shutil.rmtree(left_over)
        free = shutil.disk_usage(root.parent).free
        if free < _BYTES_NEEDED:
            raise LabError(
                f"{root.parent} has {free / 1e9:.1f} GB free and building Asterisk takes "
                f"{_BYTES_NEEDED / 1e9:.1f} GB: make room, or set CORDBOARD_LAB_ROOT to another disk."
            )
        refuse_without_namespaces()
        mirror = debian_mirror()
        missing = [name for name in ("debootstrap",) if which(name) is None]
        if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists():
            missing.append("debian-archive-keyring")
        if missing:
            apt_install(missing, progress)
        folder = Path(tempfile.mkdtemp(prefix=f"{root.name}.building-", dir=root.parent))
        try:
            folder.chmod(0o755)
            _debootstrap(folder, mirror, progress)
            version = _version(folder, "/usr/sbin/asterisk")
            folder.rename(root)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        progress(f"Asterisk: ready, {version} in {root}")


def _debootstrap(folder: Path, mirror: str, progress: Progress) -> None:
    progress(f"Asterisk: fetching from {urlsplit(mirror).hostname or mirror} (about a minute)")
    # In namespaces of its own: the /proc that debootstrap mounts cannot stay behind on the host,
    # and if this process dies, the kernel ends all of it.
    argv = [
        *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
        *("debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}"),
        "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg",
        # An older debootstrap does not know the suite's name; all new suites follow sid's script.
        *(_SUITE, str(folder), mirror, "/usr/share/debootstrap/scripts/sid"),
    ]
    log: list[str] = []
    count = {"Retrieving": 0, "Unpacking": 0, "Configuring": 0}
    said_at = 0.0
    build = GuardedProcess(argv, output=None, env=_environment())
    try:
        for line in build.lines():
            log.append(line)
            words = line.split()
            if len(words) > 1 and words[1] in count:
                count[words[1]] += 1
                if time.monotonic() - said_at >= 1:
                    said_at = time.monotonic()
                    progress(_readable(words[1], count))
        failed = build.wait(60) != 0
    finally:
        build.stop()
    if failed:
        tail = "\n  ".join(line for line in log[-8:] if line)
        raise LabError(
            f"debootstrap could not build Asterisk from {mirror}:\n  {tail}\n"
            "If the mirror cannot be reached, set CORDBOARD_DEBIAN_MIRROR to another one."
        )


def _readable(step: str, count: dict[str, int]) -> str:
    if step == "Retrieving":
        return f"Asterisk: fetching package {count[step]}"
    # The base system is unpacked twice over, so the counter may pass the number of packages.
    packages = max(count["Retrieving"], count[step])
    verb = {"Unpacking": "unpacking", "Configuring": "setting up"}[step]
    return f"Asterisk: {verb} {count[step]} of {packages} packages"


@contextmanager
def _only_one_builder(root: Path, progress: Progress) -> Iterator[None]:
    with root.with_name(f"{root.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Asterisk: another process is building it, waiting for that")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _version(root: Path, asterisk: str) -> str:
    argv = [asterisk, "-V"] if root == Path("/") else ["chroot", str(root), asterisk, "-V"]
    done = _run(argv)
    if done.returncode != 0:
        raise LabError(
            f"{asterisk} in {root} does not start: {done.stdout.strip()[-200:] or 'no output'}"
        )
    return done.stdout.strip()


def _major(version: str) -> int:
    """22 from "Asterisk 22.10.1+dfsg-1"; a build from git calls itself "GIT-22-abc"."""
    found = re.search(r"(?:Asterisk |GIT-)(?:certified[/-])?(\d+)", version)
    return int(found[1]) if found else 0


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed arguments
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(),
        text=True,
        errors="replace",
        check=False,
        timeout=600,
    )


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PATH": os.environ.get("PATH", "") + _SBIN,
        "LC_ALL": "C",
        "DEBIAN_FRONTEND": "noninteractive",
    }
