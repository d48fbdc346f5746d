"""How well the rules read registered texts, against gold.

    python -m bench.texts              print the figures
    python -m bench.texts --write      and put them into docs/texts.md
    python -m bench.texts --misses     print what of the parts tuned on is not right

``docs/texts.md`` says what each figure is; ``gold/README.md`` how the gold was made. The texts are looked up in the
real records, since they are not in the repository.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

from bench import texts_outcomes, texts_reasons
from bench.figures import data_path, lines
from bench.tables import write_section

__all__ = ["DOCUMENT", "main", "records"]

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "texts.md"
_PARTS: Final = {"outcome-figures": texts_outcomes, "reason-figures": texts_reasons}


def records() -> dict[str, dict[str, Any]]:
    """The real records by NCT id."""
    found = (json.loads(line) for line in lines(data_path()))
    return {record["protocolSection"]["identificationModule"]["nctId"]: record for record in found}


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="How well the rules read registered texts.")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT.name}")
    parser.add_argument("--misses", action="store_true", help="print what of the parts tuned on is not right")
    given = parser.parse_args()
    known = records()
    for section, part in _PARTS.items():
        if given.misses:
            print(*part.misses(known), sep="\n")
            continue
        tables = part.tables(known)
        for table in tables:
            table.print()
        if given.write:
            write_section(section, tables, DOCUMENT)


if __name__ == "__main__":
    main()
