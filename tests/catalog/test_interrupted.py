"""Killed at any moment, or on a full disk: the target is the old export or the new one, and nothing is left over."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from pyoxigraph import Quad, Store

from kg.catalog import export, verify
from kg.catalog.checksums import files_below
from kg.catalog.target import exchange, replacing
from kg.errors import StoreBusy, StoreError

Statements = Callable[..., list[Quad]]
KILLS, SEED = 15, 7
OPTIONS = {"formats": ["nt"], "layout": "study", "vocabularies": False}


def export_for_ever(stores: list[Store], target: Path, started: Event) -> None:
    started.set()
    while True:
        for store in stores:
            export(store, target, **OPTIONS)  # type: ignore[arg-type]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_below(folder)}


def test_killed_at_random_moments(statements: Statements, tmp_path: Path) -> None:
    target = tmp_path / "here" / "out"
    wanted, stores = [], []
    for name, numbers in (("a", (1, 2)), ("b", (2, 12))):
        stores.append(Store())
        stores[-1].extend(statements(*numbers))
        wanted.append(tree(export(stores[-1], tmp_path / name, **OPTIONS).output))  # type: ignore[arg-type]
    export(stores[0], target, **OPTIONS)  # type: ignore[arg-type]
    # Forked, for nothing of it is about to start: it begins at once.
    context = multiprocessing.get_context("fork")
    moments = random.Random(SEED)  # noqa: S311
    seen = {0}
    there = 0
    for _ in range(KILLS):
        # One process exports now that, now this, until it is killed.
        started = context.Event()
        process = context.Process(
            target=export_for_ever, args=([stores[1 - there], stores[there]], target, started), daemon=True
        )
        process.start()
        assert started.wait(30)
        time.sleep(moments.uniform(0.0, 0.8))
        process.kill()
        process.join()
        found = tree(target)
        assert found in wanted
        there = wanted.index(found)
        seen.add(there)
    assert seen == {0, 1}
    # The next one clears away what was left.
    report = export(stores[0], target, **OPTIONS)  # type: ignore[arg-type]
    assert verify(report.output) == []
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_folders_change_place_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not exchange(tmp_path / "one", tmp_path / "other"):
        pytest.skip("this file system cannot exchange folders")
    assert (tmp_path / "one" / "other").exists()
    assert (tmp_path / "other" / "one").exists()
    with pytest.raises(OSError, match="No such file"):
        exchange(tmp_path / "one", tmp_path / "absent")


def test_what_a_killed_one_put_away_comes_back(tmp_path: Path) -> None:
    # Where folders cannot be exchanged: killed after the earlier export was put away, before the new one is there.
    left = tmp_path / ".out.abc.partial"
    (left / "new").mkdir(parents=True)
    (left / "old").mkdir()
    (left / "old" / "earlier").touch()
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "out"):
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "earlier").exists()


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with replacing(tmp_path / "out") as folder:
        (folder / "mine").touch()
        with pytest.raises(StoreBusy, match="another process is writing this export"), replacing(tmp_path / "out"):
            pass
    assert (tmp_path / "out" / "mine").exists()


def test_what_belongs_to_another_target_is_left_alone(tmp_path: Path) -> None:
    with replacing(tmp_path / "out.b") as other:
        with replacing(tmp_path / "out") as folder:
            (folder / "mine").touch()
        assert other.exists()
    left = tmp_path / ".out.b.abc.partial"
    left.mkdir()
    with replacing(tmp_path / "out.c"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [left.name, "out", "out.b", "out.c"]


def test_where_folders_have_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", no_locks)
    left = tmp_path / ".out.abc.partial"
    left.mkdir()
    with replacing(tmp_path / "out") as folder:
        (folder / "mine").touch()
    # Whether anybody works in it cannot be known.
    assert sorted(path.name for path in tmp_path.iterdir()) == [left.name, "out"]


@pytest.mark.parametrize("form", ["nt", "ttl.gz", "jsonld", "rdfxml"])
def test_a_file_that_cannot_grow_is_one_error(
    statements: Statements, invented: Store, tmp_path: Path, form: str
) -> None:
    target = tmp_path / "here" / "out"
    report = export(invented, target, formats=[form], vocabularies=False)
    before = tree(report.output)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = Store()
    store.extend(statements(*range(1, 30)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, limits[1]))
    try:
        with pytest.raises(StoreError) as caught:
            export(store, target, formats=[form], vocabularies=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    place = f"{target}: the export failed, and nothing was changed: {os.strerror(errno.EFBIG)} (check space and rights)"
    assert str(caught.value) == place
    assert tree(target) == before
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_a_full_disk_is_one_line_of_the_command(statements: Statements, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("no right to mount a small disk; the limit of a file's size is tested either way")
    try:
        from kg.store.generations import StoreDirectory

        directory = StoreDirectory(tmp_path / "trials.kg")
        with directory.writing() as draft:
            draft.store.extend(statements(*range(1, 30)))
        command = [sys.executable, "-c", "import sys; from kg.cli import main; sys.exit(main(sys.argv[1:]))"]
        command += ["export", "--store", str(directory.directory), "-o", str(disk / "out"), "--no-vocabularies"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert f"the export failed, and nothing was changed: {os.strerror(errno.ENOSPC)}" in done.stderr
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)
