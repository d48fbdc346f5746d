"""What CKAN makes of a catalog: ``python ckan_reads.py PROFILE CATALOG``, in the environment build/catalogs."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    from ckanext.dcat.processors import RDFParser

    profile, path = sys.argv[1:]
    parser = RDFParser(profiles=[profile])
    parser.parse(Path(path).read_text(encoding="utf-8"), "turtle")
    json.dump(list(parser.datasets()), sys.stdout)


if __name__ == "__main__":
    main()
