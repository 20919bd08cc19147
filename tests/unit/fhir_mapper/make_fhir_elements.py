#!/usr/bin/env python3
"""Writes fhir_mapper/fhir_element_table.inc to standard output: make_fhir_elements.py [--check FILE] [DEFINITIONS]

DEFINITIONS are the StructureDefinitions of FHIR R4 (4.0.1, package hl7.fhir.r4.core) with their snapshots: a folder of
JSON files, one JSON file (a definition, or a Bundle of them), or a text file with url TAB JSON in each line. Without,
they are those of the validator that KAKEHASHI_VALIDATOR names; without that, it ends with 77, skipped for CTest.
With --check FILE compares the table with FILE instead.
"""
import argparse
import json
import os
import sys
from pathlib import Path

# What mappings write, and what SS-MIX2 documents of the kinds that are not mapped yet are about.
RESOURCES = ("AllergyIntolerance Bundle Condition Coverage Device DiagnosticReport Encounter Immunization ImagingStudy "
             "Location Medication MedicationAdministration MedicationRequest NutritionOrder Observation Organization "
             "Patient Practitioner PractitionerRole Procedure RelatedPerson ServiceRequest Specimen").split()

BASE = "http://hl7.org/fhir/StructureDefinition/"
FHIRPATH = "http://hl7.org/fhirpath/System."
FHIR_TYPE = BASE + "structuredefinition-fhir-type"

HEAD = '''\
// Made by tests/unit/fhir_mapper/make_fhir_elements.py from the StructureDefinitions of FHIR R4 (4.0.1), which HL7 has
// put into the public domain (CC0). Types and the elements of each are in the order of their names.
'''


def definitions_of(place):
    """{type: definition} of the resources and types that FHIR itself defines; profiles on them are none."""
    found = {}
    for definition in read(place):
        if definition.get("derivation") == "specialization" and definition["url"] == BASE + definition["type"]:
            found[definition["type"]] = definition
    return found


def read(place):
    if place.is_dir():
        for file in sorted([*place.glob("*.json"), *place.glob("StructureDefinition*.tsv")]):
            yield from read(file)
    elif place.suffix == ".json":
        content = json.loads(place.read_text(encoding="utf-8"))
        yield from [entry["resource"] for entry in content["entry"]] if "entry" in content else [content]
    else:
        for line in place.read_text(encoding="utf-8").splitlines():
            yield json.loads(line.split("\t", 1)[1])


def type_of(stated, path, is_resource):
    """The name of a type. What FHIRPath calls a String is "id" for a resource, "uri" for an extension's url."""
    if not stated["code"].startswith(FHIRPATH):
        return stated["code"]
    owner, _, name = path.partition(".")
    if name == "id":
        return "id" if is_resource else "string"
    for extension in stated.get("extension", []):
        if extension["url"] == FHIR_TYPE:
            return extension.get("valueUrl") or extension.get("valueUri")
    return "uri" if (owner, name) == ("Extension", "url") else "string"


def rows_of(definition):
    """{type: {element name: row}} of a definition and of the types that stand inside of it."""
    is_resource = definition["kind"] == "resource"
    types = {}
    for element in definition["snapshot"]["element"]:
        path = element["path"]
        if "." not in path or element["max"] == "0":
            continue
        owner, name = path.rsplit(".", 1)
        required = element["min"] > 0
        repeats = element["max"] == "*" or int(element["max"]) > 1
        rows = types.setdefault(owner, {})
        if "contentReference" in element:
            rows[name] = ("", element["contentReference"].rpartition("#")[2], required, repeats)
            continue
        for stated in element["type"]:
            kind = type_of(stated, path, is_resource)
            if kind in ("BackboneElement", "Element"):
                kind = path
            if name.endswith("[x]"):
                rows[name[:-3] + kind[0].upper() + kind[1:]] = (name, kind, required, repeats)
            else:
                assert len(element["type"]) == 1, path
                rows[name] = ("", kind, required, repeats)
    return types


def table_of(definitions):
    """({type: {element name: row}}, primitive types): the resources, and whatever they reach."""
    types = {}
    primitives = set()
    ahead = list(RESOURCES)
    while ahead:
        name = ahead.pop()
        if name in types or name in primitives or name == "Resource":
            continue
        definition = definitions[name]
        if definition["kind"] == "primitive-type":
            primitives.add(name)
            continue
        inside = rows_of(definition)
        types.update(inside)
        ahead += [row[1] for rows in inside.values() for row in rows.values() if row[1] not in inside]
    return types, primitives


def source(definitions):
    types, primitives = table_of(definitions)
    text = [HEAD]
    text.append("\nconstexpr FhirElement kElements[] = {\n")
    index = []
    first = 0
    for name in sorted(types):
        text.append(f"    // {name}\n")
        for element, (choice, kind, required, repeats) in sorted(types[name].items()):
            text.append(f'    {{"{element}", "{choice}", "{kind}", {str(required).lower()}, {str(repeats).lower()}}},\n')
        index.append(f'    {{"{name}", {first}, {len(types[name])}, {str(name in RESOURCES).lower()}}},\n')
        first += len(types[name])
    text += ["};\n", "\n// Name, its first element, how many there are, whether it is a resource.\n",
             "constexpr TypeRow kTypes[] = {\n", *index, "};\n",
             "\nconstexpr std::string_view kPrimitives[] = {\n",
             *[f'    "{name}",\n' for name in sorted(primitives)], "};\n"]
    return "".join(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", type=Path, metavar="FILE")
    parser.add_argument("definitions", nargs="?", type=Path)
    arguments = parser.parse_args()
    place = arguments.definitions
    if place is None and "KAKEHASHI_VALIDATOR" in os.environ:
        place = Path(os.environ["KAKEHASHI_VALIDATOR"], "profiles", "r4-core")
    if place is None:
        print("skipped: no definitions, and KAKEHASHI_VALIDATOR is not set", file=sys.stderr)
        return 77
    text = source(definitions_of(place))
    if arguments.check:
        return 0 if arguments.check.read_bytes() == text.encode("utf-8") else "the table is not what this script makes"
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
