"""Which studies to export, in the words of a user: NCT ids, files of them, queries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kg.config import LIMITS
from kg.errors import InputError, UsageError
from kg.library import bind, load_library, parse_query
from kg.namespaces import PREFIXES
from kg.store.generations import Generation
from kg.store.reader import QueryRequest, run
from kg.store.result import Result

__all__ = ["selected"]

_NCT: Final = re.compile(r"NCT[0-9]{8}")
_IDS: Final = re.compile(r"(?:\s*(?:NCT[0-9]{8}[\s,;]*|#[^\n]*(?:\n|$)))+")
_NAME: Final = re.compile(r"[\w.-]+")
_WORD: Final = re.compile(r"#[^\n]*|[^\s,;]+")
_STUDY: Final = PREFIXES["trial"]


def selected(
    generation: Generation,
    words: Sequence[str],
    parameters: Mapping[str, str] | None = None,
    *,
    timeout: float = LIMITS.query_seconds,
) -> list[str]:
    """The NCT ids that some words select; all that any of them does.

    A word is an NCT id; the name of a query of the library; the text of a SELECT, where the usual prefixes need no
    line; or ``@`` and the path of a file with such a text, or with NCT ids (parted by spaces, commas or line ends;
    ``#`` begins a comment). Of a query counts the first column in which every value
    is a study, by its NCT id or its IRI.

    Args:
        generation: what queries are asked of.
        words: as above.
        parameters: values of the parameters of queries.
        timeout: seconds after which a query is stopped.

    Raises:
        UsageError: no query of that name, a wrong parameter, a query that does not return studies, or returns none.
        InputError: a file cannot be read.
        QueryError: a query does not parse, is refused or fails.
    """
    found: list[str] = []
    for word in words:
        text, place = (_read(Path(word[1:])), word[1:]) if word.startswith("@") else (word, "select")
        if _NCT.fullmatch(text):
            found.append(text)
        elif word.startswith("@") and _IDS.fullmatch(text):
            found += [one for one in _WORD.findall(text) if not one.startswith("#")]
        else:
            found += _asked(generation, text, place, parameters or {}, timeout)
    return found


def _read(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the selection cannot be read: {error}", place=str(path), remedy="expected NCT ids, or a SPARQL SELECT"
        ) from error
    if not text.strip():
        raise InputError("the selection is empty", place=str(path), remedy="expected NCT ids, or a SPARQL SELECT")
    return text


def _asked(generation: Generation, text: str, place: str, parameters: Mapping[str, str], timeout: float) -> list[str]:
    if _NAME.fullmatch(text):
        query = load_library().get(text)
        if query is None:
            raise UsageError(
                f"{text!r} is no NCT id and no query of the library",
                place=place,
                remedy="trialkg queries lists them; @FILE reads a file",
            )
    else:
        query = parse_query(text, place=place)
    request = QueryRequest(bind(query, parameters), timeout=timeout, prefixes=True)
    result = Result.of(run(generation.path, request))
    if result.boolean is not None or not result.columns:
        raise UsageError("the query returns no table", place=place, remedy="write a SELECT that returns studies")
    if not result.rows:
        raise UsageError("the query selects no study", place=place, remedy="change it, or its parameters")
    for values in zip(*result.rows, strict=True):
        ids = [str(value).removeprefix(_STUDY) for value in values if value is not None]
        if ids and all(map(_NCT.fullmatch, ids)):
            return ids
    raise UsageError(
        f"no column of the query has studies: {', '.join(result.columns)}",
        place=place,
        remedy="return NCT ids or IRIs of studies in a column of their own",
    )
