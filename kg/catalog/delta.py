"""What changed from one dump to the next: statements to remove and to add, as N-Triples.

Both dumps are read study by study, so that memory holds one study of each. What a delta covers is what an export has
in ``studies`` and ``concepts``; the other files come with the software.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from kg.catalog import data
from kg.catalog.checksums import CHECKSUM_FILE, digest, verify, write_checksums
from kg.catalog.collecting import seldom_collecting
from kg.catalog.earlier import EarlierExport
from kg.catalog.publication import Publication
from kg.catalog.target import check_target, replacing
from kg.catalog.writing import Part
from kg.config import VERSION, resource
from kg.errors import InputError, StoreError, UsageError
from kg.store.embedded import reading, study_ids
from kg.store.generations import Generation, StoreDirectory
from kg.turtle import lines_of, natural_key

__all__ = ["ADDED", "REMOVED", "DeltaReport", "apply_delta", "export_delta"]

ADDED: Final = "added.nt"
REMOVED: Final = "removed.nt"
_COPIES: Final = {"vocabulary.ttl": "trialkg.ttl", "codes.ttl": "codes.ttl", "agents.ttl": "agents.ttl"}


@dataclass(frozen=True)
class DeltaReport:
    """What a delta holds."""

    output: Path
    added: int
    removed: int
    before: int
    """Statements of the old dump, in studies and concepts."""
    after: int
    """Statements of the new one."""
    studies: tuple[str, ...]
    """NCT ids of the studies whose statements differ."""
    replaced: tuple[str, ...]
    """Files that come with the software and differ from those of the earlier export; they are in the folder."""


class _OfStore:
    """The parts of a dump, from a store."""

    def __init__(self, store: Store, chosen: Sequence[str], scratch: Path) -> None:
        self._store = store
        self._chosen = chosen
        self._scratch = scratch
        self._facts = data.Facts()

    def studies(self) -> Iterator[Part]:
        for part in data.studies(self._store, self._chosen, self._scratch):
            self._facts.collect(part)
            yield part

    def organizations(self) -> Iterator[Part]:
        for iri in sorted(self._facts.organizations):
            yield data.organization_part(self._store, iri)

    def concepts(self) -> Iterator[Part]:
        for iri in data.concepts_of(self._store, self._facts.concepts):
            yield data.concept_part(self._store, iri)

    @property
    def version(self) -> str:
        return self._facts.version


def export_delta(
    store: StoreDirectory,
    output: Path,
    since: int | Path,
    *,
    select: Sequence[str] = (),
    vocabularies: bool = True,
    publication: Publication | None = None,
) -> DeltaReport:
    """Write what turns the dump of an earlier state into that of the newest generation.

    Args:
        store: the store.
        output: the folder; it may be absent, empty, or an earlier export or delta.
        since: the number of a generation, or the folder of an earlier export.
        select: NCT ids, as both dumps were selected; none means all studies.
        vocabularies: whether concepts count; for an earlier export, they do when it has them.
        publication: who publishes it.

    Raises:
        UsageError: an NCT id that neither state has, a folder with other files, or the newest generation itself.
        InputError: the earlier export cannot be read, or is not as it was written.
        StoreError: the generation is not kept any more, or a store cannot be read.
    """
    target = output.resolve()
    check_target(target)
    newest = store.newest()
    with (
        ExitStack() as generations,
        replacing(target) as folder,
        tempfile.TemporaryDirectory(dir=folder.parent) as scratch_name,
        seldom_collecting(),
    ):
        opened = generations.enter_context(reading(newest))
        scratch = Path(scratch_name)
        (scratch / "old").mkdir()
        (scratch / "new").mkdir()
        old: _OfStore | EarlierExport
        wanted = set(select)
        if isinstance(since, Path):
            old = EarlierExport(since, wanted)
            vocabularies = old.has_concepts
            known = wanted & set(study_ids(opened)) if wanted else set()
        else:
            before = generations.enter_context(reading(_generation(store, since, newest)))
            known = wanted & (set(study_ids(opened)) | set(study_ids(before))) if wanted else set()
            old = _OfStore(before, _present(before, known or None), scratch / "old")
        if absent := sorted(wanted - known):
            raise UsageError(f"not in the store: {', '.join(absent[:10])}", remedy="give NCT ids that the store has")
        new = _OfStore(opened, _present(opened, known or None), scratch / "new")
        ontology = _ontology() if vocabularies else frozenset()
        with (folder / ADDED).open("wb") as added, (folder / REMOVED).open("wb") as removed:
            patch = _Patch(added, removed, ontology)
            patch.compare(old.studies(), new.studies(), lambda name: name)
            studies = tuple(patch.changed)
            patch.compare(old.organizations(), new.organizations(), lambda name: name)
            if vocabularies:
                patch.compare(old.concepts(), new.concepts(), lambda iri: (natural_key(iri), iri))
        replaced = _replaced(since, folder) if isinstance(since, Path) and vocabularies else ()
        report = DeltaReport(target, patch.added, patch.removed, patch.before, patch.after, studies, replaced)
        _describe(folder, report, (old.version, new.version), publication or Publication(), vocabularies)
        write_checksums(folder)
    return report


def _generation(store: StoreDirectory, number: int, newest: Generation) -> Generation:
    kept = store.numbers()
    if number not in kept:
        raise StoreError(
            f"generation {number} is not there, or not any more",
            place=str(store.directory),
            remedy=f"there are {', '.join(map(str, kept))}; or give the folder of an earlier export",
        )
    if number == newest.number:
        raise UsageError(
            f"generation {number} is the newest", place="since", remedy="give an older one: what changed since then?"
        )
    return store.generation(number)


def _present(store: Store, wanted: set[str] | None) -> list[str]:
    return sorted(nct_id for nct_id in study_ids(store) if wanted is None or nct_id in wanted)


def _ontology() -> frozenset[bytes]:
    """What the files that come with the software say: a statement of theirs is neither removed nor added."""
    quads = chain.from_iterable(
        parse(resource("ontology", name).read_bytes(), RdfFormat.TURTLE) for name in _COPIES.values()
    )
    return frozenset(lines_of(quad.triple for quad in quads if isinstance(quad.subject, NamedNode)))


def _replaced(earlier: Path, folder: Path) -> tuple[str, ...]:
    """Copy the files that come with the software where the earlier export has others."""
    names = []
    for name, source in _COPIES.items():
        text = resource("ontology", source).read_bytes()
        if not (earlier / name).is_file() or (earlier / name).read_bytes() != text:
            (folder / name).write_bytes(text)
            names.append(name)
    return tuple(names)


class _Patch:
    """The two files on their way."""

    def __init__(self, added: IO[bytes], removed: IO[bytes], ontology: frozenset[bytes]) -> None:
        self._added = added
        self._removed = removed
        self._ontology = ontology
        self.added = self.removed = self.before = self.after = 0
        self.changed: list[str] = []

    def compare(self, old: Iterator[Part], new: Iterator[Part], key: Callable[[str], Any]) -> None:
        """Write how parts differ; both come in the order of the key."""
        self.changed = []
        before, after = next(old, None), next(new, None)
        while before or after:
            if after is None or (before and key(before.name) < key(after.name)):
                self._differ(before, None)
                before = next(old, None)
            elif before is None or key(after.name) < key(before.name):
                self._differ(None, after)
                after = next(new, None)
            else:
                self._differ(before, after)
                before, after = next(old, None), next(new, None)

    def _differ(self, before: Part | None, after: Part | None) -> None:
        old, new = before.text if before else b"", after.text if after else b""
        self.before += old.count(b"\n")
        self.after += new.count(b"\n")
        if old == new:
            return
        was, now = set(old.splitlines(keepends=True)), set(new.splitlines(keepends=True))
        gone, come = sorted(was - now - self._ontology), sorted(now - was - self._ontology)
        self._removed.writelines(gone)
        self._added.writelines(come)
        self.removed += len(gone)
        self.added += len(come)
        if found := before or after:
            self.changed.append(found.name)


def _describe(
    folder: Path, report: DeltaReport, versions: tuple[str, str], publication: Publication, vocabularies: bool
) -> None:
    environment = Environment(
        loader=PackageLoader("kg.catalog"),
        autoescape=False,  # noqa: S701 - Markdown, not HTML
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("DELTA.md.j2").render(
        report=report,
        versions=versions,
        publication=publication,
        vocabularies=vocabularies,
        software=VERSION,
        checksum_file=CHECKSUM_FILE,
        digests={name: digest(folder / name) for name in (ADDED, REMOVED)},
    )
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def apply_delta(dump: Path, delta: Path, output: Path) -> int:
    """Make the new dump of the old one.

    Args:
        dump: N-Triples of the old one, all its data files in one.
        delta: the folder of the delta.
        output: the file to write: what stays in its order, then what is added.

    Returns:
        How many statements the new dump has.

    Raises:
        InputError: the delta is not as it was written, or the dump is not the one that it is about.
    """
    if problems := verify(delta):
        raise InputError(f"the delta has changed: {problems[0]}", place=str(delta), remedy="fetch it again")
    removed = set((delta / REMOVED).read_bytes().splitlines(keepends=True))
    added = set((delta / ADDED).read_bytes().splitlines(keepends=True))
    missing, kept = set(removed), 0
    aside = output.with_name(output.name + ".partial")
    with dump.open("rb") as old, aside.open("wb") as new:
        for line in old:
            if line in removed:
                missing.discard(line)
            elif line not in added:
                new.write(line)
                kept += 1
        new.writelines(sorted(added))
    if missing:
        aside.unlink()
        raise InputError(
            f"{len(missing):,} statements to remove are not there, such as {min(missing).decode().rstrip()}",
            place=str(dump),
            remedy="this delta is about another dump",
        )
    shutil.move(aside, output)
    return kept + len(added)
