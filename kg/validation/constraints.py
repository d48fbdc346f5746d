"""The constraints of one shape as checks; one function for each kind of parameter.

Source: https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from kg.namespaces import PREFIXES
from kg.terms import RDF_TYPE
from kg.validation import values as on_values
from kg.validation.data import Data, NotCompiledError
from kg.validation.naming import default_message, message_of
from kg.validation.queries import compile_query
from kg.validation.values import Accepts, text_of

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["Check", "Conforms", "Failing", "Shapes", "constraints"]

_SH: Final = PREFIXES["sh"]
_MANY: Final = 1 << 60

_OF_TEXTS: Final = frozenset({f"{PREFIXES['xsd']}string", f"{PREFIXES['rdf']}langString"})

Conforms = Callable[[Data, str], bool]
"""Whether a value conforms to another shape."""


class Shapes(Protocol):
    """Other shapes, which a constraint asks."""

    def conformance(self, node: Node) -> Conforms:
        """Whether a value conforms to a shape.

        Raises:
            NotCompiledError: it or a shape in it is left to pySHACL.
        """

    def of_value(self, node: Node) -> Accepts | None:
        """The same where nothing but the value decides."""


Failing = Callable[[Data, str, Collection[str]], Iterable[tuple[str | None, str]]]
"""From data, focus node and its values: what does not fit, None where a value is missing, and a path of its own."""


class Check(NamedTuple):
    """One constraint.

    Attributes:
        component: local name of the constraint component, without the ending that all have.
        message: what a result of it says.
        failing: what does not fit.
        accepts: the same for one value, where nothing but the value decides.
        of_class: the class that values must have, where that is all.
        least: fewest values, where that is all.
        most: most values, where that is all.
        finds_none: whether it finds nothing at many nodes, where it can be asked of all at once.
        repeats: whether the values that fit come again in many studies, so that remembering them pays.
    """

    component: str
    message: str
    failing: Failing
    accepts: Callable[[str], bool] | None = None
    of_class: str = ""
    least: int = 0
    most: int = _MANY
    finds_none: Callable[[Data, Collection[str]], bool] | None = None
    repeats: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it must be asked as a whole: neither values one by one nor their number decide."""
        return self.accepts is None and not self.of_class and not self.least and self.most == _MANY


_Make = Callable[["_Context", "Node"], Iterator[Check]]
_Logic = Callable[[Iterable[bool]], bool]


class _Context(NamedTuple):
    graph: Graph
    node: Node
    shapes: Shapes
    backwards: set[str]
    message: str

    def check(self, component: str, failing: Failing, **more: Any) -> Check:
        return Check(component, self.message or default_message(component), failing, **more)

    def objects(self, name: str) -> list[Node]:
        from rdflib import URIRef

        return list(self.graph.objects(self.node, URIRef(_SH + name)))

    def items(self, node: Node) -> list[Node]:
        found = list(self.graph.items(node))
        if not found:
            raise NotCompiledError("a list is empty or none")
        return found


def constraints(graph: Graph, node: Node, shapes: Shapes, backwards: set[str], message: str) -> list[Check]:
    """The checks of a shape.

    Args:
        graph: the shapes graph.
        node: the shape.
        shapes: the other shapes.
        backwards: where predicates that are followed backwards are added.
        message: the shape's own message.

    Raises:
        NotCompiledError: a constraint of it is left to pySHACL.
    """
    from rdflib import URIRef

    context = _Context(graph, node, shapes, backwards, message)
    # Whatever has parameters is a component, also one whose class is only a subclass of sh:ConstraintComponent.
    parameters = {
        path
        for parameter in graph.objects(None, URIRef(f"{_SH}parameter"))
        for path in graph.objects(parameter, URIRef(f"{_SH}path"))
    }
    found: list[Check] = []
    for predicate, value in sorted(graph.predicate_objects(node)):
        if predicate in parameters:
            raise NotCompiledError(f"{predicate} belongs to a constraint component of its own")
        name = str(predicate).removeprefix(_SH)
        if name in _SINGLE and len(context.objects(name)) > 1:
            raise NotCompiledError(f"it has several values of sh:{name}")
        if name in _MAKERS and str(predicate) == _SH + name:
            found += _MAKERS[name](context, value)
    return found


