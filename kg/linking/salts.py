"""Salts and esters: what a drug is given as, which does not change what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["SALTS", "base"]

SALTS: Final = frozenset(
    """
    acetate adipate aluminum anhydrous arginine aspartate benzoate besilate besylate bitartrate borate bromide
    butyrate calcium camsylate carbonate chloride choline citrate cyclohexanecarboxylate decanoate dihydrate
    dihydrochloride dimeglumine dimesylate dipropionate disodium edisylate embonate enanthate erbumine esylate
    etexilate ethanolate fumarate furoate gluconate glucuronate glutamate glycinate hcl hemifumarate hemihydrate
    hemitartrate hippurate hyclate hydrate hydrobromide hydrochloride hydrogen hydroxide iodide isethionate lactate
    laurate lauroxil lysine magnesium malate maleate meglumine mesilate mesylate monohydrate mucate napadisilate
    napsylate nitrate olamine oleate orotate oxalate palmitate pamoate pentahydrate phosphate pivoxil potassium
    propionate proxetil salicylate salt sesquihydrate sodium stearate strontium succinate sulfate sulfonate tartrate
    tebutate teoclate terephthalate tosilate tosylate trihydrate trimethamine trometamol tromethamine undecanoate
    valerate xinafoate zinc
    """.split()
)
"""In normal form."""

_INORGANIC: Final = frozenset(
    """
    aluminum ammonium amyl barium bismuth butyl calcium cerium chromic chromium cobalt copper cupric ethyl ferric
    ferrous glyceryl gold hydrogen iron isobutyl isosorbide lithium magnesium manganese methyl nickel nitro phenyl
    platinum potassium propyl rubidium selenium silver sodium stannous strontium thallium titanium vinyl zinc
    """.split()
)
"""What makes a substance of its own with the salt behind it: sodium chloride is no sodium, ferrous sulfate no iron."""
_SHORTEST: Final = 5


def base(words: Sequence[str]) -> list[str]:
    """The words of a drug's name without the salt at its end; nothing where none is, or nothing else is left.

    >>> base(["imatinib", "mesylate"]), base(["sodium", "chloride"]), base(["aspirin"])
    (['imatinib'], [], [])
    """
    end = len(words)
    while end and words[end - 1] in SALTS:
        end -= 1
    left = list(words[:end])
    if end == len(words) or not left or left[-1] in _INORGANIC or max(map(len, left)) < _SHORTEST:
        return []
    return left
