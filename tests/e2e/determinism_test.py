"""The same storage gives the same bytes: whatever its path, the order of its folders, the host's zone and language,
and however many threads and folders at a time.

With KAKEHASHI_LONG=1 the storage is eight times as large.
"""

import hashlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from scene import Scene, Storage, days_ago, main
from support import program, temporary_directory

SIZE = 8 if os.environ.get("KAKEHASHI_LONG") == "1" else 1
ALL_TYPES = "AllergyIntolerance Condition Observation MedicationRequest"
TIMESTAMP = re.compile(rb'"timestamp":("[^"]*")')
CPUS = sorted(os.sched_getaffinity(0))


def write_tree(storage):
    """All that writers do: other patients with other line ends, insurances, extensions, updates and deletes."""
    today = days_ago(0)
    storage.tree(patients=60 * SIZE, labs=3, prescriptions=2, updates=30, deletes=8, late=10, insurance="mixed",
                 today=today)
    storage.tree(patients=20 * SIZE, labs=2, updates=50, deletes=20, patient_prefix="01", seed=7, crlf=True,
                 cp932_extensions=True, half_width_kana=True, today=today)
    storage.tree(patients=10 * SIZE, labs=1, patient_prefix="02", seed=9, lf=True, fs=True, no_last_cr=True, today=today)


def copy_in_another_order(root, target):
    """With other modification times, too."""
    files = [path for path in root.rglob("*") if path.is_file()]
    random.Random(5).shuffle(files)
    for path in files:
        copy = target / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def without_moment(bundle):
    """A Bundle's line without the moment in which it was made; times of documents stay."""
    moment = TIMESTAMP.search(bundle)
    return bundle.replace(moment[1], b'"now"') if moment else bundle


def another_file_system(bytes_needed):
    """A folder where the kernel lists folders in another order: tmpfs has the newest entry first, ext4 goes by hash."""
    shared = Path("/dev/shm")
    if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2 * bytes_needed:
        return tempfile.TemporaryDirectory(prefix="determinism-", dir=shared)
    return tempfile.TemporaryDirectory(prefix="determinism-")


def folders_listed_otherwise(root, copy):
    """Of the folders with several entries: how many are listed in another order, and how many there are."""
    several = [folder for folder, names, files in os.walk(root) if len(names) + len(files) > 1]
    others = [folder for folder in several if os.listdir(folder) != os.listdir(copy / Path(folder).relative_to(root))]
    return len(others), len(several)


def make_locale(folder, name, decimal_point):
    """LOCPATH's content for one language; None: it cannot be made here."""
    definition, charmap = name.split(".")
    try:
        subprocess.run(["localedef", "-i", definition, "-f", charmap, folder / name], capture_output=True, timeout=60,
                       check=True)
        made = subprocess.run(["locale", "decimal_point"], capture_output=True, text=True, timeout=10, check=True,
                              env={**os.environ, "LC_ALL": name, "LOCPATH": str(folder)})
    except (OSError, subprocess.CalledProcessError):
        return None
    if made.stdout.strip() != decimal_point:
        return None
    return {"LC_ALL": name, "LANG": name, "LOCPATH": str(folder)}


