#!/usr/bin/env python3
"""Makes config/terminology/shared-lab-items.tsv and shared-lab-groups.tsv from an installed JP-CLINS package.

    make_shared_lab_items.py PACKAGE_FOLDER VERSION OUTPUT_FOLDER

The display that a code needs is that of the slice of JP_Observation_LabResult_eCS whose value set has the code. A code
that no slice takes is sent as the general JLAC10 code that it also is: the code system of the shared items would want a
display that the profile does not have. Newer packages have more codes, so that their tables replace these.
"""

import collections
import json
import pathlib
import sys

PROFILE = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS"
GENERAL = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits"
HEADER = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n"


def resources(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.json")):
        resource = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(resource, dict) and "url" in resource:
            yield resource


def slices(profile):
    """(system, display, value set) of every slice of code.coding for JLAC10."""
    found = collections.OrderedDict()
    for element in profile["snapshot"]["element"]:
        if not element["id"].startswith("Observation.code.coding:"):
            continue
        name, _, member = element["id"].split(":", 1)[1].partition(".")
        values = found.setdefault(name, {})
        for fixed in ("fixedUri", "fixedString", "patternUri", "patternString"):
            values[member] = element.get(fixed, values.get(member))
        if "binding" in element:
            values["valueSet"] = element["binding"]["valueSet"].split("|")[0]
    for values in found.values():
        if values.get("display") and "/JLAC10/" in (values.get("system") or ""):
            yield values["system"], values["display"], values["valueSet"]


def concepts(listed, parents=()):
    for concept in listed:
        yield concept, parents
        yield from concepts(concept.get("concept", []), parents + (concept["code"],))


def is_jlac10(code):
    return len(code) == 17 and code[0].isdigit() and code[1].isupper()


def main(package, version, output):
    by_url = {resource["url"]: resource for resource in resources(package)}
    systems = {url: list(concepts(resource["concept"])) for url, resource in by_url.items()
               if resource["resourceType"] == "CodeSystem" and "/JLAC10/JP_CLINS_ObsLabResult_" in url}
    names = collections.defaultdict(list)
    for system, display, value_set in slices(by_url[PROFILE]):
        for include in by_url[value_set]["compose"]["include"]:
            wanted = {concept["code"] for concept in include.get("concept", [])}
            groups = {rule["value"] for rule in include.get("filter", [])}
            wanted |= {concept["code"] for concept, parents in systems[include["system"]] if groups & set(parents)}
            for code in wanted:
                names[code].append((system, display))
    items, groups = [], {}
    for url in sorted(systems):
        for concept, parents in systems[url]:
            code = concept["code"]
            if not is_jlac10(code):
                continue
            own = concept.get("display", "")
            known = names.get(code)
            system, display = next((n for n in known if n[1] == own), known[0]) if known else (GENERAL, "")
            note = parents[-1] if known else parents[-1] + ": no item of this package's profile"
            items.append((code, system, display or {"3D": "グルコース(血糖)", "3F": "中性脂肪(TG)"}[code[:2]], note))
            groups.setdefault(code[:12] + "***" + code[15:], parents[-1])
            groups.setdefault(code[:12] + "***", parents[-1])
    output = pathlib.Path(output)
    with (output / "shared-lab-items.tsv").open("w", encoding="utf-8") as table:
        table.write(f"# The shared lab items of JP-CLINS {version} by their JLAC10 codes; the display must stand beside the"
                    " code to the letter.\n# Made by tests/unit/fhir_mapper/make_shared_lab_items.py.\n" + HEADER)
        for code, system, display, note in items:
            table.write(f"JC10\t{code}\t{system}\t{code}\t{display}\t{note}\n")
    with (output / "shared-lab-groups.tsv").open("w", encoding="utf-8") as table:
        table.write("# Which items are shared ones, whatever their method (***), with and without the two digits of the"
                    " result.\n# Made with shared-lab-items.tsv.\n" + HEADER)
        for item in sorted(groups):
            table.write(f"\t{item}\t\t{groups[item]}\t\t\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
