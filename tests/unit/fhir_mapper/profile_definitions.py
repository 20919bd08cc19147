"""The published definitions that make_profile_pack.py reads: structures as trees, value sets and code systems."""

import json

# Of these the packages hold a part only.
ELSEWHERE = {"http://loinc.org", "http://snomed.info/sct", "http://dicom.nema.org/resources/ontology/DCM",
             "urn:iso-astm:E1762-95:2013"}
MOST_CODES = 4000


class Definitions:
    def __init__(self, folder):
        self.folder = folder
        self.index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.lines = {}
        for kind in ("StructureDefinition", "ValueSet", "CodeSystem"):
            for line in (folder / "r4-core" / (kind + ".tsv")).read_text(encoding="utf-8").split("\n"):
                url, _, text = line.partition("\t")
                if text:
                    self.lines[url] = text
        self.known = {}

    def get(self, url):
        url = url.split("|")[0]
        if url not in self.known:
            found = None
            if url in self.index:
                found = json.loads((self.folder / self.index[url]["file"]).read_text(encoding="utf-8"))
            elif url in self.lines:
                found = json.loads(self.lines[url])
            self.known[url] = found
        return self.known[url]


class Element:
    def __init__(self, definition, name, slice_name):
        self.definition, self.name, self.slice_name = definition, name, slice_name
        self.children, self.slices = {}, []


def tree_of(structure):
    by_id, root = {}, None
    for definition in structure["snapshot"]["element"]:
        cut = definition["id"].rfind(".")
        name, _, slice_name = definition["id"][cut + 1:].partition(":")
        element = by_id[definition["id"]] = Element(definition, name, slice_name)
        if cut < 0:
            root = element
        elif slice_name:
            by_id[definition["id"][:cut] + "." + name].slices.append(element)
        else:
            by_id[definition["id"][:cut]].children[name] = element
    return root


def fixed_of(definition, word):
    for key, value in definition.items():
        if key.startswith(word) and key != word:
            return value
    return None


class CodeLists:
    def __init__(self, definitions):
        self.definitions = definitions
        self.value_sets, self.systems = {}, {}

    def concepts(self, system):
        """code -> (displays, parents); None: not at hand."""
        found = None if system in ELSEWHERE else self.definitions.get(system)
        if found is None or found["resourceType"] != "CodeSystem" or not found.get("concept"):
            return None
        if found.get("content") not in ("complete", "fragment"):
            return None
        codes = {}

        def walk(concepts, parent):
            for concept in concepts:
                displays, parents = codes.setdefault(concept["code"], ([], set()))
                displays += [concept["display"]] if "display" in concept else []
                displays += [designation["value"] for designation in concept.get("designation", [])]
                parents |= {parent} if parent else set()
                parents |= {property.get("valueCode") or property.get("valueString")
                            for property in concept.get("property", []) if property.get("code") == "subsumedBy"}
                walk(concept.get("concept", []), concept["code"])
        walk(found["concept"], None)
        return codes

    @staticmethod
    def below(codes, code, ancestor):
        seen, todo = set(), [code]
        while todo:
            one = todo.pop()
            if one in seen:
                continue
            seen.add(one)
            if one == ancestor:
                return True
            todo += [parent for parent in codes.get(one, ([], ()))[1]]
        return False

    def members(self, url, depth=0):
        """system -> None (all of it), "unknown" or a list of codes."""
        value_set = self.definitions.get(url)
        if value_set is None or value_set["resourceType"] != "ValueSet" or depth > 8:
            return None
        result = {}
        for include in value_set.get("compose", {}).get("include", []):
            if "valueSet" in include and "system" not in include:
                for other in include["valueSet"]:
                    result.update(self.members(other, depth + 1) or {"": "unknown"})
                continue
            system = include.get("system", "")
            if "concept" in include:
                codes = [concept["code"] for concept in include["concept"]]
            elif include.get("filter"):
                codes = self.filtered(system, include["filter"])
            else:
                codes = None
            before = result.get(system, [])
            if codes is None or before is None:
                result[system] = None
            elif codes == "unknown" or before == "unknown":
                result[system] = "unknown"
            else:
                result[system] = list(dict.fromkeys(before + codes))
        for exclude in value_set.get("compose", {}).get("exclude", []):
            gone = {concept["code"] for concept in exclude.get("concept", [])}
            before = result.get(exclude.get("system", ""))
            if before is None:
                known = self.concepts(exclude.get("system", ""))
                before = list(known) if known else "unknown"
            if before != "unknown":
                result[exclude["system"]] = [code for code in before if code not in gone]
        return result

    def filtered(self, system, filters):
        codes = self.concepts(system)
        if codes is None:
            return "unknown"
        kept = list(codes)
        for rule in filters:
            operation, value = rule["op"], rule["value"]
            if operation in ("is-a", "descendent-of"):
                kept = [code for code in kept if self.below(codes, code, value)
                        and (operation == "is-a" or code != value)]
            elif operation == "is-not-a":
                kept = [code for code in kept if not self.below(codes, code, value)]
            elif operation == "in":
                kept = [code for code in kept if code in [word.strip() for word in value.split(",")]]
            elif operation == "=":
                kept = [code for code in kept if code == value]
            else:
                return "unknown"
        return kept

    def need_value_set(self, url):
        url = url.split("|")[0]
        if url not in self.value_sets:
            self.value_sets[url] = self.members(url)
            for system in self.value_sets[url] or {}:
                self.need_system(system)
        return url

    def need_system(self, system):
        if system not in self.systems:
            codes = self.concepts(system)
            self.systems[system] = codes if codes and len(codes) <= MOST_CODES else None
