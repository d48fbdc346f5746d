"""What CKAN makes of a catalog: ``python ckan_reads.py PROFILE CATALOG``, in the environment of requirements-catalogs.lock."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ckanext.dcat.processors import RDFParser


def main() -> None:
    profile, path = sys.argv[1:]
    parser = RDFParser(profiles=[profile])
    parser.parse(Path(path).read_text(encoding="utf-8"), "turtle")
    json.dump(list(parser.datasets()), sys.stdout)


main()
