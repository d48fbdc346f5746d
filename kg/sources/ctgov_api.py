"""The registry's API v2: queries, their pages, single studies, the version of its data.

Source: the registry's OpenAPI description 2.0.5, operations ``listStudies``, ``fetchStudy`` and ``version``.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

import httpx
import msgspec

from kg.config import LIMITS, REGISTRY_API, Limits
from kg.errors import RemoteError, UsageError
from kg.sources.ctgov_json import json_records
from kg.sources.polite_http import Answer, PoliteClient, Validators
from kg.sources.record import RawRecord, Reject, one_line

__all__ = ["MOST_ON_A_PAGE", "Page", "Query", "RegistryApi", "registry_query"]

MOST_ON_A_PAGE: Final = 1_000
"""The registry's largest page."""

_PATH: Final = "/api/v2"
_BATCH: Final = 100
"""So many NCT ids are asked for at a time: their list is part of an address, and addresses must not be long."""
_NCT_ID: Final = re.compile(r"[Nn][Cc][Tt]0*([1-9][0-9]{0,7})")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404


class Query(NamedTuple):
    """What to ask the registry for; made by :func:`registry_query`. Nothing in it means all studies."""

    ids: tuple[str, ...] = ()
    term: str = ""
    condition: str = ""
    intervention: str = ""
    since: str = ""

    def parameters(self) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
        """The requests it takes, each with the NCT ids that it asks for and its parameters.

        >>> list(Query(ids=("NCT00000001",), since="2026-08-01").parameters())
        [(('NCT00000001',), {'filter.advanced': 'AREA[LastUpdatePostDate]RANGE[2026-08-01,MAX]',
          'filter.ids': 'NCT00000001'})]
        """
        given = {
            "query.term": self.term,
            "query.cond": self.condition,
            "query.intr": self.intervention,
            "filter.advanced": f"AREA[LastUpdatePostDate]RANGE[{self.since},MAX]" if self.since else "",
        }
        same = {name: value for name, value in given.items() if value}
        if not self.ids:
            yield (), same
        for start in range(0, len(self.ids), _BATCH):
            batch = self.ids[start : start + _BATCH]
            yield batch, {**same, "filter.ids": ",".join(batch)}

    @property
    def only_ids(self) -> bool:
        """Whether it asks for studies by their ids and by nothing else."""
        return bool(self.ids) and not any(self[1:])

    def digest(self) -> str:
        """What tells it from another query."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    def text(self) -> str:
        """It in a few words.

        >>> Query(condition="melanoma", since="2026-08-01").text()
        "condition 'melanoma', since 2026-08-01"
        """
        words = [f"{len(self.ids):,} NCT ids"] if self.ids else []
        named = (("query", self.term), ("condition", self.condition), ("intervention", self.intervention))
        words += [f"{name} {one_line(value, 60)!r}" for name, value in named if value]
        words += [f"since {self.since}"] if self.since else []
        return ", ".join(words) or "all studies"


def registry_query(
    ids: Sequence[str] = (), *, term: str = "", condition: str = "", intervention: str = "", since: str = ""
) -> Query:
    """A query, checked.

    Args:
        ids: NCT ids, as people write them; each counts once.
        term: words in the registry's expression syntax, for anywhere in a record.
        condition: for conditions or diseases.
        intervention: for interventions or treatments.
        since: the first day of the posted updates that count, ``YYYY-MM-DD``.

    Raises:
        UsageError: not an NCT id, not a date, not Unicode text.

    >>> registry_query(["nct4144517", "NCT04144517"]).ids
    ('NCT04144517',)
    """
    numbers: dict[str, None] = {}  # an ordered set
    for text in ids:
        found = _NCT_ID.fullmatch(text.strip())
        if not found:
            raise UsageError(f"{one_line(text, 40)!r} is no NCT id", remedy="expected NCT and up to 8 digits")
        numbers[f"NCT{int(found[1]):08}"] = None
    for text in (term, condition, intervention):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise UsageError("the query is not Unicode text", remedy="write it in UTF-8") from error
    if since:
        try:
            date.fromisoformat(since)
        except ValueError:
            since_is_date = False
        else:
            since_is_date = _DATE.fullmatch(since) is not None
        if not since_is_date:
            raise UsageError(f"{one_line(since, 40)!r} is no date", remedy="expected YYYY-MM-DD")
    return Query(tuple(numbers), term.strip(), condition.strip(), intervention.strip(), since)


class Page(NamedTuple):
    """A page of studies.

    Attributes:
        records: those that can be read.
        rejects: what is wrong with the others.
        aliases: former NCT ids of the studies.
        next_token: what to ask for the next page with; empty on the last one.
        total: how many studies the query has, where the registry says so.
        validators: to ask for the page again.
    """

    records: list[RawRecord]
    rejects: list[Reject]
    aliases: list[str]
    next_token: str
    total: int | None
    validators: Validators


class _Answered(msgspec.Struct, rename="camel"):
    studies: msgspec.Raw
    next_page_token: str | None = None
    total_count: int | None = None


class _Version(msgspec.Struct, rename="camel"):
    api_version: str = ""
    data_timestamp: str = ""


_PAGE: Final = msgspec.json.Decoder(_Answered)
_VERSION: Final = msgspec.json.Decoder(_Version)
_ALIASES: Final = re.compile(rb'"nctIdAliases"\s*:\s*\[([^\[\]]{0,2000})\]')
_ALIAS: Final = re.compile(rb'"(NCT[0-9]{8})"')
# The end of a page that is no JSON as a whole: where it goes on, or that it is the last one.
_TAIL: Final = re.compile(
    rb'\]\s*(?:,\s*"totalCount"\s*:\s*[0-9]+\s*)?'
    rb'(?:,\s*"nextPageToken"\s*:\s*(?:"([^"\\]*)"|null)\s*)?(?:,\s*"totalCount"\s*:\s*[0-9]+\s*)?\}\s*\Z'
)
_TAIL_BYTES: Final = 4096


class RegistryApi:
    """The registry, or a server with the same API. Use it as a context manager.

    Args:
        url: where; ``/api/v2`` is added to an address without a path.
        interval: least seconds from one request to the next.
        limits: sizes, times and attempts.
        say: told in one line of each failure that is tried again.
        sleep: waits so many seconds; another one for tests.

    Raises:
        UsageError: not a URL.
    """

    def __init__(
        self,
        url: str = REGISTRY_API,
        *,
        interval: float = LIMITS.registry_interval,
        limits: Limits = LIMITS,
        say: Callable[[str], None] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._limits = limits
        self._client = PoliteClient(_with_path(url), interval=interval, limits=limits, say=say, sleep=sleep)
        self.url = self._client.url

    def __enter__(self) -> RegistryApi:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def version(self) -> str:
        """When the registry's data was last renewed, as it says it; empty where the server has no versions.

        Raises:
            RemoteError: it fails, or speaks another version of the API.
        """
        answer = self._client.get("/version")
        if answer.status != _OK:
            return ""
        try:
            version = _VERSION.decode(answer.body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._error(f"answers what is no version: {one_line(str(error))}") from error
        if version.api_version and version.api_version.partition(".")[0] != "2":
            raise self._error(f"speaks version {one_line(version.api_version, 40)} of the API, not 2")
        return one_line(version.data_timestamp, 40)

    def page(
        self, parameters: dict[str, str], *, token: str, size: int, place: str, validators: Validators | None = None
    ) -> Page | None:
        """A page of studies; None when it is still the one that the validators are of.

        Args:
            parameters: see :meth:`Query.parameters`.
            token: what the page before said; empty for the first one.
            size: most studies on it.
            place: what to call it in rejects.
            validators: those of the page that is here already.

        Raises:
            UsageError: the registry says that the query is wrong.
            RemoteError: it fails, or answers what is no page of studies.
        """
        asked = {**parameters, "pageSize": str(size), **({"pageToken": token} if token else {"countTotal": "true"})}
        answer = self._client.get("/studies", asked, validators)
        if answer.status == _NOT_MODIFIED and any(validators or ()):
            return None
        if answer.status == _BAD_REQUEST and not token:
            raise UsageError(
                f"the registry refuses the query: {answer.said() or 'it says no more'}",
                place=self.url,
                remedy="correct the query",
            )
        self._check(answer)
        try:
            return self._page(answer, place, cut=False)
        except msgspec.DecodeError:
            # Spoilt on the way, maybe. If not, whatever can be had of it.
            answer = self._client.get("/studies", asked)
            self._check(answer)
        try:
            return self._page(answer, place, cut=False)
        except msgspec.DecodeError:
            return self._page(answer, place, cut=True)

    def study(self, nct_id: str) -> Page | None:
        """One study, also by a former NCT id, which the registry redirects; None when there is none.

        Raises:
            RemoteError: the registry fails, or answers what is no study.
        """
        answer = self._client.get(f"/studies/{nct_id}")
        if answer.status == _NOT_FOUND:
            return None
        self._check(answer)
        return self._read(answer, nct_id, "", None)

    def _check(self, answer: Answer) -> None:
        if answer.status != _OK:
            said = answer.said()
            raise self._error(f"answers {answer.status}{': ' if said else ''}{said}")

    def _page(self, answer: Answer, place: str, *, cut: bool) -> Page:
        """The page that an answer is; of one that is malformed, when ``cut``, the records that can be read.

        Raises:
            msgspec.DecodeError: malformed, and not ``cut``.
        """
        if cut:
            tail = _TAIL.search(answer.body, max(0, len(answer.body) - _TAIL_BYTES))
            if not tail:
                raise self._error("answers a page that is malformed and cut off")
            return self._read(answer, place, (tail[1] or b"").decode("utf-8", "replace"), None)
        try:
            answered = _PAGE.decode(answer.body)
        except msgspec.ValidationError as error:
            raise self._error(f"answers what is no page of studies: {one_line(str(error))}") from error
        except (UnicodeDecodeError, RecursionError) as error:
            raise msgspec.DecodeError(str(error)) from error
        if bytes(memoryview(answered.studies)[:1]) != b"[":
            raise self._error("answers a page whose studies are no list")
        return self._read(answer, place, answered.next_page_token or "", answered.total_count)

    def _read(self, answer: Answer, place: str, token: str, total: int | None) -> Page:
        records, rejects = [], []
        for found in json_records(io.BufferedReader(io.BytesIO(answer.body)), place, self._limits):
            if isinstance(found, Reject):
                rejects.append(found._replace(whole_input=False))
            else:
                records.append(found)
        aliases = [
            alias.decode()
            for record in records
            for listed in _ALIASES.findall(record.data, 0, 2**16)
            for alias in _ALIAS.findall(listed)
        ]
        return Page(records, rejects, aliases, token, total, answer.validators)

    def _error(self, problem: str) -> RemoteError:
        return RemoteError(problem, place=self.url, remedy="try again later, or check the address")


def _with_path(url: str) -> str:
    try:
        bare = httpx.URL(url).path in ("", "/")
    except (httpx.InvalidURL, UnicodeEncodeError):
        return url
    return url.rstrip("/") + _PATH if bare else url
