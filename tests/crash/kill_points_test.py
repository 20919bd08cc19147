"""kill -9 at a counted call (kill_at.cpp): nothing is lost, doubled or overtaken, at whichever call it was.

A storage lives through three stages: first documents; updates and deletes; more of them. A point is one kill in the
first or second stage, on a fresh copy of what was there before it. After it the gateway runs undisturbed, and the
platform must end as if nothing had happened. The storage goes on meanwhile: what was cut off in the second stage is
finished on the third.

Short: points spread evenly, from a seed (KAKEHASHI_SEED). KAKEHASHI_LONG=1: every call of both stages, killed before
it, with half of its bytes written, and after it. That takes hours:
    KAKEHASHI_KILL_KINDS=send     only what is sent counts: the boundaries of all deliveries
    KAKEHASHI_WORKERS=4           that many points at a time
    KAKEHASHI_PROGRESS=FILE       one JSON line a point; what stands there is not run again
    KAKEHASHI_SECONDS=3600        ends in time; the order is such that any beginning of it is spread evenly
"""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import unittest
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from scene import Scene, Storage, main  # noqa: E402
from support import Gateway, Platform, program, temporary_directory  # noqa: E402

# The process dies, not the machine: what it wrote is there in memory as on a disk, only sooner.
if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
SHORT_POINTS = 24
WHENS = ("before", "half", "after")
LATE_WINDOW_MS = 300
# What storage_gen puts into each document that makes it like no other, whatever its version.
MARKER = re.compile(rb"KH\d{10}-\d+V|\b187\.\d{10}")
SETTINGS = {"settle": "100ms", "delete_settle": "0s", "watch": "sweep"}


class Point(NamedTuple):
    stage: int
    call: int
    when: str


class History(NamedTuple):
    """What a platform was sent, in order."""
    versions: dict  # Bundle-ID -> content hashes in the order in which they stood there, None: nothing
    bundle_ids: dict  # what one unit is known by -> the Bundle-IDs it was sent under

    @staticmethod
    def of(platform):
        versions, bundle_ids = {}, {}
        for change in platform.changes():
            stood = versions.setdefault(change["bundle_id"], [None])
            content = change["content_hash"] if change["change"] == "put" else None
            if stood[-1] != content:
                stood.append(content)
        for request in platform.requests():
            if request["operation"] == "register" and request["content_hash"]:
                for marker in set(MARKER.findall(platform.body(request["n"]))):
                    bundle_ids.setdefault(marker, set()).add(request["bundle_id"])
        return History(versions, bundle_ids)

    def final(self):
        return {bundle_id: stood[-1] for bundle_id, stood in self.versions.items() if stood[-1] is not None}


class Judge:
    """Knows what each Bundle-ID goes through undisturbed."""

    def __init__(self, undisturbed):
        self.undisturbed = undisturbed

    def verdict(self, history, last_stage):
        """Counts of what went wrong; all zero: as it must be."""
        wanted = self.undisturbed[last_stage]
        final = history.final()
        lost = {each for each in wanted.keys() | final.keys() if wanted.get(each) != final.get(each)}
        doubled = {marker for marker, ids in history.bundle_ids.items() if len(ids) > 1}
        overtaken = {each for each, stood in history.versions.items() if self.goes_back(each, stood)}
        return {"lost": len(lost), "doubled": len(doubled), "overtaken": len(overtaken)}

    def goes_back(self, bundle_id, stood):
        """Something stood there after what came later, or that no undisturbed run ever sends."""
        expected = [None, *(state.get(bundle_id) for state in self.undisturbed)]
        place = 0
        for content in stood:
            if content not in expected[place:]:
                return True
            place = expected.index(content, place)
        return False


