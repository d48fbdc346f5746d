"""Validates a Biolink graph with KGX and the model's own classes, in an environment that has both; without a network.

Writes a JSON object: for each form how many nodes and edges passed through KGX and what it found wrong; and which
properties the model's classes do not have, by class. A record that is no instance of its class ends it.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import bmt  # type: ignore[import-not-found]

# KGX fetches the model and its prefixes when it is imported; the package biolink-model has both.
PACKAGE = files("biolink_model")
bmt.Toolkit.__init__.__defaults__ = (str(PACKAGE / "schema" / "biolink_model.yaml"), {"predicate mappings": []})

import kgx.config  # type: ignore[import-not-found]  # noqa: E402

kgx.config.jsonld_context_map |= {
    "biolink": json.loads((PACKAGE / "prefixmaps" / "biolink-model-prefix-map.json").read_text(encoding="utf-8")),
    "monarch_context": {},
    "obo_context": {},
}

from biolink_model.datamodel import pydanticmodel_v2 as model  # type: ignore[import-not-found]  # noqa: E402
from kgx.transformer import Transformer  # type: ignore[import-not-found]  # noqa: E402
from kgx.utils.kgx_utils import GraphEntityType  # type: ignore[import-not-found]  # noqa: E402
from kgx.validator import Validator  # type: ignore[import-not-found]  # noqa: E402


def by_kgx(folder: Path, form: str) -> dict[str, Any]:
    seen = {GraphEntityType.NODE: 0, GraphEntityType.EDGE: 0}

    def count(kind: Any, _record: Any) -> None:
        seen[kind] += 1

    validator = Validator(progress_monitor=count)
    validator.clear_errors()
    # As a stream: a graph in memory keeps one edge for a subject, predicate and object.
    Transformer(stream=True).transform(
        {"filename": [str(folder / f"nodes.{form}"), str(folder / f"edges.{form}")], "format": form},
        {"filename": "nothing", "format": "null"},
        inspector=validator,
    )
    return {
        "model": validator.get_validation_model_version(),
        "nodes": seen[GraphEntityType.NODE],
        "edges": seen[GraphEntityType.EDGE],
        "errors": json.loads(json.dumps(validator.get_errors())),
    }


def by_model(folder: Path) -> dict[str, list[str]]:
    beyond: dict[str, set[str]] = {}
    for name in ("nodes.jsonl", "edges.jsonl"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            class_ = getattr(model, record["category"][0].removeprefix("biolink:"))
            unknown = record.keys() - class_.model_fields.keys()
            beyond.setdefault(class_.__name__, set()).update(unknown)
            if studies := record.get("has_supporting_studies"):
                # The classes want the studies themselves where a table has their ids.
                record["has_supporting_studies"] = {
                    study: model.Study(id=study, category=["biolink:Study"]) for study in studies
                }
            class_(**{key: value for key, value in record.items() if key not in unknown})
    return {name: sorted(names) for name, names in sorted(beyond.items())}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    report = {"tsv": by_kgx(place, "tsv"), "jsonl": by_kgx(place, "jsonl"), "beyond": by_model(place)}
    sys.stdout.write(json.dumps(report) + "\n")
