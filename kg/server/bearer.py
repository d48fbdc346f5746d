"""Who may change the store: whoever has the bearer token.

Source: https://www.rfc-editor.org/rfc/rfc6750.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kg.errors import UsageError
from kg.server.problems import Problem

__all__ = ["LEAST_CHARACTERS", "Token", "read_token"]

LEAST_CHARACTERS: Final = 32
"""Shortest token: 32 hexadecimal digits are 128 bits."""

_MOST_BYTES: Final = 4096
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class Token:
    """A bearer token, of which only a hash is kept.

    Args:
        value: the token.
    """

    __slots__ = ("_digest",)

    def __init__(self, value: str) -> None:
        self._digest = _digest(value)

    def check(self, authorization: Sequence[str]) -> None:
        """Let a request pass that has the token in its one Authorization header.

        Raises:
            Problem: 401.
        """
        scheme, _, given = authorization[0].partition(" ") if len(authorization) == 1 else ("", "", "")
        if scheme.lower() != "bearer":
            raise _unauthorized("this needs the header Authorization: Bearer TOKEN", "")
        # Of hashes, so that neither the time nor the length tells how much of a guess is right.
        if not hmac.compare_digest(self._digest, _digest(given.strip())):
            raise _unauthorized("the token is not the one that this server takes", ', error="invalid_token"')


def read_token(file: Path) -> Token:
    """The token in a file: its only line.

    Raises:
        UsageError: the file cannot be read, or what it has is empty, too short, or no token.
    """
    remedy = f"expected one line of at least {LEAST_CHARACTERS} characters: openssl rand -hex 32 > FILE"
    try:
        with open(file, "rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the token cannot be read: {error.strerror}", place=str(file), remedy=remedy) from error
    # No error shows any of it.
    value = content.decode("ascii", "replace").strip()
    if not value:
        raise UsageError("the token file is empty", place=str(file), remedy=remedy)
    if len(content) > _MOST_BYTES or not _TOKEN.fullmatch(value):
        raise UsageError("the file has no bearer token", place=str(file), remedy=f"{remedy}; letters, digits, -._~+/")
    if len(value) < LEAST_CHARACTERS:
        raise UsageError(f"the token has only {len(value)} characters", place=str(file), remedy=remedy)
    return Token(value)


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()


def _unauthorized(detail: str, error: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": f'Bearer realm="trialkg"{error}'})
