"""How long after a document is complete the platform has it: real daemon, real TLS, an otherwise idle local disk.

From the moment after the writer closed (or renamed) the last file that the unit needs, to the time in the simulated
platform's record, which is in milliseconds and cut off. Documents come one by one, at random distances, each of a
patient of its own, in a storage that is swept every ten minutes only: what is measured are inotify's hints.

    KAKEHASHI_BIN_DIR=.build/release python3 tests/bench/latency_bench.py [--documents 60] [--settle 2s --settle 200ms]

Exit code 1 when a median is more than 50 ms above the settle time.
"""

import argparse
import random
import re
import statistics
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
import hl7_writer  # noqa: E402
from support import Gateway, Pki, Platform, temporary_directory, wait_until  # noqa: E402

ALLOWED_MS = 50
VALUE = re.compile(rb'"value": ?(\d+)\.5')
JAPAN = timezone(timedelta(hours=9))


class Bench:
    """One storage with known patients, one platform, one daemon."""

    def __init__(self, pki, settle, documents, seed):
        self.documents = documents
        self.chance = random.Random(seed)
        self.root = temporary_directory("storage") / "root"
        self.staging = self.root.parent / "staging"
        self.staging.mkdir()
        self.platform = Platform(pki)
        self.count = 0
        self.live = {}      # (patient, date) -> file
        self.complete = {}  # number of the version -> seconds since 1970
        self.record_lines = 0
        self.known = [f"{number + 1:010}" for number in range(documents)]
        for patient in self.known:
            self.master(patient)
            self.lab(patient, "20260901")
        self.gateway = Gateway(self.root, self.platform, pki, settle=settle, sweep_interval="10m", watch="inotify",
                               log_level="debug")
        self.gateway.start()
        wait_until(lambda: len(self.platform.changes()) >= documents, 60, "the storage as it was")
        wait_until(lambda: "first sweep done" in self.gateway.log, 60, "the first sweep")

    def end(self):
        self.gateway.stop()
        self.platform.stop()

    # --- the writer ---

    def lab(self, patient, date, rename=False):
        """One more version of the patient's only order of that day; the number of the version."""
        self.count += 1
        name = f"{patient}_{date}_OML-11_{1:015}_{self._now()}_01_1"
        old = self.live.get((patient, date))
        if old:
            old.rename(old.with_name(old.name[:-1] + "2"))
        data = hl7_writer.oml_11(patient, f"{1:015}", f"{self.count}.5", date + "0900")
        self.live[patient, date] = self._write(patient, date, "OML-11", name, data, rename)
        self.complete[self.count] = time.time()
        return self.count

    def master(self, patient):
        name = f"{patient}_-_ADT-00_{'9' * 15}_{self._now()}_-_1"
        self._write(patient, "-", "ADT-00", name, hl7_writer.adt_00(patient, 345))

    def _write(self, patient, date, kind, name, data, rename=False):
        path = self.root / patient[:3] / patient[3:6] / patient / date / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if rename:
            (self.staging / name).write_bytes(data)
            (self.staging / name).rename(path)
        else:
            path.write_bytes(data)
        return path

    @staticmethod
    def _now():
        return datetime.now(JAPAN).strftime("%Y%m%d%H%M%S%f")[:17]

    # --- what happens to a document ---

    def update(self, _, patient):
        return self.lab(patient, "20260901")

    def update_renamed_into_place(self, _, patient):
        return self.lab(patient, "20260901", rename=True)

    def new_folders(self, _, patient):
        return self.lab(patient, "20261001")

    def new_folders_renamed_into_place(self, _, patient):
        return self.lab(patient, "20261101", rename=True)

    def new_patient(self, index, _):
        """Folders at all levels are new; the ADT-00 is there first."""
        patient = f"{300 + index % 600:03}{400 + index // 600:03}{index:04}"
        self.master(patient)
        return self.lab(patient, "20261001")

    # --- the measurement ---

    def measure(self, write):
        """Milliseconds of each document, in order of size."""
        numbers = []
        for index, patient in enumerate(self.known):
            numbers.append(write(index, patient))
            time.sleep(self.chance.uniform(0.15, 0.35))
        accepted = {}

        def all_there():
            for change in self.platform.changes():
                if change["change"] == "put":
                    accepted.setdefault(self._version(change["n"]), change["time"])
            return all(number in accepted for number in numbers)

        wait_until(all_there, 60, lambda: f"{len(numbers)} documents; {self.gateway.log[-1000:]}")
        return sorted(1000 * (datetime.fromisoformat(accepted[number]).timestamp() - self.complete[number])
                      for number in numbers)

    def _version(self, number):
        found = VALUE.search(self.platform.body(number))
        return int(found[1]) if found else None


def milliseconds(duration):
    number, unit = re.fullmatch(r"(\d+)(ms|s)", duration).groups()
    return int(number) * (1000 if unit == "s" else 1)


def report(kind, times, settle_ms):
    """True when the median is within what is allowed."""
    median = statistics.median(times)
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    good = median - settle_ms <= ALLOWED_MS
    print(f"{kind:36} {len(times):4} {times[0]:8.0f} {median:8.0f} {p95:8.0f} {times[-1]:8.0f} "
          f"{median - settle_ms:+8.0f}   {'ok' if good else 'MISSED'}", flush=True)
    return good


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--documents", type=int, default=60, help="of each kind")
    options.add_argument("--settle", action="append", help="may stand several times; default: 2s and 200ms")
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    pki = Pki()
    good = True
    for settle in options.settle or ["2s", "200ms"]:
        bench = Bench(pki, settle, options.documents, options.seed)
        print(f"settle {settle}; milliseconds from complete to accepted; allowed: median - settle <= {ALLOWED_MS}")
        print(f"{'':36} {'n':>4} {'min':>8} {'median':>8} {'p95':>8} {'max':>8} {'-settle':>8}")
        for kind, write in (("update in place", bench.update),
                            ("update renamed into place", bench.update_renamed_into_place),
                            ("new date and kind folder", bench.new_folders),
                            ("the same, renamed into place", bench.new_folders_renamed_into_place),
                            ("new patient", bench.new_patient)):
            good = report(kind, bench.measure(write), milliseconds(settle)) and good
        bench.end()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
