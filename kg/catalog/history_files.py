"""Earlier versions of studies, each a named graph, in the forms that know named graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from pyoxigraph import NamedNode, Store

from kg.catalog.rdf_files import Shelf
from kg.catalog.rdf_forms import GRAPH_FORMS, split_form
from kg.catalog.writing import Setting, Written
from kg.namespaces import expand
from kg.store.history import newest_version
from kg.turtle import lines_of

__all__ = ["HistoryFiles", "VersionText", "history_writers", "versions_of"]

_SIBLINGS: Final = {"ttl": "trig", "nt": "nq", "rdfxml": "trig"}
"""Form without named graphs → the one that is written beside it."""
_COMMENT: Final = (
    "Earlier versions of studies, each in a graph of its own name; written by trialkg.",
    "What the licence covers: README.md.",
)
_DESCRIPTION: Final = "Earlier versions of the studies, each a named graph with what the study said then."
_REVISION_OF: Final = NamedNode(expand("prov:wasRevisionOf"))


class VersionText(NamedTuple):
    """An earlier version: the IRI of its graph, and its statements as N-Triples, the lines sorted."""

    iri: str
    text: bytes


def versions_of(store: Store, nct_id: str) -> list[VersionText]:
    """The earlier versions of a study, oldest first."""
    found = []
    iri = newest_version(store, nct_id)
    while iri:
        graph = NamedNode(iri)
        triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, graph)]
        found.append(VersionText(iri, b"".join(lines_of(triples))))
        before = next(store.quads_for_pattern(graph, _REVISION_OF, None, graph), None)
        iri = before.object.value if before and isinstance(before.object, NamedNode) else ""
    return found[::-1]


def history_writers(setting: Setting, formats: Sequence[str]) -> list[HistoryFiles]:
    """What writes earlier versions, one for each form that the formats lead to."""
    forms = []
    for name in formats:
        plain, compressed = split_form(name)
        form = _SIBLINGS.get(plain, plain)
        if form in GRAPH_FORMS:
            forms.append(form + (".gz" if compressed else ""))
    return [HistoryFiles(setting, form) for form in dict.fromkeys(forms or ["nq"])]


class HistoryFiles:
    """Writes earlier versions in one form.

    Args:
        setting: where, and in which layout.
        form: one of :data:`kg.catalog.rdf_forms.GRAPH_FORMS`, or that with ``.gz``.
    """

    def __init__(self, setting: Setting, form: str) -> None:
        self._shelf = Shelf(setting, "history", form, _COMMENT)
        self._text = GRAPH_FORMS[split_form(form)[0]]
        self._statements = 0

    def write(self, nct_id: str, versions: Sequence[VersionText]) -> None:
        """Append the versions of a study, given in their order."""
        document = self._shelf.document(nct_id)
        for version in versions:
            document.add(self._text(f"<{version.iri}>".encode(), version.text))
            self._statements += version.text.count(b"\n")

    def finish(self) -> Sequence[Written]:
        """Complete the files."""
        self._shelf.finish()
        shelf = self._shelf
        return [
            Written(
                shelf.name,
                shelf.title("Earlier versions"),
                _DESCRIPTION,
                shelf.form,
                compressed=shelf.compressed,
                statements=self._statements,
            )
        ]

    def close(self) -> None:
        """Let go of the files."""
        self._shelf.close()
