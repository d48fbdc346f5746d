"""Apache Jena's ``riot`` as Debian packages it, on all files in one JVM."""

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
    classes = ":".join([str(scratch), *(str(_JARS / f"{jar}.jar") for jar in _NAMES)])
    done = subprocess.run(
        ["java", "-cp", classes, "riotcmd.riot", "--output=nq", *map(str, files)],
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return Counter(parse(done.stdout, RdfFormat.N_QUADS))
