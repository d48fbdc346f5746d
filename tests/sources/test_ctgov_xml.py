"""Legacy XML: every element of its schema, by invented records, and all real ones by counting."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from kg.config import resource
from kg.errors import RecordError
from kg.pipeline.choose import choose
from kg.sources import Form, Inputs, RawRecord, Reject, decode, head, read
from kg.sources.ctgov_xml.text import paragraphs, unwrapped
from kg.sources.detect import Content, detect
from kg.sources.registry_words import enum_value
from kg.study import DateStruct, Denominator, OutcomeResult, Study

HEAD = "<id_info><org_study_id>OWN-1</org_study_id><nct_id>NCT01234567</nct_id></id_info>"


def study(body: str, *, start: str = HEAD) -> Study:
    return decode(RawRecord(f"<clinical_study>{start}{body}</clinical_study>".encode(), Form.XML, "a.xml"))


def archive(shared_data: Path) -> Path:
    return shared_data / "records/xml/AllPublicXML-sample.zip"


def real_records(shared_data: Path) -> list[tuple[bytes, Study]]:
    records = list(read([archive(shared_data)]))
    rejects = [record for record in records if isinstance(record, Reject)]
    assert rejects == []
    return [(record.data, decode(record)) for record in records if isinstance(record, RawRecord)]


def test_identification_and_sponsors() -> None:
    protocol = study(
        """<brief_title>A  title
        in two lines</brief_title><acronym>AB</acronym><official_title>Long</official_title>
        <sponsors><lead_sponsor><agency>Example Hospital</agency><agency_class>U.S. Fed</agency_class></lead_sponsor>
        <collaborator><agency>Ex Ltd</agency><agency_class>Industry</agency_class></collaborator></sponsors>
        <source>Example Hospital</source>
        <responsible_party><responsible_party_type>Principal Investigator</responsible_party_type>
        <investigator_affiliation>Place</investigator_affiliation>
        <investigator_full_name>A. Byron</investigator_full_name><investigator_title>Chair</investigator_title>
        </responsible_party>""",
        start="<id_info><org_study_id>O</org_study_id><secondary_id>S1</secondary_id><secondary_id>S2</secondary_id>"
        "<nct_id>NCT01234567</nct_id><nct_alias>NCT00000001</nct_alias></id_info>",
    ).protocol_section
    named = protocol.identification_module
    assert (named.nct_id, named.nct_id_aliases, named.acronym) == ("NCT01234567", ["NCT00000001"], "AB")
    assert named.brief_title == "A title in two lines"
    assert [number.id for number in named.secondary_id_infos] == ["S1", "S2"]
    sponsors = protocol.sponsor_collaborators_module
    assert sponsors.lead_sponsor is not None
    assert (sponsors.lead_sponsor.class_, sponsors.collaborators[0].class_) == ("FED", "INDUSTRY")
    assert sponsors.responsible_party is not None
    assert sponsors.responsible_party.type == "PRINCIPAL_INVESTIGATOR"


def test_dates_and_their_types() -> None:
    status = study(
        """<overall_status>Active, not recruiting</overall_status><why_stopped>
    Set over
    two lines.
  </why_stopped><start_date>September 2015</start_date><completion_date type="Anticipated">May 3, 2030</completion_date>
        <primary_completion_date type="Actual">May 2020</primary_completion_date>
        <study_first_posted type="Estimate">June 1, 2014</study_first_posted>
        <verification_date>some day</verification_date>"""
    ).protocol_section.status_module
    assert status.overall_status == "ACTIVE_NOT_RECRUITING"
    assert status.why_stopped == "Set over two lines."
    assert status.start_date_struct == DateStruct(date="2015-09")
    assert status.completion_date_struct == DateStruct(date="2030-05-03", type="ESTIMATED")
    assert status.primary_completion_date_struct == DateStruct(date="2020-05", type="ACTUAL")
    assert status.study_first_post_date_struct == DateStruct(date="2014-06-01", type="ESTIMATED")
    assert status.status_verified_date == "some day", "what is no date is kept, for the mapping to note"


def test_older_names_of_dates_are_read_and_two_that_differ_are_noted() -> None:
    old = study("<firstreceived_date>May 1, 2008</firstreceived_date><lastchanged_date>May 2, 2009</lastchanged_date>")
    assert old.protocol_section.status_module.study_first_submit_date == "2008-05-01"
    assert old.protocol_section.status_module.last_update_submit_date == "2009-05-02"
    assert old.reading_notes == []
    both = study(
        "<lastchanged_date>May 1, 2009</lastchanged_date><last_update_submitted>May 2, 2009</last_update_submitted>"
        "<last_update_submitted_qc>May 3, 2009</last_update_submitted_qc>"
    )
    assert both.protocol_section.status_module.last_update_submit_date == "2009-05-02"
    assert len(both.reading_notes) == 2


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("Phase 1/Phase 2", ["PHASE1", "PHASE2"]),
        ("N/A", ["NA"]),
        ("Early Phase 1", ["EARLY_PHASE1"]),
        ("Phase 0", ["EARLY_PHASE1"]),
        ("Phase 9", ["Phase 9"]),
    ],
)
def test_phases(text: str, phases: list[str]) -> None:
    assert study(f"<phase>{text}</phase>").protocol_section.design_module.phases == phases


@pytest.mark.parametrize(
    ("text", "masking", "who"),
    [
        ("None (Open Label)", "NONE", []),
        ("Open Label", "NONE", []),
        ("Double (Participant, Investigator)", "DOUBLE", ["PARTICIPANT", "INVESTIGATOR"]),
        ("Double-Blind", "DOUBLE", []),
        ("Double Blind (Subject, Caregiver)", "DOUBLE", ["PARTICIPANT", "CARE_PROVIDER"]),
        ("Participant, Outcomes Assessor", None, ["PARTICIPANT", "OUTCOMES_ASSESSOR"]),
        ("Fivefold", "Fivefold", []),
    ],
)
def test_masking(text: str, masking: str | None, who: list[str]) -> None:
    design = study(f"<study_design_info><masking>{text}</masking></study_design_info>").protocol_section.design_module
    assert design.design_info is not None
    assert design.design_info.masking_info is not None
    assert design.design_info.masking_info.masking == masking
    assert design.design_info.masking_info.who_masked == who


def test_design_in_one_line() -> None:
    old = study(
        "<study_design>Allocation: Randomized, Endpoint Classification: Safety Study, Intervention Model: Crossover "
        "Assignment, Masking: Double Blind (Subject, Investigator), Primary Purpose: Treatment</study_design>"
    )
    info = old.protocol_section.design_module.design_info
    assert info is not None
    assert (info.allocation, info.intervention_model, info.primary_purpose) == ("RANDOMIZED", "CROSSOVER", "TREATMENT")
    assert info.masking_info is not None
    assert info.masking_info.who_masked == ["PARTICIPANT", "INVESTIGATOR"]
    assert [note for note in old.reading_notes if "Safety Study" in note]


def test_what_a_design_in_one_line_says_twice_is_noted() -> None:
    old = study("<study_design>Allocation: Randomized, Allocation: Non-Randomized</study_design>")
    info = old.protocol_section.design_module.design_info
    assert info is not None
    assert info.allocation == "RANDOMIZED"
    assert old.reading_notes == ["no field takes a second 'Allocation' of study_design: 'Non-Randomized'"]


def test_an_extension_of_its_own_leaves_the_phone_as_it_is() -> None:
    both = "<point_of_contact><phone>1 ext 2</phone><phone_ext>3</phone_ext></point_of_contact>"
    results = study(f"<clinical_results>{both}</clinical_results>").results_section
    assert results is not None
    contact = results.more_info_module.point_of_contact
    assert contact is not None
    assert (contact.phone, contact.phone_ext) == ("1 ext 2", "3")


def test_design() -> None:
    design = study(
        """<study_type>Observational [Patient Registry]</study_type><target_duration>2 Years</target_duration>
        <expanded_access_info><expanded_access_type_treatment>Yes</expanded_access_type_treatment>
        </expanded_access_info>
        <enrollment type="Anticipated">1204</enrollment><biospec_retention>Samples With DNA</biospec_retention>
        <biospec_descr><textblock>blood</textblock></biospec_descr>"""
    ).protocol_section.design_module
    assert (design.study_type, design.patient_registry) == ("OBSERVATIONAL", True)
    assert design.enrollment_info is not None
    assert (design.enrollment_info.count, design.enrollment_info.type) == (1204, "ESTIMATED")
    assert design.expanded_access_types is not None
    assert (design.expanded_access_types.treatment, design.expanded_access_types.individual) == (True, None)
    assert design.bio_spec is not None
    assert (design.bio_spec.retention, design.bio_spec.description) == ("SAMPLES_WITH_DNA", "blood")


def test_arms_and_interventions_name_each_other() -> None:
    read_ = study(
        """<number_of_arms>3</number_of_arms>
        <arm_group><arm_group_label>One</arm_group_label><arm_group_type>Active Comparator</arm_group_type></arm_group>
        <arm_group><arm_group_label>Two</arm_group_label></arm_group>
        <intervention><intervention_type>Dietary Supplement</intervention_type>
        <intervention_name>Salt</intervention_name>
        <arm_group_label>One</arm_group_label><arm_group_label>Two</arm_group_label><other_name>NaCl</other_name>
        </intervention>"""
    )
    module = read_.protocol_section.arms_interventions_module
    assert [arm.intervention_names for arm in module.arm_groups] == [["Dietary Supplement: Salt"]] * 2
    assert module.arm_groups[0].type == "ACTIVE_COMPARATOR"
    assert module.interventions[0].type == "DIETARY_SUPPLEMENT"
    assert module.interventions[0].other_names == ["NaCl"]
    assert read_.reading_notes == ["number_of_arms is 3, and 2 are listed"]


def test_eligibility() -> None:
    eligibility = study(
        """<eligibility><study_pop><textblock>People</textblock></study_pop>
        <sampling_method>Non-Probability Sample</sampling_method><criteria><textblock>
        Inclusion Criteria:

          -  one

          -  two
        </textblock></criteria><gender>Both</gender><gender_based>Yes</gender_based>
        <gender_description>as told</gender_description><minimum_age>18 Years</minimum_age>
        <maximum_age>N/A</maximum_age>
        <healthy_volunteers>Accepts Healthy Volunteers</healthy_volunteers></eligibility>"""
    ).protocol_section.eligibility_module
    assert eligibility.eligibility_criteria == "Inclusion Criteria:\n\n* one\n* two"
    assert (eligibility.sex, eligibility.gender_based, eligibility.healthy_volunteers) == ("ALL", True, True)
    assert (eligibility.minimum_age, eligibility.maximum_age) == ("18 Years", None)
    assert (eligibility.study_population, eligibility.sampling_method) == ("People", "NON_PROBABILITY_SAMPLE")


def test_people_and_places() -> None:
    contacts = study(
        """<overall_official><first_name>Ada</first_name><last_name>Byron</last_name><degrees>MD</degrees>
        <role>Study Chair</role><affiliation>Place</affiliation></overall_official>
        <overall_contact><last_name>Call Center</last_name><phone>1</phone><phone_ext>2</phone_ext></overall_contact>
        <overall_contact_backup><last_name>Other</last_name><email>a@example.org</email></overall_contact_backup>
        <location><facility><name>Clinic</name><address><city>Bonn</city><state>NRW</state><zip>53</zip>
        <country>Germany</country></address></facility><status>Recruiting</status>
        <contact><last_name>A</last_name></contact><contact_backup><last_name>B</last_name></contact_backup>
        <investigator><last_name>C</last_name><role>Sub-Investigator</role></investigator></location>
        <location_countries><country>Germany</country></location_countries>"""
    ).protocol_section.contacts_locations_module
    assert [(one.name, one.role) for one in contacts.overall_officials] == [("Ada Byron, MD", "STUDY_CHAIR")]
    assert [contact.role for contact in contacts.central_contacts] == ["CONTACT", "CONTACT"]
    assert contacts.central_contacts[0].phone_ext == "2"
    (site,) = contacts.locations
    assert (site.facility, site.city, site.state, site.zip, site.country) == ("Clinic", "Bonn", "NRW", "53", "Germany")
    assert [(contact.name, contact.role) for contact in site.contacts] == [
        ("A", "CONTACT"),
        ("B", "CONTACT"),
        ("C", "SUB_INVESTIGATOR"),
    ]


def test_references_documents_and_sharing() -> None:
    read_ = study(
        """<link><url>https://example.org</url><description>Page</description></link>
        <reference><citation>First</citation><PMID>1</PMID></reference>
        <results_reference><citation>Second</citation></results_reference>
        <patient_data><sharing_ipd>Yes</sharing_ipd><ipd_description>All</ipd_description>
        <ipd_info_type>Statistical Analysis Plan (SAP)</ipd_info_type><ipd_info_type>Analytic Code</ipd_info_type>
        <ipd_time_frame>Soon</ipd_time_frame><ipd_access_criteria>Ask</ipd_access_criteria><ipd_url>u</ipd_url>
        </patient_data>
        <study_docs><study_doc><doc_id>D</doc_id><doc_type>Study Protocol</doc_type><doc_url>v</doc_url>
        <doc_comment>c</doc_comment></study_doc></study_docs>
        <provided_document_section><provided_document><document_type>Study Protocol</document_type>
        <document_has_protocol>Yes</document_has_protocol><document_has_icf>No</document_has_icf>
        <document_has_sap>No</document_has_sap><document_date>May 1, 2019</document_date>
        <document_url>https://example.org/67/NCT01234567/Prot_000.pdf</document_url></provided_document>
        </provided_document_section>"""
    )
    protocol = read_.protocol_section
    assert [reference.type for reference in protocol.references_module.references] == [None, "RESULT"]
    assert protocol.references_module.see_also_links[0].label == "Page"
    assert protocol.references_module.avail_ipds[0].id == "D"
    assert protocol.ipd_sharing_statement_module.info_types == ["SAP", "ANALYTIC_CODE"]
    (document,) = read_.document_section.large_document_module.large_docs
    assert (document.type_abbrev, document.filename, document.date) == ("Prot", "Prot_000.pdf", "2019-05-01")
    assert (document.has_protocol, document.has_sap, document.has_icf) == (True, False, False)


def test_what_the_registry_adds() -> None:
    read_ = study(
        """<required_header><download_date>ClinicalTrials.gov processed this data on April 27, 2021</download_date>
        <link_text>Link</link_text><url>u</url></required_header><removed_countries><country>Chile</country>
        </removed_countries>
        <condition_browse><mesh_term>Hypertension</mesh_term></condition_browse>
        <intervention_browse><mesh_term>Salts</mesh_term></intervention_browse>
        <pending_results><submitted>May 1, 2020</submitted><returned>May 9, 2020</returned>
        <submitted>June 1, 2020</submitted><submission_canceled>Unknown</submission_canceled></pending_results>"""
    )
    derived = read_.derived_section
    assert derived.misc_info_module.version_holder == "2021-04-27"
    assert derived.misc_info_module.removed_countries == ["Chile"]
    assert [term.term for term in derived.condition_browse_module.meshes] == ["Hypertension"]
    assert [term.id for term in derived.intervention_browse_module.meshes] == [None]
    annotation = read_.annotation_section.annotation_module.unposted_annotation
    assert annotation is not None
    assert [(event.type, event.date) for event in annotation.unposted_events] == [
        ("RELEASE", "2020-05-01"),
        ("RESET", "2020-05-09"),
        ("RELEASE", "2020-06-01"),
        ("UNRELEASE", None),
    ]
    tracking = derived.misc_info_module.submission_tracking
    assert tracking is not None
    assert [(one.release_date, one.reset_date, one.unrelease_date_unknown) for one in tracking.submission_infos] == [
        ("2020-05-01", "2020-05-09", None),
        ("2020-06-01", None, True),
    ]
    assert read_.reading_notes == []
    assert read_.has_results is False


RESULTS = """<clinical_results>
<participant_flow><recruitment_details>How</recruitment_details>
 <group_list><group group_id="P1"><title>One</title><description>first</description></group></group_list>
 <period_list><period><title>Overall Study</title>
  <milestone_list><milestone><title>STARTED</title><participants_list><participants group_id="P1" count="10">all of
