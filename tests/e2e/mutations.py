"""Single-rule mutations of valid Bundles: what validate_parity_test.py lets two validators judge.

Each row names the rule that it breaks, by the id that the independent validator gives it (of "R0211/..." what stands
before the slash; None: whichever, but an error), and the kind of Bundle it starts from.
"""

import copy
import json
from typing import Callable, NamedTuple

from bundle_change import add, both, drop, every, more, place, put, roots, twice
from form_mutations import primitives, structure, texts
from invariant_mutations import invariants

ECS = "http://jpfhir.jp/fhir/eCS/StructureDefinition/"
CORE = "http://jpfhir.jp/fhir/core/StructureDefinition/"
CLINS = "http://jpfhir.jp/fhir/clins/"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
ALLOWED = ""  # the profiles of 1.5.3 allow it, whatever one may think: neither validator may find an error
MEMBER_ID = CLINS + "Idsystem/JP_Insurance_memberID"
PATIENT_OID = "urn:oid:1.2.392.100495.20.3.51."
NOWHERE = "urn:uuid:00000000-0000-4000-8000-0000000000ff"


class Mutation(NamedTuple):
    name: str
    rule: str | None
    base: str  # Condition, AllergyIntolerance, Observation, MedicationRequest
    change: Callable  # of the Bundle in place; of_text: str -> bytes
    of_text: bool = False

    def of(self, bundle):
        """The bytes of the mutated Bundle; LookupError when it has nothing to mutate."""
        if self.of_text:
            return self.change(json.dumps(bundle, ensure_ascii=False))
        mutated = copy.deepcopy(bundle)
        self.change(mutated)
        return json.dumps(mutated, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _cardinality():
    missing = {
        "Bundle": ["identifier", "type", "timestamp", "entry", "meta.lastUpdated", "meta.profile", "meta.tag",
                   "identifier.system", "identifier.value"],
        "Patient": ["meta.lastUpdated", "meta.profile", "name", "name[0].text", "gender", "birthDate", "address",
                    "address[0].text", "identifier"],
        "Condition": ["meta.lastUpdated", "meta.profile", "clinicalStatus", "verificationStatus", "category", "code",
                      "code.text", "code.coding", "code.coding[0].system", "code.coding[0].code",
                      "code.coding[0].display", "subject", "identifier", "clinicalStatus.coding[0].system",
                      "clinicalStatus.coding[0].code", "verificationStatus.coding"],
        "AllergyIntolerance": ["meta.lastUpdated", "meta.profile", "code", "code.text", "code.coding",
                               "code.coding[0].system", "code.coding[0].code", "code.coding[0].display", "patient",
                               "identifier", "reaction[0].manifestation", "reaction[0].manifestation[0].text"],
        "Observation": ["meta.lastUpdated", "meta.profile", "status", "category", "code", "code.text", "code.coding",
                        "code.coding[0].system", "code.coding[0].code", "code.coding[0].display", "subject",
                        "effectiveDateTime", "specimen", "identifier", "valueQuantity.value",
                        "dataAbsentReason.text", "category[0].coding"],
        "MedicationRequest": ["meta.lastUpdated", "status", "intent", "medicationCodeableConcept", "subject",
                              "authoredOn", "requester", "dosageInstruction", "dosageInstruction[0].text",
                              "dosageInstruction[0].timing", "dosageInstruction[0].timing.code.coding",
                              "dosageInstruction[0].timing.code.text", "medicationCodeableConcept.text",
                              "dosageInstruction[0].extension[0].valuePeriod.start"],
    }
    allowed = {"Condition.clinicalStatus", "Observation.valueQuantity.value", "Observation.dataAbsentReason.text"}
    rows = [(f"missing: {kind}.{path}", ALLOWED if f"{kind}.{path}" in allowed else None, kind, drop(f"{kind}.{path}"))
            for kind, paths in missing.items() for path in paths]
    again = {
        "Patient": [f"identifier[system~{MEMBER_ID}]"],
        "Condition": ["identifier[0]", "code.coding[system~keyNumber]", "clinicalStatus.coding[0]",
                      "verificationStatus.coding[0]", "category[0]", "extension[url~InstitutionNumber]",
                      "extension[url~Department]"],
        "AllergyIntolerance": ["identifier[0]", "clinicalStatus.coding[0]", "extension[url~InstitutionNumber]"],
        "Observation": ["identifier[0]", "category[0]", "code.coding[system~LocalCode]", "code.coding[system~CoreLabo]",
                        "performer[0]"],
        "MedicationRequest": ["identifier[0]", "dosageInstruction[0].timing.code.coding[system~Uncoded]"],
    }
    allowed = {"Condition.code.coding[system~keyNumber]", "Condition.clinicalStatus.coding[0]",
               "Condition.verificationStatus.coding[0]", "AllergyIntolerance.clinicalStatus.coding[0]",
               "MedicationRequest.identifier[0]"}
    rows += [(f"twice: {kind}.{path}", ALLOWED if f"{kind}.{path}" in allowed else None, kind, twice(f"{kind}.{path}"))
             for kind, paths in again.items() for path in paths]
    return rows


def _values():
    coding = {"system": "urn:x:y", "code": "1", "display": "x"}
    return [
        ("fixed: the Bundle is a transaction", None, "Bundle", put("Bundle.type", "transaction")),
        ("fixed: the system of the member's number", "R1012", "Patient",
         put(f"Patient.identifier[system~{MEMBER_ID}].system", MEMBER_ID.replace("Idsystem", "IdSystem"))),
        ("fixed: the system of the resource's identifier", "slice-min", "Condition",
         put("Condition.identifier[0].system", "http://x.example/id")),
        ("fixed: the system of the institution's number", None, "Condition",
         put("Condition.extension[url~InstitutionNumber].valueIdentifier.system", "urn:oid:1.2.392.100495.20.3.23")),
        ("fixed: another category of a diagnosis", ALLOWED, "Condition",
         put("Condition.category[0].coding[0].code", "problem-list-item")),
        ("fixed: another category of an observation", None, "Observation",
         put("Observation.category[0].coding[0].code", "vital-signs")),
        ("fixed: a system of the diagnosis' category", None, "Condition",
         put("Condition.category[0].coding[0].system", TERMINOLOGY + "observation-category")),
        ("fixed: the status of a prescription", None, "MedicationRequest", put("MedicationRequest.status", "active")),
        ("fixed: the intent of a prescription", None, "MedicationRequest", put("MedicationRequest.intent", "plan")),
        ("fixed: no diagnosis is provisional", None, "Condition",
         put("Condition.clinicalStatus.coding[0].system", TERMINOLOGY + "condition-ver-status")),
        ("slice: no key number", "slice-min", "Condition",
         put("Condition.code.coding[system~keyNumber].system",
             "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full")),
        ("slice: a diagnosis' tag of another system", None, "Condition",
         put("Condition.meta.tag[0].system", "urn:x:y")),
        ("slice: a tag that the profile does not know", None, "Condition", more("Condition.meta.tag", coding)),
        ("slice: an allergy's code of another system", None, "AllergyIntolerance",
         put("AllergyIntolerance.code.coding[0]", coding)),
        ("slice: the Bundle holds another resource", None, "Condition",
         more("Bundle.entry", {"fullUrl": NOWHERE, "resource": {"resourceType": "Basic", "code": {"text": "x"}}})),
        ("slice: the Bundle holds a second Patient", None, "Condition",
         lambda bundle: bundle["entry"].append({**copy.deepcopy(bundle["entry"][0]), "fullUrl": NOWHERE})),
        ("binding: a gender of HL7 v2", "binding", "Patient", put("Patient.gender", "M")),
        ("binding: a status of an observation", "binding", "Observation", put("Observation.status", "done")),
        ("binding: a status of an encounter", "binding", "Observation",
         put("Observation.contained[Encounter].status", "done")),
        ("binding: a status of a diagnosis", None, "Condition",
         put("Condition.clinicalStatus.coding[0].code", "ended")),
        ("binding: a diagnosis that recurs", ALLOWED, "Condition",
         both(put("Condition.clinicalStatus.coding[0].code", "recurrence"),
              drop("Condition.clinicalStatus.coding[0].display"))),
        ("binding: whether a diagnosis is certain", None, "Condition",
         put("Condition.verificationStatus.coding[0].code", "sure")),
        ("binding: a category of an allergy", "binding", "AllergyIntolerance",
         put("AllergyIntolerance.category[0]", "drug")),
        ("binding: an allergy's criticality", "binding", "AllergyIntolerance",
         put("AllergyIntolerance.criticality", "severe")),
        ("binding: an allergy's type", "binding", "AllergyIntolerance", put("AllergyIntolerance.type", "drug")),
        ("binding: the severity of a reaction", "binding", "AllergyIntolerance",
         put("AllergyIntolerance.reaction[0].severity", "high")),
        ("binding: a comparator", "binding", "Observation", put("Observation.valueQuantity.comparator", "≦")),
        ("binding: a phone's system", "binding", "Patient",
         add("Patient", telecom=[{"system": "telephone", "value": "054"}])),
        ("binding: the use of a name", "binding", "Patient", add("Patient.name[0]", use="kanji")),
        ("binding: the language of a resource", ALLOWED, "Condition", add("Condition", language="japanese!")),
        ("binding: the unit of a supply", None, "MedicationRequest",
         put("MedicationRequest.dispenseRequest.expectedSupplyDuration.code", "日")),
        ("binding: a shared item with a code that is no code of it", None, "Observation",
         put("Observation.code.coding[system~CoreLabo].code", "3A010000002327199")),
        ("binding: a shared item with the code of another", None, "Observation",
         put("Observation.code.coding[system~CoreLabo].code",
             lambda old: "3H020000002326101" if old.startswith("3A") else "3A010000002327101")),
        ("binding: how a name is written", None, "Patient", put("Patient.name[0].extension[0].valueCode", "KANJI")),
        ("code: none of its system", "code-unknown", "Condition",
         put("Condition.category[0].coding[0].code", "encounter")),
        ("code: a key number of 7 digits", "code-unknown", "Condition",
         put("Condition.code.coding[system~keyNumber].code", "2005417")),
        ("code: a key number with a letter", "code-unknown", "Condition",
         put("Condition.code.coding[system~keyNumber].code", "2005417A")),
        ("code: an exchange code of 5 characters", "code-unknown", "Condition",
         more("Condition.code.coding",
              {"system": "http://medis.or.jp/CodeSystem/master-disease-exCode", "code": "ABCDE", "display": "x"})),
        ("code: a JLAC10 code of 16 characters", "code-unknown", "Observation",
         more("Observation.code.coding", {"system": "http://medis.or.jp/CodeSystem/master-JLAC10-17digits",
                                          "code": "3B33900000232710", "display": "x"})),
        ("code: a drug's YJ code of 11 characters", "code-unknown", "MedicationRequest",
         put("MedicationRequest.medicationCodeableConcept.coding[system~YJ-code].code", "3959001F102")),
        ("code: a HOT9 code of 8 digits", "code-unknown", "MedicationRequest",
         put("MedicationRequest.medicationCodeableConcept.coding[system~HOT9].code", "10866520")),
        ("code: a usage code of 15 characters", "code-unknown", "MedicationRequest",
         put("MedicationRequest.dosageInstruction[0].timing.code.coding[system~jami].code", "101304440000000")),
        ("code: a drug allergen without its prefix", "code-unknown", "AllergyIntolerance",
         put("AllergyIntolerance.code.coding[system~YCM].code", "1149001F1012")),
        ("code: a food allergen that is none", None, "AllergyIntolerance",
         put("AllergyIntolerance.code.coding[system~JfagyFood].code", "J9FC99999999")),
        ("code: another allergen that is none", None, "AllergyIntolerance",
         put("AllergyIntolerance.code.coding[system~NonFood].code", "J9NK99999999")),
        ("code: an encounter's class", None, "Observation",
         put("Observation.contained[Encounter].class.code", "INP")),
        ("code: a duration in the letters of UCUM that is none", None, "MedicationRequest",
         put("MedicationRequest.dispenseRequest.expectedSupplyDuration.code", "day s")),
        ("code: a unit that UCUM does not know", "code-unknown", "Observation",
         add("Observation.valueQuantity", system="http://unitsofmeasure.org", code="gramme")),
        ("code: an unknown flag", None, "Condition", put("Condition.meta.tag[0].code", "SECRET")),
        ("code: an interpretation that is none", None, "Observation",
         put("Observation.interpretation[0].coding[0].code", "HIGH")),
        ("code: why a value is absent", None, "Observation",
         put("Observation.dataAbsentReason.coding[0].code", "lost")),
        ("code: a system that is a ValueSet", "coding-system", "Condition",
         put("Condition.code.coding[0].system", "http://hl7.org/fhir/ValueSet/condition-code")),
        ("code: a system that is a part of LOINC's", "coding-system", "Observation",
         more("Observation.code.coding", {"system": "http://loinc.org/", "code": "718-7", "display": "x"})),
        ("code: a system that is no absolute URI", "absolute-uri", "Condition",
         put("Condition.code.coding[0].system", "MDCDX2")),
        ("identifier: a system that is no absolute URI", "absolute-uri", "Patient",
         more("Patient.identifier", {"system": "local", "value": "1"})),
        ("identifier: a URI that is none", "absolute-uri", "Patient",
         more("Patient.identifier", {"system": "urn:ietf:rfc:3986", "value": "1"})),
        ("lab: no local code", "R6021", "Observation",
         every("Observation", "code.coding[system~LocalCode]", lambda items, index: items.pop(index))),
        ("lab: a shared item under another display", "clins-lab-display", "Observation",
         put("Observation.code.coding[system~CoreLabo].display", "総蛋白")),
        ("lab: the local code alone", "clins-lab-standard-coding", "Observation",
         drop("Observation.code.coding[system~CoreLabo]")),
    ]


def _references():
    return [
        ("reference: to nothing of the Bundle", "reference-dangling", "Condition",
         put("Condition.subject.reference", NOWHERE)),
        ("reference: to nothing contained", "reference-dangling", "Condition",
         put("Condition.encounter.reference", "#nothing")),
        ("reference: relative, to nothing", "reference-dangling", "Condition",
         put("Condition.subject.reference", "Patient/1")),
        ("reference: to another type", "reference-target", "Condition",
         put("Condition.subject.reference", "#encounter")),
        ("reference: to a type that another profile allows", "reference-target", "Observation",
         put("Observation.performer[0].reference", "#encounter")),
        ("reference: no URL", "reference-form", "Condition", put("Condition.subject.reference", "patient 1")),
        ("reference: neither reference nor display", "reference-empty", "Condition",
         put("Condition.subject", {"type": "Patient"})),
        ("reference: says another type", "reference-type", "Condition", add("Condition.subject", type="Group")),
        ("reference: specimen of no type that may be one", None, "Observation",
         put("Observation.specimen", {"reference": "#practitioner"})),
        ("contained: nothing refers to it", "dom-3", "Condition", drop("Condition.encounter")),
        ("contained: without an id", "contained-id", "Condition", drop("Condition.contained[Encounter].id")),
        ("contained: two of one id", "contained-id", "Observation",
         put("Observation.contained[Practitioner].id", "encounter")),
        ("contained: holds another", "dom-2", "Condition",
         add("Condition.contained[Encounter]",
             contained=[{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}])),
        ("contained: has a version", "dom-4", "Condition", add("Condition.contained[Encounter].meta", versionId="1")),
        ("contained: an encounter without a class", "min", "Condition", drop("Condition.contained[Encounter].class")),
        ("contained: an encounter without a status", "min", "Observation",
         drop("Observation.contained[Encounter].status")),
        ("fullUrl: missing", "bundle-fullUrl", "Condition", drop("Bundle.entry[1].fullUrl")),
        ("fullUrl: no absolute URL", "bundle-fullUrl", "Condition", put("Bundle.entry[1].fullUrl", "Condition/1")),
        ("fullUrl: of two entries", "bundle-fullUrl-unique", "Condition",
         lambda bundle: bundle["entry"][2].update(fullUrl=bundle["entry"][1]["fullUrl"])),
        ("fullUrl: ends in another id", "bundle-fullUrl", "Condition",
         both(add("Condition", id="a"), put("Bundle.entry[1].fullUrl", "http://x.example/Condition/b"))),
        ("fullUrl: of another type", "bundle-fullUrl", "Condition",
         put("Bundle.entry[1].fullUrl", "http://x.example/Observation/b")),
        ("profile: of another type", "profile-type", "Condition",
         more("Condition.meta.profile", ECS + "JP_Patient_eCS")),
        ("profile: one that does not exist", "profile-unknown", "Condition",
         more("Condition.meta.profile", ECS + "JP_Condition_eCSS")),
        ("profile: a ValueSet", None, "Condition",
         more("Condition.meta.profile", "http://hl7.org/fhir/ValueSet/condition-code")),
        ("profile: of the contained encounter does not exist", "profile-unknown", "Condition",
         put("Condition.contained[Encounter].meta.profile[0]", CORE + "JP_Encounterr")),
        ("extension: without a url", None, "Condition", drop("Condition.extension[url~Department].url")),
        ("extension: a url that is not absolute", "extension-url", "Condition",
         more("Condition.extension", {"url": "department", "valueString": "x"})),
        ("extension: unknown to the guide", "extension-unknown", "Condition",
         more("Condition.extension", {"url": "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Nothing",
                                      "valueString": "x"})),
        ("extension: a value of another type", None, "Condition",
         both(drop("Condition.extension[url~InstitutionNumber].valueIdentifier"),
              lambda bundle: place(bundle, "Condition.extension[url~InstitutionNumber]")[0][0].update(
                  valueString="1319999999"))),
        ("extension: neither value nor parts", None, "Condition",
         drop("Condition.extension[url~Department].valueCodeableConcept")),
        ("extension: value and parts", "ext-1", "Condition",
         add("Condition.extension[url~Department]", extension=[{"url": "urn:x:y", "valueString": "x"}])),
        ("extension: where it does not belong", "extension-context", "Condition",
         add("Condition.code.coding[0]", extension=[{
             "url": "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Condition_DiseasePrefixModifier",
             "valueCodeableConcept": {"text": "両側"}}])),
        ("extension: an ordinary one as a modifier", "extension-modifier", "Condition",
         lambda bundle: roots(bundle, "Condition")[0].update(
             modifierExtension=[roots(bundle, "Condition")[0]["extension"].pop(0)])),
        ("extension: a department without its name", ALLOWED, "Condition",
         drop("Condition.extension[url~Department].valueCodeableConcept.text")),
    ]


def _rules():
    member = f"Patient.identifier[system~{MEMBER_ID}]"
    return [
        ("R0211: the first entry is no Patient", "R0211", "Condition", lambda b: b["entry"].append(b["entry"].pop(0))),
        ("R0212: the Patient claims another profile", "R0212", "Condition",
         put("Patient.meta.profile", [CORE + "JP_Patient"])),
        ("R0213: the Bundle claims another profile", "R0213", "Condition",
         put("Bundle.meta.profile", ["http://hl7.org/fhir/StructureDefinition/Bundle"])),
        ("R02141: the Bundle has no tag of the kind", "R02141", "Condition",
         put("Bundle.meta.tag[0].system", "urn:x:y")),
        ("R02142: the Bundle's tag names a kind that is not taken", "R02142", "Condition",
         put("Bundle.meta.tag[0].code", "Encounter")),
        ("R02142: the Bundle's tag names prescriptions", "R02142", "Condition",
         put("Bundle.meta.tag[0].code", "MedicationRequest")),
        ("R02143: the Bundle's tag names another kind", "R02143", "Condition",
         put("Bundle.meta.tag[0].code", "Observation")),
        ("R02143: no resource of the kind", "R02143", "Condition", lambda b: b["entry"].__delitem__(slice(1, None))),
        ("R02151: the Bundle-ID's system", "R02151", "Condition", put("Bundle.identifier.system", "urn:x:y")),
        ("R2152: a Bundle-ID without a year", "R2152", "Condition",
         put("Bundle.identifier.value", "1319999999^C-golden")),
        ("R2152: a Bundle-ID of another century", "R2152", "Condition",
         put("Bundle.identifier.value", "1319999999^1926^C-golden")),
        ("R2152: a Bundle-ID with an underscore", "R2152", "Condition",
         put("Bundle.identifier.value", "1319999999^2026^C_golden")),
        ("R2152: a Bundle-ID of 37 characters", "R2152", "Condition",
         put("Bundle.identifier.value", "1319999999^2026^" + "a" * 37)),
        ("R2152: an institution of prefecture 59", "R2152", "Condition",
         put("Bundle.identifier.value", "5919999999^2026^a")),
        ("R9011: a resource without the institution", "R9011", "Condition",
         drop("Condition.extension[url~InstitutionNumber]")),
        ("R9012: an institution's number of 9 digits", "R9012", "Condition",
         put("Condition.extension[url~InstitutionNumber].valueIdentifier.value", "131999999")),
        ("R9012: an institution of kind 4", "R9012", "Condition",
         put("Condition.extension[url~InstitutionNumber].valueIdentifier.value", "1349999999")),
        ("R9013C: no diagnosis has an encounter", "R9013C", "Condition",
         lambda b: [each.pop("contained") and each.pop("encounter") for each in roots(b, "Condition")]),
        ("R9013O: no result has an encounter", "R9013O", "Observation",
         lambda b: [each.pop("contained") and each.pop("encounter") and each.pop("performer", None)
                    for each in roots(b, "Observation")]),
        ("R9014C: a diagnosis without a department", "R9014C", "Condition",
         drop("Condition.extension[url~Department]")),
        ("R9014O: a result without a department", "R9014O", "Observation",
         drop("Observation.extension[url~Department]")),
        ("R9013C: a diagnosis without its onset", None, "Condition", drop("Condition.onsetDateTime")),
        ("entries: a diagnosis of another profile", "validEntryProfile-Condition", "Condition",
         put("Condition.meta.profile", [CORE + "JP_Condition"])),
        ("entries: an allergy of another profile", "validEntryProfile-AllergyIntolerance", "AllergyIntolerance",
         put("AllergyIntolerance.meta.profile", [CORE + "JP_AllergyIntolerance"])),
        ("entries: a result of another profile", "validEntryProfile-ObservationLabResult", "Observation",
         put("Observation.meta.profile", [CORE + "JP_Observation_LabResult"])),
        ("R1010: the patient's number in a system of kind 2", "R1010", "Patient",
         put(f"Patient.identifier[system~{PATIENT_OID}].system", PATIENT_OID + "21319999999")),
        ("R1010: the patient's number in a system of 9 digits", "R1010", "Patient",
         put(f"Patient.identifier[system~{PATIENT_OID}].system", PATIENT_OID + "1131999999")),
        ("R1010: two numbers of the patient", "R1010", "Patient", twice(f"Patient.identifier[system~{PATIENT_OID}]")),
        ("R1012: no member's number", "R1012", "Patient", drop(member)),
        ("R1012: two member's numbers", "R1012", "Patient", twice(member)),
        ("R1013: an insurer of 7 digits", "R1013", "Patient", put(member + ".value", "6139999:あ:１:05")),
        ("R1013: an insurer with a letter", "R1013", "Patient", put(member + ".value", "0613999A:あ:１:05")),
        ("R1013: a symbol with a space", "R1013", "Patient", put(member + ".value", "06139999:あ い:１:05")),
        ("R1013: a branch of one digit", "R1013", "Patient", put(member + ".value", "06139999:あ:１:5")),
        ("R1013: a branch in full width", "R1013", "Patient", put(member + ".value", "06139999:あ:１:０５")),
        ("R1013: no branch and no colon for it", "R1013", "Patient", put(member + ".value", "06139999:あ:１")),
        ("R1111: no name says how it is written", ALLOWED, "Patient",
         lambda b: [name.pop("extension") for name in roots(b, "Patient")[0]["name"]]),
        ("R1113: a name with a full-width space", "R1113", "Patient", put("Patient.name[0].text", "架橋　太郎")),
        ("R3010: a drug without any standard code", "R3010", "MedicationRequest",
         put("MedicationRequest.medicationCodeableConcept.coding",
             [{"system": "http://medis.or.jp/CodeSystem/master-HOT9", "code": "108665201", "display": "x"}])),
        ("R5020: no usage code", "R5020", "MedicationRequest",
         drop("MedicationRequest.dosageInstruction[0].timing.code.coding[system~Uncoded]")),
        ("R5021: two usage codes that exclude each other", "R502", "MedicationRequest",
         put("MedicationRequest.dosageInstruction[0].timing.code.coding",
             [{"system": "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription",
               "code": "1013044400000000", "display": "x"},
              {"system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS",
               "code": "0X0XXXXXXXXX0000", "display": "ダミー用法コード"}])),
        ("con-3: no clinical status", None, "Condition", drop("Condition.clinicalStatus.coding[0].code")),
        ("con-4: an end while it is active", "con-4", "Condition",
         lambda b: next(each for each in roots(b, "Condition") if "abatementDateTime" not in each).update(
             abatementDateTime="2026-06-01")),
        ("con-5: entered in error and active", "con-5", "Condition",
         put("Condition.verificationStatus.coding[0]",
             {"system": TERMINOLOGY + "condition-ver-status", "code": "entered-in-error",
              "display": "Entered in Error"})),
        ("ait-1: no clinical status", None, "AllergyIntolerance", drop("AllergyIntolerance.clinicalStatus")),
        ("ait-2: entered in error and active", None, "AllergyIntolerance",
         put("AllergyIntolerance.verificationStatus.coding[0]",
             {"system": TERMINOLOGY + "allergyintolerance-verification", "code": "entered-in-error",
              "display": "Entered in Error"})),
        ("obs-6: a value and why there is none", "obs-6", "Observation",
         lambda b: next(each for each in roots(b, "Observation") if "valueQuantity" in each).update(
             dataAbsentReason={"text": "検体量不足のため"})),
        ("obs-3: a reference range of nothing", "obs-3", "Observation",
         put("Observation.referenceRange[0]", {"appliesTo": [{"text": "成人"}]})),
        ("qty-3: a unit's code without its system", "qty-3", "Observation",
         drop("Observation.valueQuantity.system")),
        ("per-1: a period that ends before it begins", "per-1", "MedicationRequest",
         add("MedicationRequest.dosageInstruction[0].extension[0].valuePeriod", end="2020-01-01")),
        ("cpt-2: a phone without its system", "cpt-2", "Patient", add("Patient", telecom=[{"value": "054"}])),
        ("pat-1: a contact of nobody", "pat-1", "Patient", add("Patient", contact=[{"gender": "male"}])),
        ("tim-1: a duration without its unit", "tim-1", "MedicationRequest",
         add("MedicationRequest.dosageInstruction[0].timing", repeat={"duration": 1})),
        ("bdl-1: a total of a collection", "bdl-1", "Bundle", add("Bundle", total=1)),
        ("bdl-3: an entry with a request", "bdl-3", "Bundle",
         add("Bundle.entry[0]", request={"method": "POST", "url": "Patient"})),
        ("bdl-2: an entry with a search", "bdl-2", "Bundle", add("Bundle.entry[0]", search={"mode": "match"})),
        ("bdl-5: an entry without a resource", None, "Bundle", drop("Bundle.entry[1].resource")),
    ]


def table():
    """All mutations, each with a name of its own. A base of "Bundle" or "Patient" starts from diagnoses."""
    rows = [Mutation(name, rule, "Condition", change, True) for name, rule, change in texts()]
    for name, rule, base, change in [*structure(), *primitives(), *_cardinality(), *_values(), *_references(),
                                     *_rules(), *invariants()]:
        kind = "Condition" if base in ("Bundle", "Patient") else base
        rows.append(Mutation(name, rule, kind, change))
    names = [row.name for row in rows]
    assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
    return rows
