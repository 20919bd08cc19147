"""The daemon under load and faults for a long time: memory, descriptors, write-ahead log and database stay flat.

Five documents a second, most of them updates; a platform that answers late, with 503 and 429, loses answers and promises
results. The storage holds documents from before, all delivered when the load begins: a database that still fits into
SQLite's caches fills them for as long as that is so, which looks like a leak. KAKEHASHI_LONG=1: twenty minutes
(KAKEHASHI_SECONDS for another time), else half a minute, in which nothing can be said of slopes. Prints one line a sample
with KAKEHASHI_SAMPLES_TO=FILE, and the slopes at the end.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from scene import Scene, main, without_times  # noqa: E402
from service_test import Manager  # noqa: E402
from support import wait_until  # noqa: E402

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
SECONDS = int(os.environ.get("KAKEHASHI_SECONDS", "1200" if LONG else "30"))
RATE = 5
WATCHDOG_SECONDS = 10
PATIENTS, LABS = 20, 20  # units that are updated again and again
PATIENTS_BEFORE, LABS_BEFORE = (800, 12) if LONG else (20, 2)  # a database of many times a cache in the long form
FAULTS = ("delay:ms=200:share=20", "status:code=503:share=5", "status:code=429:retry-after=1:share=5",
          "lose-answer:share=5", "accept:ms=500:share=5", "reset-after-body:share=5")
# What may grow an hour. The database keeps a row for each file that it saw, so it is counted by document.
RSS_MIB_AN_HOUR = 4
WAL_MIB_AN_HOUR = 8
DATABASE_BYTES_A_DOCUMENT = 4096


def patient_number(number):
    return f"98765{number:05d}"  # none that storage_gen gives


class Samples:
    def __init__(self, gateway):
        self.gateway = gateway
        self.rows = []
        self.began = time.monotonic()

    def take(self, documents):
        process = Path(f"/proc/{self.gateway.pid}")
        memory = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        row = {"seconds": round(time.monotonic() - self.began, 1), "documents": documents, "rss": memory,
               "descriptors": len(list((process / "fd").iterdir())), "wal": self.size("kakehashi.db-wal"),
               "database": self.size("kakehashi.db")}
        self.rows.append(row)
        if "KAKEHASHI_SAMPLES_TO" in os.environ:
            with open(os.environ["KAKEHASHI_SAMPLES_TO"], "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def size(self, name):
        path = self.gateway.state / name
        return path.stat().st_size if path.exists() else 0

    def slope(self, name, by="seconds"):
        """Least squares over the second half: the first fills caches."""
        rows = self.rows[len(self.rows) // 2:]
        mean_x = sum(row[by] for row in rows) / len(rows)
        mean_y = sum(row[name] for row in rows) / len(rows)
        spread = sum((row[by] - mean_x) ** 2 for row in rows)
        return sum((row[by] - mean_x) * (row[name] - mean_y) for row in rows) / spread if spread else 0.0


class SoakTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(timeout="2s", retry_first="200ms", retry_max="5s")
        self.latest = {}
        self.written = 0

    def write_next(self):
        """An update of a laboratory report in turn; the version before it is cleaned up, as writers do."""
        patient = patient_number(self.written % PATIENTS)
        order = str(self.written // PATIENTS % LABS + 1)
        before = self.latest.get((patient, order))
        value = f"{self.written % 900 / 100 + 1:.2f}"
        row = f"code=3D046000001906202,name=HbA1c,value={value},unit=%,status=F"
        if before is None:
            self.latest[patient, order] = self.storage.lab(patient, order=order, value=value)
        else:
            self.latest[patient, order] = self.storage.supersede(before, rows=[row])
            for superseded in before.parent.glob(before.name[:-2] + "_0"):
                superseded.unlink()
        self.written += 1

    def test_it_stays_as_it_is(self):
        self.storage.tree(patients=PATIENTS_BEFORE, labs=LABS_BEFORE, prescriptions=0, updates=0, deletes=0)
        for number in range(PATIENTS):
            self.storage.patient(patient_number(number), f"架橋^見本{number}")
        before = len(self.gateway.map(self.storage.root).bundles)
        manager = Manager(WATCHDOG_SECONDS)
        self.gateway.start(env=manager.env)
        wait_until(lambda: manager.count("READY=1") == 1, 30, lambda: self.gateway.log[-2000:])
        self.wait_for_outbox(self.gateway, 300, delivered=before, pending=0, unknown=0, in_result=0)
        self.platform.misbehave(*FAULTS)
        manager.words()
        manager.received.clear()  # nobody read them meanwhile
        samples = Samples(self.gateway)
        self.load(samples, manager)
        pulses = [when for when, words in manager.received if "WATCHDOG=1" in words]
        longest = max(after - before for before, after in zip(pulses, pulses[1:]))
        self.platform.clear()
        units = before + len(self.latest)
        self.wait_for_outbox(self.gateway, 60, delivered=units, pending=0, unknown=0, in_result=0)
        self.report(samples, longest, units)
        self.assertLess(longest, WATCHDOG_SECONDS, "a ping came too late")
        self.assert_each_is_its_newest(units)
        if SECONDS >= 600:
            self.assert_flat(samples)

    def load(self, samples, manager):
        began = time.monotonic()
        next_sample = began
        while time.monotonic() < began + SECONDS:
            self.write_next()
            manager.words()
            if time.monotonic() >= next_sample:
                samples.take(self.written)
                next_sample += max(1, SECONDS / 240)
            self.assert_runs(self.gateway)
            time.sleep(max(0.0, began + self.written / RATE - time.monotonic()))

    def report(self, samples, longest, units):
        print(f"\n{self.written} documents in {SECONDS} s, {units} units, {self.platform.request_count()} requests, "
              f"longest gap between pings {longest:.1f} s of {WATCHDOG_SECONDS} s")
        for name, last in samples.rows[-1].items():
            if name not in ("seconds", "documents"):
                print(f"{name}: {last} at the end, {samples.slope(name) * 3600:+.0f} an hour, "
                      f"{samples.slope(name, 'documents'):+.1f} a document")

    def assert_each_is_its_newest(self, units):
        requests = [request for request in self.platform.requests() if request["operation"] == "register"]
        self.assertEqual(len({request["bundle_id"] for request in requests}), units)
        wanted = {bundle["identifier"]["value"]: without_times(bundle)
                  for bundle in self.gateway.map(self.storage.root).bundles}
        held = {bundle_id: without_times(bundle) for bundle_id, bundle in self.platform.bundles().items()}
        self.assertEqual(held, wanted)

    def assert_flat(self, samples):
        mib = 1 << 20
        self.assertLess(samples.slope("rss") * 3600 / mib, RSS_MIB_AN_HOUR)
        self.assertLess(samples.slope("wal") * 3600 / mib, WAL_MIB_AN_HOUR)
        self.assertLess(samples.slope("descriptors") * 3600, 4)
        self.assertLess(samples.slope("database", "documents"), DATABASE_BYTES_A_DOCUMENT)


if __name__ == "__main__":
    main()
