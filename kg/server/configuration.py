"""The configuration of a server: a TOML file with every setting, and options that go before it.

Source: https://toml.io/en/v1.0.0.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import json
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from kg.errors import UsageError
from kg.server.settings import ServerSettings

__all__ = ["Address", "Configuration", "configure", "meanings", "written"]

_LONGEST_PORT: Final = 65_535
_WIDTH: Final = 118
_HEAD: Final = """\
# Settings of trialkg serve --config FILE. Sizes are bytes, times are seconds.
# A line that begins with # and a name shows what counts without it.
"""


@dataclass(frozen=True, slots=True)
class Address:
    """What is served, and where.

    Raises:
        UsageError: a port that is none, a store and an endpoint, or a graph without an endpoint.
    """

    store: str = ""
    """The store directory; without it $TRIALKG_STORE, else ./trials.kg."""
    endpoint: str = ""
    """The URL of a SPARQL endpoint that is served instead of a store."""
    graph: str = ""
    """The graph of the endpoint that queries are about which name none; without it the endpoint decides."""
    host: str = "127.0.0.1"
    """The address to listen at."""
    port: int = 8000
    """The port to listen at; 0 takes a free one."""

    def __post_init__(self) -> None:
        if self.store and self.endpoint:
            raise UsageError("a store and an endpoint are given", remedy="give one of them")
        if self.graph and not self.endpoint:
            raise UsageError(f"the graph {self.graph!r} is of no endpoint", remedy="give the endpoint, too")
        if not 0 <= self.port <= _LONGEST_PORT:
            raise UsageError(f"port is {self.port}", remedy=f"expected a number from 0 to {_LONGEST_PORT}")


class Configuration(NamedTuple):
    """All that a server is told."""

    address: Address
    settings: ServerSettings


def configure(file: Path | None, options: Mapping[str, object]) -> Configuration:
    """What a file says, with options in its place where they say the same thing.

    Args:
        file: a TOML file; None for none.
        options: values by the name of their setting; None where one is not given.

    Raises:
        UsageError: the file cannot be read or is not TOML, or a setting is unknown, of a wrong type or impossible.

    >>> configure(None, {"port": 80, "timeout": 5, "host": None}).address
    Address(store='', endpoint='', graph='', host='127.0.0.1', port=80)
    """
    said = _read(file) if file else {}
    # First alone: its mistakes are told even where an option goes before them.
    _made(said, str(file or ""))
    return _made({**said, **{name: value for name, value in options.items() if value is not None}}, "")


def meanings(kind: type) -> dict[str, str]:
    """What the fields of a dataclass mean, by the texts that stand under them in its source.

    >>> meanings(Address)["host"]
    'The address to listen at.'
    """
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  (the source of a class)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = " ".join(said.split())
    return found


def written(configuration: Configuration) -> str:
    """A configuration as a file, with the meaning of each setting; what is the default is a comment."""
    lines = [_HEAD]
    parts: list[tuple[Address | ServerSettings, Address | ServerSettings]] = [
        (configuration.address, Address()),
        (configuration.settings, ServerSettings()),
    ]
    for part, plain in parts:
        said = meanings(type(part))
        for field in dataclasses.fields(part):
            value, default = getattr(part, field.name), getattr(plain, field.name)
            lines += textwrap.wrap(said[field.name], _WIDTH, initial_indent="# ", subsequent_indent="# ")
            lines += [f"{'#' if value == default else ''}{field.name} = {_literal(value)}", ""]
    return "\n".join(lines)


def _literal(value: object) -> str:
    # What JSON writes of texts, numbers, truth and lists is TOML too.
    return json.dumps(value, ensure_ascii=False)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", place=str(file), remedy="name a TOML file") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 at byte {error.start}", place=str(file), remedy="write it in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"not TOML: {error}", place=str(file), remedy="write each line as name = value") from None


def _made(said: Mapping[str, Any], place: str) -> Configuration:
    known = {field.name: kind for kind in (Address, ServerSettings) for field in dataclasses.fields(kind)}
    for name in said:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            remedy = f"perhaps {close[0]}" if close else "trialkg serve --print-config shows them all"
            raise UsageError(f"{name!r} is not a setting", place=place, remedy=remedy)
    try:
        address = msgspec.convert({name: value for name, value in said.items() if known[name] is Address}, Address)
        of_limits = {name: value for name, value in said.items() if known[name] is ServerSettings}
        settings = msgspec.convert(of_limits, ServerSettings)
    except msgspec.ValidationError as error:
        problem, _, where = str(error).partition(" - at ")
        name = where.strip("`").removeprefix("$.")
        raise UsageError(f"{name}: {problem[:1].lower()}{problem[1:]}", place=place, remedy=_REMEDY) from None
    except UsageError as error:
        error.place = error.place or place
        raise
    return Configuration(address, settings)


_REMEDY: Final = "trialkg serve --print-config shows how it is written"
