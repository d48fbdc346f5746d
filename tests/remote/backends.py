"""Endpoints of three makes, started for real on the loopback, each with the fixture of the library's tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pyoxigraph as ox
import pytest

from tests.conftest import find_comunica, find_program

__all__ = ["DBA", "GRAPH", "MAKES", "Running", "fixture_files", "free_port", "on", "running"]

QUERIES = Path(__file__).parents[1] / "queries"
GRAPH = "http://example.org/trials"
DBA = "dba:dba"
MAKES = ("oxigraph", "virtuoso", "comunica")
_PATIENCE = 60.0
_VIRTUOSO = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
Striping = 0
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
CaseMode = 2
DirsAllowed = {folder}
NumberOfBuffers = 2000
MaxDirtyBuffers = 1200
DefaultHost = 127.0.0.1
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 10
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = 1000
MaxQueryCostEstimationTime = 0
MaxQueryExecutionTime = 60
"""


class Running(NamedTuple):
    """An endpoint: where queries, updates and graphs are sent, and the graph that the fixture is in."""

    make: str
    query: str
    update: str
    graphs: str
    graph: str
    process: subprocess.Popen[bytes]


def on(*makes: str) -> pytest.MarkDecorator:
    """Makes a test of each endpoint, with the marker of its make."""
    given = [pytest.param(make, marks=[getattr(pytest.mark, make), pytest.mark.server]) for make in makes]
    return pytest.mark.parametrize("endpoint", given, indirect=True, scope="session")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def fixture_files(folder: Path) -> tuple[Path, Path]:
    """The fixture as N-Triples, without earlier versions of studies, and as N-Quads with them."""
    store = ox.Store()
    store.load(path=QUERIES / "fixture.ttl")
    store.load(path=QUERIES / "history.trig")
    plain, whole = folder / "fixture.nt", folder / "fixture.nq"
    store.dump(plain, format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    store.dump(whole, format=ox.RdfFormat.N_QUADS)
    return plain, whole


@contextmanager
def running(make: str, folder: Path, data: Path | None = None) -> Iterator[Running]:
    """An endpoint of a make, with data where it takes them at its start."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    graph = ""
    if make == "oxigraph":
        program = find_program("oxigraph")
        command = [str(program), "serve", "--location", str(folder / "db"), "--bind", f"127.0.0.1:{port}"]
        if data:
            subprocess.run(
                [str(program), "load", "-l", str(folder / "db"), "-f", str(data)], check=True, capture_output=True
            )
        urls = f"{base}/query", f"{base}/update", f"{base}/store"
    elif make == "virtuoso":
        (folder / "virtuoso.ini").write_text(_VIRTUOSO.format(folder=folder, port=port, sql=free_port()))
        command = [str(find_program("virtuoso-t")), "-f", "-c", str(folder / "virtuoso.ini")]
        urls = f"{base}/sparql", f"{base}/sparql-auth", f"{base}/sparql-graph-crud-auth"
        graph = GRAPH
    else:
        command = [str(find_comunica()), "-p", str(port), "-w", "1", str(data)]
        urls = f"{base}/sparql", "", ""
    # In a group of its own: Comunica has processes of its own.
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(process, urls[0], command)
        yield Running(make, *urls, graph, process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, command: Sequence[str]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{url}?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D", timeout=5) as answer:
                answer.read()
        except (HTTPError, URLError, OSError):
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{command[0]} did not start")