them</participants></participants_list></milestone></milestone_list>
  <drop_withdraw_reason_list><drop_withdraw_reason><title>Death</title><participants_list>
   <participants group_id="P1" count="1"/></participants_list></drop_withdraw_reason></drop_withdraw_reason_list>
 </period></period_list></participant_flow>
<baseline><population>All</population><group_list><group group_id="B1"><title>One</title></group></group_list>
 <analyzed_list><analyzed><units>Participants</units><scope>Overall</scope>
  <count_list><count group_id="B1" value="10"/></count_list></analyzed></analyzed_list>
 <measure_list><measure><title>Age</title><units>years</units><param>Mean</param>
 <dispersion>Standard Deviation</dispersion>
  <class_list><class><title>K</title><category_list><category><title>C</title><measurement_list>
  <measurement group_id="B1" value="50" spread="3"/></measurement_list></category></category_list></class></class_list>
 </measure></measure_list></baseline>
<outcome_list><outcome><type>Other Pre-specified</type><title>Weight</title><description>Kilograms</description>
 <time_frame>4 weeks</time_frame><group_list><group group_id="O1"><title>One</title></group></group_list>
 <measure><title>Weight</title><description>Kilograms</description><units>kg</units><param>Median</param>
  <dispersion>Full Range</dispersion><units_analyzed>eyes</units_analyzed><analyzed_list>
  <analyzed><units>Participants</units><scope>Measure</scope><count_list><count group_id="O1" value="9"/>
  </count_list></analyzed>
  <analyzed><units>eyes</units><scope>Measure</scope><count_list><count group_id="O1" value="18"/></count_list>
  </analyzed>
  </analyzed_list><class_list><class><category_list><category><measurement_list>
  <measurement group_id="O1" value="NA" lower_limit="1" upper_limit="2">not reached</measurement>
  </measurement_list></category></category_list></class></class_list></measure>
 <analysis_list><analysis><group_id_list><group_id>O1</group_id></group_id_list><groups_desc>g</groups_desc>
  <non_inferiority_type>Superiority or Other</non_inferiority_type><p_value>&lt;0.01</p_value><method>t-test</method>
  <param_type>Mean Difference</param_type><param_value>1</param_value><ci_percent>95</ci_percent>
  <ci_n_sides>2-Sided</ci_n_sides><ci_lower_limit>0</ci_lower_limit><ci_upper_limit>2</ci_upper_limit>
  <dispersion_type>Standard Error of the Mean</dispersion_type><dispersion_value>1</dispersion_value>
  <estimate_desc>e</estimate_desc></analysis></analysis_list></outcome>
 <outcome><type>Post-Hoc</type><title>Later</title><posting_date>12/2020</posting_date></outcome></outcome_list>
