"""The scene of an end-to-end test: one storage, one platform, one gateway, and words for what tests ask of them."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import unittest
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from patient_secrets import found_in, patient_secrets
from support import Gateway, Pki, Platform, program, storage_gen, temporary_directory, wait_until

PATIENT = "0000000017"
OTHER_PATIENT = "0000000025"
NAME = "架橋^太郎"
OTHER_NAME = "架橋^花子"


def days_ago(days):
    """As a date folder's name."""
    return (datetime.now(timezone(timedelta(hours=9))) - timedelta(days=days)).strftime("%Y%m%d")


def _options(keywords):
    """rows=[...] becomes --row ... --row ..., pid3="1" becomes --pid3 1."""
    for key, value in keywords.items():
        name = "--row" if key == "rows" else "--" + key.replace("_", "-")
        for each in value if isinstance(value, (list, tuple)) else [value]:
            yield from [name] if each is True else [name, each]


class Storage:
    """One root that storage_gen writes; keywords are its options. Paths are absolute."""

    def __init__(self, root=None):
        self.root = Path(root or temporary_directory("storage") / "root")
        self.root.mkdir(parents=True, exist_ok=True)

    def document(self, data_type, patient=PATIENT, **options):
        return self._write("document", "--type", data_type, "--patient", patient, *_options(options))

    def supersede(self, path, **options):
        japan = datetime.now(timezone(timedelta(hours=9)))
        options.setdefault("occurred", japan.strftime("%Y%m%d%H%M%S%f")[:17])
        return self._write("supersede", "--path", self.relative(path), *_options(options))

    def delete(self, path, **options):
        return self._write("delete", "--path", self.relative(path), *_options(options))

    def tree(self, **options):
        """The counts that storage_gen prints."""
        return json.loads(storage_gen("tree", "--root", self.root, *_options(options)))

    def patient(self, patient=PATIENT, name=NAME, **options):
        """An ADT-00 with an insured number."""
        insured = {"insurer": "06999998", "symbol": "12", "number": "345", "branch": "01"}
        return self.document("ADT-00", patient, name=name, **{**insured, **options})

    def problem(self, patient=PATIENT, text="架橋病", instance="P1", **options):
        return self.document("PPR-01", patient, rows=[f"instance={instance},text={text},start=20250401"], **options)

    def lab(self, patient=PATIENT, order="1", value="7.20", status="F", **options):
        """One result of the shared items (hemoglobin A1c in blood)."""
        row = f"code=3D046000001906202,name=HbA1c,value={value},unit=%,status={status}"
        return self.document("OML-11", patient, order=order, rows=[row], **options)

    def relative(self, path):
        return Path(path).relative_to(self.root) if Path(path).is_absolute() else Path(path)

    def documents(self):
        return sorted(path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink())

    def age(self, seconds, files=True):
        """As if nothing had happened here for so long; folders only where `files` were written just now."""
        then = time.time() - seconds
        for path in [self.root, *self.root.rglob("*")]:
            if files or path.is_dir():
                os.utime(path, (then, then), follow_symlinks=False)

    @contextmanager
    def without_trace(self, folder):
        """What is done in the folder leaves its modification time as it was."""
        before = os.stat(folder)
        yield
        os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))

    def _write(self, *arguments):
        return self.root / storage_gen(arguments[0], "--root", self.root, *arguments[1:]).strip()

    def start_writing(self, data_type, patient=PATIENT, **options):
        """The same as document(), but returns at once with the process that writes."""
        command = [program("tests/storage_gen/storage_gen"), "document", "--root", self.root, "--type", data_type,
                   "--patient", patient, *_options(options)]
        return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)


def resources(bundle, resource_type=None):
    """All but the Patient, or those of one type."""
    found = [entry["resource"] for entry in bundle["entry"]]
    if resource_type:
        return [resource for resource in found if resource["resourceType"] == resource_type]
    return [resource for resource in found if resource["resourceType"] != "Patient"]


def kind_of(bundle):
    return resources(bundle)[0]["resourceType"]


