"""What tests share: where the real data is, and the markers that skip with a reason.

With ``TRIALKG_REQUIRE=1``, as in CI, what is missing fails the test that needs it.
"""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is. All else stays as it is, in CI as hypothesis has it there.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent
_JENA = Path("/usr/share/java/jena-shacl.jar")
GRLC = ROOT / "build" / "grlc" / "bin" / "python"
"""An environment with grlc; .ci/run makes it."""
_COMUNICA = ROOT / "build" / "comunica" / "node_modules" / ".bin" / "comunica-sparql-file-http"
_KGX = ROOT / "build" / "kgx" / "bin" / "python"
_READERS = ROOT / "build" / "catalogs" / "bin" / "python"
_MISSING = pytest.StashKey[str]()


def _shared() -> Path:
    return Path(os.environ.get("TRIALKG_DATA") or ROOT.parent / "shared" / "data")


def find_program(name: str) -> str | None:
    """A program, from the environment of the tests or from the path."""
    return shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)


def find_comunica() -> str | None:
    """Comunica's server over a file, in the folder that CI installs it in or on the path."""
    found = str(_COMUNICA) if _COMUNICA.exists() else find_program(_COMUNICA.name)
    return found if find_program("node") else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens", action="store_true", help="write what the code gives now as the expected files"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {
        "shared_data": None if _shared().is_dir() else f"no real data at {_shared()} (set TRIALKG_DATA)",
        "java": None if shutil.which("java") else "no java on the path",
        "jena": None if _JENA.is_file() else f"no {_JENA} (Debian: libapache-jena-java)",
        "grlc": None if GRLC.exists() else f"no grlc at {GRLC} (.ci/run makes it)",
        "kgx": None if _KGX.is_file() else "no build/kgx, an environment with kgx (.ci/run makes it)",
        "readers": None if _READERS.is_file() else f"no {_READERS} (.ci/run makes it)",
        "browser": None
        if shutil.which("chromium") and shutil.which("chromedriver")
        else "no chromium and chromedriver",
        "openssl": None if shutil.which("openssl") else "no openssl on the path",
        "oxigraph": None if find_program("oxigraph") else "no oxigraph on the path (pip install oxigraph)",
        "virtuoso": None
        if find_program("virtuoso-t")
        else "no virtuoso-t on the path (Debian: virtuoso-opensource-7-bin)",
        "comunica": None
        if find_comunica()
        else "no Comunica (npm install --prefix build/comunica @comunica/query-sparql-file@4)",
    }
    for item in items:
        for marker, reason in absent.items():
            if reason and item.get_closest_marker(marker):
                if os.environ.get("TRIALKG_REQUIRE") == "1":
                    item.stash[_MISSING] = reason
                else:
                    item.add_marker(pytest.mark.skip(reason=reason))
    # Workers come to their end together when the files that take longest are begun first.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if _MISSING in item.stash:
        pytest.fail(f"{item.stash[_MISSING]}, and TRIALKG_REQUIRE=1 lets nothing be skipped", pytrace=False)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; use with the marker ``shared_data``."""
    return _shared()


@pytest.fixture(scope="session")
def update_goldens(pytestconfig: pytest.Config) -> bool:
    """Whether expected files are to be rewritten."""
    return bool(pytestconfig.getoption("--update-goldens"))


@pytest.fixture(scope="session")
def vocabulary_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the vocabularies and no study; loading them is most of the time of a small build."""
    import io

    from kg.store.embedded import bulk_load
    from kg.store.generations import StoreDirectory
    from kg.vocabularies.installed import bundled, digest, statements

    directory = tmp_path_factory.mktemp("vocabularies") / "store"
    with StoreDirectory(directory).writing() as draft:
        bulk_load(draft.store, io.BytesIO(b"".join(statements())), trusted=True)
        draft.report = {"vocabularyDigest": digest(bundled())}
    return directory


@pytest.fixture
def store(vocabulary_store: Path, tmp_path: Path) -> Path:
    """A store of the test's own that has the vocabularies already; published files are never written to."""
    directory = tmp_path / "store"
    shutil.copytree(vocabulary_store, directory, copy_function=os.link)
    return directory
