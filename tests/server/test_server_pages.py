"""What people see: the start page, a study, the library; and the same for programs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import rdflib

from kg.library import load_library
from kg.server.rest import RESERVED
from tests.server.server_process import Server

pytestmark = pytest.mark.server

STUDY = "/trial/NCT99999901"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """The text, the links and the elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data + " "

    @property
    def targets(self) -> list[str]:
        return [value for _, name, value in self.attributes if name in ("href", "src", "action")]


def test_start_page(client: httpx.Client) -> None:
    page = Page(client.get("/", headers=HTML).text)
    assert "Studies 2" in page.text
    assert "2026-11-20" in page.text
    assert ("input", "name", "id") in page.attributes
    assert "/queries/il2-pd1-same-arm" in page.targets
    for target in page.targets:
        assert target.startswith("/"), "the page needs no other host"
        assert client.get(target.partition("#")[0]).status_code in (200, 400)


def test_search_box_leads_to_the_study(client: httpx.Client) -> None:
    found = client.get("/trial", params={"id": " nct99999901 "})
    assert found.status_code == 303
    assert found.headers["location"] == STUDY


def test_study_page_has_everything(client: httpx.Client) -> None:
    page = Page(client.get(STUDY, headers=HTML).text)
    for shown in (
        "Invented <script>alert('title')</script> & Study",
        'The Official "Title" of an Invented Study',
        "Second <b>line</b>.",
        "active not recruiting",
        "Phase 1",
        "Phase 2",
        "14 actual",
        "2020-02-05 actual",
        "2022-10 estimated",
        "Invented, Inc.",
        "IL-2, PD-L1",
        "Arm one experimental",
        "ALKS 4230 investigational nemvaleukin alfa",
        "Pembrolizumab background pembrolizumab",
        "also: Keytruda",
        "nemvaleukin alfa – “ALKS 4230”, synonym, score 1",
        "– “squamous cell carcinoma of head and neck”, normalized, score 0.9",
        "2024",
        "Something Unheard Of not linked",
        "Primary Progression-free survival 2 years progression free survival",
        "Minimum age 18 years",
        "Healthy volunteers no",
        "Signed consent",
        "Weight < 30 kg",
        "Invented Hospital Miami, Florida, 33136 United States",
        "A citation without a number",
        "INV-01",
        "API v2 JSON",
        "https://w3id.org/trialkg/trial/NCT99999901",
    ):
        assert shown in page.text
    assert page.text.index("Arm two") < page.text.index("Arm ten"), "parts are in the record's order"
    assert "https://clinicaltrials.gov/study/NCT99999901" in page.targets
    assert "https://pubmed.ncbi.nlm.nih.gov/12345678" in page.targets


def test_nothing_from_a_record_is_markup(client: httpx.Client) -> None:
    for path in (STUDY, "/queries/il2-pd1-same-arm?format=html"):
        page = Page(client.get(path, headers=HTML).text)
        assert "script" not in page.tags
        assert "b" not in page.tags
        assert not [target for target in page.targets if not re.match(r"/|https?://|\?", target)]


def test_a_bare_study_has_a_page(client: httpx.Client) -> None:
    page = Page(client.get("/trial/NCT99999902", headers=HTML).text)
    assert "Bare" in page.text
    assert "Arms" not in page.text


def test_links_of_a_study_page_lead_somewhere(client: httpx.Client) -> None:
    page = Page(client.get(STUDY, headers=HTML).text)
    local = {target for target in page.targets if target.startswith("/")}
    assert any(target.startswith("/sparql?query=DESCRIBE") for target in local)
    for target in local:
        assert client.get(target, headers=HTML).status_code == 200


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own JSON-LD reader
@pytest.mark.parametrize(
    ("extension", "media_type", "parser"),
    [
        (".ttl", "text/turtle", "turtle"),
        (".nt", "application/n-triples", "nt"),
        (".jsonld", "application/ld+json", "json-ld"),
        (".rdf", "application/rdf+xml", "xml"),
    ],
)
def test_study_as_data(client: httpx.Client, extension: str, media_type: str, parser: str) -> None:
    by_extension = client.get(STUDY + extension, headers=HTML)
    by_accept = client.get(STUDY, headers={"Accept": media_type})
    assert by_extension.headers["content-type"].partition(";")[0] == media_type
    assert by_extension.content == by_accept.content
    assert "Accept" in by_accept.headers["vary"]
    graph = rdflib.Graph().parse(data=by_extension.text, format=parser)
    home = "https://w3id.org/trialkg/trial/NCT99999901"
    assert {str(subject).startswith(home) for subject in graph.subjects()} == {True}
    assert len(graph) == len(rdflib.Graph().parse(data=client.get(f"{STUDY}.nt").text, format="nt"))
    assert rdflib.Literal("INV-01") in set(graph.objects())


