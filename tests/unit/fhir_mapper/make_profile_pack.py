#!/usr/bin/env python3
"""Makes the parts of config/profiles that say nothing but facts: cardinalities, fixed values, bindings, slices, code lists.

    make_profile_pack.py [--check] CONFIG_PROFILES      writes or compares the files named in FILES

From the definitions of FHIR R4, JP Core and JP-CLINS in the validator's folder that KAKEHASHI_VALIDATOR names; exits with 77
when there is none. What base FHIR says already is left out; sentences are never taken. Rules stand in files of their own.
"""

import json
import os
import pathlib
import re
import sys
from xml.sax.saxutils import quoteattr

from profile_definitions import CodeLists, Definitions, fixed_of, tree_of

CLINS = "http://jpfhir.jp/fhir/clins/StructureDefinition/"
ECS = "http://jpfhir.jp/fhir/eCS/StructureDefinition/"
CORE = "http://jpfhir.jp/fhir/core/StructureDefinition/"
BASE = "http://hl7.org/fhir/StructureDefinition/"
# The profiles whose elements are judged; with the data type profiles and extensions that they reach.
GUIDE = [CLINS + "JP_Bundle_CLINS"] + [ECS + name for name in (
    "JP_Patient_eCS", "JP_Condition_eCS", "JP_AllergyIntolerance_eCS", "JP_Observation_LabResult_eCS",
    "JP_MedicationRequest_eCS", "JP_Encounter_eCS", "JP_Practitioner_eCS")]
CORE_PROFILES = [CORE + name for name in (
    "JP_Patient", "JP_Encounter", "JP_Practitioner", "JP_Specimen", "JP_ServiceRequest", "JP_Condition",
    "JP_AllergyIntolerance", "JP_Observation_Common", "JP_Observation_LabResult", "JP_Organization",
    "JP_PractitionerRole", "JP_Location", "JP_Coverage", "JP_MedicationRequest")]
RESOURCES = ("AllergyIntolerance Bundle Condition Coverage Encounter Location Medication MedicationRequest Observation "
             "Organization Patient Practitioner PractitionerRole ServiceRequest Specimen").split()
DATA_TYPES = ("Address Age Annotation Attachment CodeableConcept Coding ContactPoint Dosage Duration Extension HumanName "
              "Identifier Meta Money Narrative Period Quantity Range Ratio Reference SampledData Signature Timing").split()
MOST_INLINE = 12


