"""kill -9 at a counted call (kill_at.cpp): nothing is lost, doubled or overtaken, at whichever call it was.

A storage lives through three stages: first documents; updates and deletes; more of them. A point is one kill in the
first or second stage, on a fresh copy of what was there before it. After it the gateway runs undisturbed, and the
platform must end as if nothing had happened. The storage goes on meanwhile: what was cut off in the second stage is
finished on the third.

Short: points spread evenly, from a seed (KAKEHASHI_SEED). KAKEHASHI_LONG=1: every call of both stages, killed before
it, with half of its bytes written, and after it. That takes hours; kill_states_test covers every call of one run, without
running it again for each:
    KAKEHASHI_KILL_KINDS=send     only what is sent counts: the boundaries of all deliveries
    KAKEHASHI_WORKERS=4           that many points at a time
    KAKEHASHI_PROGRESS=FILE       one JSON line a point; what stands there is not run again
    KAKEHASHI_SECONDS=3600        ends in time; the order is such that any beginning of it is spread evenly
"""

import json
import os
import random
import signal
import sys
import threading
import time
import unittest
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from history import History, Judge
from workplace import Workplace, make_stages

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from scene import Scene, main  # noqa: E402

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
SHORT_POINTS = 24
WHENS = ("before", "half", "after")


class Point(NamedTuple):
    stage: int
    call: int
    when: str


def try_out(place, point, judge):
    """What became of the point: one JSON object."""
    place.go_back_to(point.stage)
    done = place.run(point.stage, KAKEHASHI_KILL_AT=point.call, KAKEHASHI_KILL_WHEN=point.when,
                     KAKEHASHI_COUNT_FILE=place.count_file)
    result = {**point._asdict(), "reached": done.returncode == -signal.SIGKILL}
    if result["reached"]:
        killed = place.counted()
        result["killed_at"] = f"{killed['killed_at']} {killed['target']}"
    elif done.returncode != 0:
        raise AssertionError(f"{point}: {done.returncode}\n{done.stderr[-3000:]}")
    return {**result, **place.run_to_the_end(point.stage, judge)}


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
        return list(pool.map(lambda _: Workplace(pki, storages).live_through(), range(count)))


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
                result = try_out(place, point, judge)
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
