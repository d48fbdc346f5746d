"""Where ``SERVICE`` stands in the text of a query, and what stands around it.

The parser tells no positions, so the text is cut into tokens here. That decides nothing about what is allowed: the
parser does, before this and again on the text that is made of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Group", "Scan", "variables_of"]

# The last word in braces before a group, and what it makes of it.
_LEADS: Final = frozenset({"OPTIONAL", "MINUS", "UNION", "EXISTS", "VALUES", "WHERE"})
_FORMS: Final = frozenset({"SELECT", "CONSTRUCT", "ASK", "DESCRIBE"})
_TOKEN: Final = re.compile(
    r"""(?P<text>'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\""""
    r"""|'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*")|(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)|(?P<comment>\#[^\n\r]*)"""
    r"""|(?P<variable>[?$]\w+)|(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)|(?P<number>[0-9]+(?:\.[0-9]+)?(?![\w:-]))"""
    # A dot belongs to a name with a colon, unless it ends it, and to no keyword.
    r"""|(?P<word>(?:[\w-]+(?:\.[\w-]+)*)?:(?:[\w:%-]|\\.|\.(?=[\w:.%\\-]))*|[\w-]+)"""
    r"""|(?P<open>[\[({])|(?P<close>[\])}])""",
    re.DOTALL,
)
_VARIABLE: Final = re.compile(r"[?$](\w+)")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A keyword in capitals; ``""`` for what is none."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(slots=True)
class Group:
    """What stands between brackets, and before them: ``lead`` is the keyword that the group belongs to.

    ``start`` is that of the bracket, ``element`` that of what the group is a part of, such as ``OPTIONAL {…}`` or all
    of ``{…} UNION {…}``, and ``end`` that of both.
    """

    bracket: str
    start: int
    parent: Group | None
    lead: str = ""
    element: int = 0
    end: int = 0
    items: list[_Token | Group] = field(default_factory=list)

    def words(self) -> set[str]:
        """The keywords directly in it."""
        return {item.word for item in self.items if isinstance(item, _Token)} - {""}

    def above(self) -> Iterator[Group]:
        """The groups that it is in, innermost first."""
        group = self.parent
        while group:
            yield group
            group = group.parent


def variables_of(text: str) -> list[str]:
    """The names of variables in a text, in order, each once; not those in strings, IRIs and comments.

    >>> variables_of("?a $b '?c' <x?d> # ?e")
    ['a', 'b']
    """
    found = (match["variable"][1:] for match in _TOKEN.finditer(text) if match["variable"])
    return list(dict.fromkeys(found))


