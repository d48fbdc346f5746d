"""Apache Jena's SHACL engine as Debian packages it: independent of rdflib and pySHACL, from the parser on."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from rdflib import Graph

from kg.errors import ShapesError
from kg.validation import Result
from tests.validation.engines import results_in

__all__ = ["jena_engine", "jena_report", "unpack_texts"]

_JARS: Final = Path("/usr/share/java")
# No more than these: with the whole folder, two logging bridges call each other until the stack is full.
_NAMES: Final = (
    *("jena-shacl", "jena-cmds", "jena-arq", "jena-core", "jena-iri", "jena-base"),
    *("thrift", "guava", "commons-lang3", "commons-io", "commons-compress", "dexx.collection"),
    *("slf4j-api", "slf4j-nop"),
)
# The Xerces in Debian's Jena looks for the texts of its messages in another package than the one they were moved to.
_TEXTS: Final = "org/apache/jena/ext/"


def jena_engine(data: Graph, shapes: Graph) -> list[Result]:
    """What ``shacl validate`` of Jena finds. It starts a JVM, a second or two: better one large graph than many."""
    return results_in(Graph().parse(data=jena_report(data, shapes), format="turtle"))


def jena_report(data: Graph, shapes: Graph) -> str:
    """The report in Turtle."""
    with tempfile.TemporaryDirectory(prefix="trialkg-jena-") as name:
        folder = Path(name)
        # N-Triples leaves each lexical form as it is.
        data.serialize(folder / "data.nt", format="nt", encoding="utf-8")
        shapes.serialize(folder / "shapes.nt", format="nt", encoding="utf-8")
        unpack_texts(folder)
        classes = ":".join([name, *(str(_JARS / f"{jar}.jar") for jar in _NAMES)])
        done = subprocess.run(
            ["java", "-cp", classes, "shacl.shacl_validate", "--shapes=shapes.nt", "--data=data.nt"],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )
    # An exception of Jena's is in the error output only; the command ends well all the same.
    if done.returncode or done.stderr:
        raise ShapesError(f"Jena cannot evaluate the shapes: {done.stderr}", remedy="correct the shape")
    return done.stdout


def unpack_texts(folder: Path) -> None:
    """Put the texts of messages into a folder, which is to come first among the classes."""
    with zipfile.ZipFile(_JARS / "jena-core.jar") as jar:
        for name in jar.namelist():
            if name.startswith(f"{_TEXTS}xerces/") and name.endswith(".properties"):
                target = folder / name.removeprefix(_TEXTS)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(jar.read(name))