class Workplace:
    """One gateway and its platform, and the state of both before each stage."""

    def __init__(self, pki, storages):
        self.directory = temporary_directory("kill-points")
        self.storages = storages
        self.platform = Platform(pki, self.directory / "platform")
        self.gateway = Gateway([storages[0].root], self.platform, pki, self.directory / "gateway", **SETTINGS)
        self.count_file = self.directory / "count.json"
        self.undisturbed = []
        self.calls = []
        for stage in range(len(storages)):
            self.keep(stage)
            self.calls.append(self.run_once(stage, KAKEHASHI_COUNT_FILE=self.count_file)["calls"])
            self.undisturbed.append(History.of(self.platform).final())
            self.shorten_late_window()

    def shorten_late_window(self):
        """How long a request that was cut off may still be carried out: here no longer than the platform takes."""
        with contextlib.closing(sqlite3.connect(self.gateway.state / "kakehashi.db")) as database, database:
            database.execute("UPDATE destination SET late_window = ?", (LATE_WINDOW_MS,))

    def keep(self, stage):
        for each in (self.gateway, self.platform):
            if each.state.exists():
                shutil.copytree(each.state, self.before(stage, each))
            else:
                self.before(stage, each).mkdir(parents=True)

    def before(self, stage, process):
        return self.directory / f"before-{stage}" / process.directory.name

    def go_back_to(self, stage):
        self.platform.kill9()
        for each in (self.gateway, self.platform):
            shutil.rmtree(each.state, ignore_errors=True)
            shutil.copytree(self.before(stage, each), each.state)
        self.gateway.state.chmod(0o700)
        self.platform.start()

    def run(self, stage, **environment):
        self.gateway.configure(storage=[self.storages[stage].root])
        self.count_file.unlink(missing_ok=True)
        env = {name: str(value) for name, value in environment.items()}
        if env:
            env["LD_PRELOAD"] = program("tests/crash/kill_at.so")
        return self.gateway.command("run", "--once", "--timeout", "100s", seconds=180, env=env)

    def run_once(self, stage, **environment):
        done = self.run(stage, **environment)
        if done.returncode != 0:
            raise AssertionError(f"run --once, stage {stage}: {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}")
        return json.loads(self.count_file.read_text()) if environment else {}

    def try_out(self, point, judge):
        """What became of the point: one JSON object."""
        self.go_back_to(point.stage)
        done = self.run(point.stage, KAKEHASHI_KILL_AT=point.call, KAKEHASHI_KILL_WHEN=point.when,
                        KAKEHASHI_COUNT_FILE=self.count_file)
        result = {**point._asdict(), "reached": done.returncode == -signal.SIGKILL}
        if result["reached"]:
            killed = json.loads(self.count_file.read_text())
            result["killed_at"] = f"{killed['killed_at']} {killed['target']}"
        elif done.returncode != 0:
            raise AssertionError(f"{point}: {done.returncode}\n{done.stderr[-3000:]}")
        last_stage = 0 if point.stage == 0 else len(self.storages) - 1
        self.run_once(last_stage)
        result.update(judge.verdict(History.of(self.platform), last_stage))
        result["damaged"] = int(self.integrity() != "ok")
        return result

    def integrity(self):
        with contextlib.closing(sqlite3.connect(self.gateway.state / "kakehashi.db")) as database:
            return database.execute("PRAGMA integrity_check").fetchone()[0]

    def close(self):
        self.platform.kill9()


def make_stages(count):
    """The same storage after so many of the writer's turns; in the last one as storage_gen wrote it."""
    whole = Storage()
    counts = whole.tree(patients=26, labs=6, updates=50, deletes=4)
    assert counts["documents"] >= 300, counts
    keys = {}
    for path in whole.documents():
        # PATIENT_DATE_TYPE_ORDER_OCCURRED_DEPARTMENT_FLAG
        key, occurred = path.name.split("_")[:4], path.name.split("_")[4]
        keys.setdefault(tuple(key), []).append((occurred, whole.relative(path)))
    stages = [Storage() for _ in range(count - 1)]
    for versions in keys.values():
        versions.sort()
        for turn, stage in enumerate(stages):
            write_turn(whole, stage, [path for _, path in versions], turn)
    return [*stages, whole]


def write_turn(whole, stage, versions, turn):
    """Of one key's files the first so many, the last of them live; once all are there, as they are."""
    there = versions[:turn + 1]
    for path in there:
        is_live = path is there[-1] and (turn == 0 or len(there) < len(versions))
        name = path.name[:-1] + "1" if is_live else path.name
        to = stage.root / path.with_name(name)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(whole.root / path, to)


def spread(points):
    """The same points in an order whose every beginning is spread evenly over them."""
    ranked = [(index * 0.6180339887498949 % 1.0, point) for index, point in enumerate(points)]
    return [point for _, point in sorted(ranked)]


