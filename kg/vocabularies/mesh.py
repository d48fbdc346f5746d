"""MeSH as it ships with the package: records, names, hierarchy.

The hierarchy comes from tree numbers: a descriptor lies within every descriptor whose tree number begins one of
its own, and within its top category, which NLM gives no IRI. A supplementary record lies within the headings it
is mapped to.

Source: https://www.nlm.nih.gov/mesh/ (tables), https://hhs.github.io/meshrdf/ (IRIs).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import zstandard

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, expand, mesh_category_iri
from kg.terms import Statement, lang_string

__all__ = ["VOCABULARY", "Mesh", "MeshRecord", "load_mesh"]

VOCABULARY: Final = PREFIXES["mesh"]
_PACKED: Final = "mesh-2024.tsv.zst"
_UNPACKED_LIMIT: Final = 64 * 2**20


class MeshRecord(NamedTuple):
    """A descriptor or a supplementary record.

    ``trees`` are the tree numbers of a descriptor; ``headings`` the descriptors that a supplementary record is
    mapped to.
    """

    ui: str
    label: str
    trees: tuple[str, ...]
    headings: tuple[str, ...]
    synonyms: tuple[str, ...]

    @property
    def iri(self) -> str:
        """The IRI that NLM gives the record."""
        return VOCABULARY + self.ui

    @property
    def names(self) -> tuple[str, ...]:
        """The label and the synonyms."""
        return (self.label, *self.synonyms)


class Mesh:
    """The records of one MeSH year.

    Args:
        records: descriptors and supplementary records.
        year: the MeSH year, which is the vocabulary's version on links.
    """

    def __init__(self, records: dict[str, MeshRecord], year: str) -> None:
        self.records = records
        self.year = year
        self._by_tree = {tree: ui for ui, record in records.items() for tree in record.trees}
        self._by_label = {record.label.casefold(): ui for ui, record in records.items()}
        self._within: dict[str, tuple[str, ...]] = {}

    def __contains__(self, ui: str) -> bool:
        return ui in self.records

    def by_label(self, label: str) -> MeshRecord | None:
        """The record whose preferred label this is, letter case aside."""
        ui = self._by_label.get(label.casefold())
        return self.records[ui] if ui else None

    def categories(self, ui: str) -> frozenset[str]:
        """The letters of the top categories that a record is in.

        >>> sorted(load_mesh().categories("D008545"))
        ['C']
        """
        record = self.records[ui]
        trees = record.trees or [tree for heading in record.headings for tree in self._trees(heading)]
        return frozenset(tree[0] for tree in trees)

    def tree_numbers(self, ui: str) -> tuple[str, ...]:
        """The tree numbers of a descriptor, or of the headings that a supplementary record is mapped to."""
        record = self.records[ui]
        return record.trees or tuple(tree for heading in record.headings for tree in self._trees(heading))

    def _trees(self, heading: str) -> tuple[str, ...]:
        record = self.records.get(heading)
        return record.trees if record else ()

    def within(self, ui: str) -> tuple[str, ...]:
        """IRIs of everything that a record is within, itself first, the others sorted.

        >>> mesh = load_mesh()
        >>> mesh_head_and_neck = "http://id.nlm.nih.gov/mesh/D006258"
        >>> mesh_head_and_neck in mesh.within("D000077195")
        True
        """
        found = self._within.get(ui)
        if found is None:
            record = self.records[ui]
            others: set[str] = set()
            for tree in record.trees:
                others.add(mesh_category_iri(tree[0]))
                parts = tree.split(".")
                others.update(
                    VOCABULARY + self._by_tree[prefix]
                    for depth in range(1, len(parts))
                    if (prefix := ".".join(parts[:depth])) in self._by_tree
                )
            for heading in record.headings:
                if heading in self.records:
                    others.update(self.within(heading))
            others.discard(record.iri)
            found = self._within[ui] = (record.iri, *sorted(others))
        return found

    def statements(self) -> Iterator[Statement]:
        """What the store keeps of MeSH: the label of each record, and what it is within."""
        label, within = f"<{expand('rdfs:label')}>", f"<{expand('tkg:within')}>"
        for ui, record in self.records.items():
            subject = f"<{record.iri}>"
            yield subject, label, lang_string(record.label)
            for iri in self.within(ui):
                yield subject, within, f"<{iri}>"


@lru_cache(maxsize=1)
def load_mesh() -> Mesh:
    """The MeSH that ships with the package.

    Raises:
        VocabularyError: the packed table is missing or broken.
    """
    path = resource("vocabularies", _PACKED)
    try:
        with path.open("rb") as file:
            unpacked = zstandard.ZstdDecompressor().decompress(file.read(), max_output_size=_UNPACKED_LIMIT)
    except (OSError, zstandard.ZstdError) as error:
        raise VocabularyError(str(error), place=str(path), remedy="reinstall trialkg") from error
    records = {}
    for line in unpacked.decode("utf-8").split("\n"):
        if not line or line.startswith("#"):
            continue
        ui, label, places, synonyms = line.split("\t")
        split = tuple(places.split("|")) if places else ()
        descriptor = ui[0] == "D"
        records[ui] = MeshRecord(
            ui,
            label,
            split if descriptor else (),
            () if descriptor else split,
            tuple(filter(None, synonyms.split("|"))),
        )
    return Mesh(records, _PACKED.removeprefix("mesh-").partition(".")[0])
