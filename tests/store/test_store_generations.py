"""Publishing: whole or not at all, whatever happens in between."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import StoreError
from kg.store import generations
from kg.store.generations import KEPT_GENERATIONS, Draft, StoreDirectory
from kg.store.pin import in_use, pin

WRITER = """
import sys, time
from pathlib import Path
import pyoxigraph as ox
from kg.store.generations import StoreDirectory
with StoreDirectory(Path(sys.argv[1])).writing() as draft:
    for n in range(200):
        draft.store.add(quad := ox.Quad(ox.NamedNode(f"http://lost/{n}"), ox.NamedNode("http://p"), ox.Literal("x")))
    draft.store.flush()
    print("ready", flush=True)
    time.sleep(60)
"""


def quad(name: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(f"http://s/{name}"), ox.NamedNode("http://p"), ox.Literal(name))


def publish(directory: StoreDirectory, name: str) -> None:
    with directory.writing() as draft:
        draft.store.add(quad(name))
        draft.report["name"] = name


def statements(directory: StoreDirectory) -> set[ox.Quad]:
    return set(ox.Store.read_only(str(directory.newest().path)))


def start_writer(directory: StoreDirectory) -> subprocess.Popen[bytes]:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(directory.directory)], stdout=subprocess.PIPE)
    assert writer.stdout
    assert writer.stdout.readline() == b"ready\n"
    return writer


def end_writer(writer: subprocess.Popen[bytes]) -> None:
    writer.send_signal(signal.SIGKILL)
    writer.communicate()


def test_each_generation_adds_to_the_one_before(directory: StoreDirectory) -> None:
    publish(directory, "a")
    first = directory.newest()
    publish(directory, "b")
    newest = directory.newest()
    assert (first.number, newest.number) == (1, 2)
    assert statements(directory) == {quad("a"), quad("b")}
    assert set(ox.Store.read_only(str(first.path))) == {quad("a")}
    assert newest.report == {"name": "b", "generation": 2}
    assert json.loads((directory.directory / "report.json").read_bytes()) == newest.report


def test_an_empty_draft_and_an_optimized_one(directory: StoreDirectory) -> None:
    publish(directory, "a")
    with directory.writing() as draft:
        draft.empty = True
        assert len(draft.store) == 0
        assert draft.base is not None
        assert draft.base.number == 1
        draft.store.add(quad("b"))
        draft.optimize = True
    assert statements(directory) == {quad("b")}


def test_nothing_published_is_an_error_that_says_how(directory: StoreDirectory) -> None:
    with pytest.raises(StoreError, match=r"there is no store.*trialkg build"):
        directory.newest()
    assert not directory.directory.exists()


def test_an_exception_changes_nothing(directory: StoreDirectory) -> None:
    publish(directory, "a")
    drafts: list[Draft] = []
    stores: list[ox.Store] = []

    def fail() -> None:
        with directory.writing() as draft:
            draft.store.add(quad("b"))
            drafts.append(draft)
            stores.append(draft.store)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert directory.newest().number == 1
    assert statements(directory) == {quad("a")}
    assert not list(directory.directory.glob("draft-*"))
    with pytest.raises(StoreError, match="the draft is over"):
        _ = drafts[0].store
    # A store that the caller kept open hinders nobody.
    stores[0].add(quad("c"))
    publish(directory, "d")
    assert statements(directory) == {quad("a"), quad("d")}


def test_a_store_kept_open_cannot_write_to_what_was_published(directory: StoreDirectory) -> None:
    with directory.writing() as draft:
        draft.store.add(quad("a"))
        kept = draft.store
    kept.add(quad("late"))
    kept.optimize()
    assert statements(directory) == {quad("a")}


def test_a_second_writer_is_refused_and_readers_are_not(directory: StoreDirectory) -> None:
    publish(directory, "a")
    with directory.writing() as draft:
        draft.store.add(quad("b"))
        with pytest.raises(StoreError, match=f"being written by process {os.getpid()}"), directory.writing():
            pytest.fail("two writers")
        assert statements(directory) == {quad("a")}
    assert statements(directory) == {quad("a"), quad("b")}


def test_a_writer_killed_in_the_middle_leaves_everything_whole(directory: StoreDirectory) -> None:
    publish(directory, "a")
    writer = start_writer(directory)
    try:
        with pytest.raises(StoreError, match="being written"), directory.writing():
            pytest.fail("two writers")
    finally:
        end_writer(writer)
    assert directory.newest().number == 1
    assert statements(directory) == {quad("a")}
    assert list(directory.directory.glob("draft-*"))
    publish(directory, "b")
    assert statements(directory) == {quad("a"), quad("b")}
    assert not list(directory.directory.glob("draft-*"))


def test_a_first_writer_killed_leaves_a_directory_that_is_still_ours(directory: StoreDirectory) -> None:
    end_writer(start_writer(directory))
    with pytest.raises(StoreError, match="there is no store"):
        directory.newest()
    publish(directory, "a")
    assert directory.newest().number == 1


class Killed(BaseException):
    """Stands for the end of the process at a given step."""


@pytest.mark.parametrize("step", range(1, 12))
def test_dying_at_any_step_of_publishing(directory: StoreDirectory, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    publish(directory, "a")
    steps = 0

    def dying(function: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **keywords: object) -> object:
            nonlocal steps
            steps += 1
            if steps == step:
                raise Killed
            return function(*arguments, **keywords)

        return counted

    def write() -> None:
        with monkeypatch.context() as patched, directory.writing() as draft:
            draft.store.add(quad("b"))
            for name in ("_write", "_sync_directory"):
                patched.setattr(generations, name, dying(getattr(generations, name)))
            for name in ("rename", "replace"):
                patched.setattr(Path, name, dying(getattr(Path, name)))
            patched.setattr(shutil, "rmtree", lambda *_, **__: None)  # nobody cleans up after a kill

    with pytest.raises(Killed):
        write()
    assert steps == step
    published = directory.newest().number == 2
    assert statements(directory) == ({quad("a"), quad("b")} if published else {quad("a")})
    publish(directory, "c")
    assert statements(directory) == ({quad("a"), quad("b"), quad("c")} if published else {quad("a"), quad("c")})
    left = {entry.name for entry in directory.directory.iterdir()}
    assert left == {"store-format", "current", "generations", "report.json", "lock"}
    newest = directory.newest()
    assert json.loads((directory.directory / "report.json").read_bytes()) == newest.report


def test_the_newest_generations_stay_and_one_in_use_stays_too(directory: StoreDirectory) -> None:
    publish(directory, "1")
    used = directory.newest()
    pinned = pin(str(used.path))
    assert pinned is not None
    for number in range(2, 7):
        publish(directory, str(number))
    newest = list(range(7 - KEPT_GENERATIONS, 7))
    assert directory.numbers() == [1, *newest]
    assert set(ox.Store.read_only(str(used.path))) == {quad("1")}
    os.close(pinned)
    publish(directory, "7")
    assert directory.numbers() == [number + 1 for number in newest]
    assert not list((directory.directory / "generations").glob("*.part"))


def test_a_pin_outside_a_generation_is_none(tmp_path: Path) -> None:
    assert pin(str(tmp_path / "store")) is None
    assert not in_use(str(tmp_path))


def test_a_store_opened_before_the_sweep_still_answers(directory: StoreDirectory) -> None:
    publish(directory, "a")
    opened = ox.Store.read_only(str(directory.newest().path))
    for number in range(6):
        publish(directory, str(number))
    assert 1 not in directory.numbers()
    assert set(opened) == {quad("a")}


def test_a_directory_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "draft-thesis").mkdir()
    directory = StoreDirectory(tmp_path)
    with pytest.raises(StoreError, match="not empty and not a store"), directory.writing():
        pytest.fail("written to")
    with pytest.raises(StoreError, match="not empty and not a store"):
        directory.newest()
    assert [entry.name for entry in tmp_path.iterdir()] == ["draft-thesis"]


def test_a_file_or_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(StoreError, match="file"), StoreDirectory(file).writing():
        pytest.fail("written to")
    with pytest.raises(StoreError, match="file"):
        StoreDirectory(file).newest()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "store-format").write_text("trialkg store 99\n")
    with pytest.raises(StoreError, match="'trialkg store 99'"), StoreDirectory(tmp_path / "new").writing():
        pytest.fail("written to")


@pytest.mark.parametrize("damage", ["no number", "", "000009"])
def test_a_damaged_name_of_the_newest_is_an_error(directory: StoreDirectory, damage: str) -> None:
    publish(directory, "a")
    (directory.directory / "current").write_text(damage)
    with pytest.raises(StoreError, match="cannot be read"):
        directory.newest()


def test_a_full_disk_is_a_store_error(directory: StoreDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(directory, "a")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def write() -> None:
        with monkeypatch.context() as patched, directory.writing() as draft:
            draft.store.add(quad("b"))
            patched.setattr(generations, "_write", full)

    with pytest.raises(StoreError, match="No space left"):
        write()
    assert statements(directory) == {quad("a")}
