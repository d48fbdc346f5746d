"""The vocabularies of a store: which it uses, what is added or removed, and what that changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import pyoxigraph as ox

from kg.config import store_directory
from kg.errors import UsageError
from kg.linking.index_files import index_folder
from kg.linking.linker import load_linker
from kg.namespaces import PREFIXES
from kg.pipeline.additions import Addition
from kg.store.generations import Generation, StoreDirectory
from kg.vocabularies.changes import VocabularyChanges, compare
from kg.vocabularies.installed import Vocabulary, bundled, entries, overlay

__all__ = [
    "LinkChange",
    "LinkChanges",
    "changed",
    "installing",
    "kept_places",
    "link_changes",
    "report_of",
    "used_by",
    "used_or_bundled",
]

_FOLDER: Final = "vocabularies"
_ROWS: Final = 10_000
"""So many rows of each kind of change are in the report; the counts are of all."""
_LINK: Final = ox.NamedNode(PREFIXES["tkg"] + "link")
_CONCEPT: Final = ox.NamedNode(PREFIXES["tkg"] + "concept")
_TEXT: Final = ox.NamedNode(PREFIXES["tkg"] + "matchedText")


class LinkChange(msgspec.Struct, frozen=True, rename="camel"):
    """A link that there was before only (``now`` is empty) or is now only (``was`` is empty)."""

    node: str
    text: str
    was: str
    now: str


class LinkChanges(msgspec.Struct, rename="camel"):
    """Links that are not what they were; ``rows`` has the first of them, ``studies`` counts all that are touched."""

    removed: int = 0
    added: int = 0
    studies: int = 0
    rows: list[LinkChange] = []


def used_by(directory: Path, generation: Generation | None = None) -> tuple[Vocabulary, ...]:
    """The vocabularies that a store links to: those of its newest generation, or of the one that is given.

    Raises:
        StoreError: there is no store.
    """
    report = (generation or StoreDirectory(directory).newest()).report
    added = [
        Vocabulary(**{**about, "folder": str(directory / about["folder"])}) for about in report.get("installed", ())
    ]
    return overlay(added)


def used_or_bundled(directory: Path | None = None) -> tuple[Vocabulary, ...]:
    """The vocabularies of a store; the bundled ones where none is named and there is no store in the usual place.

    Raises:
        StoreError: the named store is not there.
    """
    place = store_directory(directory)
    return used_by(place) if directory or place.is_dir() else bundled()


def report_of(directory: Path, vocabularies: Sequence[Vocabulary]) -> list[dict[str, Any]]:
    """The added vocabularies as a generation's report keeps them: their folders are under the store's directory."""
    return [
        {**vocabulary._asdict(), "folder": str(Path(vocabulary.folder).relative_to(directory))}
        for vocabulary in vocabularies
        if vocabulary.folder
    ]


def kept_places(directory: Path, vocabularies: Sequence[Vocabulary]) -> list[str]:
    """Folders under a store's directory that its links rely on: vocabularies, and the index of their names."""
    folders = [Path(vocabulary.folder) for vocabulary in vocabularies if vocabulary.folder]
    index = index_folder(vocabularies)
    if index.is_relative_to(directory):
        folders.append(index)
    return [str(folder.relative_to(directory)) for folder in folders]


@contextmanager
def installing(
    directory: Path, before: Sequence[Vocabulary], add: Sequence[Addition], remove: Sequence[str]
) -> Iterator[tuple[Vocabulary, ...]]:
    """The vocabularies that a store will use; when the block ends by an exception, nothing of them stays.

    Args:
        directory: the store's directory, which this process is writing.
        before: what it uses now.
        add: vocabularies to add; one of the same name is replaced.
        remove: names of added ones to remove; a bundled one takes its place again where there is one.

    Raises:
        VocabularyError: one of them cannot be installed.
        UsageError: one to be removed is not there.
    """
    added = {vocabulary.name: vocabulary for vocabulary in before if vocabulary.folder}
    for name in remove:
        if name not in added:
            raise UsageError(f"no vocabulary {name!r} was added", remedy=f"added are: {', '.join(added) or 'none'}")
        del added[name]
    made: list[Path] = []
    try:
        for addition in add:
            vocabulary = _install(directory / _FOLDER, addition, made)
            added[vocabulary.name] = vocabulary
        used = overlay(added.values())
        # Here and not in a worker process, so that what cannot be used is said before anything is done.
        load_linker(used)
        yield used
    except BaseException:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _install(home: Path, addition: Addition, made: list[Path]) -> Vocabulary:
    home.mkdir(exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".", dir=home))
    try:
        vocabulary = addition(aside)
        folder = home / f"{vocabulary.name}-{vocabulary.sha256[:12]}"
        if not folder.exists():
            aside.chmod(0o755)
            aside.rename(folder)
            made.append(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return vocabulary._replace(folder=str(folder))


def changed(before: Sequence[Vocabulary], now: Sequence[Vocabulary]) -> list[VocabularyChanges]:
    """What changed in each vocabulary that is used in another version than before."""
    old = {vocabulary.name: vocabulary for vocabulary in before}
    found = []
    for vocabulary in now:
        was = old.get(vocabulary.name)
        if was and was.sha256 != vocabulary.sha256:
            changes = compare(vocabulary.name, was.version, entries(was), vocabulary.version, entries(vocabulary))
            found.append(changes)
    return found


def link_changes(before: ox.Store, after: ox.Store) -> LinkChanges:
    """Which links differ between two states of a store.

    A link is the same when the same string of the same study means the same concept; its number does not count.
    """
    old, new = (set(map(hash, _links(store))) for store in (before, after))
    changes = LinkChanges()
    studies = set()
    for store, others, is_old in ((before, new, True), (after, old, False)):
        for pair in _links(store):
            if hash(pair) in others:
                continue
            node, concept = pair
            studies.add(node.removeprefix(PREFIXES["trial"]).partition("/")[0])
            if is_old:
                changes.removed += 1
            else:
                changes.added += 1
            if len(changes.rows) < _ROWS:
                text = _text_of(store, node, concept)
                changes.rows.append(LinkChange(node, text, concept if is_old else "", "" if is_old else concept))
    changes.studies = len(studies)
    return changes


def _links(store: ox.Store) -> Iterator[tuple[str, str]]:
    for quad in store.quads_for_pattern(None, _CONCEPT, None, ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            yield quad.subject.value.partition("/link/")[0], quad.object.value


def _text_of(store: ox.Store, node: str, concept: str) -> str:
    for link in store.quads_for_pattern(ox.NamedNode(node), _LINK, None, ox.DefaultGraph()):
        if not isinstance(link.object, ox.NamedNode):
            continue
        if ox.Quad(link.object, _CONCEPT, ox.NamedNode(concept), ox.DefaultGraph()) in store:
            found = next(store.quads_for_pattern(link.object, _TEXT, None, ox.DefaultGraph()), None)
            if found is not None and isinstance(found.object, ox.Literal):
                return found.object.value
    return ""
