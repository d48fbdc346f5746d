"""A small siege of a few seconds; ``bench/siege.py`` is the whole one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.loopback import born, identified, trialkg
from bench.siege import GROUPS, SETTINGS, Plan, besiege, demands, prepare, settled
from tests.server.server_process import fill

pytestmark = pytest.mark.server

WORKERS = 4
MEMORY = 512 * 2**20
# How long a look-up takes says nothing while other tests run.
TIMED = "p99"


@pytest.mark.parametrize(
    "plan", [Plan("mixed", 40, 2.0), Plan("renewed and killed", 40, 3.0, 3, kills=True)], ids=lambda plan: plan.name
)
def test_a_small_siege(tmp_path: Path, studies: str, plan: Plan) -> None:
    store = tmp_path / "store"
    fill(store, studies)
    truth = prepare(store)
    lines = [f"{name} = {value}" for name, value in {**SETTINGS, "workers": WORKERS, "timeout": 1}.items()]
    seen: set[tuple[int, int]] = set()
    with trialkg(store, tmp_path, lines) as server:
        outcome = besiege(server, store, truth, plan, seen)
        calm = settled(server, WORKERS + int(SETTINGS["spare_workers"]))
        seen |= identified(server.process.pid)
    met = demands(plan, outcome, 1.0, workers=WORKERS, memory=MEMORY, calm=calm)
    assert not [demand for demand, is_met in met.items() if not is_met and not demand.startswith(TIMED)], outcome.wrong
    assert {kind for kind, _ in outcome.answers} == set(GROUPS)
    assert not [process for process, began in seen if born(process) == began]
    assert "Traceback" not in (tmp_path / "trialkg.log").read_text()