<reported_events><time_frame>1 year</time_frame><desc>How</desc>
 <group_list><group group_id="E1"><title>One</title></group></group_list>
 <serious_events><default_vocab>MedDRA</default_vocab><default_assessment>Systematic Assessment</default_assessment>
  <category_list><category><title>Total</title><event_list>
   <event><sub_title>Total, all-cause mortality</sub_title>
   <counts group_id="E1" subjects_affected="1" subjects_at_risk="10"/></event>
   <event><sub_title>Total, serious adverse events</sub_title>
   <counts group_id="E1" subjects_affected="2" subjects_at_risk="10"/></event>
  </event_list></category><category><title>General disorders</title><event_list>
   <event><sub_title vocab="Own">Fever</sub_title><assessment>Non-systematic Assessment</assessment>
    <description>high</description><counts group_id="E1" events="3" subjects_affected="2" subjects_at_risk="10"/>
    </event>
   <event><sub_title>Chills</sub_title><counts group_id="E1" subjects_affected="some" subjects_at_risk="10"/></event>
  </event_list></category></category_list></serious_events>
 <other_events><frequency_threshold>5</frequency_threshold><category_list><category><title>Total</title><event_list>
   <event><sub_title>Total, other adverse events</sub_title>
   <counts group_id="E1" subjects_affected="4" subjects_at_risk="10"/></event>
  </event_list></category></category_list></other_events></reported_events>