class JudgeTest(unittest.TestCase):
    """A judge that finds nothing would be no judge."""

    judge = Judge([{"1": "a", "2": "a"}, {"1": "b"}, {"1": "c"}])

    def verdict(self, stood, bundle_ids=None, last_stage=2):
        return self.judge.verdict(History(stood, bundle_ids or {}), last_stage)

    def test_a_history_as_undisturbed_is_good(self):
        for stood in (["a", "b", "c"], ["c"], ["a", "c"]):
            verdict = self.verdict({"1": [None, *stood], "2": [None, "a", None]})
            self.assertEqual(verdict, {"lost": 0, "doubled": 0, "overtaken": 0})

    def test_what_is_missing_old_or_too_much_in_the_end_is_lost(self):
        for stood in ({"1": [None]}, {"1": [None, "b"]}, {"1": [None, "c"], "2": [None, "a"]}):
            self.assertEqual(self.verdict(stood)["lost"], 1, stood)

    def test_what_comes_back_or_was_never_meant_is_overtaken(self):
        for stood in (["b", "a", "c"], ["c", "b", "c"], ["a", None, "c"], ["x", "c"]):
            self.assertEqual(self.verdict({"1": [None, *stood]})["overtaken"], 1, stood)

    def test_one_unit_under_two_bundle_ids_is_doubled(self):
        self.assertEqual(self.verdict({"1": [None, "c"]}, {"m": {"1", "3"}, "n": {"2"}})["doubled"], 1)


class KillPointsTest(Scene):
    def choose(self, calls):
        every = [Point(stage, call, when) for when in WHENS for stage in (0, 1) for call in range(1, calls[stage] + 1)]
        if LONG:
            return spread(every)
        seed = int(os.environ.get("KAKEHASHI_SEED", "1"))
        chance = random.Random(seed)
        total = calls[0] + calls[1]
        offset = chance.random()
        points = []
        for index in range(SHORT_POINTS):
            call = 1 + int((index + offset) * total / SHORT_POINTS) % total
            stage = int(call > calls[0])
            points.append(Point(stage, call - stage * calls[0], WHENS[index % len(WHENS)]))
        return points

    def test_a_kill_at_any_call_changes_nothing_in_the_end(self):
        progress = os.environ.get("KAKEHASHI_PROGRESS")
        results = read_progress(progress)
        deadline = time.monotonic() + float(os.environ.get("KAKEHASHI_SECONDS", "1e9"))
        storages = make_stages(3)
        places = make_workplaces(int(os.environ.get("KAKEHASHI_WORKERS", "3")), self.pki, storages)
        for place in places:
            self.addCleanup(place.close)
            self.assertEqual(place.undisturbed, places[0].undisturbed)
        judge = Judge(places[0].undisturbed)
        self.assert_is_worth_it(places[0])

        done = {Point(result["stage"], result["call"], result["when"]) for result in results}
        left = [point for point in self.choose(places[0].calls) if point not in done]
        print(f"calls of each stage: {places[0].calls}, points to run: {len(left)}, done before: {len(done)}", flush=True)
        try:
            run_points(places, judge, left, results, progress, deadline)
        finally:
            print_results(results)
        self.assertEqual([result for result in results if wrong(result)], [])
        # A run makes a few calls more than another, or fewer.
        missed = sum(not result["reached"] for result in results)
        self.assertLessEqual(missed, max(1, 0.03 * len(results)), "points that the gateway did not come to")

    def assert_is_worth_it(self, place):
        """Every stage changes much, or the test shows nothing."""
        first, second, third = place.undisturbed
        self.assertGreater(len(first), 150)
        for earlier, later in ((first, second), (second, third)):
            changed = [each for each in earlier.keys() | later.keys() if earlier.get(each) != later.get(each)]
            self.assertGreater(len(changed), 20)


def wrong(result):
    return any(result[count] for count in ("lost", "doubled", "overtaken", "damaged"))


def read_progress(path):
    if not path or not os.path.exists(path):
        return []
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def make_workplaces(count, pki, storages):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: Workplace(pki, storages), range(count)))


def run_points(places, judge, points, results, progress, deadline):
    """Adds to `results` until all are done or the time is up."""
    lock = threading.Lock()
    waiting = iter(points)
    failed = threading.Event()

    def work(place):
        while time.monotonic() < deadline and not failed.is_set():
            with lock:
                point = next(waiting, None)
            if point is None:
                return
            try:
                result = place.try_out(point, judge)
            except BaseException:
                failed.set()  # the others need not go on
                raise
            with lock:
                results.append(result)
                if progress:
                    with open(progress, "a", encoding="utf-8") as file:
                        file.write(json.dumps(result) + "\n")

    with ThreadPoolExecutor(len(places)) as pool:
        list(pool.map(work, places))


def print_results(results):
    killed = Counter(result["killed_at"] for result in results if result["reached"])
    for place, count in sorted(killed.items(), key=lambda item: -item[1]):
        print(f"{count:7} killed at {place}")
    sums = {name: sum(result[name] for result in results) for name in ("lost", "doubled", "overtaken", "damaged")}
    totals = {"points": sum(killed.values()), **sums}
    print(", ".join(f"{name}: {count}" for name, count in totals.items()), flush=True)


if __name__ == "__main__":
    main()
