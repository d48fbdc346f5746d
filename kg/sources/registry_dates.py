"""The registry's dates, as its older forms write them, as those of API v2."""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["iso_date"]

_ISO = re.compile(r"([0-9]{4}-[0-9]{2}(?:-[0-9]{2})?)(?:[T ][0-9:.+Z-]*)?")
# Each way of writing, and how much of an ISO date it says.
_WRITTEN = (("%B %d, %Y", 10), ("%B %Y", 7), ("%Y-%m-%d", 10), ("%Y-%m", 7))


def iso_date(text: str) -> str | None:
    """A date of day or month precision; None for what is no date.

    >>> iso_date("September 2015"), iso_date("June 4, 2013"), iso_date("2021-10-22"), iso_date("2021-10-22 00:00:00")
    ('2015-09', '2013-06-04', '2021-10-22', '2021-10-22')
    >>> iso_date("11/25/16"), iso_date("2021-13"), iso_date("February 30, 2020")
    (None, None, None)
    """
    iso = _ISO.fullmatch(text.strip())
    words = iso[1] if iso else " ".join(text.split())
    for form, length in _WRITTEN:
        try:
            return datetime.strptime(words, form).strftime("%Y-%m-%d")[:length]
        except ValueError:
            continue
    return None
