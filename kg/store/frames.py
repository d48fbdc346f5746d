"""Rows as data frames. One column has one type: the values' own where they agree, else text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kg.errors import UsageError
from kg.store.cells import Cell, lexical

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped]
    import polars

__all__ = ["by_column", "column_type", "pandas_frame", "polars_frame"]

_LARGEST_INT64: Final = 2**63 - 1
_MOST_DIGITS: Final = 38
"""What polars keeps of a decimal number."""

Rows = Sequence[Sequence[Cell]]


def by_column(columns: Sequence[str], rows: Rows) -> Iterator[tuple[str, list[Cell]]]:
    """Each column's name and values."""
    for position, name in enumerate(columns):
        yield name, [row[position] for row in rows]


def column_type(values: Sequence[Cell]) -> type | None:
    """The one Python type of a column's values; None when they are of several, or none is bound.

    Numbers of several types are of the widest. Times count only with their offset, without which they cannot be
    compared.

    >>> column_type([1, None, 2]), column_type([1, Decimal("1.5")]), column_type([1, "a"])
    (<class 'int'>, <class 'decimal.Decimal'>, None)
    """
    kinds = {str if isinstance(value, str) else type(value) for value in values if value is not None}
    for wider in (Decimal, float):
        if len(kinds) > 1 and kinds <= {int, Decimal, wider}:
            return wider
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    if kind is int and any(isinstance(value, int) and abs(value) > _LARGEST_INT64 for value in values):
        return None
    if kind is datetime and any(isinstance(value, datetime) and value.tzinfo is None for value in values):
        return None
    return kind


def pandas_frame(columns: Sequence[str], rows: Rows) -> pandas.DataFrame:
    """A pandas data frame with nullable column types.

    Decimals, dates, and columns of several types are columns of Python objects.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise _not_installed("pandas") from error
    types = {int: "Int64", float: "Float64", bool: "boolean", str: "string"}
    series = {}
    for name, values in by_column(columns, rows):
        kind = column_type(values)
        series[name] = pandas.Series(_as(kind, values), dtype=types.get(kind, "object") if kind else "object")
    return pandas.DataFrame(series, columns=list(columns))


def polars_frame(columns: Sequence[str], rows: Rows) -> polars.DataFrame:
    """A polars data frame; times are in UTC.

    Raises:
        UsageError: polars is not installed.
    """
    try:
        import polars
    except ImportError as error:
        raise _not_installed("polars") from error
    types: dict[type, Any] = {
        int: polars.Int64,
        float: polars.Float64,
        bool: polars.Boolean,
        date: polars.Date,
        datetime: polars.Datetime("us", "UTC"),
    }
    series = []
    for name, values in by_column(columns, rows):
        kind = column_type(values)
        dtype = types.get(kind) if kind else None
        if kind is Decimal:
            before, after = _digits(values)
            dtype = polars.Decimal(_MOST_DIGITS, after) if before + after <= _MOST_DIGITS else None
        if dtype is None:
            kind, dtype = str, polars.String
        series.append(polars.Series(name, _as(kind, values), dtype=dtype))
    return polars.DataFrame(series)


def _as(kind: type | None, values: Sequence[Cell]) -> list[Any]:
    """A column's values as one type, or as they are when there is none. Unbound stays None."""
    changes: dict[type | None, Callable[[Any], Any]] = {str: lexical, Decimal: Decimal, float: float}
    change = changes.get(kind)
    return [value if value is None or change is None else change(value) for value in values]


def _digits(values: Sequence[Cell]) -> tuple[int, int]:
    """The most digits before and after the point."""
    before = after = 0
    for value in values:
        if value is not None:
            number = Decimal(value)  # type: ignore[arg-type]
            exponent = number.as_tuple().exponent
            before = max(before, number.adjusted() + 1)
            after = max(after, -exponent if isinstance(exponent, int) else 0)
    return before, after


def _not_installed(name: str) -> UsageError:
    return UsageError(f"{name} is not installed", remedy=f"pip install 'trialkg[{name}]'")
