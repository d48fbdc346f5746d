"""What a study's page shows of its results, and that nothing in them is markup."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyoxigraph as ox
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.server.lookup import StudyData
from kg.server.pages import add_pages
from kg.server.services import Services
from kg.server.study_view import study_node
from kg.server.templating import environment
from kg.sources import Form, RawRecord, decode
from kg.store.generations import Generation
from kg.terms import render_bytes
from tests.records import record

RESULTS: dict[str, Any] = {
    "participantFlowModule": {
        "groups": [{"id": "FG000", "title": "Drug"}, {"id": "FG001", "title": "Placebo"}],
        "periods": [
            {
                "title": "Overall",
                "milestones": [
                    {
                        "type": "STARTED",
                        "achievements": [
                            {"groupId": "FG000", "numSubjects": "41"},
                            {"groupId": "FG001", "numSubjects": "42"},
                        ],
                    }
                ],
            }
        ],
    },
    "outcomeMeasuresModule": {
        "outcomeMeasures": [
            {
                "type": "PRIMARY",
                "title": "Tumour size",
                "unitOfMeasure": "mm",
                "groups": [{"id": "OG000", "title": "Drug"}],
                "classes": [
                    {"categories": [{"measurements": [{"groupId": "OG000", "value": "12.50", "spread": "NA"}]}]},
                    {
                        "categories": [
                            {
                                "measurements": [
                                    {
                                        "groupId": "OG000",
                                        "value": "7",
                                        "spread": "1",
                                        "lowerLimit": "5",
                                        "upperLimit": "9",
                                    }
                                ]
                            }
                        ]
                    },
                ],
                "analyses": [
                    {"groupIds": ["OG000"], "statisticalMethod": "ANOVA", "pValue": "<0.001"},
                    {"groupIds": ["OG000"], "statisticalMethod": "Cox", "ciPctValue": "95", "ciLowerLimit": "0.8"},
                    {"groupIds": ["OG000"], "statisticalMethod": "Sum", "ciLowerLimit": "2", "ciUpperLimit": "<b>"},
                ],
            }
        ]
    },
    "adverseEventsModule": {
        "eventGroups": [{"id": "EG000", "title": "Drug", "seriousNumAffected": 3, "seriousNumAtRisk": 41}],
        "seriousEvents": [
            {"term": "<script>alert(1)</script>", "stats": [{"groupId": "EG000", "numAffected": 2, "numAtRisk": 41}]},
            {"term": "Cough", "stats": [{"groupId": "EG000", "numAtRisk": 0}]},
        ],
    },
    "moreInfoModule": {"limitationsAndCaveats": {"description": "Few participants"}},
}


@pytest.fixture(scope="module")
def html() -> str:
    data = json.loads(record())
    data["resultsSection"] = RESULTS
    data["documentSection"] = {
        "largeDocumentModule": {"largeDocs": [{"label": "Protocol", "filename": "Prot_000.pdf"}]}
    }
    text = json.dumps(data).encode()
    study, linker = decode(RawRecord(text, Form.API_V2, "here")), load_linker()
    mapped = map_study(study, linker.study(study), linker, text, Form.API_V2)
    quads = ox.parse(render_bytes(mapped.statements), format=ox.RdfFormat.N_TRIPLES)
    node = study_node(study.nct_id, StudyData(1, tuple(quad.triple for quad in quads), {}))
    return environment().get_template("study.html").render(study=node, nct_id=study.nct_id, formats=())


def squeezed(html: str) -> str:
    return " ".join(html.split())


@pytest.mark.parametrize(
    "shown",
    [
        "<td>STARTED</td> <td>41</td> <td>42</td>",
        "Tumour size",
        "<td>12.50</td><td>NA</td>",
        "<td>7</td><td>1; 5 to 9</td>",
        "ANOVA, p &lt;0.001",
        "Cox (95 %: from 0.8)",
        "Sum (2 to &lt;b&gt;)",
        "<td>Drug: – of 0</td>",
        "<td>3 of 41</td>",
        "Drug: 2 of 41",
        "Few participants",
        'href="https://clinicaltrials.gov/ProvidedDocs/01/NCT99999901/Prot_000.pdf"',
    ],
)
def test_results_are_shown(html: str, shown: str) -> None:
    assert shown in squeezed(html)


def test_nothing_of_them_is_markup(html: str) -> None:
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_page_is_written_beside_other_answers(tmp_path: Path) -> None:
    """A page with many results takes seconds, in which the server must answer others."""
    main, writers = threading.get_ident(), []

    def note(template: str, **_: object) -> Response:
        writers.append((template, threading.get_ident()))
        return Response()

    data = StudyData(1, (), {})

    async def newest() -> Generation:
        return Generation(1, tmp_path / "store", {})

    services = SimpleNamespace(lookup=SimpleNamespace(study=lambda _: data), pool=SimpleNamespace(newest=newest))
    app = FastAPI()
    add_pages(app, cast("Services", services))
    (endpoint,) = (one.endpoint for one in app.routes if isinstance(one, APIRoute) and one.path == "/trial/{name}")
    scope = {"type": "http", "method": "GET", "query_string": b"", "headers": [(b"accept", b"text/html")]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.server.pages.page", note)
        asyncio.run(endpoint(Request(scope), "NCT99999901"))
    ((template, writer),) = writers
    assert template == "study.html"
    assert writer != main