<certain_agreements>
 <pi_employee>All Principal Investigators ARE employed by the organization sponsoring the study.</pi_employee>
 <restrictive_agreement>The only disclosure restriction on the PI is that the sponsor can review results
 communications prior to public release and can embargo communications regarding trial results for a period that is
 less than or equal to 60 days. The sponsor cannot require changes.</restrictive_agreement></certain_agreements>
<limitations_and_caveats>few people</limitations_and_caveats>
<point_of_contact><name_or_title>Head</name_or_title><organization>Ex</organization><phone>12 ext 3</phone>
</point_of_contact>
</clinical_results>"""


def test_participant_flow_and_baseline() -> None:
    results = study(RESULTS).results_section
    assert results is not None
    flow, baseline = results.participant_flow_module, results.baseline_characteristics_module
    assert [(group.id, group.title, group.description) for group in flow.groups] == [("FG000", "One", "first")]
    (milestone,) = flow.periods[0].milestones
    assert milestone.type == "STARTED"
    assert (milestone.achievements[0].num_subjects, milestone.achievements[0].comment) == ("10", "all of\n\nthem")
    assert flow.periods[0].drop_withdraws[0].reasons[0].num_subjects == "1"
    assert baseline.denoms == [Denominator(units="Participants", counts=baseline.denoms[0].counts)]
    assert (baseline.denoms[0].counts[0].group_id, baseline.denoms[0].counts[0].value) == ("BG000", "10")
    (measure,) = baseline.measures
    assert (measure.param_type, measure.dispersion_type) == ("MEAN", "STANDARD_DEVIATION")
    (measurement,) = measure.classes[0].categories[0].measurements
    assert (measurement.group_id, measurement.value, measurement.spread) == ("BG000", "50", "3")


def test_outcomes_of_results() -> None:
    read_ = study(RESULTS)
    assert read_.results_section is not None
    weight, later = read_.results_section.outcome_measures_module.outcome_measures
    assert (weight.type, weight.reporting_status, weight.param_type) == ("OTHER_PRE_SPECIFIED", "POSTED", "MEDIAN")
    assert (weight.type_units_analyzed, weight.denom_units_selected) == ("eyes", "eyes")
    assert [denom.counts[0].value for denom in weight.denoms] == ["9", "18"]
    (measurement,) = weight.classes[0].categories[0].measurements
    assert (measurement.value, measurement.upper_limit, measurement.comment) == ("NA", "2", "not reached")
    (analysis,) = weight.analyses
    assert (analysis.group_ids, analysis.non_inferiority_type) == (["OG000"], "SUPERIORITY_OR_OTHER")
    assert (analysis.p_value, analysis.ci_num_sides) == ("<0.01", "TWO_SIDED")
    assert analysis.dispersion_type == "STANDARD_ERROR_OF_MEAN"
    assert (later.type, later.reporting_status, later.anticipated_posting_date) == ("POST_HOC", "NOT_POSTED", "2020-12")


def test_events_and_what_could_not_be_carried_over() -> None:
    read_ = study(RESULTS)
    assert read_.results_section is not None
    events = read_.results_section.adverse_events_module
    (group,) = events.event_groups
    assert (group.id, group.deaths_num_affected, group.serious_num_affected, group.other_num_affected) == (
        "EG000",
        1,
        2,
        4,
    )
    fever, chills = events.serious_events
    assert (fever.source_vocabulary, fever.assessment_type, fever.notes) == ("Own", "NON_SYSTEMATIC_ASSESSMENT", "high")
    assert (chills.source_vocabulary, chills.assessment_type) == ("MedDRA", "SYSTEMATIC_ASSESSMENT")
    assert (fever.stats[0].num_events, fever.stats[0].num_affected, chills.stats[0].num_affected) == (3, 2, None)
    assert read_.reading_notes == ["subjects_affected of an event is not a whole number: 'some'"]
    more = read_.results_section.more_info_module
    assert more.certain_agreement is not None
    assert (more.certain_agreement.pi_sponsor_employee, more.certain_agreement.restriction_type) == (True, "LTE60")
    assert more.point_of_contact is not None
    assert (more.point_of_contact.phone, more.point_of_contact.phone_ext) == ("12", "3")
    assert more.limitations_and_caveats is not None


def test_results_of_the_older_form() -> None:
    read_ = study(
        """<clinical_results><outcome_list><outcome><title>Score</title><measure_list>
        <measure><title>Number of Participants</title><units>participants</units><param>Number</param><category_list>
        <category>
         <measurement_list><measurement group_id="O1" value="7"/></measurement_list></category></category_list>
         </measure>
        <measure><title>Score</title><units>points</units><param>Mean</param><category_list><category>
         <sub_title>Visit 1</sub_title><measurement_list><measurement group_id="O1" value="3"/></measurement_list>
        </category></category_list></measure></measure_list></outcome></outcome_list></clinical_results>"""
    )
    assert read_.results_section is not None
    (outcome,) = read_.results_section.outcome_measures_module.outcome_measures
    assert (outcome.denoms[0].units, outcome.denoms[0].counts[0].value) == ("Participants", "7")
    assert (outcome.unit_of_measure, outcome.param_type) == ("points", "MEAN")
    assert [category.title for category in outcome.classes[0].categories] == ["Visit 1"]
    assert read_.reading_notes == []


def test_unknown_elements_attributes_and_words_are_noted_and_kept() -> None:
    read_ = study(
        """<novelty>new</novelty><novelty>newer</novelty><brief_title kind="x">T</brief_title><acronym>A</acronym>
        <acronym>B</acronym><overall_status>Asleep</overall_status><empty/><sponsors>loose</sponsors>
        <primary_outcome><measure>M<b>bold</b>rest</measure></primary_outcome>"""
    )
    assert read_.protocol_section.status_module.overall_status == "Asleep"
    assert read_.reading_notes == [
        "no field takes novelty (2 times): 'new'",
        "no field takes brief_title@kind: 'x'",
        "no field takes acronym: 'B'",
        "no field takes empty: ''",
        "no field takes sponsors: 'loose'",
        "no field takes primary_outcome/measure/b: 'bold'",
        "no field takes primary_outcome/measure (text between elements): 'rest'",
    ]


def test_notes_of_a_document_of_strangers_are_bounded() -> None:
    notes = study("".join(f"<n{number}>x</n{number}>" for number in range(5000))).reading_notes
    assert len(notes) == 51
    assert "4,950 more" in notes[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n      One line that\n      goes on.\n\n      Next.\n    ", "One line that goes on.\n\nNext."),
        ("\r\n  A:\r\n\r\n    1. x\r\n\r\n       more\r\n\r\n    2. y\r\n", "A:\n\n1. x\n\n   more\n2. y"),
        ("\n          9. i\n\n         10. j\n             k\n", "9. i\n10. j k"),
        ("\n   -  a\n\n        -  b\n\n        -  c\n\n   -  d\n", "* a\n\n  * b\n  * c\n* d"),
        ("\n  -  HEAD:\n\n  text\n\n    -  a\n", "* HEAD:\n\ntext\n\n* a"),
        ("\n  In 1990,\n  2. was late.\n", "In 1990, 2. was late."),
        ("\n  - not set as an item\n  of a list\n", "- not set as an item of a list"),
        ("\n  5 < 6 [x] a*b\n", "5 < 6 [x] a*b"),
        ("   \n ", ""),
    ],
)
def test_text_blocks_are_unwrapped(text: str, expected: str) -> None:
    assert unwrapped(text) == expected


def test_text_that_its_registrant_wrapped() -> None:
    wrapped = (
        "Patients receive a tablet as in arm I, and they also receive the other one\r\nin the morning.\r\n\r\nNext."
    )
    assert paragraphs(wrapped) == (
        "Patients receive a tablet as in arm I, and they also receive the other one in the morning.\n\nNext."
    )
    assert paragraphs("Short.\r\nlower case") == "Short.\n\nlower case"


def test_detected_by_content() -> None:
    assert detect(b"<?xml version='1.0'?>\n<!-- a --><clinical_study rank='1'>")[0] is Content.XML
    assert detect(b"\xef\xbb\xbf <clinical_study>")[0] is Content.XML
    assert detect(b"<clinical_studyx>")[0] is not Content.XML
    assert detect(b"<html><!-- <clinical_study> -->")[0] is Content.HTML


def test_files_and_archives(tmp_path: Path) -> None:
    data = f"<?xml version='1.0' encoding='UTF-8'?><clinical_study>{HEAD}</clinical_study>".encode()
    (tmp_path / "one.xml").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as bulk:
        bulk.writestr("NCT0123xxxx/NCT01234567.xml", data)
        bulk.writestr("Contents.txt", "not a record")
    found = list(read([tmp_path / "one.xml", tmp_path / "all.zip"]))
    records = [one for one in found if isinstance(one, RawRecord)]
    assert [(record.form, record.data) for record in records] == [(Form.XML, data)] * 2
    assert records[1].place.endswith("all.zip!NCT0123xxxx/NCT01234567.xml")
    assert [one.place for one in found if isinstance(one, Reject)] == [f"{tmp_path}/all.zip!Contents.txt"]


def test_head_reads_the_two_fields_and_takes_the_older_name() -> None:
    posted = "<last_update_posted type='Actual'>May 2, 2021</last_update_posted>"
    changed = "<lastchanged_date>May 1, 2009</lastchanged_date>"

    def heads(body: str) -> tuple[str, str]:
        return head(RawRecord(f"<clinical_study>{HEAD}{body}</clinical_study>".encode(), Form.XML, "a"))

    assert heads(changed + posted) == ("NCT01234567", "2021-05-02")
    assert heads(changed) == ("NCT01234567", "2009-05-01")
    assert heads("<!-- <nct_id>NCT00000009</nct_id> --><last_update_posted>soon</last_update_posted>") == (
        "NCT01234567",
        "",
    )
    elsewhere = f"<clinical_study><x><nct_id>NCT00000009</nct_id></x>{HEAD}</clinical_study>"
    assert head(RawRecord(elsewhere.encode(), Form.XML, "a")) == ("NCT01234567", "")
    assert head(RawRecord(b"<a", Form.XML, "a")) == ("", "")


def test_api_v2_goes_before_xml_and_a_newer_one_before_all(tmp_path: Path) -> None:
    def xml(date: str) -> str:
        return f"<clinical_study>{HEAD}<last_update_posted>{date}</last_update_posted></clinical_study>"

    status = {"lastUpdatePostDateStruct": {"date": "2021-05-02"}}
    modules = {"identificationModule": {"nctId": "NCT01234567"}, "statusModule": status}
    (tmp_path / "1.xml").write_text(xml("May 2, 2021"))
    (tmp_path / "2.json").write_text(json.dumps({"protocolSection": modules}))
    with Inputs([tmp_path]) as inputs:
        assert choose(inputs).winners == {"NCT01234567": 1}
    (tmp_path / "3.xml").write_text(xml("May 3, 2021"))
    with Inputs([tmp_path]) as inputs:
        assert choose(inputs).winners == {"NCT01234567": 2}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"<clinical_study>{HEAD}<a></clinical_study>", "malformed XML"),
        ("<clinical_study/>", "no NCT id"),
        ("<clinical_study><id_info><nct_id>NCT1</nct_id></id_info></clinical_study>", "'NCT1' is no NCT id"),
        (f"<clinical_study>{HEAD}</clinical_study>x", "malformed XML"),
    ],
)
def test_what_is_no_record_is_rejected_in_one_line(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(text)
    (reject,) = read([tmp_path / "a.xml"])
    assert isinstance(reject, Reject)
    assert reason in reject.reason
    with pytest.raises(RecordError):
        decode(RawRecord(text.encode(), Form.XML, "a"))


@pytest.mark.shared_data
def test_words_are_those_of_the_registry(shared_data: Path) -> None:
    lines = resource("kg", "sources", "registry_words.tsv").read_text("utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t"))
    ours = {(row["enumeration"], row["word"], row["value"]) for row in rows if row["from"] == "registry"}
    listed = set()
    values = set()
    for enumeration in json.loads((shared_data / "records/api/enums.json").read_text()):
        for value in enumeration["values"]:
            for word in {value["legacyValue"], *value.get("exceptions", {}).values()}:
                listed.add((enumeration["type"], word, value["value"]))
            values.add((enumeration["type"], value["value"]))
    assert ours == {row for row in listed if row[0] in {row["enumeration"] for row in rows}}
    assert {(row["enumeration"], row["value"]) for row in rows} <= values
    assert all(enum_value(row["enumeration"], row["word"]) == row["value"] for row in rows)


def counted_in_xml(data: bytes) -> Counter[str]:
    """How often what repeats occurs in the document, by walking it with another parser's tree."""
    counts: Counter[str] = Counter()
    totals = ("Total, serious adverse events", "Total, other adverse events", "Total, all-cause mortality")
    walk = etree.iterparse(io.BytesIO(data), events=("end",))
    for _, element in walk:
        parents = [str(parent.tag) for parent in element.iterancestors()]
        parent = parents[0] if parents else ""
        top = parent == "clinical_study"
        tag = str(element.tag)
        filled = bool((element.text or "").strip())
        if top and (tag not in ("condition", "keyword") or filled):
            counts[tag] += 1
        elif tag in ("secondary_id", "nct_alias", "mesh_term", "other_name", "group_id", "ipd_info_type"):
            counts[tag] += filled
        elif tag == "country" and parent == "removed_countries":
            counts["removed country"] += filled
        elif tag == "arm_group_label" and parent == "intervention":
            counts["arm named by an intervention"] += filled
        elif tag in ("contact", "contact_backup", "investigator", "collaborator", "study_doc", "provided_document"):
            counts[tag] += 1
        elif tag in ("submitted", "returned", "submission_canceled") and parent == "pending_results":
            counts["pending"] += 1
        elif tag in ("period", "milestone", "drop_withdraw_reason", "participants", "analysis"):
            counts[tag] += 1
        elif tag == "group":
            counts[f"group of {parents[1]}"] += 1
        elif tag in ("outcome", "class"):
            counts[tag + " of results"] += 1
        elif tag in ("measurement", "count"):
            # In the older form the number of participants is a measure.
            counts["cell"] += 1
        elif tag == "event":
            counts["total" if element.findtext("sub_title") in totals else f"event of {parents[3]}"] += 1
        elif tag == "counts":
            counts["numbers of a total" if parent_term(element) in totals else "numbers of an event"] += 1
    return counts


