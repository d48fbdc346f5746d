"""docs/operations.md names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from kg.server.lookup import Lookup, Newest
from kg.server.metrics import Metrics
from kg.server.pool import Pool
from kg.server.services import Services
from kg.server.settings import ServerSettings
from kg.server.trace import Killed
from kg.server.validators import Validators
from kg.store.generations import StoreDirectory

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def metrics(directory: Path) -> dict[str, tuple[str, ...]]:
    """Metric → its labels, as they are exposed."""
    newest, settings = Newest(StoreDirectory(directory)), ServerSettings(workers=1, validations=1)
    registry = Metrics(Services(Pool(newest, settings), Validators(settings), Lookup(newest), {}, settings)).registry
    found = {}
    for family in registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels if label != "le"}
        found[name] = tuple(sorted(labels))
    return found


def test_metrics_are_those_of_the_server(tmp_path: Path) -> None:
    ours = {name for name in metrics(tmp_path) if name.startswith("trialkg_")}
    rows = dict(re.findall(r"^\| `(trialkg_\w+)` \| (.*?) \|", DOCUMENT, re.MULTILINE))
    assert rows.keys() == ours
    exposed = metrics(tmp_path)
    # A histogram without a request yet has no samples, so no labels to be seen.
    assert rows.pop("trialkg_request_seconds") == "`route`, `status`"
    for name, labels in rows.items():
        assert tuple(sorted(re.findall(r"`(\w+)`", labels))) == exposed[name], name


def test_metrics_named_anywhere_exist(tmp_path: Path) -> None:
    exposed = metrics(tmp_path)
    for name in re.findall(r"\b(?:trialkg|process)_[a-z_]+\b", DOCUMENT):
        base = re.sub(r"_(count|sum|bucket)$", "", name)
        assert name in exposed or base in exposed, name


def test_reasons_are_those_of_the_server() -> None:
    table = DOCUMENT.partition("| reason of a kill |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {one.value for one in Killed}
