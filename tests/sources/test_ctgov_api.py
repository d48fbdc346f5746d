"""The registry's API: a server on loopback that behaves, and one that does not; nothing here really waits."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from kg.cli import main
from kg.config import LIMITS, Limits
from kg.errors import InputError, RemoteError, TrialkgError, UsageError
from kg.sources import RawRecord, Reject, head, read
from kg.sources.ctgov_api import Query, RegistryApi, registry_query
from kg.sources.fetch import Fetched, fetch
from tests.records import record
from tests.registry import Handler, Registry, serving

SEVEN = [f"NCT9000000{number}" for number in range(1, 8)]


@pytest.fixture
def registry() -> Iterator[Registry]:
    known = Registry()
    known.add(*(record(nct_id, updated=f"2024-01-0{nct_id[-1]}") for nct_id in SEVEN))
    with serving(known):
        yield known


class Client:
    """Fetches from a registry without waiting, and remembers what it was told and how long it would have waited."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.registry = registry
        self.folder = folder
        self.limits: Limits = LIMITS
        self.said: list[str] = []
        self.waits: list[float] = []

    def fetch(self, query: Query | None = None, **options: Any) -> Fetched:
        given = {"page_size": 2, **options}
        with RegistryApi(
            self.registry.url, interval=0, limits=self.limits, say=self.said.append, sleep=self.waits.append
        ) as api:
            return fetch(query or Query(), self.folder, api, say=self.said.append, limits=self.limits, **given)

    def fails(self, query: Query | None = None, **options: Any) -> TrialkgError:
        with pytest.raises(TrialkgError) as raised:
            self.fetch(query, **options)
        assert "\n" not in str(raised.value)
        return raised.value

    def here(self) -> list[str]:
        """The studies that a build would read; it must find nothing to reject."""
        found = list(read([self.folder]))
        assert [one for one in found if isinstance(one, Reject)] == []
        return [head(one)[0] for one in found if isinstance(one, RawRecord)]


@pytest.fixture
def client(registry: Registry, tmp_path: Path) -> Client:
    return Client(registry, tmp_path / "out")


