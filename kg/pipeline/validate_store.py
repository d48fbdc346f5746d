"""Validation of the studies of a store, one by one: a long run has no other end than its last study."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.config import LIMITS
from kg.errors import StoreError
from kg.namespaces import PREFIXES
from kg.pipeline.build import Progress, default_jobs
from kg.pipeline.validate import report_on, validator_for
from kg.store.embedded import open_generation, reading, study_ids, study_quads
from kg.store.generations import Generation, StoreDirectory
from kg.validation import Engine, Report, Validator, merge

__all__ = ["validate_store"]

_BATCH: Final = 100
_ORGANIZATION: Final = PREFIXES["organization"]


def validate_store(
    store: Path,
    shapes: Sequence[Path] = (),
    *,
    engine: Engine = Engine.COMPILED,
    jobs: int | None = None,
    seconds: float = LIMITS.validation_seconds,
    say: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Validate every study of a store's newest generation.

    Args:
        store: the store directory.
        shapes: shape files to use in place of the bundled ones.
        engine: what validates.
        jobs: worker processes, with the bundled shapes; chosen by the number of studies when None.
        seconds: what a user's shapes may take, for each study.
        say: told which shapes are left to pySHACL.
        progress: told of studies done.

    Returns:
        The report, which keeps ``LIMITS.validation_results`` results of each rule; its totals are exact.

    Raises:
        StoreError: there is no store, or a worker process died.
        ShapesError: the shapes cannot be used.
        ValidationStopped: they reached a limit.
    """
    generation = StoreDirectory(store).newest()
    with reading(generation) as opened:
        ids = sorted(study_ids(opened))
        jobs = jobs or default_jobs(len(ids))
        if not shapes and jobs > 1:
            return _in_processes(store, generation, ids, jobs, engine, progress)
        with validator_for(shapes, engine, seconds, say) as validator:
            one_by_one = (report_on(validator, _study(opened, nct_id)) for nct_id in ids)
            return merge(_counted(one_by_one, len(ids), 1, progress), LIMITS.validation_results)


def _in_processes(
    store: Path, generation: Generation, ids: Sequence[str], jobs: int, engine: Engine, progress: Progress | None
) -> Report:
    batches = [ids[place : place + _BATCH] for place in range(0, len(ids), _BATCH)]
    # The store's threads must not be forked along, so workers start afresh.
    with ProcessPoolExecutor(
        jobs,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(generation._replace(report={}), engine),
    ) as pool:
        try:
            reports = pool.map(_validate_batch, batches)
            return merge(_counted(reports, len(ids), _BATCH, progress), LIMITS.validation_results)
        except BrokenProcessPool as error:
            remedy = "give it more memory, or fewer workers by --jobs"
            raise StoreError("a worker process died", place=str(store), remedy=remedy) from error


def _counted(reports: Iterator[Report], total: int, size: int, progress: Progress | None) -> Iterator[Report]:
    for number, report in enumerate(reports, 1):
        yield report
        if progress:
            progress(min(number * size, total), total)


def _study(store: ox.Store, nct_id: str) -> list[ox.Triple]:
    """The statements of a study as it was converted: its own, and those of the organizations that it names."""
    own = [quad.triple for quad in study_quads(store, nct_id)]
    named = {one.object for one in own if isinstance(one.object, ox.NamedNode)}
    shared = [node for node in named if node.value.startswith(_ORGANIZATION)]
    return own + [
        quad.triple for node in shared for quad in store.quads_for_pattern(node, None, None, ox.DefaultGraph())
    ]


_worker: dict[str, tuple[Generation, Engine]] = {}


def _begin(generation: Generation, engine: Engine) -> None:
    # The keyboard interrupts this process too; the one that started it is the one to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker["at"] = (generation, engine)


@cache
def _opened() -> tuple[ox.Store, Validator]:
    generation, engine = _worker["at"]
    return open_generation(generation), Validator(engine=engine)


def _validate_batch(ids: Sequence[str]) -> Report:
    store, validator = _opened()
    return merge((report_on(validator, _study(store, nct_id)) for nct_id in ids), LIMITS.validation_results)