class Maker(CodeLists):
    def __init__(self, definitions):
        super().__init__(definitions)
        self.bases = {}

    # ---- base FHIR
    def base_tree(self, type_name):
        if type_name not in self.bases:
            self.bases[type_name] = tree_of(self.definitions.get(BASE + type_name))
        return self.bases[type_name]

    def base_child(self, base, name):
        """The child of a base element, in the type of the element when it has none itself."""
        if base is None:
            return None
        if name in base.children:
            return base.children[name]
        types = base.definition.get("type", [])
        if len(types) == 1 and re.fullmatch("[A-Z][A-Za-z]+", types[0]["code"]) and types[0]["code"] != "BackboneElement":
            return self.base_tree(types[0]["code"]).children.get(name)
        return None

    # ---- profiles
    def difference(self, element, base, choice):
        """The attributes that say more than base FHIR does."""
        definition = element.definition
        old = base.definition if base else {}
        says = []
        if definition["min"] > old.get("min", 0):
            says.append(("min", str(definition["min"])))
        if definition["max"] != old.get("max", "*"):
            says.append(("max", definition["max"]))
        types = [entry["code"] for entry in definition.get("type", [])]
        if choice and types != [entry["code"] for entry in old.get("type", [])]:
            says.append(("type", " ".join(types)))
        profiles = [profile for entry in definition.get("type", []) for profile in entry.get("profile", [])]
        if profiles and profiles != [p for entry in old.get("type", []) for p in entry.get("profile", [])]:
            says.append(("profile", " ".join(profiles)))
        targets = [t for entry in definition.get("type", []) for t in entry.get("targetProfile", [])]
        if targets and targets != [t for entry in old.get("type", []) for t in entry.get("targetProfile", [])]:
            says.append(("target", " ".join(target.removeprefix(BASE) for target in targets)))
        for word in ("fixed", "pattern"):
            value = fixed_of(definition, word)
            if value is None or value == fixed_of(old, word):
                continue
            if isinstance(value, (str, int, float)):
                says.append((word, str(value)))
                if definition["path"].endswith(".system"):
                    self.need_system(value)
            else:
                coding, = value["coding"]
                says.append((word + "-coding", coding["system"] + "|" + coding["code"]))
        if "maxLength" in definition:
            says.append(("max-length", str(definition["maxLength"])))
        binding = definition.get("binding", {})
        if binding.get("valueSet"):
            value_set = binding["valueSet"].split("|")[0]
            if binding["strength"] == "required" and value_set != old.get("binding", {}).get("valueSet", "").split("|")[0]:
                says.append(("codes", self.need_value_set(value_set)))
            else:
                for system in self.members(value_set) or {}:
                    self.need_system(system)
        return says

    def write(self, element, base, path, depth, out, lab=None):
        indent = "  " * depth
        for name, child in element.children.items():
            child_base = self.base_child(base, name)
            if path == "" and name == "url" and element.definition["path"] == "Extension":
                continue
            where = path + name
            says = self.difference(child, child_base, name.endswith("[x]"))
            if says:
                out.append(f"{indent}<element path={quoteattr(where)}" + attributes(says) + "/>")
            if child.definition["max"] == "0":
                continue
            below = child_base
            types = [entry["code"] for entry in child.definition.get("type", [])]
            if name.endswith("[x]") and len(types) == 1 and re.match("[A-Z]", types[0]):
                below = self.base_tree(types[0])
            self.write(child, below, where + ".", depth, out, lab)
            if child.slices:
                self.write_slices(child, child_base, where, depth, out, lab)

    def write_slices(self, element, base, path, depth, out, lab):
        indent = "  " * depth
        slicing = element.definition.get("slicing", {})
        if path.endswith("xtension"):
            for one in element.slices:
                types = one.definition["type"][0]
                says = [("name", one.slice_name), ("path", path)]
                says += [("url", types["profile"][0])] if types.get("profile") else [
                    ("url", fixed_of(one.children["url"].definition, "fixed"))]
                says += [("min", str(one.definition["min"]))] if one.definition["min"] else []
                says += [("max", one.definition["max"])] if one.definition["max"] != "*" else []
                inner = []
                self.write(one, self.base_tree("Extension"), "", depth + 1, inner)
                inner = [line for line in inner if 'path="url"' not in line]
                close(out, f"{indent}<extension" + attributes(says), inner, f"{indent}</extension>")
            return
        by = " ".join(d["type"] + ":" + d["path"] for d in slicing.get("discriminator", []))
        says = [("path", path), ("by", by), ("rules", slicing.get("rules", "open"))]
        says += [("ordered", "yes")] if slicing.get("ordered") else []
        out.append(f"{indent}<slicing" + attributes(says) + ">")
        groups = []
        for one in element.slices:
            if lab is not None and "/" in one.slice_name:
                group, _, item = one.slice_name.partition("/")
                children = {name: fixed_of(child.definition, "fixed") for name, child in one.children.items()}
                system, display = children["system"], children["display"]
                value_set = one.children["code"].definition["binding"]["valueSet"]
                codes = self.members(value_set)
                assert set(codes) == {system}, one.slice_name
                lab += [(group, item, display, code) for code in codes[system]]
                self.need_system(system)
                if (group, system) not in groups:
                    groups.append((group, system))
                    out.append(f"{indent}  <slices" + attributes([
                        ("table", "jp-clins-1.5.3-lab-items.tsv"), ("group", group), ("system", system)]) + "/>")
                continue
            says = [("name", one.slice_name)]
            says += [("min", str(one.definition["min"]))] if one.definition["min"] else []
            says += [("max", one.definition["max"])] if one.definition["max"] != "*" else []
            of_slice = self.difference(one, base, path.endswith("[x]"))
            says += [(key, value) for key, value in of_slice if key not in ("min", "max")]
            types = [entry["code"] for entry in one.definition.get("type", [])]
            below = base
            if path.endswith("[x]") and re.match("[A-Z]", types[0]):
                below = self.base_tree(types[0])
            inner = []
            self.write(one, below, "", depth + 2, inner)
            close(out, f"{indent}  <slice" + attributes(says), inner, f"{indent}  </slice>")
        out.append(f"{indent}</slicing>")

    def profile(self, url, lab=None):
        structure = self.definitions.get(url)
        root = tree_of(structure)
        contexts = [context["expression"] for context in structure.get("context", [])]
        says = [("url", structure["url"]), ("name", structure["name"]), ("type", structure["type"])]
        says += [("version", structure["version"])] if structure.get("version") else []
        says += [("context", " ".join(contexts))] if contexts else []
        says += [("modifier", "yes")] if root.definition.get("isModifier") else []
        inner = []
        self.write(root, self.base_tree(structure["type"]), "", 2, inner, lab)
        out = []
        close(out, "  <profile" + attributes(says), inner, "  </profile>")
        return out

    def reached(self, urls):
        found, todo = [], list(urls)
        while todo:
            url = todo.pop(0).split("|")[0]
            structure = self.definitions.get(url)
            if url in found or structure is None or structure.get("derivation") != "constraint":
                continue
            found.append(url)
            for definition in structure["snapshot"]["element"]:
                for entry in definition.get("type", []):
                    todo += entry.get("profile", [])
        return found

    def named_targets(self, urls):
        """Profiles that are only pointed at: known by name and type, not judged."""
        found = {}
        for url in urls:
            for definition in self.definitions.get(url)["snapshot"]["element"]:
                for entry in definition.get("type", []):
                    for target in entry.get("targetProfile", []):
                        structure = self.definitions.get(target)
                        if structure.get("derivation") == "constraint":
                            found[structure["url"]] = structure["type"]
        return found

    def base_type(self, name):
        out = []
        self.base_elements(self.base_tree(name), "", out)
        return [f'  <type name="{name}">', *out, "  </type>"] if out else []

    def base_elements(self, element, path, out):
        for name, child in element.children.items():
            if name in ("extension", "modifierExtension", "contained"):
                continue
            says = []
            targets = [t for entry in child.definition.get("type", []) for t in entry.get("targetProfile", [])]
            if targets and targets != [BASE + "Resource"]:
                says.append(("target", " ".join(target.removeprefix(BASE) for target in targets)))
            binding = child.definition.get("binding", {})
            if binding.get("strength") == "required":
                says.append(("codes", self.need_value_set(binding["valueSet"])))
            elif binding.get("valueSet"):
                for system in self.members(binding["valueSet"]) or {}:
                    self.need_system(system)
            if says:
                out.append(f"    <element path={quoteattr(path + name)}" + attributes(says) + "/>")
            self.base_elements(child, path + name + ".", out)

    # ---- what the profiles of a file need, when no file before has it
    def lists(self, table, rows, before):
        out = []
        for system, codes in sorted(self.systems.items()):
            if system in before or codes is None or not system:
                continue
            before.add(system)
            found = self.definitions.get(system)
            says = [("url", system)]
            if found["content"] != "complete" or "/JLAC11/" in system:
                says.append(("complete", "no"))
            if found.get("caseSensitive") is False:
                says.append(("case", "ignored"))
            if len(codes) > MOST_INLINE:
                group = re.sub(r"^https?://(terminology\.hl7\.org/CodeSystem|hl7\.org/fhir|jpfhir\.jp/fhir)/", "", system)
                says += [("table", table), ("group", group)]
                for code, (displays, _) in codes.items():
                    rows += [(group, code, display) for display in dict.fromkeys(displays)] or [(group, code, "")]
                out.append("  <system" + attributes(says) + "/>")
                continue
            inner = []
            for code, (displays, _) in codes.items():
                shown = list(dict.fromkeys(displays))
                inner.append("    <code" + attributes([("value", code)] + ([("display", shown[0])] if shown else [])) + "/>")
                inner += ["    <code" + attributes([("value", code), ("display", other)]) + "/>" for other in shown[1:]]
            close(out, "  <system" + attributes(says), inner, "  </system>")
        for url, members in sorted(self.value_sets.items()):
            if url in before:
                continue
            before.add(url)
            inner = []
            for system, codes in (members or {"": "unknown"}).items():
                says = [("system", system)] if system else []
                if codes == "unknown" or (codes is None and not system):
                    inner.append("    <of" + attributes(says + [("known", "no")]) + "/>")
                elif codes is None:
                    inner.append("    <of" + attributes(says) + "/>")
                else:
                    inner.append("    <of" + attributes(says) + ">" + quoteattr(" ".join(codes))[1:-1] + "</of>")
            close(out, "  <codes" + attributes([("id", url)]), inner, "  </codes>")
        return out


