"""What is put into the folder of an export: data files, their descriptions, checksums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from kg.catalog import data
from kg.catalog.checksums import CHECKSUM_FILE, digest, files_below, write_checksums
from kg.catalog.citation import citation
from kg.catalog.collecting import seldom_collecting
from kg.catalog.dcat import SSSOM
from kg.catalog.described import Described
from kg.catalog.files import DataFile
from kg.catalog.gaps import Gaps
from kg.catalog.history_files import history_writers, versions_of
from kg.catalog.profiles import DEFAULT_PROFILE, PROFILES
from kg.catalog.publication import Publication
from kg.catalog.rdf_files import Document
from kg.catalog.tally import Tally
from kg.catalog.void import Counts, Subset
from kg.catalog.writers import WRITERS
from kg.catalog.writing import Setting, Written
from kg.config import VERSION, resource
from kg.errors import VocabularyError
from kg.linking.mappings import labels_in, rows_of_study
from kg.linking.sssom import About, TableWriter
from kg.namespaces import compress, study_iri
from kg.turtle import RDF_TYPE

__all__ = ["Contents", "ExportReport", "Options"]

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


@dataclass(frozen=True)
class Options:
    """What to write; the arguments of :func:`kg.catalog.export` of the same names."""

    formats: Sequence[str]
    publication: Publication
    layout: str = "whole"
    vocabularies: bool = True
    history: bool = False
    profiles: Sequence[str] = ()


class Contents:
    """The files of one export on their way.

    Args:
        store: the statements.
        folder: an empty folder.
        options: what to write.
    """

    def __init__(self, store: Store, folder: Path, options: Options) -> None:
        self._store = store
        self._folder = folder
        self._options = options
        self._facts = data.Facts()
        self._files: list[DataFile] = []
        self._subsets: list[Subset] = []
        self._gaps = Gaps()
        self._copies: dict[str, list[Triple]] = {}
        self._stated: dict[str, set[str]] = {}
        self._classes: Callable[[str], Sequence[str]] = lru_cache(maxsize=200_000)(self._classes_of)

    def write(self, chosen: Sequence[str], target: Path) -> ExportReport:
        """Write everything, and say what it is.

        Args:
            chosen: NCT ids, sorted.
            target: where the folder will be.
        """
        with seldom_collecting():
            return self._written(chosen, target)

    def _written(self, chosen: Sequence[str], target: Path) -> ExportReport:
        if self._options.vocabularies:
            self._read_ontology()
        ontology = {triple for triples in self._copies.values() for triple in triples}
        in_ontology = {str(triple.subject) for triple in ontology}
        studies = self._write_studies(chosen)
        concepts = sorted(self._facts.concepts)
        statements, subjects, undescribed = studies.triples, studies.subjects, 0
        if self._options.vocabularies:
            concepts = data.concepts_of(self._store, self._facts.concepts)
            self._facts.concepts.update(concepts)
            self._classes = lru_cache(maxsize=200_000)(self._classes_of)
            found = self._write_concepts(concepts, ontology, in_ontology)
            self._gaps.undescribed = undescribed = found.undescribed
            self._write_copies()
            statements += found.counts.triples - found.repeated + len(ontology)
            subjects += found.counts.subjects - found.again + len(in_ontology)
        self._describe(
            Described(
                publication=self._options.publication,
                files=self._files,
                facts=self._facts,
                subsets=self._subsets,
                studies=len(chosen),
                concepts=len(concepts),
                statements=statements,
                subjects=subjects,
            )
        )
        return ExportReport(
            output=target,
            studies=len(chosen),
            statements=statements,
            files=tuple(self._files),
            data_date=self._facts.data_date,
            version=self._facts.version,
            concepts=len(concepts),
            undescribed_concepts=undescribed,
            bytes=sum(path.stat().st_size for path in files_below(self._folder)),
        )

    def _read_ontology(self) -> None:
        for stem, source, _, _ in _COPIES:
            file = resource("ontology", source)
            if not file.is_file():
                raise VocabularyError(f"ontology/{source} is not in the package", remedy="install trialkg again")
            text = file.read_bytes()
            (self._folder / f"{stem}.ttl").write_bytes(text)
            self._copies[stem] = [quad.triple for quad in parse(text, RdfFormat.TURTLE, rename_blank_nodes=True)]
            for triple in self._copies[stem]:
                if triple.predicate.value == RDF_TYPE and isinstance(triple.object, NamedNode):
                    self._stated.setdefault(str(triple.subject), set()).add(triple.object.value)

    def _classes_of(self, iri: str) -> Sequence[str]:
        """The classes that the files of the export state for what is no part of a study."""
        found = self._stated.get(f"<{iri}>", set())
        described = iri in self._facts.concepts and self._options.vocabularies
        if described or iri in self._facts.organizations:
            found = found.union(data.classes_of(self._store, iri))
        return tuple(sorted(found))

    def _write_studies(self, chosen: Sequence[str]) -> Counts:
        tally = Tally(lambda iri: self._classes(iri))
        label_of = labels_in(self._store)
        setting = Setting(self._folder, self._store, self._options.publication, self._options.layout)
        with ExitStack() as stack:
            links = stack.enter_context(TableWriter(self._folder))
            writers = []
            for name in self._options.formats:
                writers.append(WRITERS[name](setting))
                stack.callback(writers[-1].close)
            history = history_writers(setting, self._options.formats) if self._options.history else []
            for keeper in history:
                stack.callback(keeper.close)
            for part in data.studies(self._store, chosen, self._folder):
                self._facts.collect(part)
                tally.add(part)
                rows = rows_of_study(data.linking_triples(part), label_of)
                self._gaps.note(rows)
                links.add(rows)
                for writer in writers:
                    writer.write(part)
                if history and (versions := versions_of(self._store, part.name)):
                    for keeper in history:
                        keeper.write(part.name, versions)
            for iri in sorted(self._facts.organizations):
                part = data.organization_part(self._store, iri)
                tally.add(part)
                for writer in writers:
                    writer.write(part)
            written = [found for writer in writers for found in writer.finish()]
            written += [found for keeper in history for found in keeper.finish()]
            table = self._write_links(links)
        for found in written:
            self._done(found, tally.triples if found.is_rdf else found.statements)
        self._done(table, 0)
        dumps = [found.name for found in written if found.is_rdf]
        counts = tally.counts()
        self._counted("studies", "Studies", counts, dumps, study_iri(chosen[0]))
        return counts

    def _write_links(self, links: TableWriter) -> Written:
        publication = self._options.publication
        about = About(
            mapping_set_id=publication.base_url + _LINKS,
            mapping_set_version=self._facts.version,
            mapping_set_title=f"{publication.title}: links",
            license=publication.licence,
        )
        with (self._folder / _LINKS).open("w", encoding="utf-8", newline="") as file:
            links.finish(file, about)
        description = (
            "The links from registered text to concepts, each with its evidence, and the conditions and interventions "
            "that have none, as a table of mappings."
        )
        return Written(_LINKS, "Links (SSSOM)", description, standard=SSSOM)

    def _write_concepts(self, concepts: Sequence[str], ontology: set[Triple], in_ontology: set[str]) -> _Concepts:
        comment = (
            "Labels and hierarchy of the concepts that the studies name. tkg:within is reflexive and transitive.",
            "Sorted; written by trialkg. MeSH: U.S. National Library of Medicine, reformatted.",
        )
        tally = Tally(lambda iri: self._classes(iri))
        repeated = again = undescribed = 0
        file = Document(self._folder / "concepts.ttl", "ttl", comment)
        try:
            for iri in concepts:
                part = data.concept_part(self._store, iri)
                if f"<{iri}>" in in_ontology:
                    again += bool(part.text)
                    repeated += sum(triple in ontology for triple in part.triples)
                else:
                    undescribed += not part.text
                tally.add(part)
                file.write(part)
            file.finish()
        finally:
            file.close()
        description = (
            "Labels of the MeSH records, agents and classes that the studies name, and everything they are within."
        )
        self._done(Written("concepts.ttl", "Concepts (Turtle)", description), tally.triples)
        self._counted("concepts", "Concepts", counts := tally.counts(), ["concepts.ttl"])
        return _Concepts(counts, repeated, again, undescribed)

    def _write_copies(self) -> None:
        for stem, _, title, description in _COPIES:
            counts = Counts()
            counts.add(self._copies[stem], self._classes)
            name = f"{stem}.ttl"
            self._done(Written(name, f"{title} (Turtle)", description), counts.triples)
            self._counted(stem, title, counts, [name])

    def _done(self, written: Written, statements: int) -> None:
        """Note a data file: its size, its hash, its statements."""
        path = self._folder / written.name
        if path.is_dir():
            size, sha256 = sum(file.stat().st_size for file in files_below(path)), ""
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
                compressed=written.compressed,
                standard=written.standard,
            )
        )

    def _counted(self, stem: str, title: str, counts: Counts, names: Sequence[str], example: str = "") -> None:
        dumps = tuple(self._options.publication.base_url + name for name in names)
        self._subsets.append(Subset(stem, title, counts, dumps, example))

    def _describe(self, described: Described) -> None:
        wanted = [PROFILES[name] for name in dict.fromkeys((DEFAULT_PROFILE, *self._options.profiles))]
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
            options=self._options,
            gaps=self._gaps,
        )
        (self._folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
        (self._folder / "CITATION.cff").write_text(citation(described), encoding="utf-8", newline="\n")
        write_checksums(self._folder)


@dataclass(frozen=True)
class _Concepts:
    """What the file of concepts holds, and how much of that the drug ontology says too."""

    counts: Counts
    repeated: int
    """Statements that are in both."""
    again: int
    """Subjects that are in both."""
    undescribed: int
