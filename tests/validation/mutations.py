"""Changes to the statements of a study that make of it one that something is wrong with, or nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from kg.terms import RDF_TYPE, Statement

__all__ = ["MUTATIONS", "mutate"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_TKG = "https://w3id.org/trialkg/vocab#"
_CODE = "https://w3id.org/trialkg/code/"
_TRIAL = "https://w3id.org/trialkg/trial/"
_DATATYPES = ("string", "integer", "decimal", "double", "boolean", "date", "gYearMonth", "duration", "dateTime")
_LEXICAL = (
    "", " ", "0", "-1", "01", "1.50", "1e3", "true", "1", "2020-02-30", "2019-05-01", "2099-12", "2021-01-01Z", "P18Y",
    "18 Years", "-180.5", "1.01", "US", "USA", "NCT00000000", "\\\\1", "\\n", "\\u00E9", "99999999999999999999",
)  # fmt: skip
_IRIS = (
    "https://w3id.org/trialkg/code/phase/phase-2",
    "https://w3id.org/trialkg/code/status/terminated",
    "https://w3id.org/trialkg/code/study-type/observational",
    "https://w3id.org/trialkg/code/date-type/actual",
    "https://w3id.org/trialkg/agent/PD1Inhibitor",
    "https://w3id.org/trialkg/agent/nivolumab",
    "http://id.nlm.nih.gov/mesh/D008545",
    "http://id.nlm.nih.gov/mesh/2022/D008545",
    "https://example.org/",
    "urn:x",
)
_NCT = re.compile(r"NCT[0-9]{8}")
_DIGITS = re.compile("[0-9]+")
_DATE = re.compile(r'"(\d{4})(-\d\d(?:-\d\d)?"\^\^)')

_Study = list[Statement]
_Change = Callable[[_Study, random.Random], _Study]


def _pick(study: _Study, rng: random.Random) -> int:
    """The place of a statement, each property of each kind of node as likely as another."""
    by_kind: dict[tuple[str, str], list[int]] = {}
    for place, (subject, predicate, _) in enumerate(study):
        by_kind.setdefault((_DIGITS.sub("", subject), predicate), []).append(place)
    return rng.choice(by_kind[rng.choice(sorted(by_kind))])


def _put(study: _Study, place: int, *, value: str | None = None, **parts: str) -> _Study:
    subject, predicate, old = study[place]
    study[place] = (parts.get("subject", subject), parts.get("predicate", predicate), old if value is None else value)
    return study


def _lexical(term: str) -> str:
    return term[1 : term.rindex('"')] if term[0] == '"' else term[1:-1].replace('"', "")


def drop(study: _Study, rng: random.Random) -> _Study:
    """One statement is missing."""
    del study[_pick(study, rng)]
    return study


def drop_property(study: _Study, rng: random.Random) -> _Study:
    """A node has no value of a property that it had."""
    subject, predicate, _ = study[_pick(study, rng)]
    return [one for one in study if one[:2] != (subject, predicate)]


def drop_node(study: _Study, rng: random.Random) -> _Study:
    """A node is pointed to and says nothing."""
    subject = study[_pick(study, rng)][0]
    return [one for one in study if one[0] != subject]


def cut_off(study: _Study, rng: random.Random) -> _Study:
    """A node says something and nothing points to it."""
    subject = study[_pick(study, rng)][0]
    return [one for one in study if one[2] != subject]


def other_class(study: _Study, rng: random.Random) -> _Study:
    """A node has the class of another."""
    types = [place for place, one in enumerate(study) if one[1] == RDF_TYPE]
    return _put(study, rng.choice(types), value=study[rng.choice(types)][2]) if types else study


def second_value(study: _Study, rng: random.Random) -> _Study:
    """A property has the value of another node, or one that is like its own, beside its own."""
    subject, predicate, value = study[_pick(study, rng)]
    others = [one[2] for one in study if one[1] == predicate and one[0] != subject]
    if others and rng.random() < 0.5:
        more = rng.choice(others)
    elif value[0] == '"':
        more = f'"{_lexical(value)} too"{value[value.rindex(chr(34)) + 1 :]}'
    else:
        more = f"{value[:-1]}2>"
    return [*study, (subject, predicate, more)]


def text_beside(study: _Study, rng: random.Random) -> _Study:
    """A property has a text beside its value."""
    subject, predicate, value = study[_pick(study, rng)]
    return [*study, (subject, predicate, f'"{_lexical(value)}"')]


def other_datatype(study: _Study, rng: random.Random) -> _Study:
    """A literal says that it is of another datatype."""
    place = _pick(study, rng)
    return _put(study, place, value=_typed(_lexical(study[place][2]), rng.choice(_DATATYPES)))


def other_lexical(study: _Study, rng: random.Random) -> _Study:
    """A literal has another form, and may be none of its datatype any more."""
    place = _pick(study, rng)
    value = study[place][2]
    end = value[value.rindex('"') + 1 :] if value[0] == '"' else ""
    return _put(study, place, value=f'"{rng.choice(_LEXICAL)}"{end}')


def iri_for_literal(study: _Study, rng: random.Random) -> _Study:
    """An IRI stands where a literal or another IRI was."""
    return _put(study, _pick(study, rng), value=f"<{rng.choice(_IRIS)}>")


def literal_for_iri(study: _Study, rng: random.Random) -> _Study:
    """What pointed to a node is text."""
    place = _pick(study, rng)
    return _put(study, place, value=f'"{_lexical(study[place][2])}"')


def blank_node(study: _Study, rng: random.Random) -> _Study:
    """A value is a blank node."""
    return _put(study, _pick(study, rng), value="_:b0")


def language(study: _Study, rng: random.Random) -> _Study:
    """A literal has a language."""
    place = _pick(study, rng)
    return _put(study, place, value=f'"{_lexical(study[place][2])}"@{rng.choice(("en", "de", "en-gb"))}')


def exchange(study: _Study, rng: random.Random) -> _Study:
    """Two statements of one property have each other's value."""
    one = _pick(study, rng)
    other = rng.choice([place for place, statement in enumerate(study) if statement[1] == study[one][1]])
    mine, yours = study[one][2], study[other][2]
    return _put(_put(study, one, value=yours), other, value=mine)