def attributes(says):
    return "".join(f" {key}={quoteattr(value)}" for key, value in says)


def close(out, begin, inner, end):
    out += [begin + ">", *inner, end] if inner else [begin + "/>"]


def pack(pack_id, version, says, *parts):
    head = ['<?xml version="1.0" encoding="UTF-8"?>',
            "<!-- Made by tests/unit/fhir_mapper/make_profile_pack.py from the published definitions: facts only. -->",
            f'<profiles xmlns="urn:kakehashi:profiles:1" id="{pack_id}" version="{version}" fhir="4.0.1"{says}>']
    return "\n".join(head + [line for part in parts for line in part] + ["</profiles>", ""])


def table(comment, header, rows):
    return "\n".join(["# " + comment, "\t".join(header)] + ["\t".join(row) for row in rows]) + "\n"


def names(kind, base, found):
    lines, line = [], "   "
    for name in sorted(found):
        if len(line) + len(name) > 118:
            lines.append(line)
            line = "   "
        line += " " + name
    return [f"  <names kind={quoteattr(kind)}" + (f" base={quoteattr(base)}" if base else "") + ">", *lines, line, "  </names>"]


def make(folder):
    definitions = Definitions(folder)
    maker = Maker(definitions)
    before, rows_r4, rows_core, rows_clins, lab = set(), [], [], [], []

    extensions, resources = [], []
    for url, text in definitions.lines.items():
        if not url.startswith(BASE) or '"resourceType":"StructureDefinition"' not in text[:60]:
            continue
        structure = definitions.get(url)
        if structure["type"] == "Extension" and structure.get("derivation") == "constraint":
            extensions.append(url.removeprefix(BASE))
        elif structure["kind"] == "resource" and structure.get("derivation") == "specialization" and not structure["abstract"]:
            resources.append(structure["type"])
    types = [line for name in RESOURCES + DATA_TYPES for line in maker.base_type(name)]
    reached = maker.reached(GUIDE + CORE_PROFILES)
    r4_profiles = [line for url in reached if url.startswith(BASE) for line in maker.profile(url)]
    r4_lists = maker.lists("fhir-r4-codes.tsv", rows_r4, before)
    r4 = pack("fhir-r4-elements", "4.0.1", ' complete="yes"', names("resource", "", resources),
              names("extension", BASE, extensions), r4_lists, types, r4_profiles)

    in_core = [url for url in reached if url in CORE_PROFILES or
               "/core/" in url and "eCS" not in definitions.get(url)["name"]]
    core_profiles = [line for url in in_core for line in maker.profile(url)]
    core_lists = maker.lists("jp-core-1.1.2-codes.tsv", rows_core, before)
    others = maker.named_targets(reached)
    known = [f"  <profile url={quoteattr(url)} name={quoteattr(url.split('/')[-1])} type={quoteattr(type_name)} judged=\"no\"/>"
             for url, type_name in sorted(others.items()) if url not in reached]
    core_extensions = [url for url in definitions.index if "/core/Extension/" in url and url not in reached]
    core = pack("jp-core-1.1.2", "1.1.2", ' complete="yes"', ['  <include file="fhir-r4.xml"/>'],
                names("extension", "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/",
                      [url.split("/")[-1] for url in core_extensions]), core_lists, core_profiles, known)

    in_clins = [url for url in reached if url not in in_core and not url.startswith(BASE)]
    clins_profiles = [line for url in in_clins for line in maker.profile(url, lab)]
    for system in ("JP_JfagyFoodAllergen_CS", "JP_JfagyNonFoodNonMedicationAllergen_CS"):
        maker.need_system("http://jpfhir.jp/fhir/core/CodeSystem/" + system)
    clins_lists = maker.lists("jp-clins-1.5.3-codes.tsv", rows_clins, before)
    codes = ("group", "code", "display")
    systems = json.loads((folder / "known-systems.json").read_text(encoding="utf-8"))
    systems = [url for url in systems if url not in before and not re.search(r"\s", url)]
    named = [(url, definitions.get(url)) for url in sorted(definitions.index)
             if definitions.index[url]["type"] == "StructureDefinition" and url not in reached and url not in others]
    known_clins = [f"  <profile url={quoteattr(url)} name={quoteattr(found['name'])} type={quoteattr(found['type'])} judged=\"no\"/>"
                   for url, found in named if found["type"] != "Extension"]
    clins = pack("jp-clins-1.5.3-elements", "1.5.3", ' complete="yes"', ['  <include file="jp-core-1.1.2.xml"/>'],
                 names("system", "", systems), clins_lists, clins_profiles, known_clins)
    return {
        "fhir-r4-elements.xml": r4,
        "jp-core-1.1.2.xml": core,
        "jp-clins-1.5.3-elements.xml": clins,
        "fhir-r4-codes.tsv": table("Code systems of FHIR R4 (4.0.1, CC0) that profiles use.", codes, rows_r4),
        "jp-core-1.1.2-codes.tsv": table("Code systems of JP Core 1.1.2 that profiles use.", codes, rows_core),
        "jp-clins-1.5.3-codes.tsv": table("Code systems of JP-CLINS 1.5.3 and J-FAGY that profiles use.", codes, rows_clins),
        "jp-clins-1.5.3-lab-items.tsv": table("The codes that each shared lab item of JP-CLINS 1.5.3 may have beside its display.",
                                              ("group", "item", "display", "code"), lab),
    }


def main(arguments):
    check = arguments[:1] == ["--check"]
    folder = pathlib.Path(arguments[-1])
    validator = os.environ.get("KAKEHASHI_VALIDATOR", "")
    definitions = pathlib.Path(validator) / "profiles"
    if not validator or not (definitions / "index.json").exists():
        print("KAKEHASHI_VALIDATOR names no validator with profiles/")
        return 77
    wrong = 0
    for name, text in make(definitions).items():
        path = folder / name
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path} is not what the definitions say; make it anew without --check")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
