"""Lines of a criteria text that begin a side: inclusion, exclusion, both at once, or neither.

Registrants write them in any case, with slips of the pen, for one group of people, as a sentence, in their own
language, and run on to the criterion before or after. A line of a criterion may speak of exclusion too, so what only
may be a heading is none, unless it would leave criteria on the wrong side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["ITEM", "USUAL", "Heading", "Side", "headings", "may_be_heading"]

Side = str
"""``inclusion``, ``exclusion``, ``unstated`` (both, or not said), or ``neither``: no criteria of who may take part."""


class Heading(NamedTuple):
    """A line that begins a side: which, and what else it says."""

    side: Side
    rest: str


USUAL: Final = {f"{side.capitalize()} Criteria:": Heading(side, "") for side in ("inclusion", "exclusion")}
"""How nearly every record writes them."""
_LONGEST_HEAD: Final = 300
"""What begins a side, says so within so many letters; the patterns take time in proportion to the square of a line."""
ITEM: Final = re.compile(
    r"(\s*)(?:\\?[*•·▪◦‣○●■□➢✓–—-]|o(?=\s)|\(?\d{1,2}(?:\.\d{1,2}){1,3}\\?[.)]?(?=\s)|\(?\d{1,2}\\?[.)]"
    r"|\(?[a-zA-Z]\\?[.)](?!\w\.)|\(?[ivxIVX]{1,4}\\?[.)])\s*(?=\S)"
)
"""The bullet, number or letter that an item begins with."""

_MARKS: Final = r"[\s*#>•·\-_\d.)\\]*"
_CRITERIA: Final = r"criteri(?:a|on|um)"
_HEADING: Final = re.compile(
    _MARKS
    + r"(?:(?:key|main|major|general|principal|additional|other|patient|subject|participant|study)\s+){0,3}"
    + rf"((?:inclusion|exclusion)s?(?:\s+{_CRITERIA})?\b[^:\n]{{0,60}}?(?:{_CRITERIA}\b[^:\n]{{0,60}}?)?)"
    + r"\s*[:：]\s*[*_]*(.*)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    _MARKS + rf"(?:(?:key|main|major|general)\s+)?((?:inclusion|exclusion)\s+{_CRITERIA})[\s*_.]*()", re.IGNORECASE
)
_OPENING: Final = re.compile(r"((?:inclusion|exclusion)s?\s+criteri\w*)[\s.]*(.*)", re.IGNORECASE)
_PREFIXED: Final = re.compile(r"\s*(?:\S+\s+){1,4}((?:Inclusion|Exclusion) Criteria)\s*:\s*(.*)")
_CAPITALS: Final = re.compile(_MARKS + r"(?:[\w-]+ ){0,3}(?:IN|EX)CLUSION CRITERIA(?: FOR [\w ,-]{1,80})?[\s*_.]*")
_IN_PART: Final = re.compile(r"[\w /-]{1,30}: [^:.]{0,80}\b((?:Inclusion|Exclusion) Criteria)\s*")
"""*Part A1: Dose Escalation Inclusion Criteria*."""
_SIDE: Final = re.compile(r"\b(?:(?P<non>non|no|not)[- ]?)?(?P<side>inclusion|exclusion)s?\b", re.IGNORECASE)
_VERB: Final = re.compile(
    rf"{_MARKS}(?:(?:key|main|major|patients|subjects|participants|to be)\s+)?(?P<side>includ|exclud)ed?"
    r"(?:(?<=ed) (?:are|were|will be) [^:]{0,40})?\s*[:：]\s*[*_]*(?P<rest>.*)",
    re.IGNORECASE,
)
_REFUSAL: Final = re.compile(
    r"\b(?:ineligible|excluded|prohibited|cannot|(?:may|should|will|can|must|are|is) not(?! limited))\b", re.IGNORECASE
)
_NOT_REFUSED: Final = re.compile(r"\bnot (?:be )?(?:excluded|exclusion\w*|ineligible)", re.IGNORECASE)
_STATEMENT: Final = re.compile(
    r"\b(?:apply|applies|applied|applicable|may|must|will|be|is|are|was|were|meets?|meeting|met|see)\b", re.IGNORECASE
)
_WITHIN_LINE: Final = re.compile(r"(?<=\S)\s+(?=(?:Inclusion|Exclusion) Criteria\s*:)")
_AT_END: Final = re.compile(
    r"(.*?(\w+)\W*)\s((?:(?:Key|Main|Major|General|Other|Additional) )?(?:Inclusion|Exclusion)(?: Criteria)?)[\s:]*"
)
_LEADING_IN: Final = re.compile(
    r".*\b(?:following\b.*\b(?:criteria|conditions)|(?:criteria|conditions)\b.*\b(?:following|below)|excluded)\b"
    r"[^.]*:\s*",
    re.IGNORECASE,
)
_LEAVING: Final = re.compile(
    _MARKS + r"(?:(?:study|subject|patient|trial)\s+)?(?:drop[- ]?out|withdrawal|exit|suspension|remov(?:al|ing)"
    r"|rejection|elimination|termination|discontinuation|shedding|stopping)\s+criteria\s*[:：]?\s*",
    re.IGNORECASE,
)
"""Who has to leave the study says nothing of who may enter it."""
_SLIP: Final = re.compile(
    r"\b(in|ex)(?:culs|lus|clut|clsu|cus|lcus|clu|cluss|culus|clsi|clius)i?o?i?ns?\b(?=\s*(?:cr?itt?er\w*)?\s*(?:[:：]|$))",
    re.IGNORECASE,
)
_CRITERIA_SLIP: Final = re.compile(r"\b((?:in|ex)clusion)\s+cr?i?tt?e?ri?e?r?i?[ao]\w{0,2}\b", re.IGNORECASE)
_FOREIGN: Final = re.compile(
    r"\bcrit[eéè]ri?(?:os|as|es|i)?\s+(?:de\s+|di\s+|d['’]\s?)(?P<no>(?:no|non|n[aã]o)[- ]?)?"
    r"(?P<side>inclusi[oó]ne?|inclus[aã]o|exclusi[oó]n|exclus[aã]o|esclusione)\b"
    r"|\b(?P<german>ein|aus)schlu(?:ss|ß)[- ]?kriterien\b",
    re.IGNORECASE,
)
# The patterns take time in proportion to the square of such a gap.
_LONG_GAP: Final = re.compile(r"(?<=\S)\s{9,}")
_REFERRING: Final = frozenset(
    "of the all any no not these those meet meets met following other study to and or see per under in by both".split()
)
_LONGEST_ENDING: Final = 1_000
_LONGEST_TITLE: Final = 12
_LONGEST_PREFIX: Final = 4
_LONGEST_SLIP: Final = 80
_BEGINNINGS: Final = frozenset({"In", "IN", "Ex", "EX", "Ei", "EI", "Au", "AU"})
"""What headings begin with that have no colon and none of the usual letters: *Inculsion*, *Ausschlusskriterien*."""


def may_be_heading(line: str) -> bool:
    """Whether a line is worth a closer look: hardly any line is a heading, and each that is says so or leads in."""
    return (
        "clusi" in line
        or line.endswith(":")
        or "CLUSI" in line
        or line[:2] in _BEGINNINGS
        or (len(line) < _LONGEST_SLIP and "riteri" in line)
    )


def headings(line: str, current: Side) -> list[tuple[str, Heading | None]]:
    """A line as parts, each with the heading that it is; most lines are one part, and no heading.

    Args:
        line: the line.
        current: the side it stands on; ``""`` before the first heading.
    """
    even = _LONG_GAP.sub(" ", line) if "   " in line or "\t" in line else line
    plain = _plain(even)
    if "clusion" not in plain and "CLUSION" not in plain:
        return [(line, _without_the_word(plain, current) if len(plain) <= _LONGEST_HEAD else None)]
    if plain != even:
        return [(line, _heading_of_any(plain))]
    parts = list(_lines(even))
    return [(part, _heading_of_any(part)) for part in (parts if len(parts) > 1 or even == line else [line])]


def _heading_of_any(line: str) -> Heading | None:
    """The heading that a line is; of a long one, that its beginning is."""
    if len(line) <= _LONGEST_HEAD:
        return _heading(line)
    match = _HEADING.fullmatch(line[:_LONGEST_HEAD])
    return (
        Heading(_named(match[1]), match[2] + line[_LONGEST_HEAD:]) if match and "criteri" in match[1].lower() else None
    )


def _plain(line: str) -> str:
    """The line with headings in other languages and slips of the pen in short ones made plain."""
    if len(line) < _LONGEST_SLIP:
        if "schlu" in line or "SCHLU" in line or " d" in line or " D" in line:
            line = _FOREIGN.sub(_english, line)
        speaks = "clusion" in line or "CLUSION" in line
        if not speaks:
            line = _SLIP.sub(r"\1clusion", line)
        elif "riteria" not in line and "RITERIA" not in line:
            line = _CRITERIA_SLIP.sub(r"\1 criteria", line)
    return line


def _english(match: re.Match[str]) -> str:
    side = match["german"] or match["side"]
    is_in = side[:2].lower() in ("in", "ei") and not match["no"]
    return "Inclusion Criteria" if is_in else "Exclusion Criteria"


def _lines(line: str) -> Iterator[str]:
    """A line, broken before a heading that someone ran on."""
    start = 0
    for match in _WITHIN_LINE.finditer(line) if "clusion Criteria" in line else ():
        before = line[start : match.start()].split()
        if len(before) > _LONGEST_PREFIX and before[-1].lower().lstrip("(") not in _REFERRING:
            yield line[start : match.start()]
            start = match.end()
    part = line[start:]
    ends_so = len(part) <= _LONGEST_ENDING and part.rstrip(" :").endswith(("clusion", "clusion Criteria"))
    ending = _AT_END.fullmatch(part) if ends_so else None
    if not ending or ending[2].lower() in _REFERRING:
        yield part
        return
    item = ITEM.match(part)
    said = ending[1][item.end() :] if item else ending[1]
    if not item and len(part.split()) <= _LONGEST_TITLE:
        yield part
        return
    # "* Part 1: Exclusion Criteria:" is a title with a bullet; "* Reads English Exclusion Criteria" a run-on one.
    if len(said.split()) > 1 and ":" not in said:
        yield ending[1]
    yield ending[3]


def _without_the_word(line: str, current: Side) -> Heading | None:
    """The heading that a line without either word is, *Patients must meet all of the following criteria:*."""
    if _LEAVING.fullmatch(line):
        return Heading("neither", "")
    verb = _VERB.fullmatch(line)
    # Among exclusion criteria "Included: …" may be what a criterion goes on to say.
    if verb and (not verb["rest"] or (current != "exclusion" and not ITEM.match(line))):
        if verb["side"].lower() == "exclud":
            return Heading("exclusion", verb["rest"])
        return Heading("unstated" if current == "exclusion" else "inclusion", verb["rest"])
    if not line.endswith(":") or ITEM.match(line) or not _LEADING_IN.fullmatch(line):
        return None
    refused = _REFUSAL.search(line) is not None and not _NOT_REFUSED.search(line)
    return Heading("exclusion" if refused else "inclusion", "") if refused or not current else None


def _heading(line: str) -> Heading | None:
    """The heading that a line with one of the two words is, if it is one."""
    match = _HEADING.fullmatch(line) or _BARE.fullmatch(line)
    # A line of a criterion may speak of exclusion too; a heading says "criteria" or next to nothing else.
    if match and ("criteri" in line.lower() or len(line.split()) <= 4):
        return Heading(_named(match[1]), match[2])
    if ITEM.match(line):
        # "- EXCLUSION CRITERIA FOR DONORS".
        return Heading(_named(line), "") if line.isupper() and _CAPITALS.fullmatch(line) else None
    opening = _OPENING.fullmatch(line.strip()) or _PREFIXED.fullmatch(line)
    if opening:
        head, rest = opening.groups()
        # "Exclusion criteria for part B" is a title; "Exclusion Criteria Pregnant women" says a criterion.
        return Heading(_named(head), rest if rest[:1].isupper() or rest[:1].isdigit() else "")
    head, colon, rest = line.partition(":")
    if colon and not rest.strip() and ("criteri" in head.lower() or len(head.split()) <= 6) and _SIDE.search(head):
        side = "exclusion" if _REFUSAL.search(head) else _named(head)
        # A sentence that names both sides leads in what follows on the side it stands on.
        return Heading(side, "") if side != "unstated" or not _STATEMENT.search(head) else None
    of_part = _IN_PART.fullmatch(line)
    if of_part:
        return Heading(_named(of_part[1]), "")
    return Heading(_named(line), "") if not colon and _is_title(line) else None


def _is_title(line: str) -> bool:
    count = len(line.split())
    return (
        count <= (_LONGEST_TITLE if "criteri" in line.lower() else 3)
        and not ITEM.match(line)
        and not line.rstrip().endswith((".", ",", ";"))
        and _SIDE.search(line) is not None
        and _STATEMENT.search(line) is None
    )


def _named(head: str) -> Side:
    """The side that a heading names; ``unstated`` where it names both."""
    sides = {match["side"].lower() if not match["non"] else "exclusion" for match in _SIDE.finditer(head)}
    return sides.pop() if len(sides) == 1 else "unstated"
