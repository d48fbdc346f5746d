"""How well strings are linked, counted against what people said they mean.

Two measures. *Against gold* a string has the concepts that a reader gave it, in slots: a slot is one concept, or
several that would do equally well, and it may be optional. *Agreement* compares the concepts of a study with those
that somebody else gave it, where one may be within the other.

Counts add up: a total is the sum of its strings.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from math import sqrt
from typing import Final, NamedTuple

from kg.errors import InputError

__all__ = ["Agreement", "Fraction", "Score", "Slot", "agreement", "ids_of", "score", "slots"]

_Z: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


class Fraction(NamedTuple):
    """So many of so many.

    >>> f"{Fraction(9, 10).share:.2f}", Fraction(0, 0).share is None
    ('0.90', True)
    """

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """The part as a number from 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson; all from 0 to 1 where nothing was counted.

        Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).

        >>> [round(bound, 3) for bound in Fraction(9, 10).interval]
        [0.596, 0.982]
        """
        if not self.whole:
            return 0.0, 1.0
        share, squared = self.part / self.whole, _Z * _Z / self.whole
        middle = share + squared / 2
        spread = _Z * sqrt(share * (1 - share) / self.whole + squared / (4 * self.whole))
        low, high = (middle - spread) / (1 + squared), (middle + spread) / (1 + squared)
        # Rounding may leave the bound of none or of all a little off.
        return (0.0 if self.part == 0 else low), (1.0 if self.part == self.whole else high)


class Slot(NamedTuple):
    """One concept that a string names.

    Attributes:
        any_of: ids of which each is right, the best first.
        optional: whether the string may be linked to it or not.
    """

    any_of: tuple[str, ...]
    optional: bool = False


def slots(gold: str) -> tuple[Slot, ...]:
    """The slots of a gold cell: parted by ``|``, alternatives by ``/``; ``?`` at a slot's end makes it optional.

    ``agent:slug/UI`` is an agent of the drug ontology and its MeSH record, which are alternatives like others.

    Raises:
        InputError: a slot without an id, or a blank in one.

    >>> slots("D008545 | D009362/D009369?")
    (Slot(any_of=('D008545',), optional=False), Slot(any_of=('D009362', 'D009369'), optional=True))
    >>> slots(" ")
    ()
    """
    if not gold.strip():
        return ()
    found = []
    for part in gold.split("|"):
        optional = part.rstrip().endswith("?")
        ids = tuple(one.strip() for one in part.strip().removesuffix("?").split("/"))
        if not all(ids) or any("?" in one or " " in one for one in ids):
            raise InputError(
                f"{part.strip()!r} is no slot of {gold!r}", remedy="expected ids parted by '/', and '?' only at the end"
            )
        found.append(Slot(ids, optional))
    return tuple(found)


def ids_of(iri: str, records_of: Mapping[str, Collection[str]], vocabulary: str, agents: str) -> frozenset[str]:
    """The ids that a gold cell may call a concept by: the MeSH UI, or ``agent:slug`` and the UIs of its records.

    Args:
        iri: the concept.
        records_of: IRIs of agents → IRIs of the MeSH records that mean the same.
        vocabulary: the IRI that MeSH records begin with.
        agents: the IRI that agents begin with.

    >>> sorted(ids_of("a/pembrolizumab", {"a/pembrolizumab": ["m/C582435"]}, "m/", "a/"))
    ['C582435', 'agent:pembrolizumab']
    """
    same = (iri, *records_of.get(iri, ()))
    return frozenset(
        f"agent:{one.removeprefix(agents)}" if one.startswith(agents) else one.removeprefix(vocabulary) for one in same
    )


@dataclass(frozen=True, slots=True)
class Score:
    """What was right, added up over strings.

    Attributes:
        strings: strings looked at.
        nameable: of them those with a required concept.
        first: of the nameable those whose first link is right.
        whole: of all strings those with every required concept found, and no wrong link.
        links, right: links made, and those of them that are right; links to optional concepts are in neither.
        concepts, found: required concepts, and those of them that were linked to.
        silent: strings without a link.
        silent_of_nameable: of the nameable those without a link.
    """

    strings: int = 0
    nameable: int = 0
    first: int = 0
    whole: int = 0
    links: int = 0
    right: int = 0
    concepts: int = 0
    found: int = 0
    silent: int = 0
    silent_of_nameable: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    @property
    def accuracy_at_1(self) -> Fraction:
        """Of the strings that have a concept, those whose first link is right; no link is as wrong as a wrong one."""
        return Fraction(self.first, self.nameable)

    @property
    def precision(self) -> Fraction:
        """Of the links made, on all strings, those that are right."""
        return Fraction(self.right, self.links)

    @property
    def recall(self) -> Fraction:
        """Of the concepts that strings name, those that were linked to."""
        return Fraction(self.found, self.concepts)

    @property
    def abstention(self) -> Fraction:
        """Of all strings, those without a link."""
        return Fraction(self.silent, self.strings)

    @property
    def missed(self) -> Fraction:
        """Of the strings that have a concept, those without a link."""
        return Fraction(self.silent_of_nameable, self.nameable)

    @property
    def rightly_silent(self) -> Fraction:
        """Of the strings that have no concept, those without a link."""
        return Fraction(self.silent - self.silent_of_nameable, self.strings - self.nameable)

    @property
    def fully_right(self) -> Fraction:
        """Of all strings, those with every concept found and no wrong link."""
        return Fraction(self.whole, self.strings)


def score(gold: Sequence[Slot], links: Sequence[Collection[str]], *, together: bool = False) -> Score:
    """The score of one string.

    A link is right when one of the ids that it goes by is in a required slot; one that is only in an optional slot is
    looked over, as if it had not been made.

    Args:
        gold: what the string names; nothing where it must not be linked.
        links: for each link in order, the ids that its concept goes by.
        together: a string of several concepts has its first link right only when all of them were found.

    >>> score(slots("D008545 | D009362?"), [{"D009362"}, {"D008545"}]).accuracy_at_1
    Fraction(part=1, whole=1)
    """
    required = [set(slot.any_of) for slot in gold if not slot.optional]
    wanted = set[str]().union(*required)
    optional = {one for slot in gold if slot.optional for one in slot.any_of}
    counted = [set(link) for link in links if wanted & set(link) or not optional & set(link)]
    right = [bool(wanted & link) for link in counted]
    linked = set[str]().union(*counted)
    found = sum(bool(slot & linked) for slot in required)
    first = found == len(required) if together and len(required) > 1 else right[:1] == [True]
    return Score(
        strings=1,
        nameable=int(bool(required)),
        first=int(bool(required) and first),
        whole=int(found == len(required) and all(right)),
        links=len(counted),
        right=sum(right),
        concepts=len(required),
        found=found,
        silent=int(not counted),
        silent_of_nameable=int(bool(required) and not counted),
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two sets of concepts of one study, or sums over studies.

    Attributes:
        asserted: concepts that the other side gave.
        equal: of them those that are also ours.
        ours_narrower: of the rest those that one of ours is within.
        ours_wider: of the rest those that are within one of ours.
        links: concepts of ours.
        links_equal: of them those that are also theirs.
        links_narrower: of the rest those that are within one of theirs.
        links_wider: of the rest those that one of theirs is within.
    """

    asserted: int = 0
    equal: int = 0
    ours_narrower: int = 0
    ours_wider: int = 0
    links: int = 0
    links_equal: int = 0
    links_narrower: int = 0
    links_wider: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    @property
    def reached(self) -> Fraction:
        """Of what the other side gave, what is a concept of ours or an ancestor of one."""
        return Fraction(self.equal + self.ours_narrower, self.asserted)

    @property
    def supported(self) -> Fraction:
        """Of our concepts, those that the other side gave or that are within one it gave."""
        return Fraction(self.links_equal + self.links_narrower, self.links)


