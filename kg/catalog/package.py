"""The export as a whole: a folder for a data catalog, the same bytes for the same statements.

Source of the layout: docs/export.md.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from kg.catalog import data
from kg.catalog.checksums import CHECKSUM_FILE, digest, read_checksums, write_checksums
from kg.catalog.dcat import DataFile, Publication, catalog_graph, write_graph
from kg.catalog.void import Counts, Subset, describe
from kg.config import VERSION, resource
from kg.errors import InputError, StoreError, UsageError, VocabularyError
from kg.linking.mappings import labels_in, rows_of_study
from kg.linking.sssom import About, TableWriter
from kg.namespaces import compress, study_iri
from kg.store.embedded import open_generation
from kg.store.generations import Generation, StoreDirectory
from kg.turtle import RDF_TYPE

__all__ = ["ExportReport", "export"]

_CATALOG = "catalog.ttl"
_LINKS = "links.sssom.tsv"
_MARK = "# trialkg export: catalog"
"""First line of a catalog that this module wrote; without it a folder is somebody else's."""

_COPIES = (
    ("vocabulary", "trialkg.ttl", "Vocabulary", "Classes and properties of the data."),
    ("codes", "codes.ttl", "Code lists", "Statuses, phases, arm types and the other code lists, in SKOS."),
    ("agents", "agents.ttl", "Drug ontology", "Agents, their targets and actions, and the classes defined over them."),
)


@dataclass(frozen=True)
class ExportReport:
    """What an export holds."""

    output: Path
    studies: int
    statements: int
    """Distinct statements in all data files together; a second form of the studies adds none."""
    files: tuple[DataFile, ...]
    data_date: str
    """State of the registry, ``YYYY-MM-DD``, or ``""`` where no record says."""
    version: str
    concepts: int
    undescribed_concepts: int
    """Concepts that studies name and that neither the store nor the ontology files say anything of."""
    bytes: int
    """Size of the folder."""


def export(
    store: StoreDirectory | Generation | Store,
    output: Path,
    *,
    select: Sequence[str] = (),
    formats: Sequence[str] = ("ttl", "nt"),
    publication: Publication | None = None,
) -> ExportReport:
    """Write studies, what they refer to, and their catalog entry into a folder.

    The folder is written aside and renamed when it is complete. An earlier export there is replaced.

    Args:
        store: the newest generation of a directory, one generation, or an open store.
        output: the folder; it may be absent, empty, or an earlier export.
        select: NCT ids; none means all studies.
        formats: how to write the studies, of :data:`kg.catalog.data.FORMATS`.
        publication: who publishes it and where.

    Raises:
        UsageError: an NCT id that the store does not have, an unknown format, or a folder with other files.
        StoreError: no study, a store that cannot be read, or a blank node in a study.
        VocabularyError: the package lacks one of its ontology files.
    """
    publication = publication or Publication()
    _check_formats(formats)
    target = output.resolve()
    _check_target(target)
    if isinstance(store, StoreDirectory):
        store = store.newest()
    statements = store if isinstance(store, Store) else open_generation(store)
    chosen = data.chosen_studies(statements, select)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        try:
            # A folder of its own inside: mkdtemp makes one that nobody else may read.
            folder = aside / "new"
            folder.mkdir()
            report = _Export(statements, folder, publication).write(chosen, formats, target)
            _check_target(target)
            _publish(folder, target, aside / "old")
        finally:
            # An earlier export that could be put neither away nor back is left where it is.
            if target.exists() or not (aside / "old").exists():
                shutil.rmtree(aside)
    except OSError as error:
        raise StoreError(f"the export failed: {error}", place=str(output), remedy="check space and rights") from error
    return report


def _publish(folder: Path, target: Path, old: Path) -> None:
    """Put a finished folder in the place of the target, or leave the target as it was."""
    if target.exists():
        target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


