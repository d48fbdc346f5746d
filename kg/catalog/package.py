"""The export as a whole: a folder for a data catalog, the same bytes for the same statements.

Source of the layout: docs/export.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from kg.catalog import data
from kg.catalog.checksums import CHECKSUM_FILE, digest, write_checksums
from kg.catalog.dcat import SSSOM
from kg.catalog.files import DataFile
from kg.catalog.profiles import DEFAULT_PROFILE, PROFILES, Described, check_profiles
from kg.catalog.publication import Publication
from kg.catalog.rdf_files import RdfFile
from kg.catalog.target import check_target, replacing
from kg.catalog.void import Counts, Subset
from kg.catalog.writers import WRITERS, check_formats
from kg.catalog.writing import Part, Setting, Written
from kg.config import VERSION, resource
from kg.errors import VocabularyError
from kg.linking.mappings import labels_in, rows_of_study
from kg.linking.sssom import About, TableWriter
from kg.namespaces import compress, study_iri
from kg.store.embedded import open_generation
from kg.store.generations import Generation, StoreDirectory
from kg.turtle import RDF_TYPE

__all__ = ["ExportReport", "export"]

_LINKS = "links.sssom.tsv"

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
    profiles: Sequence[str] = (),
    publication: Publication | None = None,
) -> ExportReport:
    """Write studies, what they refer to, and their catalog entry into a folder.

    The folder is written aside and renamed when it is complete. An earlier export there is replaced.

    Args:
        store: the newest generation of a directory, one generation, or an open store.
        output: the folder; it may be absent, empty, or an earlier export.
        select: NCT ids; none means all studies.
        formats: how to write the studies, of :data:`kg.catalog.writers.WRITERS`.
        profiles: what else to write for catalogs, of :data:`kg.catalog.profiles.PROFILES`; the default one is
            written always.
        publication: who publishes it and where.

    Raises:
        UsageError: an NCT id that the store does not have, an unknown format or profile, or a folder with other files.
        StoreError: no study, a store that cannot be read, or a blank node in a study.
        VocabularyError: the package lacks one of its ontology files.
    """
    publication = publication or Publication()
    check_formats(formats)
    check_profiles(profiles, publication)
    target = output.resolve()
    check_target(target)
    if isinstance(store, StoreDirectory):
        store = store.newest()
    statements = store if isinstance(store, Store) else open_generation(store)
    chosen = data.chosen_studies(statements, select)
    with replacing(target) as folder:
        return _Export(statements, folder, publication).write(chosen, formats, profiles, target)


class _Export:
    """One export on its way."""

    def __init__(self, store: Store, folder: Path, publication: Publication) -> None:
        self._store = store
        self._folder = folder
        self._publication = publication
        self._facts = data.Facts()
        self._files: list[DataFile] = []
        self._subsets: list[Subset] = []

    def write(
        self, chosen: Sequence[str], formats: Sequence[str], profiles: Sequence[str], target: Path
    ) -> ExportReport:
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
            name = f"{stem}.ttl"
            self._done(Written(name, f"{title} (Turtle)", description), counts.triples)
            self._counted(stem, title, counts, [name])
        statements = studies.triples + described.triples - overlap + len(ontology)
        in_ontology = {str(triple.subject) for triple in ontology}
        twice = sum(f"<{iri}>" in in_ontology and bool(data.concept_statements(self._store, iri)) for iri in concepts)
        self._describe(
            Described(
                publication=self._publication,
                files=self._files,
                facts=self._facts,
                subsets=self._subsets,
                studies=len(chosen),
                concepts=len(concepts),
                statements=statements,
                subjects=studies.subjects + described.subjects - twice + len(in_ontology),
            ),
            profiles,
        )
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
        label_of = labels_in(self._store)
        setting = Setting(self._folder, self._store, self._publication)
        with ExitStack() as stack:
            links = stack.enter_context(TableWriter(self._folder))
            writers = []
            for name in formats:
                writers.append(WRITERS[name](setting))
                stack.callback(writers[-1].close)
            for nct_id in chosen:
                part = Part(nct_id, data.study_statements(self._store, nct_id))
                self._facts.collect(part.triples)
                counts.add(part.triples, classes)
                links.add(rows_of_study(part.triples, label_of))
                for writer in writers:
                    writer.write(part)
            for iri in sorted(self._facts.organizations):
                part = Part(iri, data.organization_statements(self._store, iri))
                counts.add(part.triples, classes)
                for writer in writers:
                    writer.write(part)
            written = [found for writer in writers for found in writer.finish()]
            self._write_links(links)
        for found in written:
            self._done(found, counts.triples if found.is_rdf else 0)
        dumps = [found.name for found in written if found.is_rdf]
        self._counted("studies", "Studies", counts, dumps, study_iri(chosen[0]))
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
        self._done(Written(_LINKS, "Links (SSSOM)", description, standard=SSSOM), 0)

    def _write_concepts(
        self, concepts: Iterable[str], classes: Callable[[str], Sequence[str]], ontology: set[Triple]
    ) -> tuple[Counts, int]:
        counts, overlap = Counts(), 0
        comment = (
            "Labels and hierarchy of the concepts that the studies name. tkg:within is reflexive and transitive.",
            "Sorted; written by trialkg. MeSH: U.S. National Library of Medicine, reformatted.",
        )
        file = RdfFile(self._folder / "concepts.ttl", "ttl", comment)
        try:
            for iri in concepts:
                triples = data.concept_statements(self._store, iri)
                counts.add(triples, classes)
                overlap += sum(triple in ontology for triple in triples)
                file.write(triples)
        finally:
            file.close()
        description = (
            "Labels of the MeSH records, agents and classes that the studies name, and everything they are within."
        )
        self._done(Written("concepts.ttl", "Concepts (Turtle)", description), counts.triples)
        self._counted("concepts", "Concepts", counts, ["concepts.ttl"])
        return counts, overlap

    def _done(self, written: Written, statements: int) -> None:
        """Note a data file: its size, its hash, its statements."""
        path = self._folder / written.name
        if path.is_dir():
            size, sha256 = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()), ""
        else:
            size, sha256 = path.stat().st_size, digest(path)
        self._files.append(
            DataFile(
                written.name,
                written.title,
                written.description,
                size,
                sha256,
                statements,
                form=written.form,
                standard=written.standard,
            )
        )

    def _counted(self, stem: str, title: str, counts: Counts, names: Sequence[str], example: str = "") -> None:
        dumps = tuple(self._publication.base_url + name for name in names)
        self._subsets.append(Subset(stem, title, counts, dumps, example))

    def _describe(self, described: Described, profiles: Sequence[str]) -> None:
        wanted = [PROFILES[name] for name in dict.fromkeys((DEFAULT_PROFILE, *profiles))]
        for profile in wanted:
            profile.write(described, self._folder)
        environment = Environment(
            loader=PackageLoader("kg.catalog"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        text = environment.get_template("README.md.j2").render(
            publication=described.publication,
            facts=described.facts,
            files=described.files,
            descriptions=[pair for profile in wanted for pair in profile.files.items()],
            studies=described.studies,
            statements=described.statements,
            concepts=described.concepts,
            instances=sorted((compress(iri), n) for iri, n in described.subsets[0].counts.instances.items()),
            vocabularies=[
                (compress(iri).rstrip(":"), version) for iri, version in sorted(described.facts.vocabularies)
            ],
            mapping_versions=sorted(described.facts.mapping_versions),
            software=VERSION,
            checksum_file=CHECKSUM_FILE,
        )
        (self._folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
        write_checksums(self._folder)
