"""Everything that platform_sim can do wrong, mixed: each fault meets 20 % of the requests that it is for, drawn anew for each.

Fourteen faults of which a request can have but one do not fit into it at 20 % each: they come in rounds of up to four, drawn
anew (KAKEHASHI_SEED), until each has met any other; once in a while all at a time, as far as one leaves room for the next;
and in bursts, in which one that concerns the destination meets everything. `delay` comes on top of all of them.

KAKEHASHI_LONG=1: ten thousand report units instead of three hundred, and strict about the speed of the drain.
"""

import os
import random
import time

from delivery_judge import CLOCKS_S, Journal, at, waits
import faults_test
from scene import Storage, main
from support import wait_until

# Late enough for a change to come in between.
FAULTS = {**faults_test.FAULTS, "stored after the connection is gone": "late-store:ms=2500"}
LONG = os.environ.get("KAKEHASHI_LONG") == "1"
FIRST_MS, RETRY_MAX_MS, PAUSE_MAX_MS = 100, 500, 400
CONNECTIONS = 16 if LONG else 4
TOLD_LATER = "outcome422"  # by the answers of the settings
# Refused is only what the gateway has no business to send: that happens where something late came between its delete and
# its register, and then always.
ON_TOP = [FAULTS["delay"] + ":share=20", FAULTS["another insured identifier is refused"] + ":share=100"]
IN_TURN = [spec for spec in FAULTS.values() if not any(on_top.startswith(spec + ":") for on_top in ON_TOP)] + [TOLD_LATER]
BURSTS = ["html400", "status:code=503:retry-after=1", "status:code=429"]
# Each of four that are drawn one after the other, the next only where the last did not hit, meets 20 % of all requests.
SHARES = [20, 25, 33, 50]
# The platform notes a request before the delay of its answer. So one that was taken before a burst may still be answered so
# much later, and an answer is a sign of life, which ends a pause.
HELD_BACK_S = 0.3 + CLOCKS_S
# A machine that builds beside the test may take longer than a second for an answer.
SETTINGS = {"connections": CONNECTIONS, "timeout": "3s", "retry_first": f"{FIRST_MS}ms", "retry_max": f"{RETRY_MAX_MS}ms",
            "sweep_interval": "1s", "delete_limit": "100%", "answers": {422: "later"},
            "delivery_extra": {"result-first": f"{FIRST_MS}ms", "result-max": "200ms", "result-patience": "2s",
                               "pause-first": f"{FIRST_MS}ms", "pause-max": f"{PAUSE_MAX_MS}ms", "late-window": "3s"}}


class Patients:
    """Changes that concern all report units of a patient."""

    def __init__(self, storage):
        self.storage = storage
        self.demographics = [path for path in storage.documents() if "/ADT-00/" in str(path) and path.name.endswith("_1")]
        self.insured = {}
        self.changes = 0

    def rename_all(self, name):
        for number, path in enumerate(self.demographics):
            self._change(number, path, name=name)

    def insure_anew(self, numbers):
        for number in numbers:
            self.changes += 1
            self.insured[number] = {"insurer": "06999998", "symbol": "12", "number": str(1000 + self.changes), "branch": "01"}
            self._change(number, self.demographics[number])

    def _change(self, number, path, **options):
        self.demographics[number] = self.storage.supersede(path, **self.insured.get(number, {}), **options)


