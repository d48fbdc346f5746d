"""What mlcroissant makes of an export: ``python croissant_reads.py FOLDER``, in the environment build/catalogs."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    import mlcroissant

    folder = Path(sys.argv[1])
    document = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    # Files are taken from the folder, so that nothing is fetched.
    files = {file["@id"]: folder / file["@id"] for file in document["distribution"] if file["@type"] == "cr:FileObject"}
    dataset = mlcroissant.Dataset(jsonld=document, mapping=files)
    metadata, issues = dataset.metadata, dataset.metadata.ctx.issues
    records = {one.id: [_plain(record) for record in dataset.records(one.id)] for one in metadata.record_sets}
    found = {
        "errors": sorted(map(str, issues.errors)),
        "warnings": sorted(map(str, issues.warnings)),
        "name": metadata.name,
        "files": {file.id: file.sha256 for file in metadata.file_objects},
        "records": records,
    }
    json.dump(found, sys.stdout)


def _plain(record: dict[str, object]) -> dict[str, str]:
    return {key: value.decode() if isinstance(value, bytes) else str(value) for key, value in record.items()}


if __name__ == "__main__":
    main()
