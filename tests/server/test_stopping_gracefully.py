"""What a server does between the signal to stop and its end, and behind a proxy."""

from __future__ import annotations

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.server.server_process import Server, running
from tests.server.test_server_resilience import ENDLESS, POINT, RUNAWAY, busy, eventually

pytestmark = pytest.mark.server

TYPE = "Content-Type: application/sparql-query"


def connect(server: Server) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def refused(server: Server) -> bool:
    try:
        connect(server).close()
    except OSError:
        return True
    return False


def received(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    data = b""
    while part := connection.recv(65_536):
        data += part
    return data


def test_what_runs_is_finished_and_nothing_new_is_taken(served_store: Path) -> None:
    with running(served_store, stop_seconds=10) as server, connect(server) as connection, connect(server):
        body = POINT.encode()
        head = f"POST /sparql HTTP/1.1\r\nHost: x\r\n{TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[:10])
        time.sleep(0.3)
        # The other connection, on which nothing was asked, holds nothing up.
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: refused(server))
        assert server.process.poll() is None
        connection.sendall(body[10:])
        answer = received(connection)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(10) == 0
    assert "Traceback" not in "".join(server.log)


def test_what_outlasts_its_time_is_answered_503(served_store: Path) -> None:
    with (
        running(served_store, stop_seconds=0.3) as server,
        server.client() as client,
        ThreadPoolExecutor(1) as other,
    ):
        asking = other.submit(client.get, "/sparql", params={"query": RUNAWAY})
        eventually(lambda: busy(server) == 1)
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        answer = asking.result(10)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert server.process.wait(10) == 0
        assert time.monotonic() - begin < 3


def test_an_answer_under_way_is_broken_off(served_store: Path) -> None:
    with running(served_store, stop_seconds=0.3) as server, server.client() as client:
        with client.stream("GET", "/sparql", params={"query": ENDLESS, "format": "csv"}) as answer:
            assert answer.status_code == 200
            server.process.send_signal(signal.SIGTERM)
            with pytest.raises(httpx.RemoteProtocolError):
                answer.read()
        assert server.process.wait(10) == 0
    assert "Traceback" not in "".join(server.log)


def test_a_client_that_reads_nothing_does_not_keep_a_server(served_store: Path) -> None:
    with running(served_store, stop_seconds=0.3) as server, connect(server) as connection:
        query = str(httpx.QueryParams(query=ENDLESS, format="csv"))
        connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        eventually(lambda: busy(server) == 1)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0


@pytest.mark.parametrize(("trusted", "scheme"), [([], "http"), (["127.0.0.1"], "https"), (["192.0.2.0/24"], "http")])
def test_forwarded_addresses_are_believed_only_from_proxies(
    served_store: Path, tmp_path: Path, trusted: list[str], scheme: str
) -> None:
    log = tmp_path / "log"
    with running(served_store, workers=1, trusted_proxies=trusted, query_log=str(log)) as server:
        with server.client() as client:
            for number in (1, 2):
                forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": f"198.51.100.{number}"}
                # A name of the service is relative to its own address.
                answer = client.get("/sparql", params={"format": "nt"}, headers=forwarded)
                client.get("/sparql", params={"query": POINT}, headers=forwarded)
            assert f"<{scheme}://" in answer.text
        eventually(lambda: log.read_text().count("\n") == 2)
    clients = {json.loads(line)["client"] for line in log.read_text().splitlines()}
    assert len(clients) == (2 if scheme == "https" else 1)
