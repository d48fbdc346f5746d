"""What a string names a kind of, where MeSH has no name for the whole.

English says last what a thing is: *clear cell renal cell carcinoma* is a renal cell carcinoma. Registrants also put the
adjective after it (*spinal stenosis lumbar*), and a bare *dysfunction* or *injury* of an organ is a disease of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from kg.linking.index import Concept
from kg.linking.names import DISEASES, Match, Names, depth, is_of, says_something
from kg.linking.near import has_equals
from kg.linking.normalize import Token
from kg.linking.units import Part, Unit, content, units
from kg.linking.words import ABOUT, MARKERS, NUANCES, SHIFTS, THESAURUS, TROUBLE
from kg.vocabularies.scope import Side

__all__ = ["ADJECTIVE", "Kinds"]

_LONGEST: Final = 7
"""Of so many words at the end of a string every choice is tried."""
_BRANCHES: Final = ("C", "E", "F", "G", "I03", "M")
"""Where the end of a string says what the whole is a kind of."""
_FIXED: Final = TROUBLE | {"failure", "infection", "surgery", "transplant", "transplantation"}
"""Heads that mean little without the very words before them: *renal transplant failure* is no renal failure."""
_NEOPLASMS: Final = frozenset({"cancer", "neoplasm", "tumor"})
_IN_NEOPLASMS: Final = ("C04",)
_SHORTEST_END: Final = 7
_REVERSING: Final = ("anti", "contra", "hyper", "hypo", "non", "pre", "pseudo")
"""Beginnings that make of a word something else than a kind of what follows."""
ADJECTIVE: Final = ("al", "ic", "ar", "ary", "ous", "ive", "ed", "oid", "able", "ile", "less")
"""What adjectives end in."""


class Kinds:
    """Finds what a string names a kind of.

    Args:
        names: the names to look up.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def of_part(self, text: str, part: Part) -> Match | None:
        """The concept that a part of a string names, or names a kind of.

        Args:
            text: the string.
            part: what stands between two words that join.
        """
        found = [token for token in part.tokens if token.word not in ABOUT]
        while found and found[-1].word in MARKERS:
            found.pop()
        marker = max((n for n, token in enumerate(found) if token.word in MARKERS), default=-1)
        is_after = 0 <= marker < len(found) - 1
        matched = self._names.match(found)
        is_all = len(found) == len(part.tokens)
        if matched and is_of(matched[0], _BRANCHES) and (is_all or says_something(*matched)):
            return matched
        # "Neurological complication": without the complication nothing is left that names anything.
        return (self._of(text, found[marker + 1 :]) if is_after else self.of(text, found)) or (
            None if is_all else self.of(text, part.tokens)
        )

    def _of(self, text: str, found: Sequence[Token]) -> Match | None:
        return self._names.match(found) or self.of(text, found)

    def of(self, text: str, found: Sequence[Token]) -> Match | None:
        """The concept that the words name a kind of; they are no name themselves."""
        of = next((n for n, token in enumerate(found) if n and token.word == "of"), len(found))
        # "Fracture of the lower limb" is a lower limb fracture.
        made = [unit for some in (found[of:], found[:of]) for unit in units(some) if not unit.is_glue][-_LONGEST:]
        kept = content(made)
        if not kept:
            return None
        if len(made) < 2:
            return self._end_of_word(kept[0].tokens)
        head = made.index(next((unit for unit in reversed(kept) if _may_be_head(unit)), kept[-1]))
        word = made[head].tokens[-1].word
        if word in TROUBLE or word in _NEOPLASMS:
            # "Chronic pelvic pain syndrome" is about pelvic pain, not about what is a pain syndrome.
            rest = [token for n, unit in enumerate(made) if n != head for token in unit.tokens]
            rest.sort(key=_place)
            matched = self._names.match(rest, may_be_short=False) or (
                self.of(text, rest) if word == "syndrome" else None
            )
            if matched and is_of(matched[0], _IN_NEOPLASMS if word in _NEOPLASMS else DISEASES):
                return matched
        last = self._choose(text, made, head, _BRANCHES, is_fixed=word in _FIXED)
        if not last and word == "syndrome":
            last = self.of(text, rest)
        if not last and word in TROUBLE:
            trouble = made[head].tokens[-1]
            disease = Unit((Token("disease", trouble.start, trouble.end),))
            reread = [*made[:head], disease, *made[head + 1 :]]
            for is_fixed in (True, False):
                last = last or self._choose(text, reread, head, DISEASES, least=2, is_fixed=is_fixed)
        ends_in_adjective = word.endswith(ADJECTIVE)
        if last and not ends_in_adjective:
            return last
        start = min(range(len(made)), key=lambda n: made[n].tokens[0].start)
        first = self._choose(text, made, start, (*DISEASES, "E"), least=1 if ends_in_adjective else 2, is_fixed=True)
        if first and (not last or len(first[1]) > len(last[1])):
            return first
        return last or self._of_what(found[of:]) or self._end_of_word(found)

    def _of_what(self, found: Sequence[Token]) -> Match | None:
        """The disease that something without a name is of: *impaired awareness of hypoglycemia*."""
        matched = self._names.match(found) if found else None
        return matched if matched and is_of(matched[0], DISEASES) and says_something(*matched) else None

    def _end_of_word(self, found: Sequence[Token]) -> Match | None:
        """The disease that the end of an unknown compound names: *myxofibrosarcoma* is a fibrosarcoma."""
        token = found[-1]
        if token.word in self._names.index.words or token.word.startswith(_REVERSING):
            return None
        for start in range(2, len(token.word) - _SHORTEST_END + 1):
            concept = self._names.index.same_words([token.word[start:]], Side.CONDITION)
            if concept and is_of(concept, DISEASES) and says_something(concept, [token]):
                return concept, [token]
        return None

    def within(self, found: Sequence[Token], main: Match) -> Match | None:
        """A kind of what is named already that more of the words name.

        *Heart failure with preserved left ventricular ejection fraction* has a name without *left ventricular*.
        """
        named = set(main[1])
        others = [unit for unit in content(units(found)) if named.isdisjoint(unit.tokens)]
        if not 0 < len(others) <= _LONGEST or any(token.word in NUANCES for token in found):
            return None
        for count in range(len(others), 0, -1):
            for some in combinations(others, count):
                more = {token for unit in some for token in unit.tokens}
                core = [token for token in found if token in named or token in more]
                concept = self._names.lookup([token.word for token in core])
                if concept and self._names.is_narrower(concept, main[0]):
                    return concept, core
        return None

    def _choose(
        self,
        text: str,
        made: Sequence[Unit],
        head: int,
        branches: tuple[str, ...],
        *,
        is_fixed: bool,
        least: int = 1,
    ) -> Match | None:
        """The concept named by most of the units, the head among them; of as many those that stand nearest to it.

        Where ``is_fixed``, nothing may be left out between them.
        """
        others = [n for n in range(len(made)) if n != head]
        hyphens = [n for n in range(1, len(made)) if _is_hyphen(text, made[n - 1], made[n])]
        for count in range(len(made), least - 1, -1):
            best: Match | None = None
            is_gapped = False
            chosen = sorted(combinations(others, count - 1), key=lambda some: (sum(abs(n - head) for n in some), some))
            for some in chosen:
                kept = sorted((*some, head))
                has_gap = kept[-1] - kept[0] >= count
                if has_gap and is_fixed:
                    continue
                # A compound is not taken apart: "Borjeson-Forssman-Lehman".
                if any((n - 1 in kept) != (n in kept) for n in hyphens):
                    continue
                core = sorted((token for n in kept for token in made[n].tokens), key=_place)
                concept = self._lookup([token.word for n in kept for token in made[n].tokens])
                if concept and says_something(concept, core) and is_of(concept, _allowed(made, kept, branches)):
                    # Of as many words those that say more: "diabetic neuropathy" is a peripheral neuropathy.
                    is_better = best is not None and (
                        self._names.is_narrower(concept, best[0]) or (is_gapped and depth(concept) > depth(best[0]))
                    )
                    if best is None or is_better:
                        best, is_gapped = (concept, core), has_gap
            if best:
                return best
        return None

    def _lookup(self, of_words: Sequence[str]) -> Concept | None:
        word = of_words[0]
        if len(of_words) == 1 and word in TROUBLE:
            return None
        if len(of_words) == 1 and word not in THESAURUS and not has_equals(word):
            # One word that only resembles a name says too little.
            return self._names.index.same_words(of_words, Side.CONDITION)
        return self._names.lookup(of_words)


def _allowed(made: Sequence[Unit], kept: Sequence[int], branches: tuple[str, ...]) -> tuple[str, ...]:
    is_shifted = any(token.word in SHIFTS for n, unit in enumerate(made) if n not in kept for token in unit.tokens)
    return DISEASES if is_shifted else branches


def _may_be_head(unit: Unit) -> bool:
    """Whether a unit can say what a thing is; numbers and *type* after it cannot."""
    word = unit.tokens[-1].word
    return len(word) > 2 and word.isalpha() and word != "type"


def _place(token: Token) -> int:
    return token.start


def _is_hyphen(text: str, one: Unit, other: Unit) -> bool:
    """Whether two units are one compound whose parts both mean something."""
    between = text[one.tokens[-1].end : other.tokens[0].start]
    return between == "-" and not one.is_optional and not other.is_optional and len(one.tokens[-1].word) > 3
