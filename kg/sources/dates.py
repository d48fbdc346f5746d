"""Dates as the registry's older forms write them → ISO dates."""

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
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?(?:[T ][0-9:.+Z-]*)?")


def iso_date(text: str) -> str | None:
    """A date in words, or in ISO form with or without a time, as ISO of the precision it has; None for what is none.

    >>> iso_date("April 7, 2021"), iso_date("September 2015"), iso_date("2021-10-22 00:00:00"), iso_date("2021-10")
    ('2021-04-07', '2015-09', '2021-10-22', '2021-10')
    >>> iso_date("11/25/16"), iso_date("2021-13"), iso_date("February 30, 2021")
    (None, None, None)
    """
    text = " ".join(text.split())
    if found := WRITTEN_DATE.fullmatch(text):
        year, month, day = int(found[3]), _MONTHS[found[1]], found[2]
    elif found := _ISO.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), found[3]
    else:
        return None
    try:
        whole = date(year, month, int(day or 1)).isoformat()
    except ValueError:
        return None
    return whole if day else whole[:7]
