#!/usr/bin/env python3
"""Makes config/terminology/shared-lab-items*.tsv and shared-lab-groups.tsv from an installed JP-CLINS package.

    make_shared_lab_items.py PACKAGE_FOLDER VERSION OUTPUT_FOLDER

shared-lab-items-VERSION.tsv is what that package says. shared-lab-items.tsv is for newer ones, of whose packages only the
names are public: the same codes, with these names. Where it is not known what became of a name, it stays.

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


# By the group of the code. The history of the guide tells of 判定, too, which became 定性.
NEWER = {"BLD-ABO": "血液型-ABO", "BLD-Rh": "血液型-Rh", "PT-Sec": "PT-秒", "PT-Ratio": "PT比", "PT-Act": "PT-活性%",
         "DD-class": "DD-定性", "U-Glu-HalfQty": "U-Glu-半定量", "U-P/C": "U-P/C", "U-A/C": "U-A/C",
         "BG": "BG", "FTG": "FTG", "CTG": "CTG"}
# Fasting and casual changed places: by the identification in the code.
NEWER_GLUCOSE = {"1299": "CBG", "1300": "FBG"}
RESULT = ("(判定)", "(定性)")
CORE = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS"


def newer(code, system, display, group):
    """The system and the display under newer guides."""
    name = NEWER_GLUCOSE.get(code[5:9]) if code.startswith("3D010") else None
    name = name or NEWER.get(group)
    if name:
        return CORE, name
    return system, display.replace(*RESULT)


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
            items.append((code, system, display or {"3D": "グルコース(血糖)", "3F": "中性脂肪(TG)"}[code[:2]], parents[-1],
                          "" if known else ": no item of this package's profile"))
            groups.setdefault(code[:12] + "***" + code[15:], parents[-1])
            groups.setdefault(code[:12] + "***", parents[-1])
    output = pathlib.Path(output)
    made = "\n# Made by tests/unit/fhir_mapper/make_shared_lab_items.py.\n" + HEADER
    with (output / f"shared-lab-items-{version}.tsv").open("w", encoding="utf-8") as table:
        table.write(f"# The shared lab items of JP-CLINS {version} by their JLAC10 codes; the display must stand beside the"
                    " code to the letter." + made)
        for code, system, display, group, missing in items:
            table.write(f"JC10\t{code}\t{system}\t{code}\t{display}\t{group}{missing}\n")
    with (output / "shared-lab-items.tsv").open("w", encoding="utf-8") as table:
        table.write(f"# The shared lab items by their JLAC10 codes: those of JP-CLINS {version}, with the displays of newer"
                    " guides, 1.7 and later." + made)
        for code, system, display, group, _ in items:
            system, display = newer(code, system, display, group)
            table.write(f"JC10\t{code}\t{system}\t{code}\t{display}\t{group}\n")
    with (output / "shared-lab-groups.tsv").open("w", encoding="utf-8") as table:
        table.write("# Which items are shared ones, whatever their method (***), with and without the two digits of the"
                    " result.\n# Made with shared-lab-items.tsv.\n" + HEADER)
        for item in sorted(groups):
            table.write(f"\t{item}\t\t{groups[item]}\t\t\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
