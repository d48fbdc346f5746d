"""Validation of graphs against SHACL shapes.

>>> import rdflib
>>> report = validate(rdflib.Graph().parse(data='''
...     @prefix tkg: <https://w3id.org/trialkg/vocab#> .
...     <https://w3id.org/trialkg/trial/NCT99999901/arm/1> a tkg:Arm ; tkg:armType "EXPERIMENTAL" .
... '''))
>>> report.conforms, sorted({result.rule_name for result in report.results})
(False, ['ArmLabelExpected', 'ArmOfStudy', 'ArmType'])

The shapes are in ``shapes/``; ``docs/shapes.md`` lists every rule. What the registry leaves out is never a
Violation: a Violation means that the graph is wrong, a Warning that the record looks odd, Info that it could
be better. Shapes of others run in a process with limits, see :class:`LimitedValidator`.
"""

from __future__ import annotations

from kg.validation.limited import LimitedValidator
from kg.validation.report import Report, Result, RuleTotal, Term, merge
from kg.validation.shapes import ShapesDocument, load_shapes, read_shapes_files
from kg.validation.validator import Engine, Validator, validate

__all__ = [
    "Engine",
    "LimitedValidator",
    "Report",
    "Result",
    "RuleTotal",
    "ShapesDocument",
    "Term",
    "Validator",
    "load_shapes",
    "merge",
    "read_shapes_files",
    "validate",
]