def parent_term(element: etree._Element) -> str | None:
    parent = element.getparent()
    return None if parent is None else parent.findtext("sub_title")


def counted_in_study(read_: Study, names: set[str]) -> Counter[str]:
    protocol, derived = read_.protocol_section, read_.derived_section
    arms, contacts = protocol.arms_interventions_module, protocol.contacts_locations_module
    references = protocol.references_module
    roles = [contact.role for location in contacts.locations for contact in location.contacts]
    annotation = read_.annotation_section.annotation_module.unposted_annotation
    counts = Counter(
        {
            "condition": len(protocol.conditions_module.conditions),
            "keyword": len(protocol.conditions_module.keywords),
            "secondary_id": len(protocol.identification_module.secondary_id_infos),
            "nct_alias": len(protocol.identification_module.nct_id_aliases),
            "collaborator": len(protocol.sponsor_collaborators_module.collaborators),
            "arm_group": len(arms.arm_groups),
            "intervention": len(arms.interventions),
            "other_name": sum(len(one.other_names) for one in arms.interventions),
            "arm named by an intervention": sum(len(one.arm_group_labels) for one in arms.interventions),
            "primary_outcome": len(protocol.outcomes_module.primary_outcomes),
            "secondary_outcome": len(protocol.outcomes_module.secondary_outcomes),
            "other_outcome": len(protocol.outcomes_module.other_outcomes),
            "location": len(contacts.locations),
            "overall_official": len(contacts.overall_officials),
            "any contact of a location": len(roles),
            "any overall contact": len(contacts.central_contacts),
            "reference": sum(reference.type is None for reference in references.references),
            "results_reference": sum(reference.type == "RESULT" for reference in references.references),
            "link": len(references.see_also_links),
            "study_doc": len(references.avail_ipds),
            "ipd_info_type": len(protocol.ipd_sharing_statement_module.info_types),
            "provided_document": len(read_.document_section.large_document_module.large_docs),
            "mesh_term": len(derived.condition_browse_module.meshes) + len(derived.intervention_browse_module.meshes),
            "removed country": len(derived.misc_info_module.removed_countries),
            "pending": len(annotation.unposted_events) if annotation else 0,
        }
    )
    if read_.results_section:
        counts += counted_in_results(read_)
    return Counter({name: counts[name] for name in names if counts[name]})


