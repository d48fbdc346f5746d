"""Parts runs of terms whose separators a page has lost, with the help of known names."""

from __future__ import annotations

from collections.abc import Callable

from kg.linking.index import Concept, NameIndex
from kg.vocabularies.mesh import VOCABULARY as MESH

__all__ = ["asserted_terms", "segment", "segment_mesh"]

_LONGEST_TERM = 14


def segment(run: str, is_name: Callable[[str], bool], longest: int = 6) -> list[str]:
    """A run of terms parted so that as few words as possible stand outside a known name, then as few terms.

    No word is lost: a word that no known name covers is a term of its own.

    Args:
        run: the terms, parted by nothing but spaces.
        is_name: whether a text is a known name.
        longest: most words in one name.

    >>> segment("IL-2 Solid Tumors Alkermes", {"IL-2", "Solid Tumors"}.__contains__)
    ['IL-2', 'Solid Tumors', 'Alkermes']
    """
    words = run.split()
    # best[n]: (words outside names, number of terms, start of the last term) of the first n words
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for end in range(1, len(words) + 1):
        outside, terms, _ = best[end - 1]
        choice = (outside + (not is_name(words[end - 1])), terms + 1, end - 1)
        for start in range(max(0, end - longest), end - 1):
            outside, terms, _ = best[start]
            if (outside, terms + 1) < choice[:2] and is_name(" ".join(words[start:end])):
                choice = (outside, terms + 1, start)
        best.append(choice)
    parts: list[str] = []
    end = len(words)
    while end:
        start = best[end][2]
        parts.append(" ".join(words[start:end]))
        end = start
    return parts[::-1]


def segment_mesh(run: str, index: NameIndex) -> tuple[list[Concept], list[str]]:
    """A run of MeSH labels parted into records, and what of it is no label."""
    records: list[Concept] = []
    unknown: list[str] = []
    for part in segment(run, lambda text: index.by_label(text, MESH) is not None, _LONGEST_TERM):
        record = index.by_label(part, MESH)
        if record:
            records.append(record)
        else:
            unknown.append(part)
    return records, unknown


def asserted_terms(records: list[Concept], index: NameIndex) -> list[Concept]:
    """The terms that a page asserts, from a list that mixes them with what they are within.

    A term is inherited when it is a tree ancestor of another listed one, or a pharmacological action (D27)
    beside a listed substance.
    """
    above = {iri for record in records for iri in index.within(record.iri)[1:]}
    substance = any(tree.startswith("D") and not tree.startswith("D27") for record in records for tree in record.trees)
    return [
        record
        for record in records
        if record.iri not in above
        and not (substance and record.kind == "descriptor" and all(tree.startswith("D27") for tree in record.trees))
    ]
