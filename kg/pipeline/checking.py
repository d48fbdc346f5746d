"""How a build validates: each study with the compiled rules while it is converted, a sample with pySHACL too."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

from kg.config import LIMITS
from kg.errors import ValidationDisagreement
from kg.namespaces import PREFIXES, study_iri
from kg.terms import Statement
from kg.validation import Engine, Report, Validator

__all__ = ["USUAL", "Checked", "Checking", "check"]

_BREAKS: Final = f"<{PREFIXES['tkg']}breaksRule>"
_SHOWN: Final = 5


class Checking(NamedTuple):
    """How studies are validated.

    Attributes:
        engine: what validates.
        audit_every: one study in so many is validated by pySHACL as well; 0 for none.
        seed: which ones.
        audited: a study that is validated by pySHACL in any case.
        admits: whether studies with violations come into the graph.
    """

    engine: Engine = Engine.COMPILED
    audit_every: int = LIMITS.audit_every
    seed: int = 0
    audited: str = ""
    admits: bool = False

    def is_audited(self, nct_id: str) -> bool:
        """Whether pySHACL looks at a study as well; the same study in every build with the same seed.

        >>> sum(Checking(audit_every=10).is_audited(f"NCT{number:08}") for number in range(1000))
        106
        """
        if self.engine is not Engine.COMPILED or not self.audit_every:
            return False
        return nct_id == self.audited or self._draw(nct_id) % self.audit_every == 0

    def for_studies(self, nct_ids: set[str]) -> Checking:
        """The same, with one of these studies audited where the draw leaves all of them out."""
        if not nct_ids or any(map(self.is_audited, nct_ids)):
            return self
        return self._replace(audited=min(nct_ids, key=lambda nct_id: (self._draw(nct_id), nct_id)))

    def _draw(self, nct_id: str) -> int:
        return crc32(f"{self.seed} {nct_id}".encode())


USUAL: Final = Checking()
"""The compiled rules, and pySHACL for one study in a thousand."""


class Checked(NamedTuple):
    """What became of one study: the report, whether it may come into the graph, and what is said of it there."""

    report: Report
    is_admitted: bool
    marks: list[Statement]
    is_audited: bool


def check(nct_id: str, statements: list[Statement], checking: Checking) -> Checked:
    """Validate a study.

    Raises:
        ValidationDisagreement: pySHACL finds something else than the compiled rules.
    """
    validator = _validator(checking.engine)
    report = validator.statements(statements)
    is_audited = checking.is_audited(nct_id)
    if is_audited and (lines := validator.audit(statements, report)):
        more = f", and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        raise ValidationDisagreement(
            f"the compiled rules and pySHACL differ: {'; '.join(lines[:_SHOWN])}{more}",
            place=nct_id,
            remedy="report it, and build with --engine pyshacl",
        )
    study = f"<{study_iri(nct_id)}>"
    marks = [(study, _BREAKS, f"<{rule}>") for rule in sorted({total.source_shape for total in report.rules})]
    return Checked(report, report.conforms or checking.admits, marks, is_audited)


@lru_cache(maxsize=2)
def _validator(engine: Engine) -> Validator:
    return Validator(engine=engine)
