"""Stores for the tests, and a server in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from kg.store.generations import StoreDirectory
from kg.store.remote_reader import Endpoint

__all__ = ["TOKEN", "Server", "damage", "fill", "running", "running_with_token"]

TOKEN = "-".join(["an-invented-token"] * 3)


def fill(directory: Path, turtle: str) -> None:
    """Publish a generation that has these statements as well."""
    with StoreDirectory(directory).writing() as draft:
        draft.store.load(turtle, format=ox.RdfFormat.TURTLE)


def damage(directory: Path) -> None:
    """Make the newest generation one that cannot be opened."""
    for file in StoreDirectory(directory).newest().path.glob("MANIFEST*"):
        file.write_bytes(b"damaged")


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: list[str]) -> None:
        self.process = process
        self.url = url
        self.log = log

    def children(self) -> set[int]:
        """The ids of its query processes."""
        found: set[int] = set()
        for path in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            # A thread may have ended since it was listed; its children are another's then.
            with suppress(FileNotFoundError, ProcessLookupError):
                found.update(map(int, path.read_text().split()))
        return found

    def client(self, **options: object) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, **options)  # type: ignore[arg-type]


@contextmanager
def running(store: Path | Endpoint, *, workers: int = 2, timeout: float = 20, **settings: object) -> Iterator[Server]:
    """A server over a store or an endpoint, with settings as the configuration file has them.

    It has no process to spare unless it is said, so that those that there are can be counted.
    """
    code = (
        "import json, sys; from pathlib import Path; from kg.server import serve; "
        "from kg.server.configuration import configure; from kg.store.remote_reader import Endpoint; "
        "configured = configure(None, json.loads(sys.argv[2])); address = configured.address; "
        "served = Endpoint(address.endpoint, address.graph) if address.endpoint else Path(sys.argv[1]); "
        "sys.exit(serve(served, port=0, settings=configured.settings))"
    )
    if isinstance(store, Endpoint):
        settings |= {"endpoint": store.url, "graph": store.graph}
    given = json.dumps({"workers": workers, "spare_workers": 0, "timeout": timeout, **settings})
    command = [sys.executable, "-c", code, str(store), given]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stderr
    log: list[str] = []
    for line in process.stderr:
        log.append(line)
        if found := re.search(r"http://\S+", line):
            break
    else:
        pytest.fail(f"the server did not start: {''.join(log)}")
    # The pipe is emptied, so that the server never waits for it.
    drain = threading.Thread(target=lambda: log.extend(process.stderr or ()), daemon=True)
    drain.start()
    try:
        yield Server(process, found[0].rstrip("/"), log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        drain.join(5)
        process.stderr.close()


@contextmanager
def running_with_token(store: Path, **settings: object) -> Iterator[Server]:
    """A server that takes changes from those who have :data:`TOKEN`."""
    file = store.with_name(store.name + ".token")
    file.write_text(TOKEN + "\n", encoding="ascii")
    with running(store, allow_update=True, token_file=str(file), **settings) as server:  # type: ignore[arg-type]
        yield server
