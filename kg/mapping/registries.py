"""Numbers of other registries of studies, known by their form.

A number is taken only where nothing of its kind touches it, in the form that its registry gives: a date, a protocol
number or a number with a digit too few is none. No registry here publishes a rule for check digits; those of EudraCT
and CTIS numbers cannot be verified without asking the registry.

Sources: forms and pages are those of the registries' own records and of https://bioregistry.io (euclinicaltrials,
ctis, isrctn, jrct, anzctr, drks, ctri, tctr, rebec, rpcec, …). What has no page that the number alone leads to goes to
the search portal of the World Health Organization, which holds the records of all its primary registries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

__all__ = ["RegistryNumber", "registry_numbers"]

_WHO: Final = "https://trialsearch.who.int/Trial2.aspx?TrialID="
_BEFORE: Final = r"(?<![0-9A-Za-z/-])(?<![0-9]\.)"
_AFTER: Final = r"(?![0-9A-Za-z]|[-/.][0-9])"
_DUTCH: Final = re.compile(r"\b(netherlands?|dutch|nederlands?|NTR|LTR|trial ?register)\b", re.IGNORECASE)


class RegistryNumber(NamedTuple):
    """A number of another registry.

    Attributes:
        text: as it is written.
        number: as the registry writes it.
        page: IRI of the record there; of UTNs, which are of no registry, the portal that looks them up.
        type: the registry's value of the API's ``SecondaryIdType``.
    """

    text: str
    number: str
    page: str
    type: str


class _Form(NamedTuple):
    pattern: str
    number: str  # of the groups of the pattern
    page: str
    type: str = "REGISTRY"
    case: Callable[[str], str] = str.upper  # of letters within the groups


_SEP: Final = r"[ -]?"
_FORMS: Final = (
    # The number of an application: year, then a running number that begins with 0, as CTIS has those with 5.
    _Form(
        r"(?:(?:EUCTR|EudraCT)-?)?(20[0-9]{2}-0[0-9]{5}-[0-9]{2})",
        "{0}",
        "https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:",
        "EUDRACT_NUMBER",
    ),
    _Form(
        r"(?:CTIS-?)?(20[0-9]{2}-5[0-9]{5}-[0-9]{2}-[0-9]{2})",
        "{0}",
        "https://euclinicaltrials.eu/ctis-public/view/",
        "CTIS",
    ),
    _Form(rf"ISRCTN{_SEP}([0-9]{{8}})", "ISRCTN{0}", "https://www.isrctn.com/"),
    _Form(
        rf"ACTRN{_SEP}(126[0-9]{{11}})",
        "ACTRN{0}",
        "https://anzctr.org.au/Trial/Registration/TrialReview.aspx?ACTRN=",
    ),
    _Form(rf"DRKS{_SEP}([0-9]{{8}})", "DRKS{0}", "https://drks.de/search/en/trial/"),
    _Form(r"(?:JPRN-)?jRCT(s?[0-9]{9,10})", "jRCT{0}", "https://jrct.niph.go.jp/en-latest-detail/", case=str.lower),
    _Form(rf"(?:JPRN-)?UMIN{_SEP}([0-9]{{9}})", "UMIN{0}", _WHO + "JPRN-"),
    _Form(r"(?:JPRN-)?JapicCTI-?([0-9]{6})", "JapicCTI-{0}", _WHO + "JPRN-"),
    _Form(rf"ChiCTR(?:{_SEP}([0-9]{{10}})|((?:-[A-Z]{{2,4}}){{1,2}}-[0-9]{{8}}))", "ChiCTR{0}{1}", _WHO),
    _Form(r"CTRI/([0-9]{4}/[0-9]{2,3}/[0-9]{6})", "CTRI/{0}", _WHO),
    _Form(rf"KCT{_SEP}([0-9]{{7}})", "KCT{0}", _WHO),
    _Form(r"IRCT([0-9]{11,14}N[0-9]{1,3})", "IRCT{0}", _WHO),
    _Form(r"PACTR([0-9]{15,16})", "PACTR{0}", _WHO),
    _Form(r"SLCTR/([0-9]{4}/[0-9]{3})", "SLCTR/{0}", _WHO),
    _Form(r"TCTR([0-9]{11})", "TCTR{0}", "https://www.thaiclinicaltrials.org/show/"),
    _Form(r"RBR-([0-9a-z]{5,8})", "RBR-{0}", "https://ensaiosclinicos.gov.br/rg/", case=str.lower),
    _Form(r"RPCEC([0-9]{8})", "RPCEC{0}", "https://rpcec.sld.cu/en/trials/"),
    _Form(r"NL-?OMON([0-9]{5})", "NL-OMON{0}", _WHO),
    _Form(rf"NTR{_SEP}([0-9]{{2,5}})", "NTR{0}", _WHO),
    _Form(r"NL-?([0-9]{3,5})", "NL{0}", _WHO),
    # Universal trial numbers join the records of registries; the portal looks them up, but has no page of each.
    _Form(rf"U{_SEP}1111{_SEP}([0-9]{{4}})-([0-9]{{4}})", "U1111-{0}-{1}", "https://trialsearch.who.int/#"),
)
_SHORT: Final = ("NTR", "NL{")
_COMPILED: Final = tuple((re.compile(_BEFORE + form.pattern + _AFTER, re.IGNORECASE), form) for form in _FORMS)
_ANY: Final = re.compile(
    r"20[0-9]{2}-[05]|ISRCTN|ACTRN|DRKS|jRCT|UMIN|JapicCTI|ChiCTR|CTRI|KCT|IRCT|PACTR|SLCTR|TCTR|RBR-|RPCEC|OMON"
    r"|NTR|NL-?[0-9]|1111",
    re.IGNORECASE,
)

# Each number but those of the Brazilian register has two digits in a row; that is found out in a tenth of the time.
_DIGITS: Final = re.compile(r"[0-9]{2}")


def registry_numbers(text: str, context: str = "") -> Iterator[RegistryNumber]:
    """The numbers of other registries that a text holds, each number once.

    Args:
        text: an identifier or a title.
        context: what else the record says of the number. Numbers of the Dutch register are so short that they count
            only where the text or its context speaks of it.

    >>> [found.number for found in registry_numbers("EudraCT No. 2005-001930-34 (ISRCTN 19572887)")]
    ['2005-001930-34', 'ISRCTN19572887']
    >>> list(registry_numbers("2005-11-30-34")), list(registry_numbers("NL005-AMI"))
    ([], [])
    """
    if (not _DIGITS.search(text) and "RBR" not in text.upper()) or not _ANY.search(text):
        return
    seen = set()
    for pattern, form in _COMPILED:
        for match in pattern.finditer(text):
            if form.number.startswith(_SHORT) and not _is_dutch(match, text, context):
                continue
            number = form.number.format(*(form.case(group or "") for group in match.groups()))
            if number not in seen:
                seen.add(number)
                yield RegistryNumber(match[0], number, form.page + number, form.type)


def _is_dutch(match: re.Match[str], text: str, context: str) -> bool:
    around = text[: match.start()] + " " + text[match.end() :]
    return bool(_DUTCH.search(around) or _DUTCH.search(context))
