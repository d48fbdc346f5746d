"""What an intervention is in an arm: investigational, background, comparator, placebo.

The rule is that of the RDF model, first match wins; it needs nothing but arm types and the agents of each arm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = ["ArmAgents", "Use", "roles"]

_COMPARATORS: Final = frozenset({"ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR"})


class Use(NamedTuple):
    """An intervention in an arm: what it gives (agents, or the intervention itself where none is known)."""

    agents: frozenset[str]
    is_placebo: bool


class ArmAgents(NamedTuple):
    """An arm: the registry's arm type, and its uses in order."""

    type: str | None
    uses: Sequence[Use]

    @property
    def agents(self) -> frozenset[str]:
        """Everything given in the arm but placebos."""
        return frozenset[str]().union(*(use.agents for use in self.uses if not use.is_placebo))


def roles(arms: Sequence[ArmAgents]) -> list[list[str]]:
    """The role of each use of each arm, as notation of the code list ``role``.

    >>> both = ArmAgents("EXPERIMENTAL", [Use(frozenset("a"), False), Use(frozenset("b"), False)])
    >>> alone = ArmAgents("EXPERIMENTAL", [Use(frozenset("b"), False)])
    >>> roles([both, alone])
    [['investigational', 'background'], ['comparator']]
    """
    agents = [arm.agents for arm in arms]
    experimental = [agents[n] for n, arm in enumerate(arms) if arm.type == "EXPERIMENTAL"]
    everywhere = frozenset.intersection(*agents) if agents else frozenset()
    differ = len(set(agents)) > 1
    in_experimental = frozenset[str]().union(*experimental)
    return [[_role(arm, agents[n], use, experimental, in_experimental, everywhere, differ) for use in arm.uses]
            for n, arm in enumerate(arms)]  # fmt: skip


def _role(
    arm: ArmAgents,
    agents: frozenset[str],
    use: Use,
    experimental: Sequence[frozenset[str]],
    in_experimental: frozenset[str],
    everywhere: frozenset[str],
    differ: bool,
) -> str:
    if use.is_placebo:
        return "placebo"
    if arm.type in _COMPARATORS:
        return "background" if use.agents <= in_experimental and agents != use.agents else "comparator"
    if any(agents < other for other in experimental):
        return "comparator"
    # One intervention may name several agents; it is background only if all of them are.
    if differ and use.agents <= everywhere:
        return "background"
    return "investigational" if arm.type == "EXPERIMENTAL" else "unknown"