def test_study_is_html_by_default_and_by_extension(client: httpx.Client) -> None:
    for path, headers in ((STUDY, {}), (f"{STUDY}.html", {"Accept": "text/turtle"}), (f"{STUDY}?format=html", {})):
        assert client.get(path, headers=headers).headers["content-type"] == "text/html; charset=utf-8"
    assert client.get(STUDY, headers={"Accept": "image/png"}).status_code == 406


def test_an_error_is_a_page_for_a_person(client: httpx.Client) -> None:
    answer = client.get("/trial/NCT00000000", headers=HTML)
    assert answer.status_code == 404
    assert "NCT00000000 is not in this store" in Page(answer.text).text
    syntax = client.get("/sparql", params={"query": "SELECT <script> {"}, headers=HTML)
    assert syntax.status_code == 400
    assert "script" not in Page(syntax.text).tags


def test_library_as_paths(client: httpx.Client) -> None:
    listed = client.get("/queries").json()
    described = client.get("/openapi.json").json()["paths"]
    form = client.get("/queries", headers=HTML)
    assert form.headers["content-type"].startswith("text/html")
    for query in listed:
        assert query["href"] in described
        documented = {one["name"]: one for one in described[query["href"]]["get"]["parameters"]}
        assert documented.keys() == {one["name"] for one in query["parameters"]} | {
            "format",
            "limit",
            "offset",
            "timeout",
        }
        assert f'href="{query["href"]}"' in form.text


def test_no_query_uses_a_name_of_ours(client: httpx.Client) -> None:
    for query in client.get("/queries").json():
        assert not RESERVED & {one["name"] for one in query["parameters"]}, query["name"]


def test_a_query_of_the_library_in_every_format(client: httpx.Client) -> None:
    path = "/queries/il2-pd1-same-arm"
    rows = client.get(path).json()["results"]["bindings"]
    assert [row["study"]["value"] for row in rows] == ["NCT99999901"]
    assert client.get(path, params={"format": "csv"}).text.startswith("study,title,arm")
    shown = Page(client.get(path, headers=HTML).text)
    assert "1 row" in shown.text
    assert "Arm one" in shown.text
    narrowed = client.get(path, params={"first": "agent:IL15ReceptorAgonist"}).json()
    assert narrowed["results"]["bindings"] == []
    assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 406


def test_a_large_answer_is_not_shown_as_a_page(client: httpx.Client) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    shown = Page(client.get("/sparql", params={"query": query, "format": "html"}).text)
    assert "too large for a page" in shown.text


def test_health(client: httpx.Client) -> None:
    health = client.get("/health").json()
    assert health["status"] == "ok"
    assert health["generation"] == 1
    assert health["studies"] == 2
    assert health["dataDate"] == "2026-11-20"
    assert health["workers"].keys() == {"alive", "busy", "waiting"}