def _each(
    component: str, accepts: Callable[[str], bool], context: _Context, *, repeats: bool = False
) -> Iterator[Check]:
    def failing(_data: Data, _focus: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
        return ((value, "") for value in values if not accepts(value))

    yield context.check(component, failing, accepts=accepts, repeats=repeats)


def _each_in_data(component: str, accepts: Conforms, context: _Context) -> Iterator[Check]:
    def failing(data: Data, _focus: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
        return ((value, "") for value in values if not accepts(data, value))

    yield context.check(component, failing)


def _number(value: Node) -> int:
    number = getattr(value, "value", None)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise NotCompiledError(f"{value} is no whole number")
    return number


def _missing(is_missing: Callable[[int], bool]) -> Failing:
    return lambda _data, _focus, values: [(None, "")] if is_missing(len(values)) else []


def _min_count(context: _Context, value: Node) -> Iterator[Check]:
    least = _number(value)
    if least:
        yield context.check("MinCount", _missing(lambda number: number < least), least=least)


def _max_count(context: _Context, value: Node) -> Iterator[Check]:
    most = _number(value)
    yield context.check("MaxCount", _missing(lambda number: number > most), most=most)


def _class(context: _Context, value: Node) -> Iterator[Check]:
    kind = text_of(value)

    def failing(data: Data, _focus: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
        return ((one, "") for one in values if kind not in data.classes(one))

    yield context.check("Class", failing, of_class=kind)


def _datatype(context: _Context, value: Node) -> Iterator[Check]:
    return _each("Datatype", on_values.of_datatype(str(value)), context, repeats=str(value) not in _OF_TEXTS)


def _node_kind(context: _Context, value: Node) -> Iterator[Check]:
    return _each("NodeKind", on_values.node_kind(str(value).removeprefix(_SH)), context)


def _pattern(context: _Context, value: Node) -> Iterator[Check]:
    flags = " ".join(sorted(map(str, context.objects("flags"))))
    # A pattern that names a study or a part of one is for IRIs that no other study has.
    return _each("Pattern", on_values.with_pattern(str(value), flags), context, repeats="NCT" not in str(value))


def _min_length(context: _Context, value: Node) -> Iterator[Check]:
    return _each("MinLength", on_values.of_length(_number(value), None), context)


def _max_length(context: _Context, value: Node) -> Iterator[Check]:
    return _each("MaxLength", on_values.of_length(0, _number(value)), context)


def _range(component: str, conforms: Callable[[int], bool], context: _Context, value: Node) -> Iterator[Check]:
    from rdflib import Literal

    if not isinstance(value, Literal):
        raise NotCompiledError(f"{value} is no literal to compare with")
    return _each(component, on_values.compares(value, conforms), context)


def _in(context: _Context, value: Node) -> Iterator[Check]:
    terms = [text_of(item) for item in context.graph.items(value)]
    return _each("In", on_values.is_one_of(terms), context, repeats=True)


def _language_in(context: _Context, value: Node) -> Iterator[Check]:
    tags = [str(item) for item in context.graph.items(value)]
    return _each("LanguageIn", on_values.in_languages(tags), context)


def _unique_lang(context: _Context, value: Node) -> Iterator[Check]:
    if getattr(value, "value", None) is not True:
        return

    def failing(_data: Data, _focus: str, values: Collection[str]) -> Iterator[tuple[None, str]]:
        tags = [tag.lower() for one in values if one[0] == '"' and (tag := one[one.rindex('"') + 1 :])[:1] == "@"]
        return ((None, "") for _ in range(len(tags) - len(set(tags))))

    yield context.check("UniqueLang", failing)


def _has_value(context: _Context, value: Node) -> Iterator[Check]:
    wanted = text_of(value)
    yield context.check("HasValue", lambda _d, _f, values: [] if wanted in values else [(None, "")])


def _equals(context: _Context, value: Node) -> Iterator[Check]:
    predicate = text_of(value)

    def failing(data: Data, focus: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
        others = data.objects(focus, predicate)
        yield from ((one, "") for one in values if one not in others)
        yield from ((one, "") for one in others if one not in values)

    yield context.check("Equals", failing)


def _disjoint(context: _Context, value: Node) -> Iterator[Check]:
    predicate = text_of(value)

    def failing(data: Data, focus: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
        others = data.objects(focus, predicate)
        return ((one, "") for one in values if one in others)

    yield context.check("Disjoint", failing)


def _less_than(component: str, context: _Context, value: Node, *, or_equals: bool) -> Iterator[Check]:
    predicate = text_of(value)

    def failing(data: Data, focus: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
        for one in values:
            for other in data.objects(focus, predicate):
                if not on_values.comes_before(one, other, or_equals=or_equals):
                    yield one, ""

    yield context.check(component, failing)


def _node(context: _Context, value: Node) -> Iterator[Check]:
    return _logical_of("Node", all, context, [value])


def _not(context: _Context, value: Node) -> Iterator[Check]:
    return _logical_of("Not", _none, context, [value])


def _logical(component: str, holds: _Logic, context: _Context, value: Node) -> Iterator[Check]:
    return _logical_of(component, holds, context, context.items(value))


def _logical_of(component: str, holds: _Logic, context: _Context, nodes: list[Node]) -> Iterator[Check]:
    shapes = [context.shapes.conformance(node) for node in nodes]
    tests = [context.shapes.of_value(node) for node in nodes]
    accepted = [test for test in tests if test]
    if len(accepted) == len(nodes):
        return _each(component, lambda one: holds(accepts(one) for accepts in accepted), context, repeats=True)
    return _each_in_data(component, lambda data, one: holds(shape(data, one) for shape in shapes), context)


def _none(results: Iterable[bool]) -> bool:
    return not any(results)


def _qualified(context: _Context, value: Node) -> Iterator[Check]:
    if any(getattr(one, "value", None) is True for one in context.objects("qualifiedValueShapesDisjoint")):
        raise NotCompiledError("sh:qualifiedValueShapesDisjoint is not compiled")
    inner = context.shapes.conformance(value)

    def counted(is_wrong: Callable[[int], bool]) -> Failing:
        return lambda data, _focus, values: [(None, "")] if is_wrong(sum(inner(data, one) for one in values)) else []

    for limit in context.objects("qualifiedMinCount"):
        least = _number(limit)
        yield context.check("QualifiedMinCount", counted(partial(int.__gt__, least)))
    for limit in context.objects("qualifiedMaxCount"):
        most = _number(limit)
        yield context.check("QualifiedMaxCount", counted(partial(int.__lt__, most)))


def _closed(context: _Context, value: Node) -> Iterator[Check]:
    from rdflib import URIRef

    if getattr(value, "value", None) is not True:
        return
    paths = [
        path
        for inner in context.objects("property")
        for path in context.graph.objects(inner, URIRef(f"{_SH}path"))
        if isinstance(path, URIRef)
    ]
    ignored = [item for items in context.objects("ignoredProperties") for item in context.graph.items(items)]
    allowed = {text_of(one) for one in (*paths, *ignored)}
    resource = f"<{PREFIXES['rdfs']}Resource>"

    def failing(data: Data, _focus: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
        for one in values:
            for predicate, found in data.nodes.get(one, {}).items():
                if predicate not in allowed:
                    for other in found:
                        if predicate != RDF_TYPE or other != resource:
                            yield other, predicate[1:-1]

    yield context.check("Closed", failing)


def _sparql(context: _Context, value: Node) -> Iterator[Check]:
    from rdflib import URIRef

    graph = context.graph

    def of(name: str) -> list[Node]:
        return list(graph.objects(value, URIRef(_SH + name)))

    if any(getattr(one, "value", None) is not False for one in of("deactivated")):
        raise NotCompiledError("a SPARQL constraint is deactivated")
    texts = of("select")
    messages = {*of("message"), *context.objects("message")}
    if len(texts) != 1 or any("{" in str(message) for message in messages):
        raise NotCompiledError("a SPARQL constraint has no one query, or a message that is put together")
    declarations = [one for holder in of("prefixes") for one in graph.objects(holder, URIRef(f"{_SH}declare"))]
    prefixes = {
        str(graph.value(one, URIRef(f"{_SH}prefix"))): str(graph.value(one, URIRef(f"{_SH}namespace")))
        for one in declarations
    }
    if "$PATH" in str(texts[0]):
        raise NotCompiledError("a query has $PATH")
    query = compile_query(str(texts[0]), prefixes, context.backwards)
    # A rule on the node itself gives the node where the query gives no value.
    on_node = (context.node, URIRef(f"{_SH}path"), None) not in graph

    def failing(data: Data, focus: str, _values: Collection[str]) -> Iterator[tuple[str | None, str]]:
        return ((focus if one is None and on_node else one, "") for one in query.values(data, focus))

    yield Check("SPARQL", message_of(messages) or default_message("SPARQL"), failing, finds_none=query.finds_none)


_MAKERS: Final[dict[str, _Make]] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "class": _class,
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "pattern": _pattern,
    "minLength": _min_length,
    "maxLength": _max_length,
    "minInclusive": partial(_range, "MinInclusive", lambda order: order >= 0),
    "minExclusive": partial(_range, "MinExclusive", lambda order: order > 0),
    "maxInclusive": partial(_range, "MaxInclusive", lambda order: order <= 0),
    "maxExclusive": partial(_range, "MaxExclusive", lambda order: order < 0),
    "in": _in,
    "languageIn": _language_in,
    "uniqueLang": _unique_lang,
    "hasValue": _has_value,
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": partial(_less_than, "LessThan", or_equals=False),
    "lessThanOrEquals": partial(_less_than, "LessThanOrEquals", or_equals=True),
    "node": _node,
    "not": _not,
    "and": partial(_logical, "And", all),
    "or": partial(_logical, "Or", any),
    "xone": partial(_logical, "Xone", lambda results: sum(results) == 1),
    "qualifiedValueShape": _qualified,
    "closed": _closed,
    "sparql": _sparql,
}
_SINGLE: Final = frozenset(
    "minCount maxCount datatype nodeKind minLength maxLength in languageIn uniqueLang closed flags".split()
)
