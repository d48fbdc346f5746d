"""The tables of an AACT export: which columns are read, and which are not, with the reason.

Source: AACT's schema (https://aact.ctti-clinicaltrials.org/schema); ``nct_id`` and ``id``, which every table has, say
the study and the order.
"""

from __future__ import annotations

from typing import Final

__all__ = ["COLUMNS", "OPTIONAL_COLUMNS", "REQUIRED", "UNUSED_COLUMNS", "UNUSED_TABLES"]

REQUIRED: Final = "studies"
"""The table without which a folder or zip is no export; it has one row for each study, and no ``id``."""

_GROUP: Final = "ctgov_group_code"

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    table: tuple(columns.split())
    for table, columns in {
        REQUIRED: """study_first_submitted_date results_first_submitted_date disposition_first_submitted_date
            last_update_submitted_date study_first_submitted_qc_date study_first_posted_date
            study_first_posted_date_type results_first_submitted_qc_date results_first_posted_date
            results_first_posted_date_type disposition_first_submitted_qc_date disposition_first_posted_date
            disposition_first_posted_date_type last_update_posted_date last_update_posted_date_type start_month_year
            start_date_type start_date verification_month_year verification_date completion_month_year
            completion_date_type completion_date primary_completion_month_year primary_completion_date_type
            primary_completion_date target_duration study_type acronym baseline_population brief_title official_title
            overall_status last_known_status phase enrollment enrollment_type source limitations_and_caveats
            why_stopped has_expanded_access expanded_access_type_individual expanded_access_type_intermediate
            expanded_access_type_treatment has_dmc is_fda_regulated_drug is_fda_regulated_device
            is_unapproved_device is_ppsd is_us_export biospec_retention biospec_description ipd_time_frame
            ipd_access_criteria ipd_url plan_to_share_ipd plan_to_share_ipd_description source_class delayed_posting
            expanded_access_nctid expanded_access_status_for_nctid fdaaa801_violation
            baseline_type_units_analyzed""",
        "baseline_counts": f"{_GROUP} units scope count",
        "baseline_measurements": f"""{_GROUP} classification category title description units param_type param_value
            dispersion_type dispersion_value dispersion_lower_limit dispersion_upper_limit explanation_of_na
            number_analyzed number_analyzed_units population_description calculate_percentage""",
        "brief_summaries": "description",
        "browse_conditions": "mesh_term mesh_type",
        "browse_interventions": "mesh_term mesh_type",
        "central_contacts": "name phone email phone_extension role",
        "conditions": "name",
        "countries": "name removed",
        "design_group_interventions": "design_group_id intervention_id",
        "design_groups": "group_type title description",
        "design_outcomes": "outcome_type measure time_frame description",
        "designs": """allocation intervention_model observational_model primary_purpose time_perspective masking
            masking_description intervention_model_description subject_masked caregiver_masked investigator_masked
            outcomes_assessor_masked""",
        "detailed_descriptions": "description",
        "documents": "document_id document_type url comment",
        "drop_withdrawals": f"{_GROUP} period reason count drop_withdraw_comment reason_comment count_units",
        "eligibilities": """sampling_method gender minimum_age maximum_age healthy_volunteers population criteria
            gender_description gender_based adult child older_adult""",
        "facilities": "status name city state zip country",
        "facility_contacts": "facility_id name email phone phone_extension",
        "facility_investigators": "facility_id role name",
        "id_information": "id_source id_value id_type id_type_description id_link",
        "intervention_other_names": "intervention_id name",
        "interventions": "intervention_type name description",
        "ipd_information_types": "name",
        "keywords": "name",
        "links": "url description",
        "milestones": f"{_GROUP} title period description count milestone_description count_units",
        "outcome_analyses": """outcome_id non_inferiority_type non_inferiority_description param_type param_value
            dispersion_type dispersion_value p_value_modifier p_value ci_n_sides ci_percent ci_lower_limit
            ci_upper_limit ci_upper_limit_na_comment p_value_description method method_description
            estimate_description groups_description other_analysis_description ci_upper_limit_raw ci_lower_limit_raw
            p_value_raw""",
        "outcome_analysis_groups": f"outcome_analysis_id result_group_id {_GROUP}",
        "outcome_counts": f"outcome_id result_group_id {_GROUP} scope units count",
        "outcome_measurements": f"""outcome_id result_group_id {_GROUP} classification category param_value
            dispersion_value dispersion_lower_limit dispersion_upper_limit explanation_of_na
            dispersion_upper_limit_raw dispersion_lower_limit_raw""",
        "outcomes": """outcome_type title description time_frame population anticipated_posting_date
            anticipated_posting_month_year units units_analyzed dispersion_type param_type""",
        "overall_officials": "role name affiliation",
        "participant_flows": "recruitment_details pre_assignment_details units_analyzed",
        "pending_results": "event event_date_description event_date",
        "provided_documents": "document_type has_protocol has_icf has_sap document_date url",
        "reported_event_totals": f"{_GROUP} event_type classification subjects_affected subjects_at_risk",
        "reported_events": f"""{_GROUP} time_frame event_type default_vocab default_assessment subjects_affected
            subjects_at_risk description event_count organ_system adverse_event_term frequency_threshold vocab
            assessment""",
        "responsible_parties": "responsible_party_type name title organization affiliation old_name_title",
        "result_agreements": "pi_employee agreement restriction_type other_details restrictive_agreement",
        "result_contacts": "organization name phone email extension",
        "result_groups": f"{_GROUP} result_type title description",
        "retractions": "reference_id pmid source",
        "sponsors": "agency_class lead_or_collaborator name",
        "study_references": "pmid reference_type citation",
    }.items()
}
"""The columns that are read, by table."""

