"""Makes the index of names, once for the same vocabularies, and finds it again.

An index is a folder named by what it was made from: the content of the vocabularies, and the code that cuts names
into words. It is written aside and renamed, so that processes that make it at the same time do not disturb each
other. The index of a store's own vocabularies lies in the store; that of the bundled ones in the user's cache.
"""

from __future__ import annotations

import array
import hashlib
import inspect
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

import marisa_trie
import msgspec

from kg.config import cache_directory
from kg.linking import index, mentionable, near, normalize, salts
from kg.linking.index import NameIndex, Row
from kg.linking.mentionable import beginnings, mention_names
from kg.linking.normalize import bag, fold, words
from kg.linking.salts import base
from kg.vocabularies import scope
from kg.vocabularies.agents import load_agents
from kg.vocabularies.entry import Entry
from kg.vocabularies.hierarchy import Hierarchy
from kg.vocabularies.installed import (
    CORRECTIONS,
    MESH,
    Vocabulary,
    agents_in_mesh,
    bundled,
    entries,
    hierarchy,
)
from kg.vocabularies.names import names_digest, other_names
from kg.vocabularies.profiles import PROFILES
from kg.vocabularies.scope import Scope, Side, mesh_scope, profile_scope

__all__ = ["index_folder", "load_index", "make_index"]

_KINDS: Final = {"agent": 0, "class": 1, "descriptor": 2, "supplementary": 3}
_OTHER_KIND: Final = 4
_HEADING: Final = 2
_BASE: Final = 60
"""So much worse than the name of a salt is the name of what it is a salt of."""
_LAST: Final = 250
"""The rank of a record under a name that an agent has taken over from it."""
_UNSPELLED: Final = frozenset({"of", "the", "and", "in", "with", "to", "a", "due", "by", "s"})
"""Words that abbreviations leave out."""
_LOOSE: Final = 100
"""From here on ranks are those of names that a record has only loosely, or of what it is a salt of."""
_RESPELLED: Final = 2
_KEPT_SECONDS: Final = 60 * 24 * 3600.0
_COMBINATION: Final = ("drug", "combination")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=2)
def load_index(vocabularies: tuple[Vocabulary, ...] = ()) -> NameIndex:
    """The index of some vocabularies; made where it is not there yet.

    Args:
        vocabularies: in the order in which names are looked up; the bundled ones when empty.

    Raises:
        VocabularyError: a vocabulary or the index is damaged.
    """
    used = vocabularies or bundled()
    folder = index_folder(used)
    if not folder.is_dir():
        try:
            make_index(used, folder)
            _sweep(folder)
        except OSError:
            # A home that cannot be written to only costs time: the index serves this process and goes with it.
            return _passing_index(used)
    return NameIndex(folder, _with_names(used))


def index_folder(vocabularies: Sequence[Vocabulary]) -> Path:
    """Where the index of some vocabularies is, made or not."""
    return _home(vocabularies) / f"index-{_key(vocabularies)}"


def make_index(vocabularies: Sequence[Vocabulary], folder: Path) -> None:
    """Writes the index of some vocabularies to a folder that is not there yet.

    Raises:
        VocabularyError: a vocabulary is damaged.
        OSError: the folder cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".index-", dir=folder.parent))
    try:
        _write(vocabularies, aside)
        aside.chmod(0o755)
        # Another process may have been faster; its index is the same.
        with suppress(FileExistsError):
            if not folder.is_dir():
                aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _sweep(made: Path) -> None:
    """Remove indexes beside a new one that are months old; where one is used after all, it is made again."""
    for other in made.parent.glob("index-*"):
        if other.stat().st_mtime < made.stat().st_mtime - _KEPT_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def _passing_index(vocabularies: Sequence[Vocabulary]) -> NameIndex:
    with tempfile.TemporaryDirectory(prefix="trialkg-") as place:
        make_index(vocabularies, Path(place) / "index")
        # Mapped files stay readable after their names are gone.
        return NameIndex(Path(place) / "index", _with_names(vocabularies))


def _with_names(vocabularies: Sequence[Vocabulary]) -> list[Vocabulary]:
    # Other corrections need no other index.
    return [vocabulary for vocabulary in vocabularies if vocabulary.name != CORRECTIONS]


def _home(vocabularies: Sequence[Vocabulary]) -> Path:
    own = [Path(vocabulary.folder) for vocabulary in _with_names(vocabularies) if vocabulary.folder]
    return own[0].parent if own else cache_directory()


def _key(vocabularies: Sequence[Vocabulary]) -> str:
    content = hashlib.sha256()
    for module in (normalize, near, salts, index, mentionable, scope):
        content.update(inspect.getsource(module).encode())
    content.update(Path(__file__).read_bytes())
    content.update(names_digest().encode())
    for vocabulary in _with_names(vocabularies):
        content.update(f"{vocabulary.name} {vocabulary.sha256}\n".encode())
    return content.hexdigest()[:16]


class _Tables:
    """The files of an index while they are made."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.numbers: dict[str, int] = {}
        self.names: list[tuple[str, tuple[int, int]]] = []
        self.bags: list[tuple[str, tuple[int, int]]] = []
        self.runs: list[tuple[str, tuple[int, int]]] = []
        self.mentions: list[tuple[str, tuple[int, int]]] = []
        self.nears: list[tuple[str, tuple[int, int]]] = []
        self.beginnings: set[str] = set()
        self.words: set[str] = set()
        self.initials: set[tuple[str, int]] = set()

    def number(self, iri: str) -> int:
        """The number of a concept, given when it is first asked for."""
        found = self.numbers.setdefault(iri, len(self.numbers))
        if found == len(self.rows):
            self.rows.append(b"")
        return found