def other_property(study: _Study, rng: random.Random) -> _Study:
    """A statement has the property of another."""
    return _put(study, _pick(study, rng), predicate=study[_pick(study, rng)][1])


def foreign(study: _Study, rng: random.Random) -> _Study:
    """A node that is pointed to belongs to another study."""
    places = [place for place, one in enumerate(study) if one[2].startswith(f"<{_TRIAL}")]
    if not places:
        return study
    old = study[rng.choice(places)][2]
    new = _NCT.sub("NCT99999998", old)
    keeps_its_own = rng.random() < 0.5
    return [
        (subject if keeps_its_own else (new if subject == old else subject), predicate, new if value == old else value)
        for subject, predicate, value in study
    ]


def other_number(study: _Study, rng: random.Random) -> _Study:
    """A node has an IRI of another form."""
    subject = study[_pick(study, rng)][0]
    new = rng.choice([f"{subject[:-1]}x>", f"{subject[:-1]}/0>", re.sub(r"/(\d+)>$", "/0>", subject)])
    return [tuple(new if part == subject else part for part in one) for one in study]  # type: ignore[misc]


def other_year(study: _Study, rng: random.Random) -> _Study:
    """A date is years earlier or later."""
    places = [place for place, one in enumerate(study) if _DATE.match(one[2])]
    if not places:
        return study
    place = rng.choice(places)
    years = rng.choice((-30, -2, 2, 70))
    return _put(study, place, value=_DATE.sub(lambda date: f'"{int(date[1]) + years}{date[2]}', study[place][2]))


def other_code(study: _Study, rng: random.Random) -> _Study:
    """A code is one that its list does not have."""
    places = [place for place, one in enumerate(study) if one[2].startswith(f"<{_CODE}")]
    if not places:
        return study
    predicate = rng.choice(sorted({study[place][1] for place in places}))
    place = rng.choice([place for place in places if study[place][1] == predicate])
    return _put(study, place, value=f"{study[place][2][:-1]}-{rng.choice(('new', 'old', '9'))}>")


def blank_subject(study: _Study, rng: random.Random) -> _Study:
    """A further node is blank, and has a class that no rule is for, or that of another node."""
    kind = rng.choice(["<https://example.org/Class>", *(one[2] for one in study if one[1] == RDF_TYPE)])
    return [*study, ("_:b1", RDF_TYPE, kind)]


def another_node(study: _Study, rng: random.Random) -> _Study:
    """A property points to another node of the class that its own value has."""
    kinds: dict[str, list[str]] = {}
    for subject, predicate, value in study:
        if predicate == RDF_TYPE:
            kinds.setdefault(value, []).append(subject)
    of_node = {subject: kind for kind, nodes in kinds.items() for subject in nodes if len(nodes) > 1}
    places = [place for place, one in enumerate(study) if one[2] in of_node]
    if not places:
        return study
    predicate = rng.choice(sorted({study[place][1] for place in places}))
    place = rng.choice([place for place in places if study[place][1] == predicate])
    return _put(study, place, value=rng.choice(kinds[of_node[study[place][2]]]))


def same_as(study: _Study, rng: random.Random) -> _Study:
    """A node is said to be the same as another."""
    name = rng.choice(("http://www.w3.org/2002/07/owl#sameAs", "http://www.w3.org/2004/02/skos/core#exactMatch"))
    return [*study, (study[_pick(study, rng)][0], f"<{name}>", f"<{rng.choice(_IRIS)}>")]


def unknown_property(study: _Study, rng: random.Random) -> _Study:
    """A node has a property of the vocabulary that it should not have."""
    name = rng.choice(("within", "candidate", "notInTheVocabulary", "label"))
    return [*study, (study[_pick(study, rng)][0], f"<{_TKG}{name}>", '"x"')]


def _typed(text: str, datatype: str) -> str:
    return f'"{text}"' if datatype == "string" else f'"{text}"^^<{_XSD}{datatype}>'


MUTATIONS: tuple[_Change, ...] = (
    drop,
    drop_property,
    drop_node,
    cut_off,
    other_class,
    second_value,
    text_beside,
    other_datatype,
    other_lexical,
    iri_for_literal,
    literal_for_iri,
    blank_node,
    language,
    exchange,
    other_property,
    foreign,
    other_number,
    other_year,
    other_code,
    blank_subject,
    another_node,
    same_as,
    unknown_property,
)


def mutate(study: Sequence[Statement], rng: random.Random, times: int) -> tuple[str, list[Statement]]:
    """A study changed so many times, each statement there once; with what was done.

    Args:
        study: its statements; they stay as they are.
        rng: decides.
        times: how many changes.
    """
    names = []
    changed = list(study)
    for _ in range(times):
        if not changed:
            break
        change = rng.choice(MUTATIONS)
        names.append(change.__name__)
        changed = change(changed, rng)
    return ", ".join(names), list(dict.fromkeys(changed))