class DeterminismTest(Scene):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.storage = Storage()
        write_tree(cls.storage)
        files = cls.storage.documents()
        held = another_file_system(sum(-(-path.stat().st_size // 4096) * 4096 for path in files))
        cls.addClassCleanup(held.cleanup)
        cls.copy = Path(held.name) / "別の場所" / "root"
        copy_in_another_order(cls.storage.root, cls.copy)
        cls.locales = temporary_directory("locales")
        cls.usual = {}  # by how it was made and on which day

    def map(self, root=None, env=None, options=()):
        """What `map` prints on both streams, without the moment and the root; each line is a Bundle."""
        root = root or self.storage.root
        gateway = self.make_gateway([Storage(root)], "https://127.0.0.1:1/fhir", types=ALL_TYPES, profile="jp-core")
        done = subprocess.run([program("gateway/kakehashi"), "map", *options, root, "--config", gateway.config],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False,
                              env={**os.environ, "LC_ALL": "C", **(env or {})})
        self.assertIn(done.returncode, (0, 3), done.stderr[-2000:])
        return ([without_moment(line) for line in done.stdout.splitlines()],
                done.stderr.replace(os.fsencode(root), b"ROOT").splitlines())

    def explain(self, **variation):
        """Of each element its value, rule and source."""
        lines, messages = self.map(options=["--explain"], **variation)
        return [line for line in lines if line.startswith(b"#")], messages

    def snapshots(self, root=None, env=None, concurrency=2, cpus=None):
        """What `run --once` puts into the outbox: by unit its year, hash and body, times and URLs still open."""
        gateway = self.make_gateway([Storage(root or self.storage.root)], "https://127.0.0.1:1/fhir",
                                    types=ALL_TYPES, profile="jp-core", mode="dry-run", delete_settle="0s",
                                    storage_extra={"concurrency": concurrency})
        command = [program("gateway/kakehashi"), "run", "--once", "--timeout", "5m", "--config", str(gateway.config)]
        if cpus:
            command = ["taskset", "-c", ",".join(map(str, cpus)), *command]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False,
                              env={**os.environ, "LC_ALL": "C", **(env or {})})
        self.assertIn(done.returncode, (0, 3), done.stderr[-2000:])
        return self.outbox(gateway)

    @staticmethod
    def outbox(gateway):
        with closing(sqlite3.connect(gateway.state / "kakehashi.db")) as database:
            rows = database.execute(
                "SELECT number, kind, date, order_no, year, operation, hex(content_hash), template, reason, explanation "
                "FROM unit JOIN patient ON patient.id = unit.patient LEFT JOIN outbox ON outbox.unit = unit.id "
                "LEFT JOIN body ON body.unit = unit.id LEFT JOIN delivery ON delivery.unit = unit.id").fetchall()
        return sorted(rows, key=lambda row: row[:4])

    def sent(self, connections=1):
        """What the platform holds in the end: also what is filled in at sending, but for the moment."""
        platform = self.make_platform()
        gateway = self.make_gateway(self.storage, platform, connections=connections, delete_settle="0s")
        done = gateway.run_once("5m", seconds=600)
        self.assertIn(done.returncode, (0, 3), done.stderr[-2000:])
        bundles = sorted(platform.bundle_texts().items())
        platform.stop()
        return [(bundle, without_moment(text.encode())) for bundle, text in bundles]

    def assert_the_same(self, make, least, **variation):
        """As without the variation, on the same day in Japan: the window of five years moves with it."""
        while True:
            day = days_ago(0)
            key = (make.__name__, day)
            if key not in self.usual:
                self.usual[key] = make()
            varied = make(**variation)
            if days_ago(0) == day:
                break
        usual = self.usual[key]
        self.assertGreater(len(usual if isinstance(usual, list) else usual[0]), least * SIZE)
        if varied != usual:  # assertEqual would compare megabytes for minutes
            self.fail(f"{variation} changes {self.first_difference(usual, varied)}")

    @staticmethod
    def first_difference(usual, varied):
        usual, varied = ([line for part in each for line in (part if isinstance(part, list) else [part])]
                         for each in (usual, varied))
        if len(usual) != len(varied):
            return f"the number of lines from {len(usual)} to {len(varied)}"
        differing = [pair for pair in zip(usual, varied) if pair[0] != pair[1]]
        same = hashlib.sha256(repr(sorted(map(repr, usual))).encode()).digest() == \
            hashlib.sha256(repr(sorted(map(repr, varied))).encode()).digest()
        return (f"{len(differing)} of {len(usual)} lines{' (their order)' if same else ''}; the first one from\n"
                f"{differing[0][0]}\nto\n{differing[0][1]}")

    def assert_map_is_the_same(self, **variation):
        self.assert_the_same(self.map, 200, **variation)
        self.assert_the_same(self.explain, 5000, **variation)

    def assert_everything_is_the_same(self, **variation):
        self.assert_map_is_the_same(**variation)
        self.assert_the_same(self.snapshots, 200, **variation)

    def test_once_more(self):
        self.assert_everything_is_the_same(env={})

    def test_at_another_path_and_listed_in_another_order(self):
        others, several = folders_listed_otherwise(self.storage.root, self.copy)
        if others < several / 4:
            self.skipTest(f"the file systems here list only {others} of {several} folders in another order")
        self.assert_everything_is_the_same(root=self.copy)

    def test_in_other_zones_of_the_host(self):
        for zone in ("America/New_York", "Asia/Tokyo", "XXX-14"):
            with self.subTest(zone):
                self.assert_everything_is_the_same(env={"TZ": zone})

    def test_in_other_languages_of_the_host(self):
        for name, decimal_point in (("de_DE.UTF-8", ","), ("ja_JP.UTF-8", "."), ("ja_JP.EUC-JP", ".")):
            with self.subTest(name):
                env = make_locale(self.locales, name, decimal_point)
                if env is None:
                    self.skipTest(f"{name} cannot be made here: localedef or the package locales is missing")
                self.assert_everything_is_the_same(env=env)

    def test_with_other_numbers_of_folders_at_a_time_and_processors(self):
        for concurrency, cpus in ((1, CPUS[:1]), (16, CPUS[:1]), (1, CPUS), (16, CPUS)):
            with self.subTest(concurrency=concurrency, cpus=cpus):
                self.assert_the_same(self.snapshots, 200, concurrency=concurrency, cpus=cpus)

    def test_of_two_copies_of_one_moment_the_same_one_counts_whichever_was_seen_first(self):
        """Sweeps of several storages run beside each other: which one comes first is chance."""
        def seen(first):
            storages = Storage(), Storage()
            gateway = self.make_gateway(list(storages), "https://127.0.0.1:1/fhir", mode="dry-run")
            for storage, patient in zip(storages, ("0000000033", "0000000041")):
                storage.patient(patient)  # an empty root counts as one that is away
            for number in (first, 1 - first):
                storages[number].patient(name=("架橋^太郎", "架橋^次郎")[number], occurred="20260401093000000")
                storages[number].problem(text=("架橋病", "架橋症")[number], occurred="20260401093000000")
                gateway.run_once("20s")
            return self.outbox(gateway)

        self.assertEqual(seen(0), seen(1))

    def test_over_many_connections(self):
        self.assert_the_same(self.sent, 150, connections=16)


if __name__ == "__main__":
    main()
