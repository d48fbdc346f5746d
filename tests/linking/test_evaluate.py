"""The measures themselves: hand-made cases whose counts were worked out by hand, and what must hold for all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError
from kg.linking.evaluate import Agreement, Fraction, Score, Slot, agreement, ids_of, score, slots

IDS = st.sampled_from(["D1", "D2", "D3", "C1", "agent:a"])
SLOTS = st.lists(
    st.builds(Slot, st.lists(IDS, min_size=1, max_size=3, unique=True).map(tuple), st.booleans()), max_size=4
)
LINKS = st.lists(st.frozensets(IDS, min_size=1, max_size=2), max_size=4)


def linked(*ids: str) -> list[set[str]]:
    return [{one} for one in ids]


def test_a_cell_is_parted_into_slots() -> None:
    assert slots("agent:pembrolizumab/C582435 | D010919?") == (
        Slot(("agent:pembrolizumab", "C582435"), optional=False),
        Slot(("D010919",), optional=True),
    )
    # The mark is of the slot, not of its last alternative.
    assert slots("D014111/D053828/D001804?") == (Slot(("D014111", "D053828", "D001804"), optional=True),)
    assert slots("") == ()


@pytest.mark.parametrize("wrong", ["D1 |", "| D1", "D1//D2", "?", "D1?/D2", "D1 D2", "D1 | ?"])
def test_a_cell_that_is_no_gold_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="is no slot of"):
        slots(wrong)


@given(SLOTS)
def test_slots_are_read_back_as_they_were_written(given_slots: list[Slot]) -> None:
    cell = " | ".join("/".join(slot.any_of) + "?" * slot.optional for slot in given_slots)
    assert slots(cell) == tuple(given_slots)


@pytest.mark.parametrize(
    ("gold", "links", "expected"),
    [
        # a right link, a wrong one, none
        ("D1", ["D1"], Score(1, 1, 1, 1, 1, 1, 1, 1, 0, 0)),
        ("D1", ["D2"], Score(1, 1, 0, 0, 1, 0, 1, 0, 0, 0)),
        ("D1", [], Score(1, 1, 0, 0, 0, 0, 1, 0, 1, 1)),
        # the other alternative is as right
        ("D1/D2", ["D2"], Score(1, 1, 1, 1, 1, 1, 1, 1, 0, 0)),
        # both alternatives are both right, and one concept
        ("D1/D2", ["D2", "D1"], Score(1, 1, 1, 1, 2, 2, 1, 1, 0, 0)),
        # one of two; the order of the gold says nothing
        ("D1 | D2", ["D2"], Score(1, 1, 1, 0, 1, 1, 2, 1, 0, 0)),
        ("D1 | D2", ["D3", "D2", "D1"], Score(1, 1, 0, 0, 3, 2, 2, 2, 0, 0)),
        # a record that names a combination fills both of its slots
        ("C1/D1 | C1/D2", ["C1"], Score(1, 1, 1, 1, 1, 1, 2, 2, 0, 0)),
        # what is optional is looked over, also when it stands first
        ("D1 | D2?", ["D2", "D1"], Score(1, 1, 1, 1, 1, 1, 1, 1, 0, 0)),
        ("D1 | D2?", ["D2"], Score(1, 1, 0, 0, 0, 0, 1, 0, 1, 1)),
        ("D2?", ["D2"], Score(1, 0, 0, 1, 0, 0, 0, 0, 1, 0)),
        ("D2?", ["D1"], Score(1, 0, 0, 0, 1, 0, 0, 0, 0, 0)),
        # no gold: the only right answer is none
        ("", [], Score(1, 0, 0, 1, 0, 0, 0, 0, 1, 0)),
        ("", ["D1"], Score(1, 0, 0, 0, 1, 0, 0, 0, 0, 0)),
    ],
)
def test_counts_of_one_string(gold: str, links: list[str], expected: Score) -> None:
    assert score(slots(gold), linked(*links)) == expected


def test_an_agent_is_right_by_either_of_its_ids() -> None:
    pembrolizumab = {"agent:pembrolizumab", "C582435"}
    for gold in ("agent:pembrolizumab", "C582435", "agent:pembrolizumab/C582435"):
        assert score(slots(gold), [pembrolizumab]).fully_right == Fraction(1, 1)
    assert score(slots("D000077594"), [pembrolizumab]).right == 0


def test_composites_count_together_when_asked() -> None:
    gold = slots("D1 | D2")
    assert score(gold, linked("D1"), together=True).first == 0
    assert score(gold, linked("D3", "D2", "D1"), together=True).first == 1
    assert score(slots("D1"), linked("D3", "D1"), together=True).first == 0


@given(SLOTS, LINKS, st.booleans())
def test_counts_are_parts_of_their_wholes(gold: list[Slot], links: list[frozenset[str]], together: bool) -> None:
    counts = score(gold, links, together=together)
    assert counts.strings == 1
    assert 0 <= counts.first <= counts.nameable <= 1
    assert 0 <= counts.silent_of_nameable <= counts.nameable
    assert counts.silent_of_nameable <= counts.silent
    assert 0 <= counts.right <= counts.links <= len(links)
    assert 0 <= counts.found <= counts.concepts == sum(not slot.optional for slot in gold)
    if counts.whole:
        assert counts.found == counts.concepts
        assert counts.right == counts.links
    if counts.silent:
        assert counts.links == counts.found == counts.first == 0


@given(SLOTS)
def test_the_best_answer_is_fully_right(gold: list[Slot]) -> None:
    counts = score(gold, linked(*(slot.any_of[0] for slot in gold if not slot.optional)))
    assert counts.fully_right == Fraction(1, 1)
    assert counts.accuracy_at_1 == Fraction(counts.nameable, counts.nameable)


@given(SLOTS, LINKS)
def test_optional_slots_never_make_a_string_worse(gold: list[Slot], links: list[frozenset[str]]) -> None:
    lenient = score([*gold, Slot(("D3",), optional=True)], links)
    strict = score(gold, links)
    assert lenient.whole >= strict.whole
    assert lenient.links - lenient.right <= strict.links - strict.right
    assert lenient.found == strict.found


def test_counts_add_up() -> None:
    total = sum((score(slots(gold), linked(*links)) for gold, links in (("D1", ["D1"]), ("D1", []), ("", []))), Score())
    assert total.accuracy_at_1 == Fraction(1, 2)
    assert total.precision == Fraction(1, 1)
    assert total.recall == Fraction(1, 2)
    assert total.abstention == Fraction(2, 3)
    assert total.missed == Fraction(1, 2)
    assert total.rightly_silent == Fraction(1, 1)
    assert total.fully_right == Fraction(2, 3)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Stat. Med. 17 (1998), table I
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval(part: int, whole: int, low: float, high: float) -> None:
    assert Fraction(part, whole).interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(0, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_an_interval_holds_its_share(counts: tuple[int, int]) -> None:
    fraction = Fraction(*counts)
    low, high = fraction.interval
    assert 0.0 <= low <= high <= 1.0
    if fraction.share is not None:
        assert low <= fraction.share <= high
        assert high - low < 1.0


def test_ids_of_a_concept() -> None:
    records = {"https://a/nivolumab": ["https://m/D000077594"]}
    assert ids_of("https://m/D008545", records, "https://m/", "https://a/") == {"D008545"}
    assert ids_of("https://a/nivolumab", records, "https://m/", "https://a/") == {"agent:nivolumab", "D000077594"}
    assert ids_of("https://a/other", records, "https://m/", "https://a/") == {"agent:other"}


ABOVE = {"melanoma": ["neoplasms"], "neoplasms": [], "asthma": ["lung disease"], "lung disease": [], "pain": []}


def within(one: str) -> list[str]:
    return [one, *ABOVE[one]]


@pytest.mark.parametrize(
    ("theirs", "ours", "counts", "unreached", "unsupported"),
    [
        ({"melanoma"}, {"melanoma"}, (1, 1, 0, 0, 1, 1, 0, 0), set(), set()),
        ({"neoplasms"}, {"melanoma"}, (1, 0, 1, 0, 1, 0, 1, 0), set(), set()),
        # A wider concept of ours reaches nothing that they said more exactly.
        ({"melanoma"}, {"neoplasms"}, (1, 0, 0, 1, 1, 0, 0, 1), {"melanoma"}, {"neoplasms"}),
        ({"asthma"}, {"melanoma"}, (1, 0, 0, 0, 1, 0, 0, 0), {"asthma"}, {"melanoma"}),
        ({"asthma", "pain"}, {"pain", "melanoma"}, (2, 1, 0, 0, 2, 1, 0, 0), {"asthma"}, {"melanoma"}),
        ({"melanoma", "neoplasms"}, {"melanoma"}, (2, 1, 1, 0, 1, 1, 0, 0), set(), set()),
        ({"asthma"}, set(), (1, 0, 0, 0, 0, 0, 0, 0), {"asthma"}, set()),
        (set(), {"asthma"}, (0, 0, 0, 0, 1, 0, 0, 0), set(), {"asthma"}),
    ],
)
def test_agreement_of_one_study(
    theirs: set[str], ours: set[str], counts: tuple[int, ...], unreached: set[str], unsupported: set[str]
) -> None:
    assert agreement(theirs, ours, within) == (Agreement(*counts), unreached, unsupported)


def test_agreement_adds_up() -> None:
    parts = (agreement(theirs, ours, within)[0] for theirs, ours in (({"neoplasms"}, {"melanoma"}), ({"pain"}, set())))
    total = sum(parts, Agreement())
    assert total.reached == Fraction(1, 2)
    assert total.supported == Fraction(1, 1)


CONCEPTS = st.sets(st.sampled_from(sorted(ABOVE)), max_size=4)


@given(CONCEPTS, CONCEPTS)
def test_agreement_has_two_sides(theirs: set[str], ours: set[str]) -> None:
    counts, unreached, unsupported = agreement(theirs, ours, within)
    assert counts.reached == Fraction(len(theirs) - len(unreached), len(theirs))
    assert counts.supported == Fraction(len(ours) - len(unsupported), len(ours))
    assert counts.ours_wider <= len(unreached)
    assert counts.links_wider <= len(unsupported)
    back, _, _ = agreement(ours, theirs, within)
    assert (back.equal, back.asserted, back.links) == (counts.equal, counts.links, counts.asserted)


@given(CONCEPTS)
def test_everything_agrees_with_itself(concepts: set[str]) -> None:
    counts, unreached, unsupported = agreement(concepts, concepts, within)
    assert counts.reached == counts.supported == Fraction(len(concepts), len(concepts))
    assert not unreached
    assert not unsupported
