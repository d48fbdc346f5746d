"""What tests share: where the real data is, and the markers that skip with a reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _shared() -> Path:
    return Path(os.environ.get("TRIALKG_DATA") or ROOT.parent / "shared" / "data")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write what the code gives now as the expected files")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {
        "shared_data": None if _shared().is_dir() else f"no real data at {_shared()} (set TRIALKG_DATA)",
        "java": None if shutil.which("java") else "no java on the path",
        "browser": None if shutil.which("chromium") and shutil.which("chromedriver") else "no chromium and chromedriver",
    }
    for item in items:
        for marker, reason in absent.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; use with the marker ``shared_data``."""
    return _shared()


@pytest.fixture(scope="session")
def update_goldens(pytestconfig: pytest.Config) -> bool:
    """Whether expected files are to be rewritten."""
    return bool(pytestconfig.getoption("--update-goldens"))
