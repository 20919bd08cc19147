"""kill -9 at every counted call of one recorded run: nothing is lost, doubled or overtaken, at whichever call it was.

The run of `kill_points_test` is made once, and stands still before each call that kill_at.cpp counts. What a kill would
leave there, and with half of a write's bytes, is taken (recorded_run.py). Each such state is opened as a restart does,
and must be whole. Those with the same contents in the database, the same bytes in all other files and the same platform
are one class, because a restart cannot tell them apart; the first of each class is restarted for real and judged, and,
to test just that, a sample of the others. That a kill leaves what the recorder saw is shown by kills at some calls.

Short: a small storage, and some classes. KAKEHASHI_LONG=1: 300 documents and all classes, a sample of 5 %.
    KAKEHASHI_PROGRESS=FOLDER     keeps storages, recordings and results; what stands there is not run again
    KAKEHASHI_WORKERS=8           restarts at a time; most of them wait for a late window
    KAKEHASHI_SECONDS=3600        no restart begins after that
    KAKEHASHI_SEED=1              of the sample and of the kills
"""

import json
import multiprocessing
import os
import pickle
import queue
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from history import Judge
from left_state import DATABASE_FILES, INDEX, LeftState, Recovery
from recorded_run import Moment, Recorder, is_quiet, put_platform
from workplace import Workplace, make_stages

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from scene import Scene, Storage, main  # noqa: E402
from support import temporary_directory  # noqa: E402

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
SEED = int(os.environ.get("KAKEHASHI_SEED", "1"))
WORKERS = int(os.environ.get("KAKEHASHI_WORKERS", "4"))
SMALL = {"patients": 4, "labs": 3, "updates": 10, "deletes": 2}
SHORT_RESTARTS = 40
KILLS = 24 if LONG else 4
SAMPLE = 0.05


class Recorded(NamedTuple):
    """All that restarts need of the recorded run."""
    url: str
    undisturbed: list
    calls: list
    recordings: list


class Seen(NamedTuple):
    moment: Moment
    key: tuple  # the class
    findings: str  # "ok": the database is whole


class Folder:
    """What a run keeps for one that goes on where it stopped."""

    def __init__(self):
        given = os.environ.get("KAKEHASHI_PROGRESS")
        self.path = Path(given) if given else temporary_directory("kill-states")
        self.path.mkdir(parents=True, exist_ok=True)

    def kept(self, name, make):
        path = self.path / name
        if not path.exists():
            value = make()
            path.with_suffix(".new").write_bytes(pickle.dumps(value))
            path.with_suffix(".new").rename(path)
        return pickle.loads(path.read_bytes())

    def storages(self):
        """The same files with the same times: the state knows them."""
        roots = [self.path / f"storage-{stage}" for stage in range(3)]
        if not roots[-1].exists():
            for made, root in zip(make_stages(3, **({} if LONG else SMALL)), roots):
                shutil.move(made.root, root)
        return [Storage(root) for root in roots]

    def results(self):
        path = self.path / "restarts.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def add(self, result):
        with open(self.path / "restarts.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")

    def archive(self):
        return self.path / "platform"


def record(pki, storages, archive):
    """The first two stages, and of the third only what it ends with."""
    place = Workplace(pki, storages)
    recordings = []

    def run(stage):
        if stage == 2:
            shutil.rmtree(archive, ignore_errors=True)
            shutil.copytree(place.platform.state, archive)
            return place.count_calls(stage)
        recorder = Recorder(place, stage)
        recording, done = recorder.record()
        assert done.returncode == 0, done.stderr[-3000:]
        recorder.look_at_the_end()
        recordings.append(recording)
        return place.counted()["calls"]

    try:
        place.live_through(run)
    finally:
        place.close()
    return Recorded(place.gateway.settings["url"], place.undisturbed, place.calls, recordings)


