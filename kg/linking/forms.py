"""Words that registrants write around what is given or done, in the normal form of :mod:`kg.linking.normalize`."""

from __future__ import annotations

from typing import Final

from kg.linking.salts import SALTS

__all__ = [
    "CARRIERS",
    "DENIES",
    "DENIES_BEFORE",
    "DOSAGE_FORMS",
    "GENERIC_HEADS",
    "IS_DONE_TOO",
    "MAKES_OTHER",
    "MODIFIERS",
    "NEUTRAL",
    "ORDINARY",
    "PARTICIPLES",
    "PREPOSITIONS",
    "SAYS_NOTHING",
    "TOO_GENERAL",
    "TOO_GENERAL_BRANCHES",
]

NEUTRAL: Final = SALTS | frozenset(
    """
    active adjuvant administered administration alone amp ampoule and arm as at autologous based bid biosimilar
    bolus caplet capsule chewable cohort combination combined combo commercial continuous course cr cream cycle
    daily day depot dosage dose dosing doublet dr drip drop drug during er escalation every expansion extended
    extract film finding first fixed following for form formulation free frequency frequent from g gel generic given
    gr gram granule group gum h hd hdil high hour human i ih ii iii im immediate in induction infusion inhalation
    inhaled inhaler inj injectable injection intraarticular intracavernosal intracavernous intracoronary intradermal
    intralesional intramuscular intranasal intraperitoneal intrathecal intratumoral intravenous intravenously
    intravesical investigational ir iu iv kg l ld less level liquid load loading lotion low lozenge m maintenance
    mcg medium meq mg microgram middle milligram min ml mm modified monotherapy month more mr mu nasal nebulized ng
    od odt of ointment on once only optimization optimized or oral orally part patch pd pen per pill plu po powder
    pr prefilled preparation prior prn product prolonged q qd qid qod qw qxw recombinant reduced regimen release
    retard rh rhil sc schedule sequential single slow sodium solution spray sr standard starting strength
    subcutaneous subcutaneously sublingual subq sulfate supplement supplementation suppository suspension sustained
    syringe syrup systemic tab tablet target tds the then therapy tid time to topical transdermal treatment triplet
    twice u ultra unit until up using vaginal vial volume vs w week weekly with xl xr year
    """.split()
)
"""Say how much, how and when a drug is given, not which."""

MODIFIERS: Final = frozenset(
    """
    a acute additional advanced an any baseline both brief chronic classical clinical combined conventional current
    daily early eight enhanced experimental first five four full general group home i ii iii increase increasing
    individual individualized initial intensive long low modification modified multiple new one open other own
    patient perform performing post postoperative pre preoperative prolonged repeat repeated routine second serial
    short shortened single six standard standardized structured study supervised technical ten the three total
    traditional two undergo unsupervised use using usual weekly
    """.split()
)
"""Stand before what is done and do not change what it is."""

GENERIC_HEADS: Final = frozenset(
    """
    administration application approach arm assessment care comparator completion concept condition course day
    delivery device evaluation exam examination experimental group guidance hour implant implantation implementation
    infusion injection insertion instrument intervention kit management measure measurement method min minute model
    module month only package performance period phase placement procedure program programme protocol regimen
    routine schedule service session setting software solution strategy study supplementation support surgery system
    task technique technology therapy tool total training treatment trial use version visit w wave week x year
    """.split()
)
"""Stand behind what is done and say only that it is a thing, a service or an arm."""

PREPOSITIONS: Final = frozenset(
    """
    about according across after against along among as at before between by comprising consisting during following
    for from given in including into involving like of on over per prior since than through to toward under until
    upon using via when where which while with within without
    """.split()
)
"""After these comes what something is for, by or with: the thing itself stands before them."""

