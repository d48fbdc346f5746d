"""Where the index of names is kept, and what becomes of old ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.errors import VocabularyError
from kg.linking import index_files
from kg.linking.index import NAMES
from kg.linking.index_files import index_folder, load_index
from kg.namespaces import PREFIXES, mesh_iri
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.installed import Vocabulary, install, overlay
from kg.vocabularies.scope import Side

ASTHMA = Entry(mesh_iri("D001249"), "Asthma", ("Asthmas",), trees=("C08.127",), kind="descriptor")


@pytest.fixture
def vocabularies(tmp_path: Path) -> tuple[Vocabulary, ...]:
    folder = tmp_path / "mesh-1"
    folder.mkdir()
    return overlay([install(Source("MeSH", PREFIXES["mesh"], "2030", "", iter([ASTHMA])), "mesh", folder)])


def test_it_is_made_once_and_found_again(vocabularies: tuple[Vocabulary, ...], tmp_path: Path) -> None:
    index = load_index.__wrapped__(vocabularies)
    folder = index_folder(vocabularies)
    assert folder.parent == tmp_path
    made = (folder / NAMES).stat().st_mtime_ns
    again = load_index.__wrapped__(vocabularies)
    assert (folder / NAMES).stat().st_mtime_ns == made
    for one in (index, again):
        found = one.exact("ASTHMAS", Side.CONDITION)
        assert found is not None
        assert (found.iri, found.version) == (ASTHMA.iri, "2030")
        assert one.exact("asthmas", Side.INTERVENTION) is None


def test_old_ones_go_when_a_new_one_is_made(vocabularies: tuple[Vocabulary, ...], tmp_path: Path) -> None:
    old, recent = tmp_path / "index-old", tmp_path / "index-recent"
    for folder in (old, recent):
        folder.mkdir()
    os.utime(old, (0, 0))
    load_index.__wrapped__(vocabularies)
    assert not old.exists()
    assert recent.exists()


def test_a_home_that_cannot_be_written_to_only_costs_time(
    vocabularies: tuple[Vocabulary, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setattr(index_files, "_home", lambda _: blocked)
    index = load_index.__wrapped__(vocabularies)
    assert index.exact("Asthma", Side.CONDITION) is not None


def test_a_damaged_one_says_so(vocabularies: tuple[Vocabulary, ...]) -> None:
    load_index.__wrapped__(vocabularies)
    (index_folder(vocabularies) / NAMES).write_bytes(b"not a trie")
    with pytest.raises(VocabularyError, match="remove it; it is made anew"):
        load_index.__wrapped__(vocabularies)