def counted_in_results(read_: Study) -> Counter[str]:
    assert read_.results_section is not None
    flow = read_.results_section.participant_flow_module
    baseline = read_.results_section.baseline_characteristics_module
    outcomes: list[OutcomeResult] = read_.results_section.outcome_measures_module.outcome_measures
    events = read_.results_section.adverse_events_module
    cells = [achievement for period in flow.periods for one in period.milestones for achievement in one.achievements]
    left = [reason for period in flow.periods for one in period.drop_withdraws for reason in one.reasons]
    measures = [*baseline.measures, *outcomes]
    classes = [one for measure in measures for one in measure.classes]
    denoms = [*baseline.denoms, *(one for measure in measures for one in measure.denoms)]
    denoms += [denom for one in classes for denom in one.denoms]
    categories = [category for one in classes for category in one.categories]
    rows = [*events.serious_events, *events.other_events]
    return Counter(
        {
            "period": len(flow.periods),
            "milestone": sum(len(period.milestones) for period in flow.periods),
            "drop_withdraw_reason": sum(len(period.drop_withdraws) for period in flow.periods),
            "participants": len(cells) + len(left),
            "group of participant_flow": len(flow.groups),
            "group of baseline": len(baseline.groups),
            "group of outcome": sum(len(outcome.groups) for outcome in outcomes),
            "group of reported_events": len(events.event_groups),
            "outcome of results": len(outcomes),
            "analysis": sum(len(outcome.analyses) for outcome in outcomes),
            "group_id": sum(len(analysis.group_ids) for outcome in outcomes for analysis in outcome.analyses),
            "cell": sum(len(one.measurements) for one in categories) + sum(len(one.counts) for one in denoms),
            "event of serious_events": len(events.serious_events),
            "event of other_events": len(events.other_events),
            "numbers of an event": sum(len(row.stats) for row in rows),
            "numbers of a total": sum(
                numbers != (None, None)
                for group in events.event_groups
                for numbers in (
                    (group.deaths_num_affected, group.deaths_num_at_risk),
                    (group.serious_num_affected, group.serious_num_at_risk),
                    (group.other_num_affected, group.other_num_at_risk),
                )
            ),
        }
    )


