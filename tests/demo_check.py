"""The judge of demo.sh: compares what the platform holds with storage_gen's manifest and the changes made since.

It reads the platform's files and nothing of the gateway's state, so that it cannot share a mistake with it.
"""

import hashlib
import http.client
import json
import ssl
import sys
import time
import unicodedata
import urllib.parse
from pathlib import Path
from typing import NamedTuple

PATIENCE_SECONDS = 60
CHANGES = "changes.jsonl"
FIRST_IDS = "first-bundle-ids.json"


class Unit(NamedTuple):
    """A report unit that the platform must hold: which, and how its newest version is recognised."""
    key: str
    patient: str
    kind: str
    marker: str
    rows: int
    story: str


class Held(NamedTuple):
    bundle_id: str
    text: str
    bundle: dict

    def resources(self, kind):
        return [entry["resource"] for entry in self.bundle["entry"] if entry["resource"]["resourceType"] == kind]

    @property
    def patient_numbers(self):
        return {identifier["value"] for patient in self.resources("Patient") for identifier in patient["identifier"]}

    @property
    def patient_name(self):
        return self.resources("Patient")[0]["name"][0]["text"]


def lines_of(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def key_of(path):
    """Patient, date, type and order number: what the versions of one document have in common."""
    return "_".join(Path(path).name.split("_")[:4])


def manifest_units(manifest):
    """What is sent, of what was generated: prescriptions and what is deleted already are not."""
    return {key_of(line["path"]): Unit(key_of(line["path"]), line["patient"], line["kind"], line["marker"],
                                       line["rows"], "")
            for line in lines_of(manifest) if line["state"] == "live" and line["kind"] != "MedicationRequest"}


def wanted_units(directory):
    """The manifest with the changes on top, and the units that must be gone, both by key."""
    units = manifest_units(directory / "manifest.jsonl")
    gone = {}
    for change in lines_of(directory / CHANGES) if (directory / CHANGES).exists() else []:
        key = key_of(change["path"])
        if change["change"] == "deleted":
            gone[key] = units.pop(key)
        else:
            units[key] = Unit(key, key.split("_")[0], "Observation", change["marker"], 1,
                              f"{change['change']}: {change['shown']}")
    return units, gone


def held_bundles(directory):
    held = {}
    for path in (directory / "platform" / "bundles").glob("*.json"):
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue  # deleted while we looked
        bundle_id = urllib.parse.unquote(path.name.removesuffix(".json"))
        held[bundle_id] = Held(bundle_id, text, json.loads(text))
    return held


def find_unit(unit, held):
    return [bundle for bundle in held.values() if unit.marker in bundle.text and unit.patient in bundle.patient_numbers]


def differences(directory):
    """One sentence for each thing that is not as it must be."""
    units, gone = wanted_units(directory)
    held = held_bundles(directory)
    first = json.loads((directory / FIRST_IDS).read_text()) if (directory / FIRST_IDS).exists() else {}
    claimed = set()
    for unit in units.values():
        found = find_unit(unit, held)
        claimed.update(bundle.bundle_id for bundle in found)
        name = f"{unit.kind} of {unit.key}"
        if len(found) != 1:
            yield f"{name}: its newest version is in {len(found)} Bundles, not in one"
            continue
        bundle = found[0]
        if len(bundle.resources(unit.kind)) != unit.rows:
            yield f"{name}: {len(bundle.resources(unit.kind))} resources, not {unit.rows}"
        if bundle.bundle["identifier"]["value"] != bundle.bundle_id:
            yield f"{name}: the Bundle names itself {bundle.bundle['identifier']['value']}"
        if len(bundle.resources("Patient")) != 1:
            yield f"{name}: the Bundle holds {len(bundle.resources('Patient'))} patients"
        if unit.key in first and bundle.bundle_id != first[unit.key]:
            yield f"{name}: was {first[unit.key]} and is {bundle.bundle_id} now: doubled"
    for unit in gone.values():
        if first.get(unit.key) in held:
            yield f"{unit.kind} of {unit.key}: was deleted, and the platform still holds it"
    for bundle_id in held.keys() - claimed:
        if bundle_id not in {first.get(key) for key in gone}:
            yield f"{bundle_id}: nobody knows what it is, or it is an older version"


def wait(directory, phase):
    changes = lines_of(directory / CHANGES) if phase == "last" else []
    started = changes[-1]["time"] if changes else time.time()
    while left := list(differences(directory)):
        if time.time() - started > PATIENCE_SECONDS:
            print(f"  not right after {PATIENCE_SECONDS} s:", file=sys.stderr)
            for sentence in left:
                print(f"  - {sentence}", file=sys.stderr)
            log = (directory / "gateway.log").read_text(encoding="utf-8", errors="replace").splitlines()
            print("  the gateway's last words:", *log[-8:], sep="\n  ", file=sys.stderr)
            return 1
        time.sleep(0.1)
    seconds = time.time() - started
    units, _ = wanted_units(directory)
    if phase == "first":
        held = held_bundles(directory)
        ids = {unit.key: find_unit(unit, held)[0].bundle_id for unit in units.values()}
        (directory / FIRST_IDS).write_text(json.dumps(ids))
        print(f"  after {seconds:.1f} s the platform holds all {len(units)} report units")
    else:
        print(f"  {seconds:.1f} s later the platform agrees with the storage again (deletes wait 2 s on purpose)")
    return 0


def width(text):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def print_table(rows):
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        print("  " + "  ".join(cell + " " * (widths[at] - width(cell)) for at, cell in enumerate(row)).rstrip())
        if number == 0:
            print("  " + "  ".join("─" * length for length in widths))


def table(directory):
    units, gone = wanted_units(directory)
    held = held_bundles(directory)
    first = json.loads((directory / FIRST_IDS).read_text())
    rows = []
    for unit in units.values():
        for bundle in find_unit(unit, held):
            rows.append((unit.patient, bundle.patient_name, unit.kind, str(unit.rows), shortened(bundle.bundle_id),
                         unit.story or "found by the first sweep"))
    for unit in gone.values():
        rows.append((unit.patient, "", unit.kind, "–", shortened(first[unit.key]), "deleted"))
    rows.sort(key=lambda row: (row[0], row[2], row[5]))
    return [("patient", "name", "resource type", "rows", "Bundle-ID", "what happened"), *rows]


def shortened(bundle_id):
    return bundle_id[:24] + "…"


def secrets_in_log(directory):
    """Patients' numbers and names that stand in the gateway's log."""
    log = (directory / "gateway.log").read_text(encoding="utf-8")
    words = {unit.patient for unit in manifest_units(directory / "manifest.jsonl").values()}
    words |= {name for held in held_bundles(directory).values() for name in held.patient_name.split()}
    return sorted(word for word in words if word in log)


def verdict(directory):
    print_table(table(directory))
    units, gone = wanted_units(directory)
    wrong = list(differences(directory))
    before, after = ((directory / f"storage.{when}").read_text() for when in ("before", "after"))
    claims = [
        (not wrong, f"each of the {len(units)} report units is there once, newest version, under its one Bundle-ID"),
        (not wrong, f"what was deleted is gone ({len(gone)}), and nothing else is there"),
        (before == after, "the gateway changed nothing in the storage"),
        (not secrets_in_log(directory), "the gateway's log names no patient"),
    ]
    print()
    for good, sentence in claims:
        print(f"  {'✓' if good else '✗'} {sentence if good else 'NOT TRUE: ' + sentence}")
    for sentence in wrong:
        print(f"    - {sentence}")
    return 0 if all(good for good, _ in claims) else 1


def refuses_strangers(port, authority):
    """0 when the server does not answer a caller without a client certificate."""
    context = ssl.create_default_context(cafile=authority)
    connection = http.client.HTTPSConnection("localhost", int(port), timeout=10, context=context)
    try:
        connection.request("GET", "/fhir/metadata")
        status = connection.getresponse().status
    except (ssl.SSLError, ConnectionError):
        return 0
    print(f"  the platform answered {status} to a caller without a certificate", file=sys.stderr)
    return 1


def port_of(output):
    latest = time.monotonic() + PATIENCE_SECONDS
    while not (text := Path(output).read_text()).endswith("\n"):
        if time.monotonic() > latest:
            return 1
        time.sleep(0.05)
    print(text.splitlines()[0].rpartition(":")[2])
    return 0


def fingerprint(storage):
    for path in sorted(Path(storage).rglob("*")):
        status = path.stat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        print(path, oct(status.st_mode), status.st_mtime_ns, content)
    return 0


def counts(summary, manifest):
    numbers = json.loads(Path(summary).read_text())
    print(f"{numbers['documents']} documents of {numbers['patients']} patients, "
          f"{len(manifest_units(manifest))} report units to be sent")
    return 0


def unit_path(manifest, patient, kind, number):
    paths = [line["path"] for line in lines_of(manifest) if (line["patient"], line["kind"]) == (patient, kind)]
    print(paths[int(number) - 1])
    return 0


def note_change(change, path, marker, shown):
    with open(CHANGES, "a", encoding="utf-8") as file:
        file.write(json.dumps({"change": change, "path": path, "marker": marker, "shown": shown,
                               "time": time.time()}) + "\n")
    return 0


def main(command, *arguments):
    commands = {
        "change": note_change, "counts": counts, "fingerprint": fingerprint, "port": port_of,
        "refuses-strangers": refuses_strangers, "unit": unit_path,
        "verdict": lambda directory: verdict(Path(directory)),
        "wait": lambda phase, directory: wait(Path(directory), phase),
    }
    return commands[command](*arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
