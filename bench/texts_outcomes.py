"""What the rules read out of outcome measures, against gold: endpoints, response criteria, time frames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from bench.tables import Table, bounds
from bench.texts_counts import PARTS, TUNED, Labelled, codes, precision_and_recall, read_gold
from kg.linking.evaluate import Fraction
from kg.mapping.texts.endpoints import endpoints
from kg.mapping.texts.response_criteria import response_criteria
from kg.mapping.texts.time_frames import IN_DAYS, length

__all__ = ["days", "misses", "tables"]

Record = Mapping[str, Any]

_NO_CODE: Final = ("recist-unversioned",)
"""In the gold, so that it can be seen that something was named; there is no such code, and none is to be given."""
_ISO: Final = re.compile(r"P(?:(?P<date>[0-9.]+)(?P<unit>[YMWD])|T(?P<time>[0-9.]+)(?P<part>[HM]))")
_UNITS: Final = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_PARTS: Final = {"H": "hour", "M": "minute"}


def days(duration: str) -> Decimal | None:
    """Days of a duration as the gold writes it, in one unit; None for none.

    >>> days("P2W"), days("PT12H"), days("")
    (Decimal('14'), Decimal('0.5'), None)
    """
    match = _ISO.fullmatch(duration)
    if not match:
        return None
    unit = _UNITS[match["unit"]] if match["unit"] else _PARTS[match["part"]]
    return (Decimal(match["date"] or match["time"]) * IN_DAYS[unit]).normalize()


def _outcomes(part: str, records: Mapping[str, Record]) -> Iterator[tuple[dict[str, str], Record]]:
    for row in read_gold("outcomes", part):
        module = records[row["nct"]]["protocolSection"]["outcomesModule"]
        yield row, module[row["kind"]][int(row["number"]) - 1]


def _endpoints(row: dict[str, str], outcome: Record) -> Labelled:
    return Labelled(codes(row["endpoints"]), frozenset(endpoints(outcome["measure"])), bool(row["note"]))


def _criteria(row: dict[str, str], outcome: Record) -> Labelled:
    text = f"{outcome['measure']} {outcome.get('description', '')}"
    return Labelled(codes(row["criteria"], without=_NO_CODE), frozenset(response_criteria(text)), bool(row["note"]))


def _frame(row: dict[str, str], outcome: Record) -> Labelled:
    stated, found = days(row["frame"]), length(outcome.get("timeFrame", ""))
    ours = (found.days,) if found else ()
    gold = () if stated is None else (stated,)
    # Decimals of a day and of a part of one differ in their last places.
    return Labelled(frozenset(f"{one:.3f}" for one in gold), frozenset(f"{one:.3f}" for one in ours), bool(row["note"]))


def tables(records: Mapping[str, Record]) -> list[Table]:
    """The tables of the figures."""
    parts = {part: list(_outcomes(part, records)) for part in PARTS}
    return [
        precision_and_recall("Endpoints", [(part, [_endpoints(*one) for one in some]) for part, some in parts.items()]),
        precision_and_recall(
            "Response criteria", [(part, [_criteria(*one) for one in some]) for part, some in parts.items()]
        ),
        _frames([(part, [_frame(*one) for one in some]) for part, some in parts.items()]),
    ]


def _frames(parts: list[tuple[str, list[Labelled]]]) -> Table:
    rows = []
    for part, labelled in parts:
        for name, some in ((part, labelled), (f"{part}, sure", [one for one in labelled if not one.unsure])):
            stated = [one for one in some if one.gold]
            given = [one for one in some if one.ours]
            right = sum(one.gold == one.ours for one in given)
            rows.append(
                (
                    name,
                    str(len(some)),
                    str(len(stated)),
                    bounds(Fraction(right, len(given))),
                    bounds(Fraction(right, len(stated))),
                    bounds(Fraction(sum(not one.ours for one in some if not one.gold), len(some) - len(stated))),
                )
            )
    columns = ("", "outcomes", "with a duration", "precision", "recall", "rightly none")
    return Table("Time frames", columns, rows, "A duration is right when it has the same days.")


def misses(records: Mapping[str, Record]) -> Iterator[str]:
    """What of the parts tuned on is not right, a line each."""
    for row, outcome in (one for part in TUNED for one in _outcomes(part, records)):
        for read, text in (
            (_endpoints, outcome["measure"]),
            (_criteria, outcome["measure"]),
            (_frame, outcome.get("timeFrame", "")),
        ):
            one = read(row, outcome)
            if one.gold != one.ours:
                yield f"{row['nct']}\t{text}\n\tgold {sorted(one.gold)}\n\tours {sorted(one.ours)}"