class MixedFaultTest(faults_test.FaultScene):
    late_s = 2.5
    PATIENTS, LABS = (940, 10) if LONG else (46, 6)
    ROUND_S, BURST_S = (10, 6) if LONG else (2, 4)
    LEAST = 100 if LONG else 3  # times that each fault happens
    SECONDS = 4800 if LONG else 150

    def setUp(self):
        self.storage = Storage()
        self.storage.tree(patients=self.PATIENTS, labs=self.LABS, prescriptions=0, updates=10, deletes=4)
        self.patients = Patients(self.storage)
        self.platform = self.make_platform()
        self.gateway = self.make_gateway(self.storage, self.platform, **SETTINGS)
        self.seed = int(os.environ.get("KAKEHASHI_SEED", "1"))
        self.random = random.Random(self.seed)
        self.waits, self.bursts = set(), []

    def test_all_faults_at_twenty_percent_each_lose_nothing_double_nothing_and_overtake_nothing(self):
        known = self.bundle_ids()
        began = time.monotonic()
        self.gateway.start()
        self.let_faults_happen(len(known))
        known |= self.bundle_ids()
        requests = self.platform.request_count()
        print(f"\nseed {self.seed}: {requests} requests in {time.monotonic() - began:.0f} s of faults")

        units = self.collect_backlog("架橋^一子", lambda: self.platform.misbehave("html400"))
        drain = self.drain(units, self.platform.clear)
        self.wait_for_all(self.gateway, self.platform, self.storage.root, 120 if LONG else 60)
        self.assert_runs(self.gateway)
        self.judge(Journal(self.platform), known)

        self.collect_backlog("架橋^二子", self.platform.stop)
        undisturbed = self.drain(units, self.platform.start)
        print(f"{units} units: drained at {drain:.0f}/s after the faults, undisturbed {undisturbed:.0f}/s, "
              f"ratio {drain / undisturbed:.2f}")
        self.assertGreaterEqual(units, 10_000 if LONG else 300)
        # In the short form other tests run beside it, more of them at one time than at another.
        self.assertGreaterEqual(drain / undisturbed, 0.8 if LONG else 0.25)

    def bundle_ids(self):
        return {bundle["identifier"]["value"] for bundle in self.gateway.map(self.storage.root).bundles}

    def let_faults_happen(self, units):
        """Until each has happened often enough, and most units have come through."""
        latest = time.monotonic() + self.SECONDS
        for turn in range(1000):
            rounds = self.rounds()
            for specs in rounds:
                self.platform.misbehave(*specs)
                self.patients.insure_anew(self.random.sample(range(self.PATIENTS), self.PATIENTS // (90 if LONG else 20)))
                self.look_at_waits(self.ROUND_S)
            for spec in BURSTS if LONG or turn == 0 else []:
                self.burst(spec)
            journal = Journal(self.platform)
            rare = [spec for spec in [*IN_TURN, FAULTS["delay"]] if journal.happened(spec) < self.LEAST]
            came = journal.stored_units()
            if turn > 0 and not rare and (came >= 0.95 * units or not LONG):
                print(f"{came} of {units} units came through while all that happened")
                return
            self.assertLess(time.monotonic(), latest, f"rare: {rare}, came through: {came} of {units}")
            if turn == 0:
                self.change_documents()

    def rounds(self):
        mixed = self.random.sample(IN_TURN, len(IN_TURN))
        groups = [mixed[:4], mixed[4:8], mixed[8:11], mixed[11:]]
        seed = self.random.randrange(10_000)
        return [[*ON_TOP, *(f"{spec}:share={share}:seed={seed}" for spec, share in zip(group, SHARES))]
                for group in groups] + [[*ON_TOP, *(f"{spec}:share=20:seed={seed}" for spec in mixed)]]

    def burst(self, spec):
        self.platform.misbehave(spec)
        begin = time.time()
        self.look_at_waits(self.BURST_S)
        self.bursts.append((spec, begin, time.time()))

    def look_at_waits(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.2)
            self.waits |= set(waits(self.gateway))

    def change_documents(self):
        """Of some results newer ones, and some deleted, while their elders are under way."""
        labs = [path for path in self.storage.documents() if "/OML-11/" in str(path) and path.name.endswith("_1")]
        count = 400 if LONG else 40
        for number, lab in enumerate(labs[:: max(1, len(labs) // count)][:count]):
            if number % 5 == 4:
                self.storage.delete(lab)
            else:
                self.storage.supersede(lab, rows=[f"code=3D046000001906202,name=HbA1c,value={number % 90 + 1}.5,unit=%"])

    def collect_backlog(self, name, hold):
        """Every unit waits to be sent, and the destination takes nothing; how many that are."""
        hold()
        self.patients.rename_all(name)
        units = len(self.bundle_ids())

        def waiting():
            outbox = self.gateway.status()["outbox"]
            return outbox["pending"] + outbox["in-result"] + outbox["unknown"] >= units

        wait_until(waiting, 300 if LONG else 60, lambda: f"all {units} wait: {self.gateway.status()['outbox']}")
        return units

    def drain(self, units, release):
        """Units a second over nine tenths of them: the last may wait for what could come late."""
        most = units * 9 // 10
        release()
        since = time.time()
        began = time.monotonic()

        def drained():
            outbox = self.gateway.status()["outbox"]
            return outbox["pending"] + outbox["in-result"] + outbox["unknown"] == 0

        wait_until(drained, 300 if LONG else 60, lambda: f"drained: {self.gateway.status()['outbox']}")
        print(f"drained in {time.monotonic() - began:.1f} s")
        return Journal(self.platform).rate(since, most)

    def judge(self, journal, known):
        self.assertEqual({request["bundle_id"] for request in journal.requests} - known - {""}, set(), "doubled")
        self.assertEqual(journal.sent_again_after_newer(), [], "overtaken")
        for request in journal.stored_after_newer():
            late = any(spec.startswith(("late-store", "accept")) for spec in request["specs"])
            self.assertTrue(late, f"overtaken: {request}")
        happened = {name: journal.happened(spec) for name, spec in {**FAULTS, "an OperationOutcome": TOLD_LATER}.items()}
        print(*(f"  {count:6} {name}" for name, count in happened.items()), sep="\n")
        self.assertEqual(journal.too_early(FIRST_MS / 1000), [])
        self.assertLessEqual(journal.most_at_once(), CONNECTIONS)
        self.judge_waits()
        self.judge_bursts(journal)

    def judge_waits(self):
        """Uniform from the first wait to its double, which doubles with each attempt up to the longest; or what was asked for."""
        own = {}
        for attempt, wait, status, is_own in self.waits:
            if status in (429, 503) and abs(wait - 1000) <= 1000 * CLOCKS_S:
                continue
            self.assertGreaterEqual(wait + 1000 * CLOCKS_S, FIRST_MS, (attempt, status))
            if status == 422:
                continue  # of another person's, it waits for what could come late
            self.assertLessEqual(wait, RETRY_MAX_MS, (attempt, status))
            if not is_own:
                continue
            self.assertLessEqual(wait, min(RETRY_MAX_MS, FIRST_MS * 2 ** attempt), (attempt, status))
            own.setdefault(min(attempt, 3), []).append(wait)
        print("  waits of attempts:", {attempt: (len(seen), min(seen), max(seen)) for attempt, seen in sorted(own.items())})
        for attempt, seen in own.items():
            longest = min(RETRY_MAX_MS, FIRST_MS * 2 ** attempt)
            if len(seen) >= 20:
                self.assertGreater(max(seen) - min(seen), (longest - FIRST_MS) / 2, f"no jitter at attempt {attempt}")
        self.assertGreaterEqual(sum(map(len, own.values())), 20)

    def judge_bursts(self, journal):
        """A paused destination gets one request at a time, each after a wait."""
        count = 0
        for spec, begin, end in self.bursts:
            least = 1.0 if "retry-after" in spec else FIRST_MS / 1000
            probes = journal.probes(begin + HELD_BACK_S, end, least, CONNECTIONS)
            self.assertGreaterEqual(len(probes), 2, spec)
            count += len(probes)
            most = max(least, PAUSE_MAX_MS / 1000) + 1.0
            for before, probe in zip(probes, probes[1:]):
                self.assertEqual(probe["at_once"], 1, (spec, probe))
                gap = at(probe) - at(before)
                self.assertTrue(least - CLOCKS_S <= gap <= most, f"{spec}: {gap:.3f} s after {before}: {probe}")
        print(f"  {count} probes in {len(self.bursts)} bursts")


if __name__ == "__main__":
    main()
