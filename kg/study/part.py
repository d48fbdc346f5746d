"""What every part of a record is: a Struct with the registry's names, of which nothing is required."""

from __future__ import annotations

import msgspec

__all__ = ["DateStruct", "Part"]


class Part(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A part of a record. A field that no part declares is an error of the decoder, so that it can be reported."""


class DateStruct(Part):
    """A date of day or month precision, actual or estimated."""

    date: str | None = None
    type: str | None = None
