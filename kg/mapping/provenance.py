"""Where a study's statements come from."""

from __future__ import annotations

import hashlib

from kg.config import MAPPING_VERSION
from kg.mapping.draft import Draft, prop
from kg.study import Study
from kg.terms import RDF_TYPE, string

__all__ = ["add_record"]

_RECORD = prop("tkg:record")
_ENTITY = prop("prov:Entity")
_SOURCE = prop("dcterms:source")
_SOURCE_FORM = prop("tkg:sourceForm")
_SHA256 = prop("tkg:sha256")
_DATA_DATE = prop("tkg:dataDate")
_MAPPING_VERSION = prop("tkg:mappingVersion")


def add_record(draft: Draft, study: Study, data: bytes, form: str) -> None:
    """Statements on the record: page, form, hash of its bytes, data date. Nothing of the run is among them."""
    node = f"<{draft.iri}/record>"
    draft.statements += (
        (draft.study, _RECORD, node),
        (node, RDF_TYPE, _ENTITY),
        (node, _SOURCE, f"<https://clinicaltrials.gov/study/{study.nct_id}>"),
        (node, _SOURCE_FORM, string(form)),
        (node, _SHA256, string(hashlib.sha256(data).hexdigest())),
        (node, _MAPPING_VERSION, string(MAPPING_VERSION)),
    )
    draft.date(
        node,
        _DATA_DATE,
        study.derived_section.misc_info_module.version_holder,
        "derivedSection.miscInfoModule.versionHolder",
    )
