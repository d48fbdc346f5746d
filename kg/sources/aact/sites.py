"""The AACT tables of one study → who may take part, whom to ask, and where."""

from __future__ import annotations

from kg.sources.aact.reading import Reading
from kg.sources.aact.store import Row
from kg.study import Contact, Contacts, Eligibility, GeoPoint, Location, Official

__all__ = ["contacts", "eligibility"]

_AGES = {"child": "CHILD", "adult": "ADULT", "older_adult": "OLDER_ADULT"}
_NO_AGE = "n/a"


def eligibility(reading: Reading) -> Eligibility:
    """Who may take part."""
    row = reading.one("eligibilities")
    if row is None:
        return Eligibility()
    return Eligibility(
        eligibility_criteria=row["criteria"],
        healthy_volunteers=_healthy_volunteers(reading, row),
        sex=reading.word(row, "gender", "Sex"),
        gender_based=reading.truth(row, "gender_based"),
        gender_description=row["gender_description"],
        minimum_age=_age(row["minimum_age"]),
        maximum_age=_age(row["maximum_age"]),
        std_ages=[age for column, age in _AGES.items() if reading.truth(row, column)],
        study_population=row["population"],
        sampling_method=reading.word(row, "sampling_method", "SamplingMethod"),
    )


def _healthy_volunteers(reading: Reading, row: Row) -> bool | None:
    if (row["healthy_volunteers"] or "").lower() == "accepts healthy volunteers":
        return True
    return reading.truth(row, "healthy_volunteers")


def _age(text: str | None) -> str | None:
    return None if text is None or text.strip().lower() == _NO_AGE else text


def contacts(reading: Reading) -> Contacts:
    """Contacts, officials and sites; a country of which no site is given becomes a site of its own."""
    asked = reading.by("facility_contacts", "facility_id", "facilities")
    investigators = reading.by("facility_investigators", "facility_id", "facilities")
    locations = [
        Location(
            facility=row["name"],
            status=reading.word(row, "status", "RecruitmentStatus"),
            city=row["city"],
            state=row["state"],
            zip=row["zip"],
            country=row["country"],
            contacts=[
                *(_contact(contact, role="CONTACT") for contact in asked.get(row["id"], [])),
                *(
                    Contact(name=person["name"], role=reading.word(person, "role", "ContactRole"))
                    for person in investigators.get(row["id"], [])
                ),
            ],
            geo_point=_point(reading, row),
        )
        for row in reading.rows("facilities")
    ]
    countries = {location.country for location in locations}
    locations += [
        Location(country=row["name"])
        for row in reading.rows("countries")
        if row["name"] and row["name"] not in countries and not reading.truth(row, "removed")
    ]
    return Contacts(
        central_contacts=[
            _contact(row, role=reading.word(row, "role", "ContactRole")) for row in reading.rows("central_contacts")
        ],
        overall_officials=[
            Official(name=row["name"], affiliation=row["affiliation"], role=reading.word(row, "role", "OfficialRole"))
            for row in reading.rows("overall_officials")
        ],
        locations=locations,
    )


def _contact(row: Row, *, role: str | None) -> Contact:
    return Contact(
        name=row["name"], role=role, phone=row["phone"], phone_ext=row["phone_extension"], email=row["email"]
    )


def _point(reading: Reading, row: Row) -> GeoPoint | None:
    lat, lon = reading.degrees(row, "latitude", 90), reading.degrees(row, "longitude", 180)
    return GeoPoint(lat=lat, lon=lon) if lat is not None and lon is not None else None