def test_openapi_is_whole(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert {"/sparql", "/trial/{name}", "/queries", "/health"} <= described["paths"].keys()
    assert str(client.base_url).rstrip("/") not in json.dumps(described)
    change = described["paths"]["/graphs"]["put"]
    assert change["security"] == [{"token": []}]
    assert change["responses"].keys() == {"201", "204", "401", "403"}
    assert described["paths"]["/graphs/{name}"].keys() == {"get", "put", "post", "delete", "patch"}
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert client.get("/docs").status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", STUDY, "/queries/il2-pd1-same-arm?limit=1", "/catalog", "/sparql?format=html"])
def test_pages_in_a_browser(server: Server, tmp_path: Path, path: str) -> None:
    chromium = shutil.which("chromium")
    assert chromium
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--enable-logging=stderr"]
    seen = subprocess.run(
        [chromium, *options, "--dump-dom", server.url + path], capture_output=True, text=True, timeout=120, check=True
    )
    assert "<h1>" in seen.stdout
    # What the content policy refuses, and what cannot be loaded, is said on the console.
    assert "CONSOLE" not in seen.stderr


def test_a_query_of_the_library_in_pages(client: httpx.Client) -> None:
    path = "/queries/everything-about-one-study?nct=NCT99999901&format=csv"
    whole = client.get(path)
    assert "link" not in whole.headers
    head, *rows = whole.text.splitlines()
    assert len(rows) > 6
    found: list[str] = []
    answer = client.get(f"{path}&limit=4")
    for _ in range(len(rows)):
        first, *more = answer.text.splitlines()
        assert first == head
        assert len(more) <= 4
        found += more
        if "next" not in answer.links:
            break
        answer = client.get(answer.url.join(answer.links["next"]["url"]))
    assert found == rows
    assert answer.links.keys() == {"first", "prev"}
    before = client.get(answer.url.join(answer.links["prev"]["url"]))
    assert before.links["next"]["url"] in str(answer.url)
    assert client.get(path.partition("&")[0] + "&limit=4", headers=HTML).text.count('rel="next"') == 1


@pytest.mark.parametrize("given", ["limit=0", "limit=-1", "limit=x", "limit=%D9%A3", "offset=-1", "limit=1&limit=2"])
def test_a_page_that_cannot_be(client: httpx.Client, given: str) -> None:
    assert client.get(f"/queries/class-counts?{given}").status_code == 400


def test_a_limit_of_the_query_itself_holds(client: httpx.Client) -> None:
    assert "\nLIMIT 1000" in load_library()["conditions-without-link"].text
    path = "/queries/conditions-without-link?format=csv"
    everything = client.get(path).text.splitlines()
    assert len(everything) > 1
    assert client.get(f"{path}&limit=5000").text.splitlines() == everything
    assert client.get(f"{path}&offset=1").text.splitlines() == [everything[0], *everything[2:]]
    assert client.get(f"{path}&offset=1000&limit=5").text.splitlines() == everything[:1]


def test_every_query_has_a_page(client: httpx.Client) -> None:
    for query in load_library().values():
        html = client.get(f"/queries/{query.name}", headers=HTML)
        assert html.status_code == 200, html.text
        page = Page(html.text)
        assert query.summary in page.text
        assert {value for tag, name, value in page.attributes if (tag, name) == ("input", "name")} == {
            one.name for one in query.parameters
        }
        asks = any(one.default is None for one in query.parameters)
        assert ("Fill in the form" in page.text) is asks
        assert ("The same as" in page.text) is not asks


def test_values_in_a_form_are_no_markup(client: httpx.Client) -> None:
    hostile = '"><script>alert(1)</script>'
    page = Page(client.get("/queries/criteria-mentioning", params={"text": hostile}, headers=HTML).text)
    assert "script" not in page.tags
    assert ("input", "value", hostile) in page.attributes


def test_values_of_a_query_are_typed_in_openapi(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    def schema(query: str, name: str) -> dict[str, object]:
        [found] = [one for one in paths[f"/queries/{query}"]["get"]["parameters"] if one["name"] == name]
        return dict(found["schema"], required=found["required"])

    assert schema("eligibility-by-age", "youngest") == {"type": "integer", "default": 65, "required": False}
    assert schema("recruiting-sites-in-area", "west") == {"type": "number", "default": -72, "required": False}
    first = {"type": "string", "format": "iri", "default": "agent:IL2PathwayAgonist", "required": False}
    assert schema("il2-pd1-same-arm", "first") == first
    assert schema("stale-records", "since") == {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}(-\d{2})?$",
        "required": True,
    }
    assert schema("stale-records", "limit")["minimum"] == 1