def once(status: int, body: bytes = b"", kind: str = "text/plain", when: str | None = None, **headers: str) -> Any:
    """Answers so one time, on the page of the token ``when`` or on any."""
    left = [None]

    def reply(handler: Handler, asked: dict[str, str]) -> bool:
        if not left or when not in (None, asked.get("pageToken", "")):
            return False
        left.pop()
        handler.answer(status, body, kind, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return reply


def always(status: int, body: bytes = b"", kind: str = "text/plain", **headers: str) -> Any:
    def reply(handler: Handler, asked: dict[str, str]) -> bool:
        handler.answer(status, body, kind, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return reply


def cut(handler: Handler) -> None:
    """Sends less than it said, and hangs up."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"studies":[')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def test_all_pages_become_files_that_are_read_as_they_are(registry: Registry, client: Client) -> None:
    steps: list[tuple[int, int]] = []
    fetched = client.fetch(progress=lambda done, of_all: steps.append((done, of_all)))
    assert (fetched.records, fetched.rejects, fetched.absent) == (7, [], [])
    assert registry.tokens() == ["", "t2", "t4", "t6"]
    assert registry.log[0][1] == {"pageSize": "2", "countTotal": "true"}
    assert steps == [(2, 7), (4, 7), (6, 7), (7, 7)]
    assert [path.name for path in fetched.files] == [f"studies-00000{number}.ndjson" for number in range(1, 5)]
    assert client.here() == SEVEN
    assert client.said == []
    assert client.waits == []


def test_what_is_asked_is_what_the_registry_understands(registry: Registry, client: Client) -> None:
    query = registry_query(term="a AND (b)", condition="x&y", intervention="z é", since="2024-01-05")
    client.fetch(query, page_size=1000)
    assert registry.log[0][1] == {
        "query.term": "a AND (b)",
        "query.cond": "x&y",
        "query.intr": "z é",
        "filter.advanced": "AREA[LastUpdatePostDate]RANGE[2024-01-05,MAX]",
        "pageSize": "1000",
        "countTotal": "true",
    }


def test_studies_by_number_are_asked_for_once_and_the_absent_named(registry: Registry, client: Client) -> None:
    registry.add(
        record("NCT90000009").replace('"nctId"', '"nctIdAliases": ["NCT90000008"], "nctId"'),
    )

    def moved(handler: Handler, _asked: dict[str, str]) -> bool:
        if not handler.path.endswith("/NCT90000008"):
            return False
        handler.answer(301, headers={"Location": "/api/v2/studies/NCT90000009"})
        return True

    registry.replies.append(moved)
    asked = registry_query(["NCT90000002", "nct90000002", "NCT80000000", "NCT90000001", "NCT90000008"])
    fetched = client.fetch(asked)
    assert fetched.absent == ["NCT80000000"]
    assert client.here() == ["NCT90000002", "NCT90000001", "NCT90000009"]
    assert [path for path, _ in registry.log] == [
        "/studies", "/studies/NCT80000000", "/studies/NCT90000008", "/studies/NCT90000009",
    ]  # fmt: skip


def test_many_numbers_go_in_batches(registry: Registry, client: Client) -> None:
    many = [f"NCT7{number:07}" for number in range(250)]
    registry.add(*map(record, many))
    assert client.fetch(registry_query(many), page_size=1000).records == 250
    assert [len(asked["filter.ids"].split(",")) for _, asked in registry.log] == [100, 100, 50]


def test_numbers_of_which_there_is_none_are_an_error(client: Client) -> None:
    error = client.fails(registry_query(["NCT80000000"]))
    assert isinstance(error, InputError)
    assert "NCT80000000" in str(error)


def test_nothing_found_is_nothing_written(client: Client) -> None:
    assert client.fetch(registry_query(term="no such word")).records == 0
    assert [path.name for path in client.folder.iterdir() if not path.name.startswith(".trialkg-fetch")] == []


@pytest.mark.parametrize(
    ("ids", "options"),
    [(["NCT1234567890"], {}), (["NCT00000000"], {}), (["EUCTR"], {}), ([], {"since": "20240101"}),
     ([], {"since": "2024-02-30"}), ([], {"term": "\udcff"})],
)  # fmt: skip
def test_wrong_words_are_said_before_anything_is_asked(ids: list[str], options: dict[str, str]) -> None:
    with pytest.raises(UsageError) as raised:
        registry_query(ids, **options)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["ftp://x", "nonsense", "http://", "http://u:p@x", "http://x/?a=b", "http://[::1"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UsageError):
        RegistryApi(url)


def test_the_path_of_the_api_is_added_where_there_is_none() -> None:
    for url, wanted in (
        ("http://h:1", "http://h:1/api/v2"),
        ("http://h:1/", "http://h:1/api/v2"),
        ("http://h:1/own/", "http://h:1/own"),
    ):
        with RegistryApi(url) as api:
            assert api.url == wanted


def test_failures_that_pass_are_tried_again(registry: Registry, client: Client) -> None:
    dropped = [None]

    def cut_once(handler: Handler, asked: dict[str, str]) -> bool:
        if not dropped or asked.get("pageToken") != "t2":
            return False
        dropped.pop()
        cut(handler)
        return True

    registry.replies += [
        once(429, b"slow down", Retry_After="7"),
        once(503, Retry_After=formatdate(usegmt=True)),
        once(500, b"<html>\nbroken</html>", "text/html"),
        cut_once,
        once(200, b"\x1f\x8bnonsense", "application/json", Content_Encoding="gzip", when="t4"),
    ]
    assert client.fetch().records == 7
    assert client.here() == SEVEN
    assert len(client.waits) == 5
    assert client.waits[0] == 7
    assert all(0 < wait <= LIMITS.registry_backoff for wait in client.waits)
    assert "answers 429 Too Many Requests: slow down; trying again in 7 seconds" in client.said[0]


def test_failures_that_stay_end_with_exit_3_and_what_is_here_stays(registry: Registry, client: Client) -> None:
    def broken(handler: Handler, asked: dict[str, str]) -> bool:
        if asked.get("pageToken") != "t4":
            return False
        handler.answer(500, b"out of order", "text/plain")
        return True

    registry.replies.append(broken)
    error = client.fails()
    assert (type(error), error.exit_code) == (RemoteError, 3)
    assert "answers 500 Internal Server Error: out of order, 6 times" in str(error)
    assert client.waits == sorted(client.waits)
    assert len(client.waits) == 5
    assert client.here() == SEVEN[:4]
    registry.replies.clear()
    registry.log.clear()
    assert client.fetch().records == 7
    assert registry.tokens() == ["t4", "t6"]
    assert client.here() == SEVEN


def test_a_wait_that_is_too_long_ends_the_command(registry: Registry, client: Client) -> None:
    registry.replies.append(always(503, Retry_After="86400"))
    assert "asks to wait 86,400 seconds" in str(client.fails())
    assert client.waits == []


def test_a_wait_that_no_clock_can_tell_is_none(registry: Registry, client: Client) -> None:
    registry.replies = [once(503, Retry_After="Mon, 01 Jan 2024 00:00:00 +99999999999999999999")]
    assert client.fetch().records == 7


def test_nobody_there_is_one_line(tmp_path: Path) -> None:
    waits: list[float] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with RegistryApi(url, sleep=waits.append) as api, pytest.raises(RemoteError, match="the connection failed") as one:
        api.version()
    assert "\n" not in str(one.value)


def test_requests_keep_their_distance(registry: Registry, tmp_path: Path) -> None:
    waits: list[float] = []
    with RegistryApi(registry.url, interval=1000, sleep=waits.append) as api:
        api.version()
        assert waits == []
        api.version()
    assert [900 < wait <= 1000 for wait in waits] == [True]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (always(400, b"filter.ids has incorrect format for value XYZ"), UsageError, "format for value XYZ"),
        (always(400, b"Error parsing query in Other terms:\nmissing ')'"), UsageError, "terms: missing ')'"),
        (always(400), UsageError, "it says no more"),
        (always(404), RemoteError, "answers 404"),
        (always(403, b"no", "text/plain"), RemoteError, "answers 403 Forbidden: no"),
        (always(200, b"<html></html>", "text/html"), RemoteError, "answers text/html, not JSON"),
        (always(200, b" <html></html>", "application/json"), RemoteError, "a page for people"),
        (always(200, b"{}", "application/json"), RemoteError, "no page of studies"),
        (always(200, b'{"studies": null}', "application/json"), RemoteError, "no list"),
        (always(200, b'{"studies": [], "totalCount": "x"}', "application/json"), RemoteError, "no page of studies"),
        (always(200, b'{"studies": [', "application/json"), RemoteError, "malformed and cut off"),
        (always(200, b'{"studies":' + b"[" * 100_000, "application/json"), RemoteError, "malformed and cut off"),
        (always(200, b"", "application/json"), RemoteError, "malformed and cut off"),
        (always(304), RemoteError, "answers 304"),
        (always(200, b"x", "application/json", Content_Encoding="br"), RemoteError, "packed as 'br'"),
        (always(302, Location="http://example.org/x"), RemoteError, "redirects to another server"),
        (always(302, Location="file:///etc/passwd"), RemoteError, "redirects to another server"),
        (always(302, Location="/api/v2/studies"), RemoteError, "redirects more than 5 times"),
    ],
)  # fmt: skip
def test_answers_that_are_none(
    registry: Registry, client: Client, reply: Any, kind: type[TrialkgError], words: str
) -> None:
    registry.replies.append(reply)
    error = client.fails()
    assert type(error) is kind
    assert words in str(error)
    assert not list(client.folder.glob("*.ndjson"))


def test_the_version_of_the_data_and_of_the_api(registry: Registry) -> None:
    with RegistryApi(registry.url, interval=0) as api:
        assert api.version() == ""
        registry.version = "2024-01-01T00:00:00"
        assert api.version() == "2024-01-01T00:00:00"
        registry.version = "x" * 1000
        assert len(api.version()) == 40
        registry.api_version = "3.1"
        with pytest.raises(RemoteError, match=r"speaks version 3\.1 of the API, not 2"):
            api.version()
        registry.api_version = 2
        with pytest.raises(RemoteError, match="what is no version"):
            api.version()


def test_a_bomb_is_stopped(registry: Registry, client: Client) -> None:
    client.limits = replace(LIMITS, registry_page_bytes=100_000)
    bomb = gzip.compress(b'{"studies":[' + b" " * 50_000_000)
    registry.replies.append(always(200, bomb, "application/json", Content_Encoding="gzip"))
    assert "more than 100,000 bytes" in str(client.fails())


def test_a_download_without_end_is_stopped(registry: Registry, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.sources.fetch._EMPTY_PAGES", 3)
    client.limits = replace(LIMITS, registry_bytes=500)
    assert "gives more than 500 bytes" in str(client.fails())

    def empty(handler: Handler, asked: dict[str, str]) -> bool:
        number = int(asked.get("pageToken", "t0")[1:]) + 1
        handler.answer(200, json.dumps({"studies": [], "nextPageToken": f"t{number}"}).encode())
        return True

    registry.replies.append(empty)
    client.folder = client.folder.with_name("other")
    client.limits = LIMITS
    assert "gives 4 empty pages in a row" in str(client.fails())


def test_a_slow_server_is_given_up(registry: Registry, client: Client) -> None:
    client.limits = replace(LIMITS, registry_seconds=0.05, registry_attempts=2)
    go_on = Event()

    def slow(handler: Handler, _asked: dict[str, str]) -> bool:
        go_on.wait(10)
        handler.close_connection = True
        return True

    registry.replies.append(slow)
    error = client.fails()
    go_on.set()
    assert "no answer within 0.05 seconds, 2 times" in str(error)


def test_a_server_that_drips_is_given_up(registry: Registry, client: Client) -> None:
    client.limits = replace(LIMITS, registry_answer_seconds=0.0, registry_attempts=1)
    assert "no complete answer within 0 seconds" in str(client.fails())


def test_a_server_that_drips_what_is_wrong_is_given_up(registry: Registry, client: Client) -> None:
    client.limits = replace(LIMITS, registry_answer_seconds=0.0, registry_attempts=1)
    go_on = Event()

    def dripping(handler: Handler, _asked: dict[str, str]) -> bool:
        handler.send_response(500)
        handler.send_header("Content-Type", "text/plain")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"out of order")
        handler.wfile.flush()
        go_on.wait(10)
        handler.close_connection = True
        return True

    registry.replies.append(dripping)
    error = client.fails()
    go_on.set()
    assert "out of order, 1 times" in str(error)


@pytest.mark.parametrize("next_token", ["t2", "t4"])
def test_a_token_that_repeats_is_one_error(registry: Registry, client: Client, next_token: str) -> None:
    def repeating(handler: Handler, asked: dict[str, str]) -> bool:
        if asked.get("pageToken") != "t4":
            return False
        handler.answer(200, json.dumps({"studies": [], "nextPageToken": next_token}).encode())
        return True

    registry.replies.append(repeating)
    error = client.fails()
    assert error.exit_code == 3
    assert f"the same next page twice, '{next_token}'" in str(error)
    assert registry.tokens() == ["", "t2", "t4"]
    registry.replies.clear()
    assert client.fetch().records == 7
    assert client.here() == SEVEN


@pytest.mark.parametrize(
    ("broken", "words", "named"),
    [
        ('{"protocolSection": {"identificationModule": {"nctId": 7}}}', "Expected `str | null`", ""),
        ('{"protocolSection": {"identificationModule": {"nctId": "NCT9"}}}', "no NCT id", ""),
        ("null", "no known form", ""),
        ('{"protocolSection": {"identificationModule": {"nctId": "NCT90000003", }}}', "malformed JSON", "NCT90000003"),
        ('{"protocolSection": {"identificationModule": {"nctId": "NCT90000003"', "malformed JSON", "NCT90000003"),
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_one_broken_record_costs_no_other(
    registry: Registry, client: Client, broken: str, words: str, named: str, first: bool
) -> None:
    spoilt = SEVEN[2 if first else 3]
    registry.studies[spoilt] = broken
    fetched = client.fetch()
    (reject,) = fetched.rejects
    assert reject.place == f"page 2[{0 if first else 1}]"
    assert words in reject.reason
    assert reject.nct_id == named
    assert fetched.records == 6
    assert client.here() == [nct_id for nct_id in SEVEN if nct_id != spoilt]
    assert client.fetch().rejects == [reject]


def test_the_last_page_may_be_the_broken_one(registry: Registry, client: Client) -> None:
    registry.studies[SEVEN[5]] = '{"protocolSection": {"identificationModule": {"nctId": "NCT90000006"'
    fetched = client.fetch(page_size=1000)
    assert (fetched.records, [one.nct_id for one in fetched.rejects]) == (6, ["NCT90000006"])


def test_a_count_that_shrinks_is_noted(registry: Registry, client: Client) -> None:
    def counting(handler: Handler, asked: dict[str, str]) -> bool:
        page = json.loads(registry.page(asked))
        page["totalCount"] = 9 - 2 * len(registry.log)
        handler.answer(200, json.dumps(page).encode())
        return True

    registry.replies.append(counting)
    assert client.fetch(page_size=4).records == 7
    assert client.said == ["the registry's count went from 7 to 5 studies between pages"]


def test_a_count_that_was_too_high_is_noted(registry: Registry, client: Client) -> None:
    def losing(handler: Handler, asked: dict[str, str]) -> bool:
        if asked.get("pageToken"):
            registry.studies.pop(SEVEN[6], None)
        return False

    registry.replies.append(losing)
    assert client.fetch().records == 6
    assert client.said == ["the registry counted 7 studies and gave 6"]


def test_packed_answers(registry: Registry, client: Client) -> None:
    registry.packed = True
    assert client.fetch().records == 7


def test_what_is_complete_is_not_asked_for_again(registry: Registry, client: Client) -> None:
    registry.version = "2024-01-01T00:00:00"
    assert client.fetch().new
    registry.log.clear()
    assert not client.fetch().new
    assert registry.log == []
    registry.version = "2024-01-02T00:00:00"
    assert client.fetch().new
    assert registry.tokens() == ["", "t2", "t4", "t6"]


def test_pages_that_are_the_same_are_not_sent_again(registry: Registry, client: Client) -> None:
    registry.etags = True
    client.fetch()
    assert not any(registry.conditional)
    files = {path.name: path.stat().st_ino for path in client.folder.glob("*.ndjson")}
    registry.conditional.clear()
    registry.add(record(SEVEN[2], title="changed"))
    assert client.fetch().records == 7
    assert all(registry.conditional)
    replaced = [path.name for path in client.folder.glob("*.ndjson") if path.stat().st_ino != files[path.name]]
    assert replaced == ["studies-000002.ndjson"]
    del registry.studies[SEVEN[6]], registry.studies[SEVEN[5]]
    (client.folder / "studies-000001.ndjson").unlink()
    assert client.fetch().records == 5
    assert client.here() == SEVEN[:5]


def test_validators_by_date(registry: Registry, client: Client) -> None:
    seen: list[str] = []

    def dated(handler: Handler, asked: dict[str, str]) -> bool:
        seen.append(handler.headers.get("If-Modified-Since", ""))
        if seen[-1]:
            handler.answer(304)
        else:
            handler.answer(200, registry.page(asked), headers={"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"})
        return True

    registry.replies.append(dated)
    for _ in range(2):
        assert client.fetch(page_size=1000).records == 7
    assert seen == ["", "Mon, 01 Jan 2024 00:00:00 GMT"]
    assert client.here() == SEVEN
    assert client.fetch(page_size=10).records == 7
    assert seen[-1] == ""


def test_numbers_of_pages_that_are_the_same_are_not_missing(registry: Registry, client: Client) -> None:
    registry.etags = True
    asked = registry_query([*SEVEN, "NCT80000000"])
    for _ in range(2):
        fetched = client.fetch(asked)
        assert (fetched.records, fetched.absent) == (7, ["NCT80000000"])
    assert client.here() == SEVEN


def test_another_query_does_not_mix_with_what_is_here(registry: Registry, client: Client) -> None:
    client.fetch(registry_query(SEVEN[:2]))
    error = client.fails(registry_query(condition="melanoma"))
    assert error.exit_code == 2
    assert f"has the download of another query: 2 NCT ids from {registry.url}/api/v2" in str(error)
    assert client.fetch(registry_query(condition="melanoma"), disposable=True).records == 7
    assert client.here() == SEVEN


def test_files_of_others_are_not_replaced(client: Client) -> None:
    client.folder.mkdir()
    (client.folder / "studies-000001.ndjson").write_text("mine")
    assert "of another origin" in str(client.fails())
    (client.folder / "studies-000001.ndjson").rename(client.folder / "mine.txt")
    assert client.fetch().records == 7
    assert (client.folder / "mine.txt").read_text() == "mine"


def test_a_spoilt_state_is_said(client: Client) -> None:
    client.fetch()
    for text in ("{", '{"query": 1}', "[" * 100_000, "\xff"):
        (client.folder / ".trialkg-fetch.json").write_text(text, "latin-1")
        assert "fetch into another folder" in str(client.fails())


def test_two_at_once_are_not_let_in(registry: Registry, client: Client) -> None:
    errors: list[TrialkgError] = []

    def again(_handler: Handler, _asked: dict[str, str]) -> bool:
        registry.replies.clear()
        errors.append(client.fails())
        return False

    registry.replies.append(again)
    assert client.fetch().records == 7
    assert "another process downloads" in str(errors[0])


class Killed(BaseException):
    pass


@pytest.mark.parametrize("disposable", [False, True])
@pytest.mark.parametrize("steps", range(12))
def test_a_kill_between_any_two_steps_blocks_no_folder(
    registry: Registry, client: Client, monkeypatch: pytest.MonkeyPatch, steps: int, disposable: bool
) -> None:
    """A step is a file that is put in place or removed; the first download is killed, and then the one after it."""
    left = 0

    def steps_of(change: Callable[..., Any]) -> Callable[..., Any]:
        def step(path: Path, *arguments: Any, **options: Any) -> Any:
            nonlocal left
            done = change(path, *arguments, **options)
            if left == 0:
                raise Killed
            left -= 1
            return done

        return step

    for version in ("1", "2"):
        registry.version, left = version, steps
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", steps_of(Path.replace))
            patch.setattr(Path, "unlink", steps_of(Path.unlink))
            with suppress(Killed):
                client.fetch(disposable=disposable)
        registry.studies.pop(SEVEN[int(version)])
    registry.version = "3"
    client.fetch(disposable=disposable)
    client.fetch(disposable=disposable)
    assert client.here() == list(registry.studies)


def test_files_of_the_download_before_do_not_stay(registry: Registry, client: Client) -> None:
    registry.version = "1"
    client.fetch()
    stray = client.folder / "studies-000009.ndjson"
    stray.write_text(record("NCT00000009") + "\n")  # a kill came before it was removed
    assert not client.fetch().new
    assert client.here() == SEVEN


def test_a_kill_costs_one_page(registry: Registry, client: Client) -> None:
    registry.version = "2024-01-01T00:00:00"
    registry.kill_when_asked("t4", "fetch", "-o", str(client.folder), "--page-size", "2")
    (client.folder / ".trialkg-fetch-x.part").write_text('{"protocolSection')
    assert client.here() == SEVEN[:4]
    registry.log.clear()
    registry.version = "2024-01-02T00:00:00"
    assert client.fetch().records == 7
    assert registry.tokens() == ["t4", "t6"]
    assert client.here() == SEVEN
    assert not list(client.folder.glob(".*.part"))
    assert client.said[0] == "going on after the 4 studies that are here"
    assert "was 2024-01-01T00:00:00 when this began and is 2024-01-02T00:00:00" in client.said[1]
    registry.log.clear()
    assert client.fetch().new  # since the first pages are of older data
    assert len(registry.log) == 4


def test_the_command(registry: Registry, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    registry.studies["NCT90000003"] = "null"
    at = ["-o", str(tmp_path / "out"), "--api", registry.url, "--interval", "0"]
    assert main(["fetch", "NCT90000001", "NCT90000002", "NCT80000000", *at]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "not found: NCT80000000: the registry has no such study",
        f"2 studies in {tmp_path}/out",
    ]
    assert main(["convert", str(tmp_path / "out"), "-o", str(tmp_path / "out.nt"), "--strict"]) == 0
    assert main(["fetch", "--query", "x", *at]) == 2
    assert main(["fetch", "NCT1234567890", *at]) == 2
    at[1] = str(tmp_path / "all")
    capfd.readouterr()
    assert main(["fetch", *at]) == 0
    err = capfd.readouterr().err
    assert "rejected: page 1[2]: no known form" in err
    registry.replies.append(always(403))
    at[1] = str(tmp_path / "more")
    assert main(["fetch", "--condition", "x", *at]) == 3


@pytest.mark.shared_data
def test_recorded_pages(shared_data: Path, client: Client) -> None:
    recorded = shared_data / "records" / "api" / "recorded"
    pages = [gzip.decompress((recorded / f"studies-page-{number}.json.gz").read_bytes()) for number in (1, 2)]
    last = json.loads(pages[1])
    del last["nextPageToken"]
    answers = {"": pages[0], json.loads(pages[0])["nextPageToken"]: json.dumps(last).encode()}

    def replay(handler: Handler, asked: dict[str, str]) -> bool:
        handler.found(answers[asked.get("pageToken", "")])
        return True

    client.registry.packed = True
    client.registry.replies.append(replay)
    fetched = client.fetch(registry_query(condition="heart failure"), page_size=100)
    assert (fetched.records, fetched.rejects) == (200, [])
    wanted = [study for page in pages for study in json.loads(page)["studies"]]
    found = [json.loads(one.data) for one in read([client.folder]) if isinstance(one, RawRecord)]
    assert found == wanted


@pytest.mark.shared_data
def test_recorded_answers(shared_data: Path, client: Client) -> None:
    recorded = shared_data / "records" / "api" / "recorded"
    answers = sorted(recorded.glob("captured-*/search*.json"))
    answers += sorted(path for path in recorded.glob("queries*/*.json") if ".meta." not in path.name)
    assert len(answers) == 16
    for number, path in enumerate(answers):
        answer = json.loads(path.read_bytes())

        def replay(handler: Handler, asked: dict[str, str], body: dict[str, Any] = answer) -> bool:
            on = {**body, "studies": [], "nextPageToken": None} if "pageToken" in asked else body
            handler.found(json.dumps(on).encode())
            return True

        client.registry.replies[:] = [replay]
        client.folder = client.folder.with_name(str(number))
        assert client.fetch().records == len(answer["studies"])
