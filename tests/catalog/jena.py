"""Apache Jena's ``riot`` as Debian packages it, on all files in one JVM, and one more for JSON-LD."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, RdfFormat, parse

from tests.validation.jena import unpack_texts

__all__ = ["read_by_riot"]

_JARS: Final = Path("/usr/share/java")
# No more than these: with the whole folder, two logging bridges call each other until the stack is full.
_NAMES: Final = (
    *("jena-cmds", "jena-arq", "jena-core", "jena-iri", "jena-base"),
    *("thrift", "guava", "commons-lang3", "commons-io", "commons-compress", "commons-codec", "dexx.collection"),
    *("slf4j-api", "slf4j-nop", "jcl-over-slf4j"),
    *("jsonld-java", "jackson-core", "jackson-databind", "jackson-annotations"),
    *("httpclient", "httpclient-cache", "httpcore"),
)


def read_by_riot(files: Sequence[Path], scratch: Path) -> Counter[Quad]:
    """How often each statement is in all files together, by their endings; what riot warns of fails."""
    unpack_texts(scratch)
    as_json = [path for path in files if ".jsonld" in path.name]
    others = [path for path in files if path not in as_json]
    # Debian has no implementation of the interface to JSON that Jena's reader of JSON-LD 1.1 needs.
    return _read(others, scratch) + _read(as_json, scratch, "--syntax=jsonld10")


def _read(files: Sequence[Path], scratch: Path, *options: str) -> Counter[Quad]:
    classes = ":".join([str(scratch), *(str(_JARS / f"{jar}.jar") for jar in _NAMES)])
    done = subprocess.run(
        ["java", "-cp", classes, "riotcmd.riot", *options, "--output=nq", *map(str, files)],
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return Counter(parse(done.stdout, RdfFormat.N_QUADS))
