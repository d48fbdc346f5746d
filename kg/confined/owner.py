"""Starting and ending confined processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import weakref
from collections.abc import Sequence
from enum import StrEnum
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

__all__ = ["Confined", "Ending", "How"]

# The path comes with the arguments, as multiprocessing does it, but the caller's main module is not run again.
_CHILD: Final = (
    "import sys; module, number, *rest = sys.argv[1:]; sys.path[:] = rest[int(number):]; "
    "from importlib import import_module; import_module(module).main(*rest[:int(number)])"
)
_LAST_WORDS: Final = 4096
_WAIT_FOR_DEATH: Final = 5.0


class How(StrEnum):
    """How a confined process ended."""

    MEMORY = "memory"
    KILLED = "killed"
    STACK = "stack"
    CRASHED = "crashed"


class Ending(NamedTuple):
    """How a confined process ended, and in ``words`` what is known beyond that."""

    how: How
    words: str


class Confined:
    """One confined process, which never outlives the process that started it.

    :meth:`receive` may wait in one thread while :meth:`kill` is called in another.

    Args:
        module: the module whose ``main`` runs in the process, with the descriptor of its end of the connection and
            the arguments, all of them text.
        arguments: the arguments.
        inherited: further descriptors that it gets, under the same numbers.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, module: str, arguments: Sequence[str], *, inherited: Sequence[int] = ()) -> None:
        ours, theirs = Pipe()
        given = [str(theirs.fileno()), *arguments]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _CHILD, module, str(len(given)), *given, *sys.path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno(), *inherited],
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._connection: Connection = ours
        weakref.finalize(self, _release, self._process)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def fileno(self) -> int:
        """The descriptor that becomes readable when there is a frame."""
        return self._connection.fileno()

    def send(self, frame: bytes) -> None:
        """Send a frame. Should the process have ended, :meth:`receive` tells."""
        try:
            self._connection.send_bytes(frame)
        except (BrokenPipeError, ConnectionResetError):
            return

    def poll(self, timeout: float = 0.0) -> bool:
        """Whether a frame, or the end of the process, comes within so many seconds."""
        return self._connection.poll(timeout)

    def receive(self) -> bytes:
        """The next frame; waits for it.

        Raises:
            EOFError: the process has ended; :meth:`ending` says how.
        """
        try:
            return self._connection.recv_bytes()
        except ConnectionResetError as error:
            raise EOFError from error

    def kill(self) -> None:
        """End the process at once, whatever it does. May be called again, and from any thread."""
        # The connection stays open: another thread may be waiting in receive, and finds the end there.
        _end(self._process)

    def ending(self) -> Ending:
        """How the process ended; waits a little for it, and kills it when it does not end."""
        process = self._process
        try:
            code = process.wait(_WAIT_FOR_DEATH)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        words = process.stderr.read(_LAST_WORDS).decode(errors="replace") if process.stderr else ""
        if "memory allocation" in words or "MemoryError" in words:
            return Ending(How.MEMORY, words)
        if code == -signal.SIGKILL:
            return Ending(How.KILLED, words)
        if "overflowed its stack" in words or code in (-signal.SIGSEGV, -signal.SIGBUS):
            return Ending(How.STACK, words)
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        last = words.strip().rsplit("\n", 1)[-1]
        return Ending(How.CRASHED, f"{how}: {last}" if last else how)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _release(process: subprocess.Popen[bytes]) -> None:
    _end(process)
    if process.stderr:
        process.stderr.close()
