"""What KGX and the Biolink model make of a graph: ``python kgx_reads.py FOLDER``, in the environment build/kgx.

Writes a JSON object: for each form how many nodes and edges passed through KGX and what it found wrong; and which
properties the model's classes do not have, by class. A record that is no instance of its class ends it. No network.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any


def use_the_installed_model() -> None:
    """KGX fetches the model and its prefixes when it is imported; the package biolink-model has both."""
    import bmt

    package = files("biolink_model")
    model = str(package / "schema" / "biolink_model.yaml")
    bmt.Toolkit.__init__.__defaults__ = (model, {"predicate mappings": []})

    from kgx import config

    prefixes = (package / "prefixmaps" / "biolink-model-prefix-map.json").read_text(encoding="utf-8")
    config.jsonld_context_map |= {"biolink": json.loads(prefixes), "monarch_context": {}, "obo_context": {}}


def by_kgx(folder: Path, form: str) -> dict[str, Any]:
    from kgx.transformer import Transformer
    from kgx.utils.kgx_utils import GraphEntityType
    from kgx.validator import Validator

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
    from biolink_model.datamodel import pydanticmodel_v2 as model

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


def main() -> None:
    place = Path(sys.argv[1])
    use_the_installed_model()
    report = {"tsv": by_kgx(place, "tsv"), "jsonl": by_kgx(place, "jsonl"), "beyond": by_model(place)}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
