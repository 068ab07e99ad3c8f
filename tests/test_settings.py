"""Settings come from environment and file; what is missing or wrong is named, all at once."""

from pathlib import Path

import pytest

from acd.settings import Settings, SettingsError, load_settings

NEEDED = {"CORDBOARD_CENTRE": "c.yaml", "CORDBOARD_ARI_PASSWORD": "a", "CORDBOARD_AMI_SECRET": "b"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    for name in (*NEEDED, "CORDBOARD_SETTINGS", "CORDBOARD_API_PORT", "CORDBOARD_NODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_every_setting_is_in_the_manual(page):
    text = (Path(__file__).parent.parent / page).read_text()
    assert [name for name in Settings.model_fields if f"`{name}`" not in text] == []


def test_what_is_missing_is_named_all_at_once():
    with pytest.raises(SettingsError) as refused:
        load_settings(Settings)
    for name in NEEDED:
        assert f"{name} (or " in str(refused.value)


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    file = tmp_path / "cordboard.toml"
    file.write_text('centre = "c.yaml"\nari_password = "a"\nami_secret = "b"\napi_port = 9000\n')
    monkeypatch.setenv("CORDBOARD_SETTINGS", str(file))
    assert load_settings(Settings).api_port == 9000
    monkeypatch.setenv("CORDBOARD_API_PORT", "9001")
    assert load_settings(Settings).api_port == 9001


def test_nonsense_is_told_by_name(monkeypatch):
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CORDBOARD_API_PORT", "99999999")
    monkeypatch.setenv("CORDBOARD_NODE", "no such~node")
    with pytest.raises(SettingsError) as refused:
        load_settings(Settings)
    assert "CORDBOARD_API_PORT" in str(refused.value)
    assert "CORDBOARD_NODE" in str(refused.value)


@pytest.mark.parametrize("text", ["centre = ", "typo = 1", "\x00"])
def test_a_broken_file_is_told(monkeypatch, tmp_path, text):
    file = tmp_path / "cordboard.toml"
    file.write_text(text)
    monkeypatch.setenv("CORDBOARD_SETTINGS", str(file))
    with pytest.raises(SettingsError):
        load_settings(Settings)


def test_a_missing_file_is_told(monkeypatch):
    monkeypatch.setenv("CORDBOARD_SETTINGS", "/no/such/file")
    with pytest.raises(SettingsError, match="there is no such file"):
        load_settings(Settings)


def test_secrets_are_not_shown(monkeypatch):
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value * 20)
    assert "aaaa" not in repr(load_settings(Settings))


def test_origins_are_a_list_in_the_environment_too(monkeypatch, tmp_path):
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CORDBOARD_API_ORIGINS", "https://crm.example, http://localhost:5173")
    both = ("https://crm.example", "http://localhost:5173")
    assert load_settings(Settings).api_origins == both
    monkeypatch.delenv("CORDBOARD_API_ORIGINS")
    file = tmp_path / "cordboard.toml"
    file.write_text('api_origins = ["https://crm.example"]\n')
    monkeypatch.setenv("CORDBOARD_SETTINGS", str(file))
    assert load_settings(Settings).api_origins == both[:1]


@pytest.mark.parametrize("origin", ["*", "null", "crm.example", "https://crm.example/", "ftp://x"])
def test_what_is_no_origin_is_refused(monkeypatch, origin):
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CORDBOARD_API_ORIGINS", origin)
    with pytest.raises(SettingsError, match="is no origin"):
        load_settings(Settings)


def test_a_path_that_is_empty_is_none(monkeypatch):
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    for name in ("MENUS", "API_CERTIFICATE", "API_PRIVATE_KEY", "RECORDINGS", "JOURNAL"):
        monkeypatch.setenv(f"CORDBOARD_{name}", "")
    settings = load_settings(Settings)
    assert settings.menus is settings.api_certificate is settings.recordings is None
    assert settings.journal == Path("journal")
    monkeypatch.setenv("CORDBOARD_CENTRE", "")
    with pytest.raises(SettingsError, match=r"CORDBOARD_CENTRE .*is not set"):
        load_settings(Settings)


def test_a_certificate_without_its_key_is_refused(monkeypatch):
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CORDBOARD_API_CERTIFICATE", "api.crt")
    with pytest.raises(SettingsError, match="set both, or neither"):
        load_settings(Settings)
