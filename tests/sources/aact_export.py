"""Studies → an AACT export, as AACT's importer would make it: what tests read back.

Words are those that AACT writes since 2024 (enum values) or before (the registry's words), as asked.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kg.sources.aact.tables import COLUMNS, REQUIRED

Rows = dict[str, list[dict[str, Any]]]


class Export:
    """Rows of all tables, with ids that count up over all studies."""

    def __init__(self) -> None:
        self.rows: Rows = defaultdict(list)
        self._nct_id = ""

    def add(self, plain: dict[str, Any]) -> None:
        """Add the rows of one study, given as API v2 has it."""
        protocol = plain["protocolSection"]
        self._nct_id = protocol["identificationModule"]["nctId"]
        self._study(plain, protocol)
        self._protocol(protocol)
        self._arms(protocol.get("armsInterventionsModule", {}))
        self._places(protocol.get("contactsLocationsModule", {}))
        self._registry(plain)
        if "resultsSection" in plain:
            self._results(plain["resultsSection"])

    def row(self, table: str, **values: Any) -> int:
        """Add one row; returns its id."""
        number = len(self.rows[table]) + 1
        own = {} if table == REQUIRED else {"id": number}
        self.rows[table].append({**own, "nct_id": self._nct_id, **values})
        return number

    def text(self, table: str, delimiter: str = "|") -> str:
        """A table as AACT exports it: quotes where they are needed, true and false as t and f."""
        out = io.StringIO()
        columns = [*(() if table == REQUIRED else ("id",)), "nct_id", *COLUMNS[table]]
        writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator="\n", extrasaction="raise")
        writer.writeheader()
        for row in self.rows[table]:
            writer.writerow(
                {
                    name: {True: "t", False: "f"}.get(value, value) if isinstance(value, bool) else value
                    for name, value in row.items()
                }
            )
        return out.getvalue()

    def write(self, folder: Path, tables: Iterable[str] = tuple(COLUMNS)) -> Path:
        """Write the tables into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for table in tables:
            (folder / f"{table}.txt").write_text(self.text(table), encoding="utf-8", newline="")
        return folder

    def zip(self, path: Path, tables: Iterable[str] = tuple(COLUMNS), prefix: str = "") -> Path:
        """Write the tables into a zip."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in tables:
                archive.writestr(f"{prefix}{table}.txt", self.text(table))
        return path

    def _study(self, plain: dict[str, Any], protocol: dict[str, Any]) -> None:
        status = protocol.get("statusModule", {})
        design = protocol.get("designModule", {})
        access, types = status.get("expandedAccessInfo", {}), design.get("expandedAccessTypes", {})
        organization = protocol.get("identificationModule", {}).get("organization", {})
        oversight = protocol.get("oversightModule", {})
        sharing = protocol.get("ipdSharingStatementModule", {})
        results = plain.get("resultsSection", {})
        baseline = results.get("baselineCharacteristicsModule", {})
        kind = design.get("studyType")
        values: dict[str, Any] = {
            "study_first_submitted_date": status.get("studyFirstSubmitDate"),
            "study_first_submitted_qc_date": status.get("studyFirstSubmitQcDate"),
            "results_first_submitted_date": status.get("resultsFirstSubmitDate"),
            "results_first_submitted_qc_date": status.get("resultsFirstSubmitQcDate"),
            "disposition_first_submitted_date": status.get("dispFirstSubmitDate"),
            "disposition_first_submitted_qc_date": status.get("dispFirstSubmitQcDate"),
            "last_update_submitted_date": status.get("lastUpdateSubmitDate"),
            "verification_month_year": status.get("statusVerifiedDate"),
            "target_duration": design.get("targetDuration"),
            "study_type": f"{kind} [Patient Registry]" if design.get("patientRegistry") else kind,
            "baseline_population": baseline.get("populationDescription"),
            "baseline_type_units_analyzed": baseline.get("typeUnitsAnalyzed"),
            "overall_status": status.get("overallStatus"),
            "last_known_status": status.get("lastKnownStatus"),
            "phase": "/".join(design.get("phases", [])),
            "enrollment": design.get("enrollmentInfo", {}).get("count"),
            "enrollment_type": design.get("enrollmentInfo", {}).get("type"),
            "source": organization.get("fullName"),
            "source_class": organization.get("class"),
            "limitations_and_caveats": results.get("moreInfoModule", {})
            .get("limitationsAndCaveats", {})
            .get("description"),
            "why_stopped": status.get("whyStopped"),
            "delayed_posting": status.get("delayedPosting"),
            "has_expanded_access": access.get("hasExpandedAccess"),
            "expanded_access_nctid": access.get("nctId"),
            "expanded_access_status_for_nctid": access.get("statusForNctId"),
            "has_dmc": oversight.get("oversightHasDmc"),
            "is_fda_regulated_drug": oversight.get("isFdaRegulatedDrug"),
            "is_fda_regulated_device": oversight.get("isFdaRegulatedDevice"),
            "is_unapproved_device": oversight.get("isUnapprovedDevice"),
            "is_ppsd": oversight.get("isPpsd"),
            "is_us_export": oversight.get("isUsExport"),
            "fdaaa801_violation": oversight.get("fdaaa801Violation"),
            "biospec_retention": design.get("bioSpec", {}).get("retention"),
            "biospec_description": design.get("bioSpec", {}).get("description"),
            "ipd_time_frame": sharing.get("timeFrame"),
            "ipd_access_criteria": sharing.get("accessCriteria"),
            "ipd_url": sharing.get("url"),
            "plan_to_share_ipd": sharing.get("ipdSharing"),
            "plan_to_share_ipd_description": sharing.get("description"),
        }
        for name in ("briefTitle", "officialTitle", "acronym"):
            column = {"briefTitle": "brief_title", "officialTitle": "official_title"}.get(name, name)
            values[column] = protocol.get("identificationModule", {}).get(name)
        for name in ("individual", "intermediate", "treatment"):
            values[f"expanded_access_type_{name}"] = types.get(name)
        for column, field in (
            ("start", "start"),
            ("completion", "completion"),
            ("primary_completion", "primaryCompletion"),
            ("study_first_posted", "studyFirstPost"),
            ("results_first_posted", "resultsFirstPost"),
            ("disposition_first_posted", "dispFirstPost"),
            ("last_update_posted", "lastUpdatePost"),
        ):
            date = status.get(f"{field}DateStruct", {})
            values[f"{column}_date"] = date.get("date") and (date["date"] + "-01")[:10]
            values[f"{column}_date_type"] = date.get("type")
            if f"{column}_month_year" in COLUMNS[REQUIRED]:
                values[f"{column}_month_year"] = date.get("date")
        self.row(REQUIRED, **values)

    def _protocol(self, protocol: dict[str, Any]) -> None:
        identification = protocol.get("identificationModule", {})
        if own := identification.get("orgStudyIdInfo"):
            self._number("org_study_id", own)
        for alias in identification.get("nctIdAliases", []):
            self._number("nct_alias", {"id": alias})
        for other in identification.get("secondaryIdInfos", []):
            self._number("secondary_id", other)
        module = protocol.get("sponsorCollaboratorsModule", {})
        if party := module.get("responsibleParty"):
            self.row(
                "responsible_parties",
                responsible_party_type=party.get("type"),
                name=party.get("investigatorFullName"),
                title=party.get("investigatorTitle"),
                affiliation=party.get("investigatorAffiliation"),
                old_name_title=party.get("oldNameTitle"),
                organization=party.get("oldOrganization"),
            )
        for role, sponsors in (
            ("lead", [module.get("leadSponsor")]),
            ("collaborator", module.get("collaborators", [])),
        ):
            for sponsor in filter(None, sponsors):
                self.row(
                    "sponsors", lead_or_collaborator=role, name=sponsor.get("name"), agency_class=sponsor.get("class")
                )
        for table, field in (("brief_summaries", "briefSummary"), ("detailed_descriptions", "detailedDescription")):
            if text := protocol.get("descriptionModule", {}).get(field):
                self.row(table, description=text)
        for field in ("conditions", "keywords"):
            for name in protocol.get("conditionsModule", {}).get(field, []):
                self.row(field, name=name)
        if info := protocol.get("designModule", {}).get("designInfo"):
            masking = info.get("maskingInfo", {})
            who = masking.get("whoMasked", [])
            self.row(
                "designs",
                allocation=info.get("allocation"),
                intervention_model=info.get("interventionModel"),
                intervention_model_description=info.get("interventionModelDescription"),
                primary_purpose=info.get("primaryPurpose"),
                observational_model=info.get("observationalModel"),
                time_perspective=info.get("timePerspective"),
                masking=masking.get("masking"),
                masking_description=masking.get("maskingDescription"),
                subject_masked="PARTICIPANT" in who or None,
                caregiver_masked="CARE_PROVIDER" in who or None,
                investigator_masked="INVESTIGATOR" in who or None,
                outcomes_assessor_masked="OUTCOMES_ASSESSOR" in who or None,
            )
        for kind in ("primary", "secondary", "other"):
            for outcome in protocol.get("outcomesModule", {}).get(f"{kind}Outcomes", []):
                self.row(
                    "design_outcomes",
                    outcome_type=kind,
                    measure=outcome.get("measure"),
                    description=outcome.get("description"),
                    time_frame=outcome.get("timeFrame"),
                )
        if module := protocol.get("eligibilityModule"):
            ages = module.get("stdAges", [])
            self.row(
                "eligibilities",
                sampling_method=module.get("samplingMethod"),
                gender=module.get("sex"),
                minimum_age=module.get("minimumAge", "N/A"),
                maximum_age=module.get("maximumAge", "N/A"),
                healthy_volunteers=module.get("healthyVolunteers"),
                population=module.get("studyPopulation"),
                criteria=module.get("eligibilityCriteria"),
                gender_description=module.get("genderDescription"),
                gender_based=module.get("genderBased"),
                adult="ADULT" in ages,
                child="CHILD" in ages,
                older_adult="OLDER_ADULT" in ages,
            )
        for word in protocol.get("ipdSharingStatementModule", {}).get("infoTypes", []):
            self.row("ipd_information_types", name=word)
        self._references(protocol.get("referencesModule", {}))

    def _number(self, source: str, number: dict[str, Any]) -> None:
        self.row(
            "id_information",
            id_source=source,
            id_value=number.get("id"),
            id_type=number.get("type"),
            id_type_description=number.get("domain"),
            id_link=number.get("link"),
        )

    def _references(self, module: dict[str, Any]) -> None:
        for one in module.get("references", []):
            number = self.row(
                "study_references", pmid=one.get("pmid"), reference_type=one.get("type"), citation=one.get("citation")
            )
            for notice in one.get("retractions", []):
                self.row("retractions", reference_id=number, pmid=notice.get("pmid"), source=notice.get("source"))
        for one in module.get("seeAlsoLinks", []):
            self.row("links", url=one.get("url"), description=one.get("label"))
        for one in module.get("availIpds", []):
            self.row(
                "documents",
                document_id=one.get("id"),
                document_type=one.get("type"),
                url=one.get("url"),
                comment=one.get("comment"),
            )

    def _arms(self, module: dict[str, Any]) -> None:
        arms: dict[str, int] = {}
        for arm in module.get("armGroups", []):
            number = self.row(
                "design_groups", title=arm.get("label"), group_type=arm.get("type"), description=arm.get("description")
            )
            arms.setdefault(arm.get("label", ""), number)
        for one in module.get("interventions", []):
            number = self.row(
                "interventions", intervention_type=one["type"], name=one["name"], description=one.get("description")
            )
            for name in one.get("otherNames", []):
                self.row("intervention_other_names", intervention_id=number, name=name)
            for label in one.get("armGroupLabels", []):
                if label in arms:
                    self.row("design_group_interventions", design_group_id=arms[label], intervention_id=number)

    def _places(self, module: dict[str, Any]) -> None:
        for one in module.get("centralContacts", []):
            self.row("central_contacts", role=one.get("role"), **_person(one))
        for one in module.get("overallOfficials", []):
            self.row(
                "overall_officials", name=one.get("name"), role=one.get("role"), affiliation=one.get("affiliation")
            )
        for site in module.get("locations", []):
            columns = ("status", "city", "state", "zip", "country")
            number = self.row(
                "facilities", name=site.get("facility"), **{column: site.get(column) for column in columns}
            )
            for one in site.get("contacts", []):
                if one.get("role") == "CONTACT":
                    self.row("facility_contacts", facility_id=number, **_person(one))
                else:
                    self.row("facility_investigators", facility_id=number, name=one.get("name"), role=one.get("role"))
        for country in dict.fromkeys(site.get("country") for site in module.get("locations", [])):
            self.row("countries", name=country, removed=False)

    def _registry(self, plain: dict[str, Any]) -> None:
        derived = plain.get("derivedSection", {})
        for country in derived.get("miscInfoModule", {}).get("removedCountries", []):
            self.row("countries", name=country, removed=True)
        for kind in ("condition", "intervention"):
            module = derived.get(f"{kind}BrowseModule", {})
            for field, mesh_type in (("meshes", "mesh-list"), ("ancestors", "mesh-ancestor")):
                for one in module.get(field, []):
                    self.row(f"browse_{kind}s", mesh_term=one.get("term"), mesh_type=mesh_type)
        for one in plain.get("documentSection", {}).get("largeDocumentModule", {}).get("largeDocs", []):
            nct_id = self._nct_id
            self.row(
                "provided_documents",
                document_type=one.get("label"),
                has_protocol=one.get("hasProtocol"),
                has_sap=one.get("hasSap"),
                has_icf=one.get("hasIcf"),
                document_date=one.get("date"),
                url=f"https://ClinicalTrials.gov/ProvidedDocs/{nct_id[-2:]}/{nct_id}/{one.get('filename')}",
            )
        module = plain.get("annotationSection", {}).get("annotationModule", {}).get("unpostedAnnotation", {})
        for one in module.get("unpostedEvents", []):
            date = one.get("date")
            self.row("pending_results", event=one.get("type"), event_date_description=date, event_date=date)

    def _results(self, results: dict[str, Any]) -> None:
        flow = results.get("participantFlowModule", {})
        if flow:
            self.row(
                "participant_flows",
                recruitment_details=flow.get("recruitmentDetails"),
                pre_assignment_details=flow.get("preAssignmentDetails"),
                units_analyzed=flow.get("typeUnitsAnalyzed"),
            )
            self._groups("Participant Flow", flow)
        for period in flow.get("periods", []):
            for one in period.get("milestones", []):
                for number in one.get("achievements", []):
                    self.row(
                        "milestones",
                        period=period.get("title"),
                        title=one.get("type"),
                        milestone_description=one.get("comment"),
                        description=number.get("comment"),
                        **_count(number),
                    )
            for one in period.get("dropWithdraws", []):
                for number in one.get("reasons", []):
                    self.row(
                        "drop_withdrawals",
                        period=period.get("title"),
                        reason=one.get("type"),
                        drop_withdraw_comment=one.get("comment"),
                        reason_comment=number.get("comment"),
                        **_count(number),
                    )
        self._baseline(results.get("baselineCharacteristicsModule", {}))
        for outcome in results.get("outcomeMeasuresModule", {}).get("outcomeMeasures", []):
            self._outcome(outcome)
        self._events(results.get("adverseEventsModule", {}))
        more = results.get("moreInfoModule", {})
        if agreement := more.get("certainAgreement"):
            self.row(
                "result_agreements",
                pi_employee=agreement.get("piSponsorEmployee"),
                restriction_type=agreement.get("restrictionType"),
                restrictive_agreement=agreement.get("restrictiveAgreement"),
                other_details=agreement.get("otherDetails"),
            )
        if contact := more.get("pointOfContact"):
            self.row(
                "result_contacts",
                name=contact.get("title"),
                organization=contact.get("organization"),
                phone=contact.get("phone"),
                email=contact.get("email"),
                extension=contact.get("phoneExt"),
            )

    def _groups(self, kind: str, module: dict[str, Any], field: str = "groups") -> dict[str, int]:
        return {
            group["id"]: self.row(
                "result_groups",
                ctgov_group_code=group["id"],
                result_type=kind,
                title=group.get("title"),
                description=group.get("description"),
            )
            for group in module.get(field, [])
        }

    def _baseline(self, baseline: dict[str, Any]) -> None:
        self._groups("Baseline", baseline)
        overall = {}
        for denom in baseline.get("denoms", []):
            for count in denom.get("counts", []):
                overall[denom["units"], count["groupId"]] = count["value"]
                self.row(
                    "baseline_counts",
                    ctgov_group_code=count["groupId"],
                    units=denom["units"],
                    scope="overall",
                    count=count["value"],
                )
        for measure in baseline.get("measures", []):
            units = measure.get("denomUnitsSelected", "Participants")
            percent = measure.get("calculatePct")
            for one in measure.get("classes", []):
                denoms = one.get("denoms") or measure.get("denoms") or []
                analyzed = {
                    count["groupId"]: count["value"]
                    for denom in denoms
                    if denom["units"] == units
                    for count in denom.get("counts", [])
                }
                for category in one.get("categories", []):
                    for value in category.get("measurements", []):
                        group = value["groupId"]
                        self.row(
                            "baseline_measurements",
                            ctgov_group_code=group,
                            classification=one.get("title"),
                            category=category.get("title"),
                            title=measure.get("title"),
                            description=measure.get("description"),
                            units=measure.get("unitOfMeasure"),
                            param_type=measure.get("paramType"),
                            dispersion_type=measure.get("dispersionType"),
                            population_description=measure.get("populationDescription"),
                            calculate_percentage=None if percent is None else "Yes" if percent else "No",
                            number_analyzed=analyzed.get(group, overall.get((units, group))),
                            number_analyzed_units=units,
                            param_value=value.get("value"),
                            dispersion_value=value.get("spread"),
                            dispersion_lower_limit=value.get("lowerLimit"),
                            dispersion_upper_limit=value.get("upperLimit"),
                            explanation_of_na=value.get("comment"),
                        )

    def _outcome(self, outcome: dict[str, Any]) -> None:
        number = self.row(
            "outcomes",
            outcome_type=outcome.get("type"),
            title=outcome.get("title"),
            description=outcome.get("description"),
            time_frame=outcome.get("timeFrame"),
            population=outcome.get("populationDescription"),
            anticipated_posting_month_year=outcome.get("anticipatedPostingDate"),
            units=outcome.get("unitOfMeasure"),
            units_analyzed=outcome.get("typeUnitsAnalyzed"),
            dispersion_type=outcome.get("dispersionType"),
            param_type=outcome.get("paramType"),
        )
        groups = self._groups("Outcome", outcome)
        for denom in outcome.get("denoms", []):
            for count in denom.get("counts", []):
                self.row(
                    "outcome_counts",
                    outcome_id=number,
                    result_group_id=groups.get(count["groupId"]),
                    ctgov_group_code=count["groupId"],
                    scope="Measure",
                    units=denom["units"],
                    count=count["value"],
                )
        for one in outcome.get("classes", []):
            for category in one.get("categories", []):
                for value in category.get("measurements", []):
                    self.row(
                        "outcome_measurements",
                        outcome_id=number,
                        result_group_id=groups.get(value["groupId"]),
                        ctgov_group_code=value["groupId"],
                        classification=one.get("title"),
                        category=category.get("title"),
                        param_value=value.get("value"),
                        dispersion_value=value.get("spread"),
                        dispersion_lower_limit_raw=value.get("lowerLimit"),
                        dispersion_upper_limit_raw=value.get("upperLimit"),
                        explanation_of_na=value.get("comment"),
                    )
        for analysis in outcome.get("analyses", []):
            own = self.row(
                "outcome_analyses",
                outcome_id=number,
                non_inferiority_type=analysis.get("nonInferiorityType"),
                non_inferiority_description=analysis.get("nonInferiorityComment"),
                param_type=analysis.get("paramType"),
                param_value=analysis.get("paramValue"),
                dispersion_type=analysis.get("dispersionType"),
                dispersion_value=analysis.get("dispersionValue"),
                p_value_raw=analysis.get("pValue"),
                p_value_description=analysis.get("pValueComment"),
                ci_n_sides=analysis.get("ciNumSides"),
                ci_percent=analysis.get("ciPctValue"),
                ci_lower_limit_raw=analysis.get("ciLowerLimit"),
                ci_upper_limit_raw=analysis.get("ciUpperLimit"),
                ci_upper_limit_na_comment=analysis.get("ciUpperLimitComment"),
                method=analysis.get("statisticalMethod"),
                method_description=analysis.get("statisticalComment"),
                estimate_description=analysis.get("estimateComment"),
                groups_description=analysis.get("groupDescription"),
                other_analysis_description=analysis.get("otherAnalysisDescription"),
            )
            for group in analysis.get("groupIds", []):
                self.row(
                    "outcome_analysis_groups",
                    outcome_analysis_id=own,
                    result_group_id=groups.get(group),
                    ctgov_group_code=group,
                )

    def _events(self, module: dict[str, Any]) -> None:
        self._groups("Reported Event", module, "eventGroups")
        for group in module.get("eventGroups", []):
            for kind in ("serious", "other", "deaths"):
                self.row(
                    "reported_event_totals",
                    ctgov_group_code=group["id"],
                    event_type=kind,
                    subjects_affected=group.get(f"{kind}NumAffected"),
                    subjects_at_risk=group.get(f"{kind}NumAtRisk"),
                )
        for kind in ("serious", "other"):
            for event in module.get(f"{kind}Events", []):
                for stats in event.get("stats", []):
                    self.row(
                        "reported_events",
                        ctgov_group_code=stats.get("groupId"),
                        time_frame=module.get("timeFrame"),
                        frequency_threshold=module.get("frequencyThreshold"),
                        description=module.get("description"),
                        event_type=kind,
                        adverse_event_term=event.get("term"),
                        organ_system=event.get("organSystem"),
                        vocab=event.get("sourceVocabulary"),
                        assessment=event.get("assessmentType"),
                        event_count=stats.get("numEvents"),
                        subjects_affected=stats.get("numAffected"),
                        subjects_at_risk=stats.get("numAtRisk"),
                    )


def export(records: Iterable[str | bytes]) -> Export:
    """The export of studies given as API v2 JSON."""
    made = Export()
    for record in records:
        made.add(json.loads(record))
    return made


def _person(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": one.get("name"),
        "phone": one.get("phone"),
        "phone_extension": one.get("phoneExt"),
        "email": one.get("email"),
    }


def _count(number: dict[str, Any]) -> dict[str, Any]:
    return {
        "ctgov_group_code": number.get("groupId"),
        "count": number.get("numSubjects"),
        "count_units": number.get("numUnits"),
    }
