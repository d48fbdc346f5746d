"""What the tests of the mapping share: a study from its JSON parts, and its statements by prefixed names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kg.linking.linker import load_linker
from kg.mapping.study import Mapped, map_study
from kg.namespaces import PREFIXES, expand
from kg.sources import Form, RawRecord, decode

NCT_ID = "NCT99999999"


class Statements:
    """The statements of one mapped study, to be asked for by prefixed names and by parts (``arm/1``)."""

    def __init__(self, mapped: Mapped) -> None:
        self.all = mapped.statements
        self.notes = mapped.notes

    def of(self, part: str, curie: str) -> list[str]:
        """The values of a property of a part of the study, in order; IRIs without brackets, strings unquoted."""
        study = f"{PREFIXES['trial']}{NCT_ID}"
        subject = f"<{study}/{part}>" if part else f"<{study}>"
        return [plain(o, study) for s, p, o in self.all if s == subject and p == f"<{expand(curie)}>"]


def plain(term: str, study: str) -> str:
    """A term for people: parts of the study by their path, codes by their slug, strings by their value."""
    if term.startswith("<"):
        iri = term[1:-1]
        return iri.removeprefix(study + "/") if iri.startswith(study) else iri.rsplit("/", 1)[-1]
    text, _, kind = term.rpartition('"^^<http://www.w3.org/2001/XMLSchema#')
    return f"{text[1:]} {kind[:-1]}" if kind and text else json.loads(term)


@pytest.fixture(scope="session")
def statements() -> Callable[..., Statements]:
    """A function from the modules of a record (by their names) to its statements."""

    def build(*, derived: dict[str, Any] | None = None, has_results: bool | None = None, **modules: Any) -> Statements:
        identification = {"nctId": NCT_ID, "briefTitle": "Title", **modules.pop("identificationModule", {})}
        record = {"protocolSection": {"identificationModule": identification, **modules}}
        if derived is not None:
            record["derivedSection"] = derived
        if has_results is not None:
            record["hasResults"] = has_results  # type: ignore[assignment]
        data = json.dumps(record).encode()
        study, linker = decode(RawRecord(data, Form.API_V2, "here")), load_linker()
        return Statements(map_study(study, linker.study(study), linker, data, Form.API_V2))

    return build
