"""Statistical analyses of an outcome, from the rows of the results."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.sources.ctgov_page.rows import Row, free_label, key_of
from kg.sources.ctgov_page.words import code, squeezed
from kg.study import Analysis, Group

__all__ = ["AnalysisReader"]

_BEGINS = re.compile(r"statistical analysis \d+")
_HEADINGS = re.compile(r"statistical analysis overview|statistical test of hypothesis|method of estimation")
# Longer lists of groups no analysis has; the bounds keep the work on a made-up page small.
_LONGEST_LIST = 20_000
_MOST_GROUPS = 200
_INTERVAL = re.compile(
    r"(?:\((?P<sides>[12])-sided\))?\s*(?:(?P<level>[0-9.]+)\s*%)?\s*(?:CI)?\s*"
    r"(?:(?P<low>\S+)\s+to\s+(?P<high>\S+))?",
    re.IGNORECASE,
)
_DISPERSION = re.compile(r"type:\s*(.*?)\s*value:\s*(.*)", re.IGNORECASE)
_CODES = {
    "Standard Error of the Mean": "STANDARD_ERROR_OF_MEAN",
    "Non-Inferiority or Equivalence (legacy)": "NON_INFERIORITY_OR_EQUIVALENCE_LEGACY",
    "Superiority or Other (legacy)": "SUPERIORITY_OR_OTHER_LEGACY",
}
# What the comment below a row comments on.
_COMMENT_ON = {
    "comparison group selection": "group_description",
    "comparison groups": "group_description",
    "type of statistical test": "non_inferiority_comment",
    "p-value": "p_value_comment",
    "method": "statistical_comment",
}


class AnalysisReader:
    """Gathers the analyses of one outcome.

    Args:
        notes: takes what cannot be told.

    Attributes:
        analyses: those read so far.
    """

    def __init__(self, notes: list[str]) -> None:
        self.analyses: list[Analysis] = []
        self._notes = notes
        self._last = ""

    def read(self, row: Row, groups: Sequence[Group]) -> bool:
        """Take a row; False when it is no part of an analysis."""
        key = key_of(row[0])
        if _BEGINS.fullmatch(key):
            self.analyses.append(Analysis())
            self._last = ""
            return True
        if not self.analyses:
            return False
        if _HEADINGS.fullmatch(key) and len(row) == 1:
            return True
        free = free_label(row)
        if not free:
            return False
        label, value = free
        if value == "[Not Specified]":
            self._last = label if label != "comments" else self._last
            return True
        if label == "comments":
            field = _COMMENT_ON.get(self._last)
            if field:
                setattr(self.analyses[-1], field, value)
            else:
                self._notes.append(f"A comment in a statistical analysis, on nothing that is known: {value[:200]}")
            return True
        self._last = label
        self._take(self.analyses[-1], label, value, groups)
        return True

    def _take(self, analysis: Analysis, label: str, value: str, groups: Sequence[Group]) -> None:
        line = squeezed(value)
        if label in ("comparison group selection", "comparison groups"):
            analysis.group_ids = self._group_ids(line, groups)
        elif label == "type of statistical test":
            analysis.non_inferiority_type = _CODES.get(line, code(line))
        elif label == "p-value":
            analysis.p_value = line
        elif label == "method":
            analysis.statistical_method = line
        elif label == "estimation parameter":
            analysis.param_type = line
        elif label == "estimated value":
            analysis.param_value = line
        elif label == "confidence interval":
            self._interval(analysis, line)
        elif label == "parameter dispersion" and (found := _DISPERSION.fullmatch(line)):
            analysis.dispersion_type = _CODES.get(found[1], code(found[1]))
            analysis.dispersion_value = found[2]
        elif label == "estimation comments":
            analysis.estimate_comment = value
        elif label == "other statistical analysis":
            analysis.other_analysis_description = value
        else:
            self._notes.append(f"In a statistical analysis, {label}: {line[:200]}")

    def _interval(self, analysis: Analysis, line: str) -> None:
        found = _INTERVAL.fullmatch(line)
        if not found:
            self._notes.append(f"A confidence interval that is not understood: {line[:200]}")
            return
        sides = {"1": "ONE_SIDED", "2": "TWO_SIDED"}
        analysis.ci_num_sides = sides.get(found["sides"] or "")
        analysis.ci_pct_value = found["level"]
        none = (None, "--", "[Not Specified]")
        analysis.ci_lower_limit = None if found["low"] in none else found["low"]
        analysis.ci_upper_limit = None if found["high"] in none else found["high"]

    def _group_ids(self, line: str, groups: Sequence[Group]) -> list[str]:
        """The groups that are compared, whose titles may have commas."""
        titles = sorted(
            ((squeezed(group.title or ""), group.id or "") for group in groups), key=lambda one: -len(one[0])
        )
        found: list[str] = []
        rest = line if len(line) <= _LONGEST_LIST and len(groups) <= _MOST_GROUPS else "?"
        while rest:
            match = next((one for one in titles if one[0] and (rest == one[0] or rest.startswith(one[0] + ", "))), None)
            if not match:
                self._notes.append(f"Groups compared in a statistical analysis that cannot be told apart: {line[:200]}")
                return []
            found.append(match[1])
            rest = rest[len(match[0]) + 2 :]
        return found