def without_times(value):
    """What a Bundle says: no timestamp and lastUpdated, and positions for what fullUrls point at."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    places = {}
    text = re.sub(r'"urn:uuid:[^"]*"', lambda found: places.setdefault(found[0], f'"#{len(places)}"'), text)
    return re.sub(r'"(timestamp|lastUpdated)": "[^"]*"', r'"\1": "-"', text)


class Scene(unittest.TestCase):
    """Makes what a test needs and ends it afterwards, whatever happened."""

    pki = None

    @classmethod
    def setUpClass(cls):
        if Scene.pki is None:
            Scene.pki = Pki()

    def make_storage(self):
        return Storage()

    def make_platform(self, **keywords):
        platform = Platform(self.pki, **keywords)
        self.addCleanup(platform.kill9)
        return platform

    def make_gateway(self, storage, platform, **settings):
        roots = [storage] if isinstance(storage, Storage) else storage
        gateway = Gateway([root.root for root in roots], platform, self.pki, **settings)
        self.addCleanup(self.assert_no_patient_in_log, gateway, [root.root for root in roots])
        self.addCleanup(gateway.kill9)
        return gateway

    def assert_no_patient_in_log(self, gateway, roots):
        """Of every daemon of every test: what it wrote to stderr names no patient that it read of."""
        secrets = set().union(*(patient_secrets(root) for root in roots))
        self.assertEqual(found_in(gateway.log, secrets), {}, "patients in the log")

    def make_all(self, **settings):
        storage, platform = self.make_storage(), self.make_platform()
        return storage, platform, self.make_gateway(storage, platform, **settings)

    def run_once(self, gateway, expected=0, timeout="30s"):
        done = gateway.run_once(timeout)
        self.assertEqual(done.returncode, expected, f"run --once:\n{done.stdout}\n{done.stderr}")
        return done

    def wait_for_bundles(self, platform, count, seconds=15, message="Bundles on the platform"):
        """A number that is only passed on the way to a greater one does not count."""
        def reached():
            held = platform.bundles()
            if len(held) != count:
                return None
            time.sleep(0.2)
            return [held] if platform.bundles() == held else None  # a list is true even around nothing

        return wait_until(reached, seconds, lambda: f"{count} {message}, there are {sorted(platform.bundles())}")[0]

    def wait_for_outbox(self, gateway, seconds=15, **counts):
        """in_result=1 etc.; states that are not named may have any count."""
        wanted = {state.replace("_", "-"): count for state, count in counts.items()}

        def reached():
            done = gateway.command("status", "--json")
            if done.returncode == 1 and gateway.running():
                return None  # just started, there is no state yet
            outbox = json.loads(done.stdout)["outbox"]
            return outbox if all(outbox[state] == count for state, count in wanted.items()) else None

        return wait_until(reached, seconds, lambda: f"{wanted}, the status is {gateway.command('status').stdout}"
                                                    f"\n{gateway.log[-2000:]}")

    def wait_for_first_sweep(self, gateway, seconds=15):
        """Of the daemon that runs now; the log keeps what those before it said."""
        def swept():
            return "first sweep done" in gateway.log.rpartition(" started ")[2]

        wait_until(swept, seconds, lambda: f"the first sweep\n{gateway.log[-2000:]}")

    def change_state(self, gateway, sql, *values):
        """Changes the database of a gateway that is stopped; how many rows that were."""
        if gateway.running():
            raise RuntimeError("the gateway runs: its database is its own")
        with closing(sqlite3.connect(gateway.state / "kakehashi.db")) as database, database:
            return database.execute(sql, values).rowcount

    def storage_status(self, gateway, storage="main"):
        return gateway.status()["storages"][storage]

    def assert_runs(self, gateway):
        self.assertTrue(gateway.running(), f"the gateway ended:\n{gateway.log[-3000:]}")


def main():
    """unittest's, with the name of each test as it runs."""
    unittest.main(verbosity=2, argv=sys.argv)


if "KAKEHASHI_BIN_DIR" not in os.environ:
    raise SystemExit("KAKEHASHI_BIN_DIR is not set: it names the build directory, e.g. .build/release")
