"""How well strings are linked: our gold, published corpora, the registry's own terms, and the expected table.

    python -m bench.linking                print the figures
    python -m bench.linking --write        and put them into docs/linking.md
    python -m bench.linking --sample       draw the sample of disagreements with the registry anew
    python -m bench.linking --misses       print what of the tune half of our gold is not right

``docs/linking.md`` says what each figure is; ``gold/README.md`` how the gold was made. Without the real data only our
gold is measured, each string alone, against the vocabularies that ship with the package.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import kg
from bench.figures import data_path, has_data, lines
from bench.full_mesh import full_linker
from bench.linking_gold import (
    CORPORA,
    SIDES,
    Judged,
    by_method,
    gold_files,
    judge,
    read_gold,
    score_corpus,
    score_dictionary,
)
from bench.linking_registry import SHEET, VERDICTS, Disagreement, compare, draw, read_sheet, write_sheet
from bench.tables import DOCUMENT, Table, bounds, percent, write_section
from kg.examples import expected, paths
from kg.linking.evaluate import Agreement, Fraction, Score
from kg.linking.link import METHODS
from kg.linking.linker import Linker, load_linker
from kg.pipeline.build import build
from kg.sources import Form, RawRecord, decode
from kg.study import Study
from kg.vocabularies.scope import Side

_SECTION = "figures"
_HALVES = ("tune", "held")


def studies() -> Iterator[Study]:
    """The real records, decoded."""
    for line in lines(data_path()):
        yield decode(RawRecord(line, Form.API_V2, ""))


class _Sums(NamedTuple):
    """What is added up over the studies, for one side."""

    counts: Agreement = Agreement()
    with_keywords: Agreement = Agreement()
    studies: int = 0
    unknown: int = 0
    unasserted: int = 0
    disagreeing: int = 0


def registry(found: Iterable[Study], linker: Linker) -> tuple[dict[Side, _Sums], list[Disagreement]]:
    """Agreement with the registry over studies, and where there is none."""
    sums = {side: _Sums() for side in Side}
    disagreements = []
    for study in found:
        for side, one in compare(study, linker).items():
            sums[side] = _Sums(
                sums[side].counts + one.counts,
                sums[side].with_keywords + one.with_keywords,
                sums[side].studies + bool(one.counts.asserted),
                sums[side].unknown + one.unknown,
                sums[side].unasserted + one.unasserted,
                sums[side].disagreeing + bool(one.disagreement),
            )
            if one.disagreement:
                disagreements.append(one.disagreement)
    return sums, disagreements


def gold_tables(linkers: dict[str, Linker], records: dict[str, Study]) -> list[Table]:
    """Our gold, each half, by each linker and by the plain dictionary; and what the first linker is good at."""
    best = next(iter(linkers.values()))
    scores: list[tuple[str, Score]] = []
    groups: list[tuple[str, Score]] = []
    everything: list[Judged] = []
    for half in _HALVES:
        for side, path in gold_files(half).items():
            strings = read_gold(path)
            for name, linker in linkers.items():
                judged = judge(strings, linker, records)
                scores.append((f"{side}, {half}, {name}", _total(judged)))
                if linker is best:
                    everything += judged
                    groups += _groups(f"{side}, {half}", judged)
            scores.append((f"{side}, {half}, plain dictionary", score_dictionary(strings, best.index)))
    counts = by_method(everything, best.index)
    name = next(iter(linkers))
    return [
        _score_table(f"Our gold, each string {'in its record' if records else 'alone'}", scores),
        Table(
            "Our gold: where no link was made",
            ("", "of all strings", "of those with a concept", "of those without"),
            [
                (title, percent(one.abstention), percent(one.missed), percent(one.rightly_silent))
                for title, one in scores
            ],
        ),
        _score_table(f"Our gold by what is named, {name}", groups),
        Table(
            f"Our gold: links by method, {name}",
            ("method", "score", "links", "right"),
            [
                (method, score, str(counts[method][0]), bounds(Fraction(counts[method][1], counts[method][0])))
                for method, score in METHODS.items()
                if method in counts
            ],
            "Both sides, and the halves that are there.",
        ),
    ]


def _total(judged: Iterable[Judged]) -> Score:
    return sum((one.score for one in judged), Score())


def _groups(title: str, judged: Sequence[Judged]) -> Iterator[tuple[str, Score]]:
    """The scores of parts of a file."""
    yield f"{title}: the thing itself", _total(one for one in judged if one.string.is_plain)
    yield f"{title}: broader or unsure", _total(one for one in judged if not one.string.is_plain)
    if any(one.string.type for one in judged):
        yield f"{title}: substances", _total(one for one in judged if one.string.gives_substance)
        yield f"{title}: other types", _total(one for one in judged if not one.string.gives_substance)


def _score_table(title: str, scores: Iterable[tuple[str, Score]]) -> Table:
    return Table(
        title,
        ("", "strings", "with a concept", "accuracy@1", "precision", "recall", "fully right"),
        [
            (
                name,
                str(one.strings),
                str(one.nameable),
                bounds(one.accuracy_at_1),
                bounds(one.precision),
                bounds(one.recall),
                bounds(one.fully_right),
            )
            for name, one in scores
        ],
    )


def corpora_table(linker: Linker) -> Table:
    """The published corpora."""
    rows = []
    for corpus in CORPORA:
        for side, found in score_corpus(corpus, linker).items():
            one = found.score
            rows.append(
                (
                    f"{corpus.title}, {'diseases' if side is Side.CONDITION else 'chemicals'}",
                    f"{one.strings:,}",
                    percent(one.accuracy_at_1),
                    percent(one.precision),
                    percent(one.recall),
                    percent(one.abstention),
                    str(found.gone),
                    f"{found.elsewhere} + {found.without}",
                )
            )
    columns = ("", "mentions", "accuracy@1", "precision", "recall", "no link", "id gone", "OMIM only + no id")
    return Table("Mentions of published corpora", columns, rows)


def registry_tables(sums: dict[Side, _Sums]) -> list[Table]:
    """Agreement with the registry, from its side and from ours."""
    theirs, ours = [], []
    for name, side in SIDES.items():
        one = sums[side]
        for title, counts in ((name, one.counts), (f"{name}, keywords counted too", one.with_keywords)):
            theirs.append(
                (
                    title,
                    f"{counts.asserted:,}",
                    *(percent(Fraction(part, counts.asserted)) for part in (counts.equal, counts.ours_narrower)),
                    bounds(counts.reached),
                    percent(Fraction(counts.ours_wider, counts.asserted)),
                )
            )
        counts = one.counts
        ours.append(
            (
                name,
                f"{counts.links:,}",
                *(percent(Fraction(part, counts.links)) for part in (counts.links_equal, counts.links_narrower)),
                bounds(counts.supported),
                percent(Fraction(counts.links_wider, counts.links)),
                f"{one.unasserted:,}",
            )
        )
    figures = "; ".join(
        f"{name}: {sums[side].studies:,} studies have terms, {sums[side].unknown} terms are not in the installed MeSH"
        for name, side in SIDES.items()
    )
    return [
        Table(
            "The registry's terms: what reaches them",
            ("", "terms", "a link is equal", "a link is narrower", "reached", "only a wider link"),
            theirs,
            f"{figures}.",
        ),
        Table(
            "Our concepts: what the registry says of them",
            ("", "concepts", "equal", "narrower than a term", "supported", "wider", "registry is silent"),
            ours,
        ),
    ]


def verdict_table(sheet: Sequence[Disagreement], sums: dict[Side, _Sums]) -> Table:
    """Who was right where the registry and we differ, by the sample that was read."""
    rows = []
    for side in Side:
        read = Counter(one.verdict for one in sheet if one.side == side.value and one.verdict)
        cells = (bounds(Fraction(read[verdict], read.total())) for verdict in VERDICTS)
        rows.append((side.value, f"{sums[side].disagreeing:,}", str(read.total()), *cells))
    return Table("Disagreements with the registry, read", ("", "studies that differ", "read", *VERDICTS), rows)


def examples_table() -> Table:
    """The question the project starts from, asked of the example studies and compared with the answer by hand."""
    by_hand = {study: evidence for study, (evidence, _) in expected().items() if evidence != "none"}
    with tempfile.TemporaryDirectory(prefix="trialkg-bench-") as name:
        store = Path(name) / "trials.kg"
        build(list(paths()), store, checking=None)
        with kg.open(store) as graph:
            answer = graph.query("il2-pd1-answer")
            study, evidence = answer.columns.index("study"), answer.columns.index("evidence")
            # One study may have several pairs of agents; its evidence is the same for all of them.
            ours = {str(row[study]): str(row[evidence]).removesuffix(" only") for row in answer.rows}
    right = sum(ours.get(one) == evidence for one, evidence in by_hand.items())
    missing = len(by_hand.keys() - ours.keys())
    counts = (len(by_hand), right, len(by_hand) - right - missing, missing, len(ours.keys() - by_hand.keys()))
    columns = ("", "studies", "right", "other evidence", "missing", "extra")
    return Table("IL-2 × PD-1", columns, [("studies that combine them", *map(str, counts))])


def print_misses(linker: Linker, records: dict[str, Study]) -> None:
    """The strings of the tune half that are not fully right. The other half is for measuring only."""
    for path in gold_files("tune").values():
        for string, links, score in judge(read_gold(path), linker, records):
            if not score.whole:
                gold = " | ".join("/".join(slot.any_of) + "?" * slot.optional for slot in string.gold)
                ours = "; ".join(f"{link.concept.label} <{link.concept.iri}> {link.method}" for link in links)
                print(
                    f"{string.nct_id}\t{string.side.value}\t{string.text}\n\tgold {gold or '-'}\n\tours {ours or '-'}"
                )


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="How well strings are linked.")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT.name}")
    parser.add_argument("--sample", action="store_true", help=f"draw {SHEET.name} anew; verdicts that still hold stay")
    parser.add_argument("--misses", action="store_true", help="print what of the tune half is not right")
    given = parser.parse_args()
    complete = has_data()
    if not complete and (given.write or given.sample):
        sys.exit("the figures and the sample need the real data (set TRIALKG_DATA to its folder)")
    linkers = {"all of MeSH": full_linker()} if complete else {}
    linkers["bundled MeSH"] = load_linker()
    linker = next(iter(linkers.values()))
    wanted = {one.nct_id for half in _HALVES for path in gold_files(half).values() for one in read_gold(path)}
    records = {study.nct_id: study for study in studies() if study.nct_id in wanted} if complete else {}
    if given.misses:
        return print_misses(linker, records)
    tables = gold_tables(linkers, records)
    if complete:
        sums, disagreements = registry(studies(), linker)
        if given.sample:
            unread = write_sheet(draw(disagreements))
            print(f"{SHEET}: {unread} rows to be read")
        tables += [
            corpora_table(linker),
            *registry_tables(sums),
            verdict_table(read_sheet(), sums),
            examples_table(),
        ]
    for table in tables:
        table.print()
    if given.write:
        write_section(_SECTION, tables)
    return None


if __name__ == "__main__":
    main()
