"""Which of several records of one study counts, found out before anything is converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.errors import InputError
from kg.sources import Form, Inputs, RawRecord, Reject, head

__all__ = ["Choice", "LeftOut", "choose", "chosen"]

_RICHNESS = {
    Form.API_V2: 0,
    Form.XML: 1,
    Form.AACT: 2,
    Form.API_V1: 3,
    Form.PAGE_HTML: 4,
    Form.PAGE_TEXT: 4,
}


class Choice(NamedTuple):
    """The records to convert.

    Attributes:
        winners: NCT id → number of the record, counted over all records of the input from 0.
        records: how many records the input has.
        data_date: the newest posted update among the winners, ISO; ``""`` when none says.
    """

    winners: dict[str, int]
    records: int
    data_date: str


class LeftOut(NamedTuple):
    """A record that was left for a newer or richer one of the same study."""

    place: str
    nct_id: str


def choose(inputs: Inputs) -> Choice:
    """Choose one record of each study: the newest, then the richest form, then the first in the input.

    Reads the input once; of a record in JSON only two fields are looked at. A record whose NCT id cannot be
    read is nobody's rival, and what is wrong with it is said when it is converted.
    """
    best: dict[str, tuple[str, int, int]] = {}
    records = 0
    for found in inputs.records():
        if isinstance(found, Reject):
            continue
        nct_id, updated = head(found)
        if nct_id:
            # The greatest wins: the newest, then the richest form, then, since orders are negated, the first.
            rank = (updated, -_RICHNESS[found.form], -records)
            if nct_id not in best or rank > best[nct_id]:
                best[nct_id] = rank
        records += 1
    winners = {nct_id: -order for nct_id, (_, _, order) in best.items()}
    return Choice(winners, records, max((updated for updated, _, _ in best.values()), default=""))


def chosen(inputs: Inputs, choice: Choice) -> Iterator[RawRecord | LeftOut | Reject]:
    """The input again: the records that count, those left out, and what could not be read, in order.

    Raises:
        InputError: the input is not what it was when the choice was made.
    """
    number = 0
    for found in inputs.records():
        if isinstance(found, Reject):
            yield found
            continue
        nct_id, _ = head(found)
        yield found if not nct_id or choice.winners.get(nct_id) == number else LeftOut(found.place, nct_id)
        number += 1
    if number != choice.records:
        raise InputError("the input changed while it was read", remedy="run again when nothing writes to it")
