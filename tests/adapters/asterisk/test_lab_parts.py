"""Where the lab's Asterisk comes from: what the host's apt sources say, and what is new enough."""

import re
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab_addresses import run_folder
from acd.adapters.asterisk.lab_parts import (
    IN_DOCKER,
    LabError,
    _major,
    debian_mirror,
    ensure_parts,
    refuse_without_namespaces,
)

ROOT = Path(__file__).parent.parent.parent.parent

DEB822 = """\
# Types: deb
# URIs: http://old.invalid/debian
Types: deb
URIs: http://security.invalid/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.invalid/debian

Types: deb
URIs:
 http://third.invalid/packages
 http://mirror.invalid/debian/
Suites: bookworm
"""
ONE_LINE = """\
# deb http://old.invalid/debian bookworm main
deb cdrom:[Debian]/ bookworm main
deb [signed-by=/usr/share/keyrings/x.gpg arch=amd64] https://mirror.invalid/debian bookworm main
"""


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORDBOARD_DEBIAN_MIRROR", raising=False)


@pytest.mark.parametrize(
    ("file", "text", "mirror"),
    [
        ("sources.list.d/debian.sources", DEB822, "http://mirror.invalid/debian/"),
        ("sources.list", ONE_LINE, "https://mirror.invalid/debian"),
    ],
)
def test_the_mirror_is_the_hosts_own(tmp_path: Path, file: str, text: str, mirror: str) -> None:
    source = tmp_path / "apt" / file
    source.parent.mkdir(parents=True)
    source.write_text(text)
    assert debian_mirror(tmp_path) == mirror


def test_without_a_debian_mirror_it_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apt").mkdir()
    (tmp_path / "apt/sources.list").write_text("deb http://archive.invalid/ubuntu noble main\n")
    with pytest.raises(LabError, match="Set CORDBOARD_DEBIAN_MIRROR"):
        debian_mirror(tmp_path)
    monkeypatch.setenv("CORDBOARD_DEBIAN_MIRROR", "http://wished.invalid/debian")
    assert debian_mirror(tmp_path) == "http://wished.invalid/debian"


@pytest.mark.parametrize(
    ("version", "major"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", 22),
        ("Asterisk certified-20.7-cert2", 20),
        ("Asterisk certified/18.9-cert1", 18),
        ("Asterisk GIT-22-abcdef1", 22),
        ("something else", 0),
    ],
)
def test_versions(version: str, major: int) -> None:
    assert _major(version) == major


def test_a_user_without_a_home_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nothing = tmp_path / "nothing"
    nothing.write_text("")
    monkeypatch.setattr("os.geteuid", lambda: 65534)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(nothing))
    with pytest.raises(LabError, match="XDG_RUNTIME_DIR"):
        run_folder()


@pytest.mark.parametrize(
    ("user", "folders", "says"),
    [(65534, None, "Building needs root"), (0, "/nowhere", "no apt-get")],
)
def test_who_cannot_build_is_told_what_shows_the_demo_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, folders: str | None, says: str
) -> None:
    monkeypatch.setenv("CORDBOARD_LAB_ROOT", str(tmp_path / "none"))
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr("acd.adapters.asterisk.lab_parts._SBIN", "")
    monkeypatch.setenv("PATH", folders or str(tmp_path))
    with pytest.raises(LabError) as told:
        ensure_parts()
    assert says in str(told.value) and IN_DOCKER in str(told.value)
    file = re.search(r"-f (\S+)", IN_DOCKER)
    assert file is not None and (ROOT / file[1]).is_file()


def test_root_without_the_rights_of_root_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "unshare"
    program.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(LabError, match="CAP_SYS_ADMIN") as told:
        refuse_without_namespaces()
    assert "Operation not permitted" in str(told.value) and IN_DOCKER in str(told.value)