class Scan:
    """The groups of a query.

    Args:
        text: the query; it parses.

    >>> [scanned] = [Scan("SELECT * { ?s ?p ?o OPTIONAL { SERVICE SILENT <http://x/> { ?o ?q ?r } } }")]
    >>> service, = scanned.services
    >>> scanned.term(service), scanned.silent(service), scanned.around(service)
    ('<http://x/>', True, ' ?s ?p ?o  {  }')
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.keywords: Counter[str] = Counter()
        """How often each keyword stands there."""
        self.every_service: list[Group] = []
        """The groups of each SERVICE, also within others, in order."""
        self._top = Group("", 0, None, end=len(text))
        self._read()

    @property
    def services(self) -> list[Group]:
        """The groups of each SERVICE that is not within another, in order."""
        return [one for one in self.every_service if not any(outer.lead == "SERVICE" for outer in one.above())]

    @property
    def masked(self) -> str:
        """The query with GRAPH in the place of each SERVICE, which has the same grammar.

        rdflib's parser never ends where one SERVICE is within another, and takes quadratic time where there are many.
        """
        pieces, copied = [], 0
        for service in self.every_service:
            term = self._before(service)[-1]
            pieces += [self.text[copied : service.element], "GRAPH "]
            copied = term.start
        return "".join([*pieces, self.text[copied:]])

    @property
    def prologue(self) -> str:
        """What comes before the form of the query: BASE and PREFIX."""
        form = self._form()
        return self.text[: form.start] if form else ""

    @property
    def dataset(self) -> str:
        """The clauses FROM and FROM NAMED."""
        items, found = self._top.items, []
        for position, item in enumerate(items):
            if isinstance(item, _Token) and item.word == "FROM":
                last = position + 1
                named = last < len(items) and (following := items[last]) and getattr(following, "word", "") == "NAMED"
                last += bool(named)
                if last < len(items):
                    found.append(self.text[item.start : items[last].end])
        return " ".join(found)

    def term(self, service: Group) -> str:
        """The IRI, name or variable of a SERVICE, as it is written."""
        return self._before(service)[-1].text

    def silent(self, service: Group) -> bool:
        """Whether it is SERVICE SILENT."""
        return self._before(service)[-2].word == "SILENT"

    def inside(self, group: Group) -> str:
        """What stands between the brackets of a group."""
        return self.text[group.start + 1 : group.end - 1]

    def certain(self, group: Group, until: int | None = None) -> set[str]:
        """The variables that every solution of a group binds, as far as it shows: those of its own triples.

        Args:
            group: the group.
            until: only what stands before this position.
        """
        until = group.end if until is None else until
        if group.words() & _FORMS:
            return set()
        found: set[str] = set()
        skipped = self._not_triples(group)
        for position, item in enumerate(group.items):
            if item.start >= until or position in skipped:
                continue
            if isinstance(item, Group):
                found |= self.certain(item) if item.bracket == "[" else set()
            elif item.kind == "variable":
                found.add(item.text[1:])
        return found

    def plain(self, group: Group) -> bool:
        """Whether a group is nothing but triples and filters on the variables of these triples."""
        if group.words() & (_LEADS | _FORMS | {"BIND", "GRAPH", "SERVICE", "NOT"}):
            return False
        if any(isinstance(item, Group) and item.bracket == "{" for item in group.items):
            return False
        certain = self.certain(group)
        return all(
            set(variables_of(self.text[start:end])) <= certain and "{" not in self.text[start:end]
            for start, end in self._filters(group)
        )

    def around(self, service: Group) -> str:
        """The pattern whose solutions are all that the solutions of a SERVICE will be joined with.

        It is what comes before, in its group and in those around it, as far as the joins go. It may have more
        solutions than that: filters are left out where a later part of the group could bind what they look at.
        """
        return self._until(service.parent, service.element) if service.parent else ""

    def _until(self, group: Group, position: int) -> str:
        own = self._kept(group, position)
        outer = group.parent
        if outer is None or outer.bracket != "{":
            return own
        if group.lead in ("OPTIONAL", "MINUS", "UNION", ""):
            return f"{self._until(outer, group.element)} {{ {own} }}"
        if group.lead == "GRAPH":
            return f"{self._until(outer, group.element)} GRAPH {self.term(group)} {{ {own} }}"
        return own

    def _kept(self, group: Group, until: int) -> str:
        certain = self.certain(group, until)
        pieces, copied = [], group.start + 1
        for start, end in self._filters(group):
            if start < until and not set(variables_of(self.text[start:end])) <= certain:
                pieces.append(self.text[copied:start])
                copied = end
        return "".join([*pieces, self.text[copied:until]])

    def _filters(self, group: Group) -> Iterator[tuple[int, int]]:
        for position, item in enumerate(group.items):
            if isinstance(item, _Token) and item.word == "FILTER":
                end = next((one.end for one in group.items[position:] if isinstance(one, Group)), group.end - 1)
                yield item.start, end

    def _not_triples(self, group: Group) -> set[int]:
        """The positions of items that belong to FILTER, BIND, VALUES, GRAPH and SERVICE."""
        skipped: set[int] = set()
        for position, item in enumerate(group.items):
            word = item.word if isinstance(item, _Token) else ""
            if word in ("FILTER", "BIND", "VALUES", "GRAPH", "SERVICE"):
                last = "{" if word in ("VALUES", "GRAPH", "SERVICE") else ""
                for later in range(position, len(group.items)):
                    skipped.add(later)
                    one = group.items[later]
                    if isinstance(one, Group) and (not last or one.bracket == last):
                        break
        return skipped

    def _form(self) -> _Token | None:
        return next((one for one in self._top.items if isinstance(one, _Token) and one.word in _FORMS), None)

    def _before(self, group: Group) -> list[_Token]:
        """The last few tokens before a group; at least two, which may be empty."""
        assert group.parent is not None  # noqa: S101  (every group but the whole is in one)
        position = next(number for number, item in enumerate(group.parent.items) if item is group)
        found: list[_Token] = []
        for item in reversed(group.parent.items[:position]):
            if isinstance(item, Group) or len(found) > 3:
                break
            found.insert(0, item)
        nothing = _Token("", "", group.start, group.start)
        return [nothing] * (3 - len(found)) + found

    def _read(self) -> None:
        current = self._top
        for match in _TOKEN.finditer(self.text):
            kind = match.lastgroup or ""
            if kind == "comment":
                continue
            if kind == "open":
                group = Group(match[0], match.start(), current, element=match.start())
                current.items.append(group)
                self._introduce(group)
                current = group
            elif kind == "close":
                current.end = match.end()
                current = current.parent or current
            else:
                token = _Token(kind, match[0], match.start(), match.end())
                current.items.append(token)
                self.keywords[token.word] += 1

    def _introduce(self, group: Group) -> None:
        if group.bracket != "{":
            return
        *_, third, second, last = self._before(group)
        if last.word in _LEADS:
            group.lead, group.element = last.word, last.start
        elif second.word in ("GRAPH", "VALUES"):
            group.lead, group.element = second.word, second.start
        elif second.word == "SERVICE" or (second.word == "SILENT" and third.word == "SERVICE"):
            group.lead = "SERVICE"
            group.element = second.start if second.word == "SERVICE" else third.start
            self.every_service.append(group)
        elif group.parent and group.parent.words() & _FORMS:
            group.lead = "WHERE"
        if group.lead == "UNION" and group.parent:
            earlier = [item for item in group.parent.items[:-1] if isinstance(item, Group)]
            group.element = earlier[-1].element if earlier else group.element