def _write(vocabularies: Sequence[Vocabulary], folder: Path) -> None:
    tables = _Tables()
    aliases = load_agents().mesh
    in_mesh = agents_in_mesh(vocabularies)
    for number, vocabulary in enumerate(_with_names(vocabularies)):
        _add(tables, number, vocabulary, aliases, in_mesh)
    marisa_trie.RecordTrie(index.POSTING, tables.names).save(str(folder / index.NAMES))
    marisa_trie.RecordTrie(index.POSTING, tables.bags).save(str(folder / index.BAGS))
    marisa_trie.RecordTrie(index.POSTING, tables.runs).save(str(folder / index.RUNS))
    marisa_trie.RecordTrie(index.POSTING, tables.mentions).save(str(folder / index.MENTIONS))
    marisa_trie.RecordTrie(index.POSTING, tables.nears).save(str(folder / index.NEARS))
    marisa_trie.Trie(sorted(tables.beginnings)).save(str(folder / index.BEGINNINGS))
    marisa_trie.Trie(sorted(tables.words)).save(str(folder / index.WORDS))
    initials = ((letters, (number,)) for letters, number in sorted(tables.initials))
    marisa_trie.RecordTrie(index.NUMBER, initials).save(str(folder / index.INITIALS))
    iris = ((iri, (number,)) for iri, number in tables.numbers.items())
    marisa_trie.RecordTrie(index.NUMBER, iris).save(str(folder / index.IRIS))
    places = array.array("Q", [0])
    with (folder / index.CONCEPTS).open("wb") as file:
        for row in tables.rows:
            file.write(row)
            places.append(places[-1] + len(row))
    (folder / index.PLACES).write_bytes(places.tobytes())


def _add(
    tables: _Tables,
    vocabulary_number: int,
    vocabulary: Vocabulary,
    aliases: dict[str, str],
    in_mesh: dict[str, tuple[str, ...]],
) -> None:
    encode = msgspec.msgpack.Encoder().encode
    above = hierarchy(vocabulary)
    for entry in entries(vocabulary):
        trees = above.trees(entry.iri) if vocabulary.name == MESH else ()
        allowed = _scope(vocabulary, entry, trees, above)
        within = tuple(tables.number(iri) for iri in (*above.within(entry.iri)[1:], *in_mesh.get(entry.iri, ())))
        tables.rows[tables.number(entry.iri)] = encode(
            Row(
                entry.iri,
                entry.label,
                entry.kind,
                vocabulary_number,
                allowed.is_drug,
                Side.CONDITION in allowed.sides,
                Side.INTERVENTION in allowed.sides,
                trees,
                within,
            )
        )
        if not entry.deprecated and entry.label:
            _add_names(tables, entry, aliases.get(entry.iri), is_studied=Side.CONDITION in allowed.sides)
            _add_mentions(tables, entry, aliases.get(entry.iri), trees, is_drug=allowed.is_drug)
            if Side.INTERVENTION in allowed.sides:
                _add_runs(tables, entry, aliases.get(entry.iri), allowed.is_drug)
    # What is only pointed at, a top category or a class of another file, has a place in the hierarchy and no name.
    for iri, number in tables.numbers.items():
        if not tables.rows[number]:
            tables.rows[number] = encode(
                Row(iri, "", "concept", vocabulary_number, is_drug=False, condition=False, intervention=False)
            )