def agreement(
    theirs: Collection[str], ours: Collection[str], within: Callable[[str], Iterable[str]]
) -> tuple[Agreement, set[str], set[str]]:
    """How far two sets of concepts agree.

    Args:
        theirs: what the other side gave, of one study.
        ours: what we gave.
        within: everything that a concept is within, itself included or not.

    Returns:
        The counts; those of theirs that are neither ours nor an ancestor of one of ours; those of ours that are
        neither theirs nor within one of theirs.

    >>> above = {"melanoma": ["melanoma", "neoplasms"], "asthma": [], "neoplasms": []}
    >>> counts, unreached, unsupported = agreement({"neoplasms", "asthma"}, {"melanoma"}, lambda one: above[one])
    >>> counts.reached, unreached, unsupported
    (Fraction(part=1, whole=2), {'asthma'}, set())
    """
    theirs, ours = set(theirs), set(ours)
    equal = theirs & ours
    above_ours = set[str]().union(*(set(within(one)) for one in ours)) if theirs - equal else set()
    unreached = theirs - equal - above_ours
    above_theirs = {one: set(within(one)) for one in theirs} if unreached or ours - equal else {}
    all_above_theirs = set[str]().union(*above_theirs.values())
    within_theirs = {one for one in ours - equal if theirs.intersection(within(one))}
    unsupported = ours - equal - within_theirs
    counts = Agreement(
        asserted=len(theirs),
        equal=len(equal),
        ours_narrower=len(theirs) - len(equal) - len(unreached),
        ours_wider=sum(bool(above_theirs[one] & ours) for one in unreached),
        links=len(ours),
        links_equal=len(equal),
        links_narrower=len(within_theirs),
        links_wider=len(unsupported & all_above_theirs),
    )
    return counts, unreached, unsupported
