"""The configuration file of the server."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from kg.cli import main
from kg.errors import UsageError
from kg.server.configuration import Address, Configuration, configure, meanings, written
from kg.server.settings import ServerSettings


def test_options_go_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    file.write_text('store = "here.kg"\nport = 81\nworkers = 3\ntimeout = 7\n')
    address, settings = configure(file, {"port": 82, "workers": None, "timeout": 8.0})
    assert (address.store, address.port) == ("here.kg", 82)
    assert (settings.workers, settings.timeout) == (3, 8.0)


@pytest.mark.parametrize("kind", [Address, ServerSettings])
def test_every_setting_has_a_meaning(kind: type) -> None:
    said = meanings(kind)
    assert list(said) == [field.name for field in dataclasses.fields(kind)]
    assert all(text.endswith(".") for text in said.values())


def test_what_is_printed_can_be_read(tmp_path: Path) -> None:
    plain = Configuration(Address(), ServerSettings())
    file = tmp_path / "serve.toml"
    text = written(plain)
    assert not re.findall(r"^\w", text, re.MULTILINE)
    file.write_text(re.sub(r"^#(?=\w)", "", text, flags=re.MULTILINE))
    assert configure(file, {}) == plain
    assert len(re.findall(r"^\w+ = ", file.read_text(), re.MULTILINE)) == len(
        [*dataclasses.fields(Address), *dataclasses.fields(ServerSettings)]
    )
    changed = Configuration(Address(store="a “b”.kg"), ServerSettings(workers=7, trusted_proxies=("10.0.0.0/8",)))
    file.write_text(written(changed))
    assert configure(file, {}) == changed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wokers = 2", "'wokers' is not a setting (perhaps workers)"),
        ("zzz = 2", "'zzz' is not a setting (trialkg serve --print-config shows them all)"),
        ("[server]\nworkers = 2", "'server' is not a setting"),
        ('workers = "2"', "workers: expected `int`, got `str`"),
        ("workers = 2.5", "workers: expected `int`, got `float`"),
        ("timeout = true", "timeout: expected `float`, got `bool`"),
        ("trusted_proxies = [1]", "trusted_proxies[0]: expected `str`, got `int`"),
        ('trusted_proxies = ["proxy.example"]', "trusted_proxies has 'proxy.example'"),
        ("workers = 0", "workers is 0 (expected a number above 0)"),
        ("waiting = -1", "waiting is -1 (expected a number, 0 or more)"),
        ("timeout = inf", "timeout is inf"),
        ("timeout = nan", "timeout is nan"),
        ("port = 70000", "port is 70000"),
        ("workers =", "not TOML: "),
        ("workers = 1\nworkers = 2", "not TOML: "),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(text)
    # An option that goes before the file hides no mistake in it.
    assert main(["serve", "--config", str(file), "--workers", "2", "--timeout", "5", "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"trialkg: {file}: {told}"), said
    assert said.count("\n") == 1


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        configure(tmp_path / "none.toml", {})
    (tmp_path / "latin.toml").write_bytes(b"host = '\xe9'")
    with pytest.raises(UsageError, match="not UTF-8 at byte 8"):
        configure(tmp_path / "latin.toml", {})


def test_the_command_shows_what_would_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "serve.toml"
    file.write_text("waiting = 5\n")
    assert main(["serve", "--config", str(file), "--port", "81", "--print-config"]) == 0
    shown = capsys.readouterr().out
    assert re.findall(r"^\w.*", shown, re.MULTILINE) == ["port = 81", "waiting = 5"]
    assert "#timeout = 60.0\n" in shown


def test_hosts_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["serve", "--allow-service", "a.example", "--allow-service", "10.0.0.5:8890", "--print-config"]
    assert main(asked) == 0
    assert tomllib.loads(capsys.readouterr().out)["allow_service"] == ["a.example", "10.0.0.5:8890"]
    assert main(["serve", "--allow-service", "https://a.example/sparql"]) == 2
    assert "expected HOST or HOST:PORT" in capsys.readouterr().err
