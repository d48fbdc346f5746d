"""Validates a Biolink graph with KGX, in an environment that has kgx and biolink-model; without a network.

Prints a JSON object: for each form how many nodes and edges passed through, and what was found wrong.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import Any

import bmt  # type: ignore[import-not-found]

# KGX fetches the model and its prefixes when it is imported; the package biolink-model has both.
_PACKAGE = files("biolink_model")
bmt.Toolkit.__init__.__defaults__ = (str(_PACKAGE / "schema" / "biolink_model.yaml"), {"predicate mappings": []})

import kgx.config  # type: ignore[import-not-found]  # noqa: E402

kgx.config.jsonld_context_map |= {
    "biolink": json.loads((_PACKAGE / "prefixmaps" / "biolink-model-prefix-map.json").read_text(encoding="utf-8")),
    "monarch_context": {},
    "obo_context": {},
}

from kgx.transformer import Transformer  # type: ignore[import-not-found]  # noqa: E402
from kgx.utils.kgx_utils import GraphEntityType  # type: ignore[import-not-found]  # noqa: E402
from kgx.validator import Validator  # type: ignore[import-not-found]  # noqa: E402


def validate(folder: str, form: str) -> dict[str, Any]:
    seen = {GraphEntityType.NODE: 0, GraphEntityType.EDGE: 0}

    def count(kind: Any, _record: Any) -> None:
        seen[kind] += 1

    validator = Validator(progress_monitor=count)
    # As a stream: a graph in memory keeps one edge for a subject, predicate and object.
    Transformer(stream=True).transform(
        {"filename": [f"{folder}/nodes.{form}", f"{folder}/edges.{form}"], "format": form},
        {"filename": "nothing", "format": "null"},
        inspector=validator,
    )
    return {
        "model": validator.get_validation_model_version(),
        "nodes": seen[GraphEntityType.NODE],
        "edges": seen[GraphEntityType.EDGE],
        "errors": validator.get_errors(),
    }


if __name__ == "__main__":
    json.dump({form: validate(sys.argv[1], form) for form in ("tsv", "jsonl")}, sys.stdout)
