"""The logs of the server."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.errors import UsageError
from kg.server.logs import Clients, JsonLines, QueryLog
from kg.server.settings import ServerSettings
from kg.server.trace import Killed, Trace
from tests.server.server_process import Server, running
from tests.server.test_server_resilience import ENDLESS, POINT, RUNAWAY, eventually

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
TRACE = Trace(method="GET", route="/sparql", client="192.0.2.7", query="ASK {} # é", process="query", seconds=9.0)


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def written(
    tmp_path: Path, trace: Trace, **settings: object
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """What one request leaves in the log of all queries and in that of the slow ones."""
    files = tmp_path / "all", tmp_path / "slow"
    log = QueryLog(ServerSettings(query_log=str(files[0]), slow_query_log=str(files[1]), **settings), Clients())  # type: ignore[arg-type]
    log.write(trace)
    log.close()
    return lines(files[0]), lines(files[1])


def test_only_the_slow_log_has_the_text(tmp_path: Path) -> None:
    (all_,), (slow,) = written(tmp_path, TRACE)
    assert "text" not in all_
    assert (slow["text"], slow["whole"], slow["log"]) == (TRACE.query, True, "slow")
    assert all_["query"] == slow["query"]
    assert all_["client"] == slow["client"]


def test_the_text_has_a_limit(tmp_path: Path) -> None:
    # The limit lies within the letter of two bytes.
    _, (slow,) = written(tmp_path, TRACE, logged_query_bytes=len(TRACE.query.encode()) - 1)
    assert (slow["text"], slow["whole"]) == ("ASK {} # ", False)
    (tmp_path / "slow").unlink()
    _, (slow,) = written(tmp_path, TRACE, logged_query_bytes=0)
    assert "text" not in slow


def test_what_is_fast_or_no_query_is_in_no_log(tmp_path: Path) -> None:
    assert written(tmp_path, Trace(route="/health", seconds=0.1)) == ([], [])
    assert [len(log) for log in written(tmp_path, Trace(route="/trial/{name}", seconds=9))] == [0, 1]


def test_a_client_is_a_hash_that_says_nothing_after_a_restart(tmp_path: Path) -> None:
    first, _ = written(tmp_path, TRACE)
    both, _ = written(tmp_path, TRACE)
    assert TRACE.client not in (tmp_path / "all").read_text()
    assert both[0]["query"] == both[1]["query"]
    assert both[0]["client"] != both[1]["client"]
    assert re.fullmatch("[0-9a-f]{16}", str(first[0]["client"]))


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    log = QueryLog(ServerSettings(query_log=str(tmp_path / "log"), slow_query_log=""), Clients())
    log.write(TRACE)
    (tmp_path / "log").rename(tmp_path / "log.1")
    log.write(TRACE)
    log.close()
    assert len(lines(tmp_path / "log")) == len(lines(tmp_path / "log.1")) == 1


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"query_log .* cannot be written: No such file"):
        QueryLog(ServerSettings(query_log=str(tmp_path / "none" / "log")), Clients())


def test_members_are_documented(tmp_path: Path) -> None:
    _, (slow,) = written(tmp_path, TRACE)
    table = DOCUMENT.partition("| member | |")[2].partition("\n\n")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == slow.keys()


def test_a_traceback_is_within_the_line() -> None:
    try:
        raise ValueError("odd\nvalue")
    except ValueError:
        record = logging.LogRecord("kg", logging.ERROR, "", 0, "%s", ("a\nb",), sys.exc_info())
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "a\nb"
    assert "ValueError: odd\nvalue" in json.loads(line)["traceback"]


@pytest.mark.server
def test_queries_of_a_server(served_store: Path, tmp_path: Path) -> None:
    files: dict[str, Any] = {"query_log": str(tmp_path / "all"), "slow_query_log": str(tmp_path / "slow")}
    with running(served_store, workers=1, slow_seconds=0.5, **files) as server, server.client() as client:
        client.get("/sparql", params={"query": POINT, "format": "csv"})
        client.get("/sparql", params={"query": "SELECT"})
        client.get("/sparql", params={"query": RUNAWAY, "timeout": "0.6"})
        client.get("/queries/open-warnings")
        client.get("/health")
        client.post("/validate", content=b"nonsense", headers={"Content-Type": "text/turtle"})
        eventually(lambda: len(lines(tmp_path / "all")) == 5)
        slow = [line for line in lines(tmp_path / "slow") if line["route"] == "/sparql"]
    point, wrong, stopped, library, validation = lines(tmp_path / "all")
    assert (point["status"], point["rows"], point["generation"], point["killed"]) == (200, 1, 1, None)
    assert (wrong["status"], stopped["status"], stopped["killed"]) == (400, 504, Killed.DEADLINE)
    assert (library["route"], library["status"]) == ("/queries/{name}", 200)
    assert (validation["route"], validation["query"], validation["status"]) == ("/validate", None, 400)
    assert len({line["client"] for line in (point, wrong, stopped)}) == 1
    assert [line["text"] for line in slow if line["status"] == 504] == [RUNAWAY]


@pytest.mark.server
def test_the_log_of_a_server_as_json(served_store: Path) -> None:
    with running(served_store, workers=1, timeout=1, log_format="json", slow_seconds=0.5) as server:
        cut_off(server)
    said = [json.loads(line) for line in server.log]
    assert [one["message"] for one in said if "serves" in one.get("message", "")]
    assert [one for one in said if one["log"] == "server" and "broken off" in one["message"]]
    assert [one for one in said if one["log"] == "slow" and one["cut"]]
    assert all(one["time"].endswith("Z") for one in said)


def cut_off(server: Server) -> None:
    with server.client() as client, pytest.raises(Exception, match="incomplete"):
        client.get("/sparql", params={"query": ENDLESS, "format": "csv"})


@pytest.mark.server
def test_by_default_slow_requests_are_on_standard_error(served_store: Path) -> None:
    with running(served_store, workers=1, slow_seconds=0.1) as server, server.client() as client:
        client.get("/sparql", params={"query": RUNAWAY, "timeout": "0.2"})
        client.get("/sparql", params={"query": POINT})
        eventually(lambda: any("504" in line for line in server.log))
        logged = [json.loads(line) for line in server.log if line.startswith("{")]
    assert logged[0]["text"] == RUNAWAY
    assert "127.0.0.1" not in "".join(line for line in server.log if line.startswith("{"))


def test_a_format_that_is_none() -> None:
    command = [sys.executable, "-m", "kg", "serve", "--log-format", "xml"]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert ended.returncode == 2
    assert "log_format" in ended.stderr
    assert ended.stderr.count("\n") == 1
