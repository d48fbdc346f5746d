"""What strings mean, as it is shown: lines for a terminal, JSON, an SSSOM table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from kg.errors import UsageError
from kg.linking.index import Concept
from kg.linking.link import Link
from kg.linking.linker import Linker
from kg.linking.mappings import Rejected, rejected, rows_of_text
from kg.linking.sssom import About, document
from kg.namespaces import BASE, compress
from kg.vocabularies.scope import Side

__all__ = ["Answer", "answers", "as_json", "as_lines", "as_table"]

_ABOUT: Final = About(mapping_set_id=BASE + "links", mapping_set_title="Links of strings")


class Answer(NamedTuple):
    """What a string means: its links, and the concepts of its name that were not chosen where these were asked for."""

    text: str
    side: Side
    links: Sequence[Link]
    others: Sequence[Rejected]


def answers(linker: Linker, texts: Iterable[str], side: Side, *, candidates: bool = False) -> list[Answer]:
    """What strings mean.

    Args:
        linker: links them.
        texts: the strings.
        side: what they name.
        candidates: whether to look for the concepts that were not chosen, too.

    Raises:
        UsageError: one of them is not text.
    """
    found = []
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise UsageError(f"{text!r} is not text", remedy="give strings in UTF-8") from error
        links = linker.condition(text) if side is Side.CONDITION else linker.intervention(text)
        others = rejected(text, side, links, linker.index) if candidates else []
        found.append(Answer(text, side, links, others))
    return found


def as_json(found: Iterable[Answer]) -> list[dict[str, Any]]:
    """One entry for each link; then, with ``rejected``, one for each concept that was not chosen."""
    entries: list[dict[str, Any]] = []
    for answer in found:
        for link in answer.links:
            chosen = {"matchedText": link.text, "method": link.method, "score": float(link.score)}
            entries.append(_entry(answer.text, link.concept, chosen))
        for concept, reason in answer.others:
            entries.append(_entry(answer.text, concept, {"rejected": reason}))
    return entries


def _entry(text: str, concept: Concept, decision: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": text,
        "concept": concept.iri,
        "label": concept.label,
        **decision,
        "vocabulary": concept.vocabulary,
        "vocabularyVersion": concept.version,
    }


def as_lines(found: Iterable[Answer]) -> list[str]:
    """One line for each link, or one that says that there is none; then one for each concept that was not chosen."""
    lines = []
    for answer in found:
        for link in answer.links:
            concept = link.concept
            why = f"{link.method} {link.score}, {concept.vocabulary} {concept.version}"
            lines.append(f"{answer.text}\t{compress(concept.iri)}\t{concept.label}\t'{link.text}'\t{why}")
        if not answer.links:
            lines.append(f"{answer.text}\tno link: no known name, or one that several concepts share")
        lines += [
            f"{answer.text}\t{compress(concept.iri)}\t{concept.label}\tnot chosen: {reason}"
            for concept, reason in answer.others
        ]
    return lines


def as_table(found: Iterable[Answer]) -> str:
    """An SSSOM table, for other tools and for corrections; a string without a link has a row that says so."""
    rows = [row for answer in found for row in rows_of_text(*answer)]
    return document(sorted(dict.fromkeys(rows)), _ABOUT)