def see_part(recording, part, parts):
    """Opens what each call of that part leaves."""
    first, last = (len(recording.steps) * each // parts for each in (part, part + 1))
    seen, database = [], None
    with tempfile.TemporaryDirectory() as directory:
        recovery = Recovery(Path(directory) / "state")
        for moment, left, reached, changes in recording.moments():
            if first < moment.call <= last:
                if database is None or not changes.keys().isdisjoint(DATABASE_FILES):
                    database = recovery.of(left, changes)
                seen.append(Seen(moment, (database[0], left.digest_beside(), reached), database[1]))
    return seen, recovery.opened


def see(recording):
    """All of its moments in order, and how many databases were opened for it."""
    parts = 2 * os.cpu_count()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        done = list(pool.map(see_part, [recording] * parts, range(parts), [parts] * parts))
    return [each for seen, _ in done for each in seen], sum(opened for _, opened in done)


class Choice(NamedTuple):
    first: list  # of each class
    sample: list  # of the others, in any order

    @staticmethod
    def of(seen):
        firsts = {}
        for each in seen:
            firsts.setdefault(each.key, each.moment)
        first = set(firsts.values())
        others = [each.moment for each in seen if each.moment not in first]
        sample = random.Random(SEED).sample(others, int(SAMPLE * len(others)))
        if LONG:
            return Choice(sorted(first), sample)
        return Choice(evenly(sorted(first), SHORT_RESTARTS), sample[:SHORT_RESTARTS // 8])

    def rounds(self, done):
        """What is left, the sample in parts: so what is done when the time is up is one, too."""
        for moments in (self.first, *(self.sample[at:at + 250] for at in range(0, len(self.sample), 250))):
            left = set(moments) - done
            if left:
                yield left


def evenly(things, count):
    return [things[int((index + 0.5) * len(things) / count)] for index in range(min(count, len(things)))]


class Restarts:
    def __init__(self, places, recorded, archive, keep):
        self.places = places
        self.recorded = recorded
        self.archive = archive
        self.keep = keep
        self.judge = Judge(recorded.undisturbed)
        self.free = queue.Queue()
        for place in places:
            self.free.put(place)

    def all_of(self, moments, deadline):
        """Until the time is up."""
        running = []
        with ThreadPoolExecutor(len(self.places)) as pool:
            for moment, left, reached in self.states_of(moments):
                place = self.free.get()
                if time.monotonic() > deadline or any(each.done() and each.exception() for each in running):
                    self.free.put(place)
                    break
                running.append(pool.submit(self.one, place, moment, left.copy(), reached))
        for each in running:
            each.result()  # raises what it ended with

    def states_of(self, moments):
        for recording in self.recorded.recordings:
            for moment, left, reached, _ in recording.moments():
                if moment in moments:
                    yield moment, left, reached

    def one(self, place, moment, left, reached):
        def put():
            left.put_into(place.gateway.state)
            put_platform(self.archive, reached, place.platform.state)

        try:
            place.set_states(put)
            self.keep({**moment._asdict(), **place.run_to_the_end(moment.stage, self.judge)})
        finally:
            self.free.put(place)


class KillStatesTest(Scene):
    def test_what_any_kill_leaves_is_finished_as_if_nothing_had_happened(self):
        deadline = time.monotonic() + float(os.environ.get("KAKEHASHI_SECONDS", "1e9"))
        folder = Folder()
        storages = folder.storages()
        recorded = folder.kept("recorded", lambda: record(self.pki, storages, folder.archive()))
        self.assert_nothing_was_missed(recorded)
        archive = temporary_directory("archive") / "state"  # where it can be linked from
        shutil.copytree(folder.archive(), archive)
        self.assert_written_is_held(archive, recorded)

        seen, opened = [], 0
        for recording in recorded.recordings:
            of_stage, count = folder.kept(f"seen-{recording.stage}", lambda recording=recording: see(recording))
            seen += of_stage
            opened += count
        self.assertEqual([each for each in seen if each.findings != "ok"], [])
        choice = Choice.of(seen)
        results = folder.results()
        done = {Moment(each["stage"], each["call"], each["half"]) for each in results}
        print(f"\ncalls: {recorded.calls[:2]}, moments: {len(seen)}, databases opened: {opened}, "
              f"classes: {len({each.key for each in seen})}, to restart: {len(choice.first)}, "
              f"sample: {len(choice.sample)}, done before: {len(done)}", flush=True)

        def keep(result):
            results.append(result)
            folder.add(result)

        places = [Workplace(self.pki, storages, recorded.url) for _ in range(WORKERS)]
        for place in places:
            self.addCleanup(place.close)
        restarts = Restarts(places, recorded, archive, keep)
        for moments in choice.rounds(done):
            restarts.all_of(moments, deadline)
        print_results(recorded, seen, choice, results)
        self.assertEqual([each for each in results if wrong(each)], [])

    def assert_nothing_was_missed(self, recorded):
        """Before every call the process stood still, and nothing changed but by the call before."""
        for recording, calls in zip(recorded.recordings, recorded.calls):
            numbers = [step.call.number for step in recording.steps]
            self.assertEqual(numbers, list(range(1, calls + 2)))
            self.assertEqual([step.call for step in recording.steps if step.call.kind == "end"],
                             [recording.steps[-1].call])
            self.assertEqual(recording.unexplained, [])
        if LONG:
            self.assertGreater(len(recorded.undisturbed[0]), 150)

    def assert_written_is_held(self, archive, recorded):
        """What the platform wrote is enough to know what it held: at the end it is what it holds."""
        made = temporary_directory("made") / "state"
        put_platform(archive, recorded.recordings[-1].steps[-1].reached, made)
        for name in ("requests.jsonl", "changes.jsonl", "bundles", "bodies"):
            self.assertTrue(contents(made / name) == contents(archive / name), name)

    def test_a_kill_leaves_what_was_seen_before_its_call(self):
        storages = make_stages(3, **({} if LONG else SMALL))
        place = Workplace(self.pki, storages).live_through()
        self.addCleanup(place.close)
        judge = Judge(place.undisturbed)
        chance = random.Random(SEED)
        for number in range(KILLS):
            stage = number % 2
            # A run makes a few calls more than another, or fewer.
            self.kill(place, stage, chance.randrange(1, int(0.9 * place.calls[stage])), judge)

    def kill(self, place, stage, at, judge):
        place.go_back_to(stage)
        recorder = Recorder(place, stage, kill_at=at)
        recording, done = recorder.record()
        call = recording.steps[-1].call
        self.assertEqual((done.returncode, call.number), (-signal.SIGKILL, at))
        counted = place.counted()
        self.assertEqual((counted["calls"], counted["killed_at"], counted["target"]), (at, call.kind, call.target))
        there = LeftState()
        there.look(place.gateway.state, None)
        seen = recorder.left.contents
        names = (there.contents.keys() | seen.keys()) - {INDEX}
        different = [name for name in names if name not in seen or there.contents.get(name, b"gone") != seen[name]]
        self.assertEqual(different, [], call)
        while not is_quiet(place.platform.pid, place.platform.port):
            time.sleep(0.01)
        reached = recording.steps[-1].reached
        self.assertEqual(len((place.platform.state / "changes.jsonl").read_bytes()), reached.changes, call)
        later = (place.platform.state / "requests.jsonl").read_bytes()[reached.requests:]
        self.assertFalse([line for line in later.splitlines() if json.loads(line)["stored"]], call)
        verdict = place.run_to_the_end(stage, judge)
        self.assertFalse(wrong(verdict), (call, verdict))


def contents(path):
    if path.is_dir():
        return {each.name: each.read_bytes() for each in path.iterdir()}
    return path.read_bytes()


def wrong(result):
    return any(result[count] for count in ("lost", "doubled", "overtaken", "damaged"))


def print_results(recorded, seen, choice, results):
    calls = [step.call for recording in recorded.recordings for step in recording.steps[:-1]]
    kinds = Counter(f"{call.kind} {plain(call.target)}" for call in calls)
    for what, count in kinds.most_common():
        print(f"{count:7} {what}")
    verdicts = {Moment(each["stage"], each["call"], each["half"]): each for each in results}
    keys = {each.moment: each.key for each in seen}
    of_class = {keys[moment]: verdicts[moment] for moment in choice.first if moment in verdicts}
    points = {}
    for each in seen:  # a call is one point, with what half of it leaves
        if each.moment.call <= recorded.calls[each.moment.stage]:
            points.setdefault((each.moment.stage, each.moment.call), []).append(of_class.get(each.key))
    covered = [verdicts_there for verdicts_there in points.values() if None not in verdicts_there]
    samples = [verdicts[moment] for moment in choice.sample if moment in verdicts]
    print(f"restarted classes: {len(of_class)}, sample: {len(samples)}, of it wrong: {sum(map(wrong, samples))}")
    sums = {name: sum(any(each[name] for each in point) for point in covered)
            for name in ("lost", "doubled", "overtaken", "damaged")}
    print(", ".join(f"{name}: {count}" for name, count in {"points": len(covered), **sums}.items()), flush=True)


def plain(target):
    """Without what is different in each run."""
    return re.sub(r"^(etilqs_|unit-years.damaged-).*", r"\1…", target)


if __name__ == "__main__":
    main()