def _add_names(tables: _Tables, entry: Entry, agent: str | None, *, is_studied: bool) -> None:
    number = tables.number(entry.iri)
    kind = _KINDS.get(entry.kind, _OTHER_KIND)
    for looseness, names in enumerate(((entry.label,), entry.synonyms, entry.loose)):
        # Agents and their classes stand for whatever else has their names. Then strict names go before loose ones,
        # headings before supplementary records before other vocabularies, labels before synonyms.
        rank = kind if kind < _HEADING else 10 + 100 * (looseness > 1) + 10 * kind + looseness
        for name in names:
            postings = [(number, rank)] if agent is None else [(tables.number(agent), 0), (number, _LAST)]
            of_name = words(name)
            folded, of_words = fold(name), bag(of_name)
            tables.names += [(folded, posting) for posting in postings]
            tables.bags += [(of_words, posting) for posting in postings]
            if is_studied or entry.kind == "descriptor":
                tables.words.update(of_name)
            if is_studied:
                tables.nears += [(near.near(of_name), posting) for posting in postings]
                letters = "".join(word if word.isdigit() else word[0] for word in of_name if word not in _UNSPELLED)
                # An inverted name is not what people abbreviate.
                if len(letters) > 1 and "," not in name:
                    tables.initials.add((letters, postings[0][0]))


def _add_mentions(tables: _Tables, entry: Entry, agent: str | None, trees: Sequence[str], *, is_drug: bool) -> None:
    """Names that mean what they name in running text; those of a record that an agent stands for mean the agent."""
    number = tables.number(agent or entry.iri)
    ranks: dict[str, int] = {}
    for name, rank in mention_names(entry, trees, is_drug=is_drug):
        key = " ".join(words(name))
        ranks[key] = min(rank if agent is None else rank + 1, ranks.get(key, _LAST))
        tables.beginnings |= beginnings(name, is_drug=is_drug)
    tables.mentions += [(key, (number, rank)) for key, rank in ranks.items()]


def _add_runs(tables: _Tables, entry: Entry, agent: str | None, is_drug: bool) -> None:
    """Names as words in order; with those from elsewhere, and those of drugs without their salts."""
    others = other_names()
    kind = _KINDS.get(entry.kind, _OTHER_KIND)
    own = kind if kind < _HEADING else 10 + 10 * kind
    own_names = {name.casefold() for name in (entry.label, *entry.synonyms)}
    ranks: dict[tuple[str, ...], int] = {}
    for names, rank in (
        ((entry.label,), own),
        (others.kept.get(entry.iri, ()), index.KEPT),
        (entry.synonyms, own + (kind >= _HEADING)),
        (entry.loose, own + 100),
        (others.found.get(entry.iri, ()), own + 102),
    ):
        for name in names:
            key = tuple(words(name))
            # MeSH inverts names for its printed lists: nobody writes "failure, treatment" for treatment failure.
            if ", " in name and " ".join(reversed(name.casefold().split(", "))) in own_names:
                continue
            # What has a name as it is spelled goes before what has it in the plural: Insulin, Insulins.
            as_spelled = key == tuple(_WORD.findall(name.casefold()))
            ranks[key] = min(rank + _RESPELLED * (not as_spelled and rank != index.KEPT), ranks.get(key, _LAST))
            if is_drug:
                for simpler in _simpler(key):
                    ranks.setdefault(simpler, min(rank + _BASE, _LAST))
    for key, rank in ranks.items():
        run = " ".join(key)
        if not run:
            continue
        if agent is None:
            tables.runs.append((run, (tables.number(entry.iri), rank)))
        else:
            # The agent's own names go before those of the record that it stands for.
            tables.runs += [
                (run, (tables.number(agent), 2 + (rank >= _LOOSE))),
                (run, (tables.number(entry.iri), _LAST)),
            ]


def _simpler(of_words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A drug's name without its salt; a product of several drugs as people write it, A/B, where MeSH has A and B."""
    if of_words[-2:] == _COMBINATION:
        product = tuple(base(of_words[:-2]) or of_words[:-2])
        yield product
        yield tuple(word for word in product if word != "and")
    else:
        without = tuple(base(of_words))
        if without:
            yield without


def _scope(vocabulary: Vocabulary, entry: Entry, trees: Sequence[str], hierarchy: Hierarchy) -> Scope:
    if entry.kind in ("agent", "class"):
        return Scope((Side.INTERVENTION,), entry.kind == "agent")
    if vocabulary.name == MESH:
        return mesh_scope(entry.iri.removeprefix(vocabulary.iri), trees)
    return profile_scope(PROFILES.get(vocabulary.name), entry, hierarchy)
