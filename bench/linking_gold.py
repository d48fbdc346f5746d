"""Strings that people have labelled, linked and scored: our own gold, and the mentions of published corpora."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from bench.figures import data_path
from kg.errors import InputError
from kg.linking.evaluate import Score, Slot, ids_of, score, slots
from kg.linking.index import NameIndex
from kg.linking.link import Link
from kg.linking.linker import Linker
from kg.namespaces import PREFIXES
from kg.study import ArmsInterventions, Conditions, Derived, Description, Identification, Intervention, Protocol, Study
from kg.vocabularies.scope import Side

__all__ = [
    "CORPORA",
    "GOLD",
    "SIDES",
    "Corpus",
    "CorpusScore",
    "GoldString",
    "Judged",
    "blind",
    "by_method",
    "dictionary_ids",
    "gold_files",
    "judge",
    "link_ids",
    "read_gold",
    "score_corpus",
    "score_dictionary",
]

GOLD: Final = Path(__file__).resolve().parent / "gold"
_SUBSTANCES: Final = frozenset({"DRUG", "BIOLOGICAL", "DIETARY_SUPPLEMENT", "COMBINATION_PRODUCT", "GENETIC"})
SIDES: Final = {"conditions": Side.CONDITION, "interventions": Side.INTERVENTION}


class GoldString(NamedTuple):
    """A string of our gold: where it is registered, what a reader says that it names, and why."""

    side: Side
    nct_id: str
    number: int
    type: str
    text: str
    gold: tuple[Slot, ...]
    note: str

    @property
    def is_plain(self) -> bool:
        """Whether the label is the thing itself and not in doubt: neither something broader nor unsure."""
        return not re.search(r"\b(?:broader|unsure)\b", self.note)

    @property
    def gives_substance(self) -> bool:
        """Whether the registry's type says that a substance is given."""
        return self.type in _SUBSTANCES


class Judged(NamedTuple):
    """A gold string, what it was linked to, and the score of that."""

    string: GoldString
    links: tuple[Link, ...]
    score: Score


def gold_files(half: str) -> dict[str, Path]:
    """The files of a half of our gold (``tune`` or ``held``) that are there, by side."""
    return {side: path for side in SIDES if (path := GOLD / f"{side}-{half}.tsv").is_file()}


def read_gold(path: Path) -> list[GoldString]:
    """A file of our gold.

    Raises:
        InputError: a row that is no gold.
    """
    side = SIDES[path.name.partition("-")[0]]
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            try:
                gold = slots(row["gold"])
            except InputError as error:
                raise InputError(error.problem, place=f"{path}:{number}", remedy=error.remedy) from error
            found.append(GoldString(side, row["nct"], int(row["number"]), row["type"], row["text"], gold, row["note"]))
    return found


def blind(study: Study) -> Study:
    """A study without the registry's own terms, so that nothing leans on them when strings are measured."""
    return msgspec.structs.replace(study, derived_section=Derived())


def judge(strings: Sequence[GoldString], linker: Linker, studies: Mapping[str, Study]) -> list[Judged]:
    """Link and score strings, each in its record where that is at hand, else alone.

    Raises:
        InputError: a record has another string in that place.
    """
    judged = []
    for string in strings:
        study = studies.get(string.nct_id)
        links = _alone(string, linker) if study is None else _in_study(string, linker, study)
        judged.append(Judged(string, links, score(string.gold, [link_ids(link, linker.index) for link in links])))
    return judged


def _alone(string: GoldString, linker: Linker) -> tuple[Link, ...]:
    return _links(linker, _study_of(string))[string.side][0]


def _in_study(string: GoldString, linker: Linker, study: Study) -> tuple[Link, ...]:
    protocol = study.protocol_section
    registered = {
        Side.CONDITION: protocol.conditions_module.conditions,
        Side.INTERVENTION: [entry.name or "" for entry in protocol.arms_interventions_module.interventions],
    }[string.side]
    here = registered[string.number - 1] if string.number <= len(registered) else ""
    if here.replace("\t", " ") != string.text:
        raise InputError(
            f"{string.side.value} {string.number} is {here!r}, not {string.text!r}",
            place=string.nct_id,
            remedy="is this the record that the gold was drawn from?",
        )
    return _links(linker, study)[string.side][string.number - 1]


def _study_of(string: GoldString) -> Study:
    """A record with nothing in it but the string."""
    if string.side is Side.CONDITION:
        return _study(conditions=[string.text])
    return _study(interventions=[(string.type, string.text)])


def _links(linker: Linker, study: Study) -> dict[Side, list[tuple[Link, ...]]]:
    found = linker.study(blind(study))
    return {Side.CONDITION: found.conditions, Side.INTERVENTION: found.interventions}


def _study(
    conditions: Sequence[str] = (), interventions: Sequence[tuple[str, str]] = (), title: str = "", summary: str = ""
) -> Study:
    return Study(
        protocol_section=Protocol(
            identification_module=Identification(brief_title=title),
            description_module=Description(brief_summary=summary),
            conditions_module=Conditions(conditions=list(conditions)),
            arms_interventions_module=ArmsInterventions(
                interventions=[Intervention(type=type_, name=name) for type_, name in interventions]
            ),
        )
    )


def link_ids(link: Link, index: NameIndex) -> frozenset[str]:
    """The ids that gold may call the concept of a link by."""
    return _ids(link.concept.iri, index)


