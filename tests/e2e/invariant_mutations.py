"""Mutations that break one invariant of FHIR, or a rule of the guide that needs a resource put in. See mutations.py."""

import copy

from bundle_change import add, both, drop, more, place, put, roots

NOWHERE = "urn:uuid:00000000-0000-4000-8000-0000000000ff"
INSTITUTION = "extension[url~InstitutionNumber]"


def _organization(**members):
    """Of a Patient, contained."""
    return add("Patient", contained=[{"resourceType": "Organization", "id": "o", **members}],
               managingOrganization={"reference": "#o"})


def _prescription(bundle):
    """An entry with all that FHIR demands, and without the guide's profile."""
    bundle["entry"].append({"fullUrl": NOWHERE, "resource": {
        "resourceType": "MedicationRequest", "status": "completed", "intent": "order",
        "medicationCodeableConcept": {"text": "架空錠"}, "subject": roots(bundle, "Condition")[0]["subject"]}})


def _same_component(bundle):
    result = next(each for each in roots(bundle, "Observation") if "valueQuantity" in each)
    result["component"] = [{"code": copy.deepcopy(result["code"]), "valueString": "x"}]


def _repeat(**members):
    return add("MedicationRequest.dosageInstruction[0].timing", repeat=members)


def invariants():
    kg = {"system": "http://unitsofmeasure.org", "code": "kg", "unit": "kg"}
    remark = [{"url": "urn:x:y", "valueString": "x"}]
    return [
        ("dom-5: what is contained is secured", "dom-5", "Condition",
         add("Condition.contained[Encounter].meta", security=[{"system": "urn:x:y", "code": "R"}])),
        ("bdl-8: a fullUrl names a version", "bdl-8", "Condition",
         put("Bundle.entry[1].fullUrl", "http://x.example/Condition/b/_history/1")),
        ("bdl-9: a document without an identifier", "bdl-9", "Bundle",
         both(put("Bundle.type", "document"), drop("Bundle.identifier"))),
        ("bdl-10: a document without a time", "bdl-10", "Bundle",
         both(put("Bundle.type", "document"), drop("Bundle.timestamp"))),
        ("con-1: a stage of nothing", "con-1", "Condition", add("Condition", stage=[{"type": {"text": "x"}}])),
        ("con-2: evidence of nothing", "con-2", "Condition", add("Condition", evidence=[{"extension": remark}])),
        ("obs-7: a component of the result's own code", "obs-7", "Observation", _same_component),
        ("org-1: an organization without name and number", "org-1", "Patient", _organization(active=True)),
        ("org-2: an organization that is at home", "org-2", "Patient",
         _organization(name="架橋病院", address=[{"use": "home", "text": "架空町１"}])),
        ("org-3: an organization with a phone at home", "org-3", "Patient",
         _organization(name="架橋病院", telecom=[{"system": "phone", "use": "home", "value": "054"}])),
        ("prr-1: details of an order of nothing", "prr-1", "Observation",
         lambda bundle: roots(bundle, "Observation")[0].update(
             basedOn=[{"reference": "#s"}], contained=[*roots(bundle, "Observation")[0]["contained"], {
                 "resourceType": "ServiceRequest", "id": "s", "status": "completed", "intent": "order",
                 "subject": roots(bundle, "Observation")[0]["subject"], "orderDetail": [{"text": "x"}]}])),
        ("att-1: a photo of no type", "att-1", "Patient", add("Patient", photo=[{"data": "AAAA"}])),
        ("age-1: an age without its unit's code", "age-1", "Condition",
         both(drop("Condition.onsetDateTime"), add("Condition", onsetAge={"value": 40, "unit": "歳"}))),
        ("drt-1: a duration in no unit of time", "drt-1", "MedicationRequest",
         put("MedicationRequest.dispenseRequest.expectedSupplyDuration.system", "urn:x:y")),
        ("rng-2: a range that ends before it begins", "rng-2", "Condition",
         both(drop("Condition.onsetDateTime"),
              add("Condition", onsetRange={"low": {"value": 2, **kg}, "high": {"value": 1, **kg}}))),
        ("rat-1: half a ratio", "rat-1", "MedicationRequest",
         add("MedicationRequest.dosageInstruction[0]", maxDosePerPeriod={"numerator": {"value": 1, **kg}})),
        ("tim-2: a period without its unit", "tim-2", "MedicationRequest", _repeat(period=1)),
        ("tim-4: a duration below zero", "tim-4", "MedicationRequest", _repeat(duration=-1, durationUnit="d")),
        ("tim-5: a period below zero", "tim-5", "MedicationRequest", _repeat(period=-1, periodUnit="d")),
        ("tim-6: a longest period without a period", "tim-6", "MedicationRequest", _repeat(periodMax=1)),
        ("tim-7: a longest duration without a duration", "tim-7", "MedicationRequest", _repeat(durationMax=1)),
        ("tim-8: a highest count without a count", "tim-8", "MedicationRequest", _repeat(countMax=1)),
        ("tim-9: an offset from nothing", "tim-9", "MedicationRequest", _repeat(offset=30)),
        ("tim-10: times of day and of meals", "tim-10", "MedicationRequest",
         _repeat(timeOfDay=["09:00:00"], when=["AC"])),
        ("entries: a prescription of another profile", "validEntryProfile-MedicationRequest", "Condition",
         _prescription),
        ("R9011: an allergy without the institution", "R9011", "AllergyIntolerance",
         drop(f"AllergyIntolerance.{INSTITUTION}")),
        ("R901101: a result without the institution", "R901101", "Observation", drop(f"Observation.{INSTITUTION}")),
        ("R9012: a result of an institution of 11 digits", "R9012", "Observation",
         put(f"Observation.{INSTITUTION}.valueIdentifier.value", "13199999991")),
        ("R1021: a prescription of an institution of kind 4", "valid-value-institutionNumberExtension",
         "MedicationRequest", put(f"MedicationRequest.{INSTITUTION}.valueIdentifier.value", "1349999999")),
        ("R6021: a result with a standard code alone", "R6021", "Observation",
         lambda bundle: place(bundle, "Observation.code")[0]["code"].update(
             coding=[each for each in place(bundle, "Observation.code")[0]["code"]["coding"]
                     if "LocalCode" not in each["system"]])),
        ("tag: a result with a tag that only diagnoses have", None, "Observation",
         add("Observation.meta", tag=[{"system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication",
                                       "code": "UNINFORMED"}])),
        ("tag: an allergy with a tag that only diagnoses have", None, "AllergyIntolerance",
         add("AllergyIntolerance.meta", tag=[{"system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication",
                                              "code": "UNDELIVERED"}])),
        ("shape: a second code of a diagnosis in a list of its own", "json", "Condition",
         lambda bundle: more("Condition.code.coding", [place(bundle, "Condition.code.coding[0]")[0][0]])(bundle)),
    ]
