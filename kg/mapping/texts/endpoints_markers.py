"""Rules for substances that are measured in blood and tissue, agents of the study and others."""

from __future__ import annotations

from typing import Final

from kg.mapping.texts.rules import rules_for

__all__ = ["RULES"]

# Names of agents end so, and names of substances of the body do not.
_DRUG: Final = (
    r"(?:\w+(?:mab|nib|ciclib|parib|gliptin|gliflozin|sartan|statin|olol|afil|xaban|tide|vir|citabine|platin|taxel"
    r"|rubicin|tinib|lisib|degib|azole|cycline|floxacin|bactam|penem|cillin|mycin|zepam|caine|setron|tecan|domide"
    r"|zomib|limus|gatran|grelor|grel|pine|zine|triptan|fentanil|formin|glutide|cept|ersen|siran|leucel|poietin alfa"
    r"|nemtabrutinib|oxetine|pramine|dipine|pril)|(?!ca |il |cd |mmp |gdf |fgf |st )[a-z]{2,5} ?\d{3,}\w*|drug"
    r"|study (?:drug|medication|treatment)|(?:total|conjugated|unconjugated) (?:mab|antibod\w+|adc)|mab|adc"
    r"|antibody drug conjugate|parent|metabolites?|sn 38|mmae|investigational product|imp|analytes?|simvastatin acid"
    r"|avi|caffeine|morphine|ketamine|lidocaine|asparaginase)\b"
)
_FLUID: Final = (
    r"(?:serum|plasma|blood|urine|urinary|whole blood|circulating|systemic|salivary|saliva|csf|cerebrospinal fluid"
    r"|tissue|tumou?r|bile|microdialysate|intracellular|breast milk|venous|capillary|arterial|peripheral blood"
    r"|bone marrow|perfusate)"
)
# A curve or clearance of these says nothing of an agent; nor does one that tells how well a test finds something.
_NOT_OF_AN_AGENT: Final = (
    "glucose insulin peptide creatinine troponin cortisol crp correlation triglyceride triglycerides glucagon roc "
    "auroc receiver diagnostic diagnosis accuracy predictive predicting prediction sensitivity specificity "
    "discrimination pain vas score scores glp glp1 lactate effect lung mucociliary viral virus stone stones ketone "
    "ketones lymphocyte vitamin testosterone estradiol hormone hormones lipid lipids iron ferritin airway"
)
_AFTER_AN_AGENT: Final = (
    r"\b(?=(?:plasma |serum |blood |trough )?(?:concentration|level|exposure)s?\b)(?:(?<=mab )|(?<=tinib )"
    r"|(?<=sertib )|(?<=lisib )|(?<=drug )|(?<=medication )|(?<=\d\d\d )|(?<=adc )|(?<=conjugate )|(?<=parent )"
    r"|(?<=metabolite )|(?<=caine )|(?<=limus )|(?<=xaban )|(?<=gatran )|(?<=azole )|(?<=taxel )|(?<=platin )"
    r"|(?<=rubicin )|(?<=mycin )|(?<=cillin )|(?<=asparaginase ))"
)
PHARMACOKINETICS: Final = (
    *rules_for(
        "pharmacokinetics", {"pharmacokinetic pharmacokinetics pk ppk toxicokinetics": ""}, without="troponin glucose"
    ),
    *rules_for(
        "pharmacokinetics",
        {
            "cmax tmax tlast clast cmin auclast aucinf auctau aucss auct auc0 ctrough cavg ctau ceoi mrt mrtlast swing "
            "bioavailability bioequivalence": "",
            "auc aucs": r"\bauc (?:0|last|inf|tau|ss|t\b|\d|of\b|for\b|and\b|ratio|from)|\bauc$"
            r"|area under the (?:\w+ ){0,3}curve auc",
            "area": r"area under (?:the )?(?:\w+ )?(?:plasma |serum |blood )?(?:drug )?(?:concentration|curve auc)"
            r"|area under the curve (?:of|from|at|to|over)\b",
            "half t1": r"\b(?:terminal|elimination|plasma|apparent|serum|biological) (?:\w+ )?half li(?:fe|ves)"
            r"|^(?:the )?half li(?:fe|ves)\b|\bt1 2\b",
            "terminal": r"terminal (?:\w+ )?(?:elimination|phase)",
            "elimination": "elimination rate|elimination half",
            "clearance": r"\b(?:apparent|oral|body|systemic|total|plasma|drug) (?:\w+ )?clearance\b"
            r"|\brenal clearance (?:of|cl|estimated)|clearance cl\w?\b|\bparameter clearance|^clearance(?: of| cl|$)",
            "cl clss clr vz vss ae aef": r"\bcl (?:ss )?f\b|\bclss f\b|\bvz f\b|\bvss f?|^clr\b|^vz\b"
            r"|\bae ?\w* excreted",
            "trough": r"trough (?:\w+ )?(?:plasma |serum |blood )?(?:concentrations?|levels?)|\btrough levels?"
            r"|(?:concentrations?|levels?) (?:at )?trough",
            "distribution": r"volume of distribution\b",
            "accumulation": "accumulation (?:ratio|index|factor)",
            "quantifiable measurable": "last (?:quantifiable|measurable) (?:concentration|time)",
            "maximum peak minimum maximal average": r"\b(?:maximum|peak|minimum|maximal|average) (?:observed "
            r"|measured )?(?:\w+ )?(?:plasma|serum|drug|blood|observed|steady state) (?:drug )?concentration"
            r"|\b(?:maximum|minimum|peak) (?:observed )?(?:drug )?concentration\b",
            "metabolite metabolites": r"metabolites? of\b",
            "concentration concentrations level levels exposure activity": r"\b(?:concentrations?|levels?"
            rf"|exposures?)(?: (?:time )?(?:profiles?|curves?))?(?: \w+)? (?:of|for) (?:\w+ ){{0,2}}?{_DRUG}"
            rf"|{_AFTER_AN_AGENT}|\basparaginase activity\b|\bdrug (?:levels?|concentrations?|exposure)\b"
            r"|\bplasma concentration(?: time|s? versus time)",
            "kinetics": "cellular kinetics",
            "excreted": r"\b(?:amount|fraction|percent\w*|recovered|cumulative)(?: \w+){0,4} excreted (?:unchanged"
            r"|in feces|in fa?eces)|excreted unchanged",
        },
        without=_NOT_OF_AN_AGENT,
    ),
)

