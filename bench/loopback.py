"""Servers on the loopback, and a client that costs next to nothing, for the benchmarks of the endpoint.

Each client has an address of its own in 127.0.0.0/8, all of which is this machine: the server shares its processes
out by address.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

__all__ = [
    "Answer",
    "Broken",
    "Client",
    "Peer",
    "born",
    "client_address",
    "form",
    "free_port",
    "identified",
    "load",
    "peer",
    "processes",
    "processor_seconds",
    "trialkg",
]

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 15.0
_PIECE: Final = 256 * 1024
_CLIENTS_A_NET: Final = 250


class Broken(Exception):
    """A transfer that ended before its end mark, or a connection that was refused or lost."""


class Answer(NamedTuple):
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Peer(NamedTuple):
    """A server that runs: the address of its endpoint, and its process."""

    name: str
    url: str
    process: subprocess.Popen[str]


def client_address(number: int) -> str:
    """An address of the loopback, another one for each number up to some ten thousands.

    >>> client_address(0), client_address(250)
    ('127.1.0.1', '127.1.1.1')
    """
    return f"127.1.{number // _CLIENTS_A_NET}.{number % _CLIENTS_A_NET + 1}"


def form(url: str, fields: Mapping[str, str], accept: str = "application/sparql-results+json") -> bytes:
    """A POST of a form as it goes over the wire."""
    body = urlencode(fields).encode()
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {accept}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Client:
    """A client with one connection, which is made anew when the server has closed it.

    Args:
        url: where the server is.
        source: the address to come from.
        seconds: how long it waits for the next bytes.
    """

    def __init__(self, url: str, source: str = "", seconds: float = 60.0) -> None:
        parts = urlsplit(url)
        self._to = parts.hostname or "127.0.0.1", parts.port or 80
        self._from = (source, 0) if source else None
        self._seconds = seconds
        self._socket: socket.socket | None = None
        self._data = b""

    def send(self, request: bytes) -> None:
        """Send a request; :meth:`receive` gives its answer.

        Raises:
            Broken: there is no connection to be had.
        """
        if self._socket and self._stale(self._socket):
            self.close()
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._to, self._seconds, self._from)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
        except OSError as error:
            self.close()
            raise Broken(str(error)) from error

    def receive(self) -> Answer:
        """The answer to what was sent.

        Raises:
            Broken: it ends before its end, or does not come.
        """
        head = self._until(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = self._chunks() if headers.get("transfer-encoding") == "chunked" else self._exactly(_length(headers))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(first.split()[1]), headers, body)

    def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer.

        Raises:
            Broken: it ends before its end, or does not come.
        """
        self.send(request)
        return self.receive()

    def read(self, most: int) -> bytes:
        """Some bytes of what comes, as they are; none at the end.

        Raises:
            Broken: the connection is lost.
        """
        return self._more(most)

    def close(self) -> None:
        """Close the connection, whatever is still to come."""
        if self._socket:
            self._socket.close()
        self._socket, self._data = None, b""

    @staticmethod
    def _stale(connection: socket.socket) -> bool:
        """Whether the server has closed an idle connection."""
        connection.settimeout(0)
        try:
            return not connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            connection.settimeout(60.0)

    def _more(self, most: int = _PIECE) -> bytes:
        if self._socket is None:
            raise Broken("not connected")
        try:
            return self._socket.recv(most)
        except OSError as error:
            self.close()
            raise Broken(str(error) or "no answer in time") from error

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._data:
            self._data += self._some()
        found, _, self._data = self._data.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        parts, had = [self._data], len(self._data)
        while had < size:
            parts.append(self._some())
            had += len(parts[-1])
        whole = b"".join(parts)
        self._data = whole[size:]
        return whole[:size]

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n"), 16):
            parts.append(self._exactly(size + 2)[:-2])
        self._exactly(2)
        return b"".join(parts)

    def _some(self) -> bytes:
        data = self._more()
        if not data:
            self.close()
            raise Broken("the connection was closed in the middle of an answer")
        return data


def _length(headers: Mapping[str, str]) -> int:
    return int(headers.get("content-length", "0"))


@contextmanager
def peer(name: str, command: Sequence[str | Path], url: str, folder: Path, **environment: str) -> Iterator[Peer]:
    """A server that is started, answers ``ASK {}``, and is stopped in the end.

    Args:
        name: how it is called in tables.
        command: starts it.
        url: its endpoint.
        folder: where its log goes.
        environment: variables for it.
    """
    with (folder / f"{name.split()[0]}.log").open("w+") as log:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=log, stderr=log, text=True, env={**os.environ, **environment}
        )
        try:
            _wait(url, process, log.name)
            yield Peer(name, url, process)
        finally:
            _stop(process)


@contextmanager
def trialkg(store: Path, folder: Path, settings: Sequence[str] = ()) -> Iterator[Peer]:
    """Our own server over a store, with lines of a configuration file."""
    file = folder / "serve.toml"
    port = free_port()
    lines = [f"store = {str(store)!r}", f"port = {port}", *settings]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code = "import sys; from kg.cli import main; sys.exit(main())"
    command: list[str | Path] = [sys.executable, "-c", code, "serve", "--config", file]
    with peer("trialkg", command, f"http://127.0.0.1:{port}/sparql", folder) as running:
        yield running


def free_port() -> int:
    """A port of 127.0.0.1 at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[str], log: str) -> None:
    end = time.monotonic() + _START_SECONDS * 10
    client = Client(url, seconds=_START_SECONDS)
    while time.monotonic() < end:
        try:
            if client.ask(form(url, {"query": "ASK {}"})).status == 200:
                client.close()
                return
        except Broken:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"{url}: did not start:\n{Path(log).read_text()[-2000:]}")


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def processes(parent: int) -> set[int]:
    """The processes below a process."""
    found: set[int] = set()
    for file in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in file.read_text().split():
                found |= {int(child)} | processes(int(child))
    return found


def born(process: int) -> int:
    """When a process began, in ticks: numbers of processes come again. 0 for none."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
    return 0


def identified(parent: int) -> set[tuple[int, int]]:
    """The processes below a process, with when each began."""
    return {(one, began) for one in processes(parent) if (began := born(one))}


def processor_seconds(parent: int) -> float:
    """What a process, those below it and those that have ended there have computed."""
    ticks = 0
    for one in {parent} | processes(parent):
        with suppress(FileNotFoundError, ProcessLookupError):
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def load() -> str:
    """How busy the machine is, for the table."""
    found = re.match(r"(\S+) (\S+)", Path("/proc/loadavg").read_text())
    return f"load {found[1]} (1 min), {found[2]} (5 min), {os.cpu_count()} processors" if found else "load unknown"