class _Export:
    """One export on its way."""

    def __init__(self, store: Store, folder: Path, publication: Publication) -> None:
        self._store = store
        self._folder = folder
        self._publication = publication
        self._facts = data.Facts()
        self._files: list[DataFile] = []
        self._subsets: list[Subset] = []

    def write(self, chosen: Sequence[str], formats: Sequence[str], target: Path) -> ExportReport:
        copies = {stem: self._copy(stem, source) for stem, source, _, _ in _COPIES}
        ontology = {triple for triples in copies.values() for triple in triples}
        stated: dict[str, set[str]] = {}
        for triple in ontology:
            if triple.predicate.value == RDF_TYPE and isinstance(triple.object, NamedNode):
                stated.setdefault(str(triple.subject), set()).add(triple.object.value)

        @lru_cache(maxsize=200_000)
        def classes(iri: str) -> Sequence[str]:
            found = stated.get(f"<{iri}>", set())
            if iri in self._facts.concepts or iri in self._facts.organizations:
                found = found.union(data.classes_of(self._store, iri))
            return tuple(sorted(found))

        studies = self._write_studies(chosen, formats, classes)
        concepts = data.concepts_of(self._store, self._facts.concepts)
        self._facts.concepts.update(concepts)
        classes.cache_clear()
        described, overlap = self._write_concepts(concepts, classes, ontology)
        for stem, _, title, description in _COPIES:
            counts = Counts()
            counts.add(copies[stem], classes)
            self._done(stem, title, description, counts, [f"{stem}.ttl"])
        statements = studies.triples + described.triples - overlap + len(ontology)
        self._describe(statements, len(chosen), concepts)
        in_ontology = {str(triple.subject) for triple in ontology}
        return ExportReport(
            output=target,
            studies=len(chosen),
            statements=statements,
            files=tuple(self._files),
            data_date=self._facts.data_date,
            version=self._facts.version,
            concepts=len(concepts),
            undescribed_concepts=sum(
                not data.concept_statements(self._store, iri) and f"<{iri}>" not in in_ontology for iri in concepts
            ),
            bytes=sum(path.stat().st_size for path in self._folder.iterdir()),
        )

    def _copy(self, stem: str, source: str) -> list[Triple]:
        file = resource("ontology", source)
        if not file.is_file():
            raise VocabularyError(f"ontology/{source} is not in the package", remedy="install trialkg again")
        text = file.read_bytes()
        (self._folder / f"{stem}.ttl").write_bytes(text)
        return [quad.triple for quad in parse(text, RdfFormat.TURTLE, rename_blank_nodes=True)]

    def _write_studies(
        self, chosen: Sequence[str], formats: Sequence[str], classes: Callable[[str], Sequence[str]]
    ) -> Counts:
        counts = Counts()
        comment = (
            "Studies registered at ClinicalTrials.gov, one after the other, then the organizations that they name.",
            "Sorted; written by trialkg. What the licence covers: README.md.",
        )
        label_of = labels_in(self._store)
        with data.Output(self._folder, "studies", formats, comment) as file, TableWriter(self._folder) as links:
            for nct_id in chosen:
                triples = data.study_statements(self._store, nct_id)
                self._facts.collect(triples)
                counts.add(triples, classes)
                file.write(triples)
                links.add(rows_of_study(triples, label_of))
            for iri in sorted(self._facts.organizations):
                triples = data.organization_statements(self._store, iri)
                counts.add(triples, classes)
                file.write(triples)
            self._write_links(links)
        self._done(
            "studies",
            "Studies",
            "The registered studies with their parts, links and shortcuts, and the organizations that they name.",
            counts,
            [path.name for path in file.paths],
            study_iri(chosen[0]),
        )
        return counts

    def _write_links(self, links: TableWriter) -> None:
        about = About(
            mapping_set_id=self._publication.base_url + _LINKS,
            mapping_set_version=self._facts.version,
            mapping_set_title=f"{self._publication.title}: links",
            license=self._publication.licence,
        )
        path = self._folder / _LINKS
        with path.open("w", encoding="utf-8", newline="") as file:
            links.finish(file, about)
        description = (
            "The links from registered text to concepts, each with its evidence, and the conditions and interventions "
            "that have none, as a table of mappings."
        )
        self._files.append(DataFile(_LINKS, "Links (SSSOM)", description, path.stat().st_size, digest(path), 0))

    def _write_concepts(
        self, concepts: Iterable[str], classes: Callable[[str], Sequence[str]], ontology: set[Triple]
    ) -> tuple[Counts, int]:
        counts, overlap = Counts(), 0
        comment = (
            "Labels and hierarchy of the concepts that the studies name. tkg:within is reflexive and transitive.",
            "Sorted; written by trialkg. MeSH: U.S. National Library of Medicine, reformatted.",
        )
        with data.Output(self._folder, "concepts", ("ttl",), comment) as file:
            for iri in concepts:
                triples = data.concept_statements(self._store, iri)
                counts.add(triples, classes)
                overlap += sum(triple in ontology for triple in triples)
                file.write(triples)
        self._done(
            "concepts",
            "Concepts",
            "Labels of the MeSH records, agents and classes that the studies name, and everything they are within.",
            counts,
            ["concepts.ttl"],
        )
        return counts, overlap

    def _done(
        self, stem: str, title: str, description: str, counts: Counts, names: Sequence[str], example: str = ""
    ) -> None:
        for name in names:
            path = self._folder / name
            form = {"ttl": "Turtle", "nt": "N-Triples"}[name.removesuffix(".gz").rpartition(".")[2]]
            form += ", gzip" if name.endswith(".gz") else ""
            self._files.append(
                DataFile(name, f"{title} ({form})", description, path.stat().st_size, digest(path), counts.triples)
            )
        dumps = tuple(self._publication.base_url + name for name in names)
        self._subsets.append(Subset(stem, title, counts, dumps, example))

    def _describe(self, statements: int, studies: int, concepts: Sequence[str]) -> None:
        publication, facts = self._publication, self._facts
        write_graph(
            catalog_graph(publication, self._files, facts, studies),
            self._folder / _CATALOG,
            (_MARK.removeprefix("# "), "DCAT-AP 3.0.1."),
        )
        void = describe(
            publication.base_url,
            publication.title,
            self._subsets,
            statements,
            modified=facts.data_date,
            licence=publication.licence,
        )
        write_graph(void, self._folder / "void.ttl", ("trialkg export: counts of what the data files hold (VoID).",))
        environment = Environment(
            loader=PackageLoader("kg.catalog"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        text = environment.get_template("README.md.j2").render(
            publication=publication,
            facts=facts,
            files=self._files,
            studies=studies,
            statements=statements,
            concepts=len(concepts),
            instances=sorted((compress(iri), n) for iri, n in self._subsets[0].counts.instances.items()),
            vocabularies=[(compress(iri).rstrip(":"), version) for iri, version in sorted(facts.vocabularies)],
            mapping_versions=sorted(facts.mapping_versions),
            software=VERSION,
            checksum_file=CHECKSUM_FILE,
        )
        (self._folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
        write_checksums(self._folder)


def _check_formats(formats: Sequence[str]) -> None:
    known = ", ".join(data.FORMATS)
    if not formats or len(set(formats)) != len(formats):
        raise UsageError(
            f"formats {list(formats)!r}", place="formats", remedy=f"give each once, at least one of {known}"
        )
    for name in formats:
        if name not in data.FORMATS:
            raise UsageError(f"{name!r} is not a format of an export", place="formats", remedy=f"expected {known}")


def _check_target(target: Path) -> None:
    """Refuse a folder with anything in it that no export put there.

    Raises:
        UsageError: the target is a file, or a folder that is not an export and only an export.
    """
    remedy = "choose a new or empty folder, or move what is in it"
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError("not a folder", place=str(target), remedy=remedy)
    present = {path.name for path in target.iterdir()}
    if not present:
        return
    try:
        listed = read_checksums(target)
        with (target / _CATALOG).open(encoding="utf-8") as file:
            marked = file.readline().rstrip("\n") == _MARK
    except (InputError, OSError, UnicodeDecodeError) as error:
        raise UsageError("not an earlier export", place=str(target), remedy=remedy) from error
    strangers = sorted(present - listed.keys() - {CHECKSUM_FILE})
    strangers += sorted(name for name in present & listed.keys() if not (target / name).is_file())
    if not marked or _CATALOG not in listed or strangers:
        what = f"files that no export wrote: {', '.join(strangers[:5])}" if strangers else "not an earlier export"
        raise UsageError(what, place=str(target), remedy=remedy)