@pytest.mark.shared_data
def test_all_real_records_are_read_and_nothing_that_repeats_is_lost(shared_data: Path) -> None:
    records = real_records(shared_data)
    assert len(records) == 1180
    total: Counter[str] = Counter()
    for data, read_ in records:
        raw = counted_in_xml(data)
        raw["any contact of a location"] = sum(raw.pop(tag, 0) for tag in ("contact", "contact_backup", "investigator"))
        raw["any overall contact"] = raw.pop("overall_contact", 0) + raw.pop("overall_contact_backup", 0)
        ours = counted_in_study(read_, set(raw) - SINGLE)
        assert ours == Counter({name: count for name, count in raw.items() if count and name not in SINGLE}), (
            read_.nct_id
        )
        total += ours
    assert total["location"] == 7905
    assert total["event of other_events"] == 4507 - 176
    for name, count in sorted(total.items()):
        sys.stdout.write(f"{count:>7,} {name}\n")


SINGLE = frozenset(
    """
    id_info required_header brief_title official_title acronym sponsors source oversight_info brief_summary
    detailed_description overall_status last_known_status why_stopped start_date completion_date
    primary_completion_date phase study_type has_expanded_access expanded_access_info study_design_info study_design
    target_duration number_of_arms number_of_groups enrollment biospec_retention biospec_descr eligibility
    location_countries removed_countries verification_date study_first_submitted study_first_submitted_qc
    study_first_posted results_first_submitted results_first_submitted_qc results_first_posted
    disposition_first_submitted disposition_first_submitted_qc disposition_first_posted last_update_submitted
    last_update_submitted_qc last_update_posted firstreceived_date lastchanged_date firstreceived_results_date
    firstreceived_results_disposition_date responsible_party condition_browse intervention_browse patient_data
    study_docs provided_document_section pending_results clinical_results is_fda_regulated is_section_801 total
    """.split()
) | {"class of results"}
"""What occurs once, and what is not one entry of a list in a study."""


@pytest.mark.shared_data
def test_elements_that_no_field_takes_are_these(shared_data: Path) -> None:
    paths: Counter[str] = Counter()
    for _, read_ in real_records(shared_data):
        for note in read_.reading_notes:
            paths[note.partition(":")[0].partition(" (")[0]] += 1
    for path, count in paths.most_common():
        sys.stdout.write(f"{count:>5} {path}\n")
    assert {path.removeprefix("no field takes ") for path in paths if path.startswith("no field")} == {
        "clinical_results/outcome_list/outcome/safety_issue",
        "firstreceived_date",
        "is_fda_regulated",
        "is_section_801",
        "lastchanged_date",
        "other_outcome/safety_issue",
        "oversight_info/authority",
        "primary_outcome/safety_issue",
        "secondary_outcome/safety_issue",
        "the endpoint classification of study_design",
    }
