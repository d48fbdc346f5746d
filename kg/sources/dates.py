"""Dates as the registry writes them for people → ISO dates."""

from __future__ import annotations

import re
from datetime import date

__all__ = ["WRITTEN_DATE", "iso_date"]

# Not strptime, which asks the locale for the names of the months.
_MONTHS = {
    "January": 1,
    "February": 2,
    "March": 3,
    "April": 4,
    "May": 5,
    "June": 6,
    "July": 7,
    "August": 8,
    "September": 9,
    "October": 10,
    "November": 11,
    "December": 12,
}
WRITTEN_DATE = re.compile(rf"({'|'.join(_MONTHS)}) (?:([0-9]{{1,2}}), )?([0-9]{{4}})\b")
"""A date in words, with a day or without."""


def iso_date(text: str) -> str | None:
    """A date in words as ISO, without a day where it has none; None when it is no date.

    >>> iso_date("April 7, 2021"), iso_date("September 2015"), iso_date("February 30, 2021")
    ('2021-04-07', '2015-09', None)
    """
    found = WRITTEN_DATE.fullmatch(text)
    if not found:
        return None
    try:
        whole = date(int(found[3]), _MONTHS[found[1]], int(found[2] or 1)).isoformat()
    except ValueError:
        return None
    return whole if found[2] else whole[:7]
