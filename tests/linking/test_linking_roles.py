"""Roles: every rule of the model, and the studies that it names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.linking.roles import ArmAgents, Use, roles
from kg.vocabularies.codes import load_codes

EXPERIMENTAL, ACTIVE, PLACEBO, SHAM = "EXPERIMENTAL", "ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR"
PRETEND = Use(frozenset({"pretend"}), is_placebo=True)


def arm(kind: str | None, *uses: str | Use) -> ArmAgents:
    """An arm; a use is named by its agents, parted by +."""
    return ArmAgents(
        kind, [use if isinstance(use, Use) else Use(frozenset(use.split("+")), is_placebo=False) for use in uses]
    )


CASES = {
    "one arm": ([arm(EXPERIMENTAL, "a", "b")], [["investigational", "investigational"]]),
    "arms of the same drugs (NCT03282344: they differ by age)": (
        [arm(EXPERIMENTAL, "bempeg", "nivo"), arm(EXPERIMENTAL, "bempeg", "nivo")],
        [["investigational", "investigational"]] * 2,
    ),
    "a drug alone in an experimental arm (NCT03635983)": (
        [arm(EXPERIMENTAL, "bempeg", "nivo"), arm(EXPERIMENTAL, "nivo")],
        [["investigational", "background"], ["comparator"]],
    ),
    "a drug alone in an active comparator (NCT04410445)": (
        [arm(EXPERIMENTAL, "bempeg", "nivo"), arm(ACTIVE, "nivo")],
        [["investigational", "background"], ["comparator"]],
    ),
    "arms without a type (NCT05980598, as listed)": (
        [arm(None, "tlr", "pembro"), arm(None, "tlr", "il2"), arm(None, "pembro")],
        [["unknown", "unknown"], ["unknown", "unknown"], ["unknown"]],
    ),
    "the same, typed": (
        [arm(EXPERIMENTAL, "tlr", "pembro"), arm(EXPERIMENTAL, "tlr", "il2"), arm(EXPERIMENTAL, "pembro")],
        [["investigational", "investigational"], ["investigational", "investigational"], ["comparator"]],
    ),
    "an arm without a type that has less than an experimental one (NCT04969861)": (
        [arm(EXPERIMENTAL, "bempeg", "pembro"), arm(None, "pembro")],
        [["investigational", "background"], ["comparator"]],
    ),
    "placebo before all": (
        [arm(EXPERIMENTAL, "a", PRETEND), arm(PLACEBO, PRETEND), arm(SHAM, PRETEND)],
        [["investigational", "placebo"], ["placebo"], ["placebo"]],
    ),
    "add-on to placebo and standard care": (
        [arm(EXPERIMENTAL, "a", "std"), arm(PLACEBO, PRETEND, "std")],
        [["investigational", "background"], ["placebo", "comparator"]],
    ),
    "a comparator of another drug": ([arm(EXPERIMENTAL, "a"), arm(ACTIVE, "b")], [["investigational"], ["comparator"]]),
    "a comparator on the same background": (
        [arm(EXPERIMENTAL, "a", "std"), arm(ACTIVE, "b", "std")],
        [["investigational", "background"], ["comparator", "background"]],
    ),
    "sham comparator with a drug": (
        [arm(EXPERIMENTAL, "a", "std"), arm(SHAM, "std", PRETEND)],
        [["investigational", "background"], ["comparator", "placebo"]],
    ),
    "other and no-intervention arms": (
        [arm(EXPERIMENTAL, "a"), arm("OTHER", "b"), arm("NO_INTERVENTION")],
        [["investigational"], ["unknown"], []],
    ),
    "one intervention of two drugs": (
        [arm(EXPERIMENTAL, "bempeg+nivo"), arm(ACTIVE, "nivo")],
        [["investigational"], ["comparator"]],
    ),
    "doses of one drug": ([arm(EXPERIMENTAL, "a"), arm(EXPERIMENTAL, "a")], [["investigational"], ["investigational"]]),
    "three experimental arms, one drug in all": (
        [arm(EXPERIMENTAL, "x", "a"), arm(EXPERIMENTAL, "x", "b"), arm(EXPERIMENTAL, "x", "c")],
        [["background", "investigational"]] * 3,
    ),
    "no arms": ([], []),
}


@pytest.mark.parametrize(("arms", "wanted"), CASES.values(), ids=CASES.keys())
def test_roles(arms: list[ArmAgents], wanted: list[list[str]]) -> None:
    assert roles(arms) == wanted


ARMS = st.lists(
    st.builds(
        ArmAgents,
        st.sampled_from([None, EXPERIMENTAL, ACTIVE, PLACEBO, SHAM, "OTHER", "NO_INTERVENTION"]),
        st.lists(
            st.builds(Use, st.frozensets(st.sampled_from("abcd"), min_size=1, max_size=2), st.booleans()), max_size=4
        ),
    ),
    max_size=4,
)


@given(ARMS)
def test_every_use_has_one_role_of_the_list(arms: list[ArmAgents]) -> None:
    found = roles(arms)
    assert [len(uses) for uses in found] == [len(one.uses) for one in arms]
    assert {role for uses in found for role in uses} <= load_codes()["role"].keys()
    for one, uses in zip(arms, found, strict=True):
        for use, role in zip(one.uses, uses, strict=True):
            assert (role == "placebo") == use.is_placebo
            if role == "investigational":
                assert one.type == EXPERIMENTAL


@given(ARMS)
def test_the_order_of_arms_changes_no_role(arms: list[ArmAgents]) -> None:
    assert roles(arms[::-1]) == roles(arms)[::-1]