OPTIONAL_COLUMNS: Final = {"facilities": ("latitude", "longitude"), "result_groups": ("outcome_id",)}
"""Columns that only newer exports have; read where they are."""

_LOWER: Final = "another column in lower case"
_NUMBER: Final = "another column as a number, without what cannot be one"
_REPEATED: Final = "repeats the outcome that the row is of"
_GROUP_ID: Final = "the registry's group code, which is read, says the same within its part of the results"
_POSITION: Final = "the order of the rows says the same"
_ROW_TIME: Final = "when AACT wrote the row"

UNUSED_COLUMNS: Final = {
    "studies.nlm_download_date_description": "when AACT took the record; its own wording",
    "studies.last_update_submitted_qc_date": "the same as last_update_submitted_date",
    "studies.number_of_arms": "counted from design_groups",
    "studies.number_of_groups": "counted from design_groups",
    "studies.created_at": _ROW_TIME,
    "studies.updated_at": _ROW_TIME,
    "baseline_counts.result_group_id": _GROUP_ID,
    "baseline_measurements.result_group_id": _GROUP_ID,
    "baseline_measurements.param_value_num": _NUMBER,
    "baseline_measurements.dispersion_value_num": _NUMBER,
    "browse_conditions.downcase_mesh_term": _LOWER,
    "browse_interventions.downcase_mesh_term": _LOWER,
    "central_contacts.contact_type": _POSITION,
    "conditions.downcase_name": _LOWER,
    "design_outcomes.population": "never filled: planned outcomes have no population",
    "drop_withdrawals.result_group_id": _GROUP_ID,
    "facility_contacts.contact_type": _POSITION,
    "keywords.downcase_name": _LOWER,
    "milestones.result_group_id": _GROUP_ID,
    "outcome_measurements.title": _REPEATED,
    "outcome_measurements.description": _REPEATED,
    "outcome_measurements.units": _REPEATED,
    "outcome_measurements.param_type": _REPEATED,
    "outcome_measurements.dispersion_type": _REPEATED,
    "outcome_measurements.param_value_num": _NUMBER,
    "outcome_measurements.dispersion_value_num": _NUMBER,
    "reported_event_totals.created_at": _ROW_TIME,
    "reported_event_totals.updated_at": _ROW_TIME,
    "reported_events.result_group_id": _GROUP_ID,
}
"""``table.column`` → why it is not read."""

UNUSED_TABLES: Final = {
    "calculated_values": "counted from the other tables by AACT",
    "mesh_headings": "a part of MeSH itself, of no study",
    "mesh_terms": "a part of MeSH itself, of no study",
    "search_results": "AACT's own searches",
    "study_records": "AACT's log of its loading",
    "study_searches": "AACT's own searches",
}
"""Table → why it is not read."""