def dictionary_ids(string: GoldString, index: NameIndex) -> list[frozenset[str]]:
    """What a plain dictionary says: the one concept that has the whole string as a name, letter case aside."""
    concept = index.exact(string.text, string.side)
    return [_ids(concept.iri, index)] if concept else []


def _ids(iri: str, index: NameIndex) -> frozenset[str]:
    records: dict[str, list[str]] = {}
    for record, agent in index.agents.mesh.items():
        records.setdefault(agent, []).append(record)
    return ids_of(iri, records, PREFIXES["mesh"], PREFIXES["agent"])


def score_dictionary(strings: Iterable[GoldString], index: NameIndex) -> Score:
    """The score of the plain dictionary."""
    return sum((score(string.gold, dictionary_ids(string, index)) for string in strings), Score())


def by_method(judged: Iterable[Judged], index: NameIndex) -> dict[str, tuple[int, int]]:
    """Method → links made by it that count, and those of them that are right."""
    made: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for string, links, _ in judged:
        for link in links:
            alone = score(string.gold, [link_ids(link, index)])
            made[link.method] += alone.links
            right[link.method] += alone.right
    return {method: (made[method], right[method]) for method in made}


class Corpus(NamedTuple):
    """A published corpus: its title, its file, and which of its mention types are what."""

    title: str
    file: str
    sides: dict[str, Side]


_DISEASES: Final = dict.fromkeys(("SpecificDisease", "DiseaseClass", "Modifier", "CompositeMention"), Side.CONDITION)
_CDR: Final = {"Disease": Side.CONDITION, "Chemical": Side.INTERVENTION}
CORPORA: Final = (
    Corpus("NCBI-Disease train", "ncbi_disease/NCBItrainset_corpus.txt.gz", _DISEASES),
    Corpus("NCBI-Disease dev", "ncbi_disease/NCBIdevelopset_corpus.txt.gz", _DISEASES),
    Corpus("BC5CDR train", "bc5cdr/CDR_TrainingSet.PubTator.txt.gz", _CDR),
    Corpus("BC5CDR dev", "bc5cdr/CDR_DevelopmentSet.PubTator.txt.gz", _CDR),
)
_RECORD: Final = re.compile(r"[DC]\d+")


class CorpusScore(NamedTuple):
    """The score of a side of a corpus, and the mentions that are out of reach.

    Attributes:
        score: of the mentions that have an id of MeSH.
        elsewhere: mentions that have ids of OMIM only.
        without: mentions that have no id.
        gone: of the mentions in the score those with an id that the installed MeSH does not have.
    """

    score: Score = Score()
    elsewhere: int = 0
    without: int = 0
    gone: int = 0


class _Mention(NamedTuple):
    side: Side
    text: str
    ids: tuple[str, ...]


class _Document(NamedTuple):
    title: str
    abstract: str
    mentions: list[_Mention]


def score_corpus(corpus: Corpus, linker: Linker) -> dict[Side, CorpusScore]:
    """The scores of a corpus: every mention as published, each time it is mentioned.

    A document becomes a record whose title and summary are its title and abstract, and whose conditions and
    interventions are its mentions, so what links registered strings links mentions too.
    """
    found = {side: CorpusScore() for side in dict.fromkeys(corpus.sides.values())}
    for document in _documents(corpus):
        texts = {side: list(dict.fromkeys(one.text for one in document.mentions if one.side is side)) for side in found}
        study = _study(
            texts[Side.CONDITION],
            [("DRUG", text) for text in texts.get(Side.INTERVENTION, ())],
            document.title,
            document.abstract,
        )
        linked = _links(linker, study)
        for mention in document.mentions:
            links = linked[mention.side][texts[mention.side].index(mention.text)]
            found[mention.side] = _with(found[mention.side], mention, links, linker.index)
    return found


def _with(counts: CorpusScore, mention: _Mention, links: tuple[Link, ...], index: NameIndex) -> CorpusScore:
    records = [one for one in mention.ids if _RECORD.fullmatch(one)]
    if not records:
        is_elsewhere = any(one.startswith("OMIM") for one in mention.ids)
        return counts._replace(elsewhere=counts.elsewhere + is_elsewhere, without=counts.without + (not is_elsewhere))
    gold = [Slot((record,)) for record in dict.fromkeys(records)]
    added = score(gold, [link_ids(link, index) for link in links], together=True)
    gone = any(index.by_iri(PREFIXES["mesh"] + record) is None for record in records)
    return counts._replace(score=counts.score + added, gone=counts.gone + gone)


def _documents(corpus: Corpus) -> Iterator[_Document]:
    """The documents of a file in PubTator form: title, abstract, then one line a mention."""
    with gzip.open(data_path(f"linking-gold/{corpus.file}"), "rt", encoding="utf-8", newline="\n") as file:
        for block in re.split(r"\n\s*\n", file.read()):
            texts = dict(re.findall(r"^\s*\d+\|([ta])\|(.*)$", block, re.MULTILINE))
            rows = [line.split("\t") for line in block.split("\n")]
            mentions = [
                _Mention(corpus.sides[row[4]], row[3], tuple(one.strip() for one in re.split(r"[|+]", row[5])))
                for row in rows
                if len(row) >= 6 and row[4] in corpus.sides
            ]
            if texts:
                yield _Document(texts["t"], texts.get("a", ""), mentions)
