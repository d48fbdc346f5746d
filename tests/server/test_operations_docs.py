"""docs/operations.md names what there is, and its command lines are taken."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import yaml
from typer.core import TyperGroup as Group
from typer.main import get_command

from kg.cli import app
from kg.server.configuration import Address, configure
from kg.server.describing import Describing
from kg.server.logs import Clients
from kg.server.lookup import Lookup, Newest
from kg.server.metrics import Metrics
from kg.server.pool import Pool
from kg.server.services import Services
from kg.server.settings import ServerSettings
from kg.server.trace import Killed
from kg.server.updates import Updates
from kg.server.validators import Validators
from kg.store.generations import StoreDirectory

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def metrics(directory: Path) -> dict[str, tuple[str, ...]]:
    """Metric → its labels, as they are exposed."""
    store, settings = StoreDirectory(directory), ServerSettings(workers=1, validations=1)
    newest, updates = Newest(store), Updates(store, settings, None, Clients())
    lookup = Lookup(newest)
    describing = Describing(newest, lookup, {}, settings)
    services = Services(Pool(newest, settings), Validators(settings), updates, lookup, {}, settings, describing)
    registry = Metrics(services).registry
    found = {}
    for family in registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels if label != "le"}
        found[name] = tuple(sorted(labels))
    return found


def test_metrics_are_those_of_the_server(tmp_path: Path) -> None:
    ours = {name for name in metrics(tmp_path) if name.startswith("trialkg_")}
    rows = dict(re.findall(r"^\| `(trialkg_\w+)` \| (.*?) \|", DOCUMENT, re.MULTILINE))
    assert rows.keys() == ours
    exposed = metrics(tmp_path)
    # A histogram without a request yet has no samples, so no labels to be seen.
    assert rows.pop("trialkg_request_seconds") == "`route`, `status`"
    for name, labels in rows.items():
        assert tuple(sorted(re.findall(r"`(\w+)`", labels))) == exposed[name], name


def test_metrics_named_anywhere_exist(tmp_path: Path) -> None:
    exposed = metrics(tmp_path)
    for name in re.findall(r"\b(?:trialkg|process)_[a-z_]+\b", DOCUMENT):
        base = re.sub(r"_(count|sum|bucket)$", "", name)
        assert name in exposed or base in exposed, name


def test_reasons_are_those_of_the_server() -> None:
    table = DOCUMENT.partition("| reason of a kill |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {one.value for one in Killed}


def blocks(language: str) -> list[str]:
    """The blocks of a language in the document."""
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def parse(arguments: list[str]) -> dict[str, object]:
    """The parameters that a command line of ours gives; fails where it would be refused."""
    command = get_command(app)
    assert isinstance(command, Group)
    chosen = command.commands[arguments[0]]
    return dict(chosen.make_context(arguments[0], arguments[1:]).params)


def started_by(unit: str) -> list[str]:
    """The command line of a systemd unit, without the path of the program."""
    read = ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit)
    program, *arguments = shlex.split(read["Service"]["ExecStart"])
    assert program == "/usr/local/lib/trialkg/bin/trialkg"
    return arguments


def test_the_configuration_is_one(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    file = tmp_path / "serve.toml"
    file.write_text(text)
    address, settings = configure(file, {})
    assert address.store == "/srv/trialkg/trials.kg"
    assert settings.trusted_proxies == ("127.0.0.1",)


def test_units_start_what_there_is() -> None:
    serve, update = blocks("ini")
    assert parse(started_by(serve))["config"] == Path("/etc/trialkg/serve.toml")
    assert parse(started_by(update))["store"] == Path("/srv/trialkg/trials.kg")
    # Time for what runs, then for what is left, and some for the processes.
    stop = re.search(r"^TimeoutStopSec=(\d+)$", serve, re.MULTILINE)
    assert stop
    assert int(stop[1]) >= ServerSettings().stop_seconds + 5


def test_the_container_starts_what_there_is() -> None:
    (text,) = blocks("dockerfile")
    lines = re.sub(r"\\\n", " ", text).splitlines()
    said = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines if line}
    assert said.keys() <= {
        "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"
    }  # fmt: skip
    given = parse(json.loads(said["CMD"]))
    assert (given["host"], given["log_format"]) == ("0.0.0.0", "json")  # noqa: S104
    assert json.loads(said["ENTRYPOINT"]) == ["/usr/local/lib/trialkg/bin/trialkg"]
    program, _, code = json.loads(said["HEALTHCHECK"].removeprefix("CMD "))
    assert program.startswith("/usr/local/lib/trialkg/bin/")
    compile(code, "HEALTHCHECK", "exec")
    assert "/health" in code
    variable = re.match(r"TRIALKG_\w+", said["ENV"])
    assert variable
    assert variable[0] in (ROOT / "kg" / "config.py").read_text()
    for file in re.findall(r"-r (\S+)", text):
        assert (ROOT / file).is_file()


def test_command_lines_of_ours_are_taken() -> None:
    ours = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("trialkg ")]
    ours += re.findall(r"`(trialkg serve [^`]+)`", DOCUMENT)
    assert len(ours) >= 3
    for line in ours:
        assert parse(shlex.split(line)[1:])


def test_settings_named_exist() -> None:
    known = {field.name for kind in (Address, ServerSettings) for field in dataclasses.fields(kind)}
    prose = re.sub(r"^```.*?^```", "", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
    named = {
        name
        for name in re.findall(r"`([a-z]+(?:_[a-z]+)+)(?: = [^`]+)?`", prose)
        if not name.startswith(("trialkg_", "process_"))
    }
    # What is nginx's.
    assert named - known == {"client_max_body_size"}
    assert {"query_log", "slow_query_log", "stop_seconds", "trusted_proxies"} <= named
    for setting in re.findall(r"`(\w+) = (?:[^`]+)`", prose):
        assert setting in known


def test_options_named_exist() -> None:
    options = {name for parameter in get_command(app).commands["serve"].params for name in parameter.opts}  # type: ignore[attr-defined]
    named = re.findall(r"`(--[a-z-]+)[^`]*`", DOCUMENT)
    assert named
    assert set(named) <= options


def test_alerts_are_rules() -> None:
    scrape, rules = (yaml.safe_load(text) for text in blocks("yaml"))
    assert scrape["scrape_configs"][0]["job_name"] == "trialkg"
    (group,) = rules["groups"]
    for rule in group["rules"]:
        assert rule.keys() <= {"alert", "expr", "for"}
        assert re.search(r"\btrialkg_\w+|job=\"trialkg\"", rule["expr"])
        for reasons in re.findall(r'reason=~"([^"]+)"', rule["expr"]):
            assert set(reasons.split("|")) <= {one.value for one in Killed}


def test_proxies_wait_long_enough() -> None:
    plain = ServerSettings()
    seconds = re.findall(r"(?:proxy_read_timeout|response_header_timeout) (\d+)s", DOCUMENT)
    assert len(seconds) == 2
    assert all(float(one) > plain.timeout + plain.waiting_seconds for one in seconds)
    largest = re.search(r"client_max_body_size (\d+)m", DOCUMENT)
    assert largest
    assert int(largest[1]) * 2**20 >= plain.validation_body_bytes