_SUBSTANCES: Final = (
    r"(?:glucose|insulin|sodium|potassium|ha?emoglobin(?! a1)|albumin|magnesium|calcium|phosphate|phosphorus"
    r"|chloride|bicarbonate|(?:total )?cholesterol|vitamin [a-k]\d*|iron|uric acid|urate|zinc|copper|selenium|folate"
    r"|protein|oxalate|citrate|ammonia)"
)
_NAMES: Final = (
    # the heart, the kidneys, the liver, muscles, inflammation
    "troponin troponins hstnt hstni ctni ctnt tnt tni bnp probnp ntprobnp anp nt crp hscrp hs il6 il1 il10 tnfa "
    "tnfα cytokine cytokines chemokine chemokines ferritin transferrin hepcidin ngal kim1 galectin gal3 copeptin "
    "procalcitonin pct isoprostane isoprostanes pyruvate procollagen gdf15 gdf creatinine bilirubin urate ast alt "
    "sgot sgpt ggt ldh ck ckmb aminotransferase aminotransferases transaminase transaminases dehydrogenase dimer "
    "dimers fibrinogen triglyceride triglycerides triacylglycerol hdl vldl phospholipid phospholipids "
    "apolipoprotein apolipoproteins apob apoa1 lipoprotein lipoproteins lp ceramide ceramides sphingolipids "
    "homocysteine adiponectin leptin resistin ghrelin visfatin irisin aldosterone renin angiotensin norepinephrine "
    "noradrenaline epinephrine catecholamine catecholamines metanephrine metanephrines copeptin testosteron "
    "testosterone estradiol oestradiol estrogen progesterone prolactin cortisol acth tsh ft3 ft4 t4 thyroxine "
    "triiodothyronine thyroglobulin calcitonin pth parathyroid fsh lh amh shbg dhea dheas igf igf1 igfbp igfbp3 "
    "glucagon glp gip fructosamine homair cgmp camp nitrite adma psa cea afp ca125 ca19 ca15 cyfra nse s100 s100b "
    "chromogranin mirna mirnas mir microrna micrornas mrna ctdna cfdna rna telomere albuminuria proteinuria uacr "
    "acr albuminemia insulinemia natriuria cystatin creatininemia upcr bhb ketones hydroxybutyrate myoglobin "
    "malondialdehyde mda glutathione superoxide endothelin vegf vegfr pdgf tgf egf hgf fgf fgf23 klotho "
    "phosphatase transferase igg iga ige igm calprotectin st2 sst2 mmp mmp9 mmp2 timp timp1 selectin icam vcam vwf "
    "willebrand cd40l pai tpa thrombomodulin antithrombin urea bun lactate natriuretic myeloperoxidase elastase "
    "lipase amylase pepsinogen gastrin serotonin dopamine melatonin oxytocin bdnf ngf amyloid tau neurofilament "
    "gfap ifn interferon gamma chitinase ykl osteocalcin sclerostin ctx p1np bap rankl osteoprotegerin trem "
    "syndecan hyaluronan hyaluronic heparanase nad tryptase histamine eosinophilic avp vasopressin hif metabolome "
    "metabolomics metabolomic proteomics proteomic lipidomic lipidomics tmao trimethylamine choline carnitine "
    "acylcarnitine acylcarnitines aminoacids glycerol anandamine anandamide anandamine aea prostaglandin "
    "prostaglandins thromboxane leukotriene isoprostan 8ohdg caspase annexin nets microparticles cholinesterase "
    "haptoglobin erythropoietin complement"
)
# Short names that are words or parts of other names as well.
_WITH_COMPANY: Final = {
    "ifn tnf": "",
    "nt hs": r"\bnt ?pro|\bhs ?(?:crp|ctn|tn|troponin|c reactive)",
    "lp": r"\blp a\b",
    "ck": r"\bck(?: mb)?\b",
    "tnt tni": r"\b(?:tnt|tni)\b",
    "gamma": "gamma glutam",
    "acr": r"\bacr (?:ratio|urin|albumin)|albumin (?:to )?creatinine",
    "tau": r"\b(?:total|phospho\w*|p|csf|plasma) tau\b",
    "nad": r"\bnad\b",
    "rna": r"\brna (?:expression|levels?)",
    "ca19 ca": r"\bca ?(?:125|19 9|15 3|72 4)\b",
    "complement": r"\bcomplement (?:c\d|levels?|activation|factor)",
    "lh": r"\blh\b(?! ?rh)",
    "t4": r"\b(?:free|total|serum) t4",
    "nets": r"neutrophil extracellular",
    "hs": "hs crp",
    "ctx": r"\b(?:ctx|c telopeptide)\b",
    "pct": r"\bprocalcitonin pct|\bpct levels?",
    "choline": "choline (?:levels?|concentration)",
    "dopamine norepinephrine noradrenaline epinephrine vasopressin oxytocin": r"\b(?:plasma|serum|urin\w+"
    r"|circulating|levels?|concentrations?)\b",
    "lactate glycerol": r"\b(?:lactate|glycerol)\b(?! (?:ringer|threshold|infusion|solution))",
    "nitrate nitrates": r"\bnitrates? levels?|\blevels? of nitrates?|\bnitrates? (?:and )?nitrites?",
    "bap": r"\b(?:bone (?:specific )?alkaline phosphatase|serum bap)",
    "s100": r"\bs100",
    "protein proteins": r"\b(?:total|serum|plasma|urin\w+) proteins?\b|proteins? (?:creatinine|levels?"
    r"|concentrations?)",
}
_PLAIN: Final = " ".join(sorted(set(_NAMES.split()) - {word for words in _WITH_COMPANY for word in words.split()}))
BIOMARKERS: Final = (
    *rules_for(
        "biomarker-level", {"interleukin interleukins": "", "il": r"\bil ?\d+\b"}, without="inhibitor inhibitors"
    ),
    *rules_for(
        "biomarker-level",
        {
            "level levels concentration concentrations": r"\b(?:cytokines?|hormones?|biomarkers?|proteins?|gene|mrna"
            r"|metabolites?|catecholamines?|lipids?|antibody|chemokines?|enzymes?|electrolytes?|growth factors?"
            r"|factor|receptor|acids?) (?:levels?|concentrations?)\b|\b(?:serum|circulating|plasma|urinary|blood"
            rf"|salivary) levels? of\b|\blevels? (?:of \w+(?: \w+)? )?in (?:the )?(?:\w+ )?(?:{_FLUID}|microdialysate"
            r"|stool|f?ecal)\b",
            "expression": r"expression (?:of|profiles?|levels?|in)\b|\b(?:genes?|proteins?|mrna|tumou?r"
            r"|transcript\w*|receptor|marker|pd l1|biomarker) expression",
            "mutation mutational": r"\b(?:mutation|mutational) (?:burden|load|status)\b|tumou?r mutation",
            "cd4 cd8 cd3 cd19 cd34 treg tregs regulatory lymphocyte subsets": r"\bcd(?:3|4|8|19|34)\b(?! (?:targeted"
            r"|directed|car))(?:.*\b(?:cells?|counts?|lymphocytes?|ratio|levels?|infiltrat\w+)\b)|\b(?:regulatory t"
            r"|t|b|nk) cells? (?:counts?|number|subsets|levels?|ratio)|\btregs?\b|\blymphocyte subsets"
            r"|\bt(?: cell)? ?cell subsets|\bregulatory t cells?",
            "circulating": r"circulating (?:tumou?r cells|endothelial|tumou?r dna|progenitor|nucleic|free dna"
            r"|cell free)|circulating (?:\w+ )?(?:dna|rna)",
            "gas gases": r"\b(?:bile|perfusate|arterial|blood|venous) gas(?:es)? (?:\w+ ){0,2}(?:o2|oxygen|carbon"
            r"|co2|hco3|so2|po2|pco2|na|k|cl|ca|sodium|potassium|calcium|chloride|glucose|lactate|ha?emoglobin|hb"
            r"|base|be)\b",
        },
        unless=rf"metabolites? of|\b(?:levels?|concentrations?) of (?:the )?{_DRUG}|{_AFTER_AN_AGENT}|metabolite",
    ),
    *rules_for(
        "biomarker-level",
        {
            "biomarker biomarkers biomarcators": "",
            "marker markers": r"\b(?:inflammatory|inflammation|plasma|serum|blood|cardiac|turnover|endothelial"
            r"|injury|tumou?r|renal|neurohormonal|fibrosis|stress|metabolic|biological|biochemical|immune"
            r"|immunological|humoral|bone|oxidative|kidney|liver|coagulation|molecular|cancer|damage|genetic"
            r"|nutritional|resorption|formation|hormonal|lipid|circulating|platelet|vascular|angiogen\w+|apoptosis"
            r"|proliferation) markers?\b|\bmarkers? of (?:\w+ )?(?:inflammation|fibrosis|oxidative|myocardial|bone"
            r"|cardiac|endothelial|renal|kidney|injury|liver|immune|metabol\w+|coagulation|platelet|neuro\w+"
            r"|collagen|vascular|systemic|muscle|brain|tumou?r|turnover|damage|stress)",
            "lipid lipids": r"\blipid (?:profiles?|panel|parameters|levels?|metabolism|concentrations?)|\b(?:blood"
            r"|serum|plasma|fasting) lipids?\b|^(?:changes? in )?lipids\b",
            "cytokine cytokines": r"\bcytokines?\b(?! release syndrome)",
            "inflammatory": r"\binflammatory (?:factors?|mediators?|proteins?|cytokines?|parameters?"
            r"|response markers)",
            "electrolytes electrolyte": r"\b(?:serum|plasma|blood|urin\w+) electrolytes?\b|electrolyte (?:levels?"
            r"|concentrations?)",
            "hormone hormones": r"\b(?:sex|thyroid|reproductive|stress|parathyroid|growth|luteini[sz]ing|stimulating"
            r"|hypophyseal|gut|steroid|serum|female|male|anti mullerian) hormones?\b(?! (?:therapy|treatment"
            r"|replacement|receptor|deficien\w+))",
            "oxidative": "oxidative stress|total antioxidant",
            "methylation": r"\bmethylation\b",
            "fatty amino": r"\b(?:free|plasma|serum|omega \d|essential|chain|blood) (?:\w+ )?(?:fatty"
            r"|amino) acids?\b|\bamino transferase",
        },
    ),
    *rules_for(
        "biomarker-level",
        {_PLAIN: "", **_WITH_COMPANY},
        unless=r"creatinine clearance|natriuretic effect|resistance to|(?:biochemical|psa) (?:failure|progression)"
        r"|(?:immune|humoral) response|renin angiotensin|lactate threshold|interferon (?:alfa|alpha|beta)"
        r"|lipoprotein apheresis|(?:hormone|thyroxine|testosterone) (?:therapy|treatment|replacement)|(?:use"
        r"|dose) of|anti (?:tnf|vegf)",
        without="guided intake consumption infusion requirement requirements deficiency inhibitor inhibitors "
        "antagonist antagonists blocker blockers antibody antibodies titer titers titre titres vasoactive "
        "stimulated psma mineralocorticoid",
    ),
    *rules_for(
        "biomarker-level",
        {
            "glucose insulin sodium potassium hemoglobin haemoglobin albumin magnesium calcium phosphate "
            "phosphorus chloride bicarbonate cholesterol vitamin iron uric urate zinc copper selenium folate "
            "oxalate citrate ammonia": r"(?<!fasting )\b(?:serum|plasma|urinary|urine|whole blood|blood|total|venous"
            rf"|capillary|interstitial|mean|free) {_SUBSTANCES}\b|\b{_SUBSTANCES} (?:levels?|concentrations?|values?"
            rf"|ratio|saturation|excretion)\b|\b(?:levels?|concentrations?) of (?:\w+ )?{_SUBSTANCES}\b"
            r"|\btotal iron binding|^(?:changes? (?:in|of|from baseline in|from baseline in the) "
            rf"|mean )?{_SUBSTANCES}(?: (?:at|change|from|after|postoperative|and)\b|$)",
            "reactive": "c reactive protein",
            "peptide peptides": r"\bc peptides?\b|natriuretic peptide",
            "kinase": "creatine (?:phospho ?)?kinase",
            "ogtt": "",
            "tolerance": "oral glucose tolerance|glucose tolerance test|meal tolerance",
            "glycemia glycaemia": r"\b(?:mean|post ?prandial|capillary|blood) glyc(?:a)?emia\b",
            "growth": r"\bgrowth factors?\b|growth differentiation factor",
            "calcitonin": "",
            "specific": r"\bprostate specific antigen\b(?! (?:membrane))|carcinoembryonic",
            "antigen": r"\b(?:carcinoembryonic|prostate specific|cancer) antigens?\b",
            "density": r"\b(?:high|very low) density lipoprotein",
        },
        unless=r"glucose control|sodium (?:restrict|diet|removal|excretion)|time in range|fasting (?:blood|plasma"
        r"|serum) glucose|sodium (?:nitroprusside|glucose)|insulin (?:dose|use|therapy|sensitiv|resist|requir)"
        r"|psa progression|antigen (?:membrane|failure|progression)|iron (?:dose|deficien)",
        without="intake consumption monitoring cotransporter requirement requirements hypoglycemia hypoglycemic "
        "hypoglycaemia dose antagonist deficiency supplement supplementation",
    ),
)
RULES: Final = (*PHARMACOKINETICS, *BIOMARKERS)
"""In the order in which their codes are given."""