DENIES: Final = frozenset(
    """
    avoidance cessation deprescribing discontinuation discontinue discontinued except excluding interruption mock
    naive omission placebo refractory resistant sham stop stopped stopping withdraw withdrawal withhold withholding
    without
    """.split()
)
"""Anywhere in a part of a string, these say that what it names is not given."""
IS_DONE_TOO: Final = frozenset({"cessation", "avoidance", "interruption", "omission", "deprescribing"})
"""Of these, what may itself be done: *smoking cessation counseling*."""
MAKES_OTHER: Final = frozenset("agonist antagonist antibody blocker inhibition inhibitor receptor".split())
"""After names of substances, with other words between: what acts on them."""
DENIES_BEFORE: Final = frozenset("anti non no not un post pre free instead".split())
"""Directly before a name, these say that it is not given."""

CARRIERS: Final = frozenset(
    """
    absorption agonist allergy analog analogue analyzer antagonist antibody antigen assay biosensor blocker breath
    burden cannula car catheter cell challenge channel clearance coated coating concentrator containing control
    counseling deficiency deficient dependence dependent derived detection dialysate disorder dressing education
    eluting enzyme expressing factor flow gene generator guided imaging indicator inhibition inhibitor intolerance
    intolerant kinetic label labeled lamp loaded lock lowering machine mask measurement metabolism meter mimetic
    modulation modulator monitor monitoring mutation phenotyping promoter protein pump receptor releasing reporting
    resistance response restricted restriction saturation scan score scoring screening secreting secretion sensing
    sensor signal sparing stain synthase synthesis targeted targeting tent test testing tolerance tracer transduced
    transport transporter uptake vector
    """.split()
)
"""After the name of a substance these make something else of it: an assay of it, a pump for it, its receptor."""

SAYS_NOTHING: Final = frozenset(
    " ".join(text.split())
    for text in """
    control; control group; usual care; standard of care; standard care; standard treatment; standard therapy;
    routine care; conventional treatment; conventional therapy; conventional care; intervention; intervention group;
    experimental group; no intervention; no treatment; treatment; treatment as usual; observation; follow up;
    best supportive care; supportive care; triple therapy; dual therapy; combination therapy; study drug;
    study treatment; drug; device; procedure; surgery; placebo group; comparator; active comparator; healthy volunteer;
    healthy control; control subject; patient; case; observational; non interventional; none; other; active control;
    attention control; current practice; usual practice; standard practice; clinical practice; program; training;
    education; test; therapy; behavioral; method; medical treatment; medical therapy; standard medical therapy;
    standard medical treatment; medical management; background therapy; optimal medical therapy;
    guideline directed medical therapy; soc; standard; routine; usual treatment; normal care; enhanced usual care;
    no drug; nothing; data collection; clinical evaluation; clinical assessment; cohort; arm; active; experimental
    """.split(";")
)
"""Whole strings that name nothing that is given or done."""

TOO_GENERAL: Final = frozenset(
    """
    D059039 D035061 D013812 D004864 D008722 D004364 D004338 D004304 D012996 D003131 D010361 D012107 D011996 D013672
    D012106 D013995 D006262 D003695 D005791 D013043 D003955 D007753 D011933 D016896 D019468 D001519 D013514 D013502
    D004493 D013663 D004952 D007659 D055656 D011307 D015415 D003201 D001794 D001244 D019095 D012306 D056687 D004798
    D005502 D014180 D000465 D001769 D002477 D003933 D012984 D014838 D008919 D011379 D011506 D010455
    """.split()
)
"""MeSH records that are true of any intervention: Standard of Care, Therapeutics, Methods."""
TOO_GENERAL_BRANCHES: Final = ("E02.319.267", "E05.318.370", "E05.581", "V", "H02.403")
"""Routes of administration, research designs: how, not what."""
DOSAGE_FORMS: Final = "D26.255"
ORDINARY: Final = frozenset("boost cap focus impact lead light program quiet signal".split())
"""Words that are the name of a substance and mean something else in a longer string."""
PARTICIPLES: Final = frozenset(
    "administered assisted delivered driven enabled facilitated guided led mediated supported".split()
)
"""*Nurse-led program*: by whom or with what it is done is said before them, and says more than a word like program."""
