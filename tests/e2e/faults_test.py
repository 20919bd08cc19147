"""Everything that platform_sim can do wrong, one by one: in the end all is there, and as it should be. All of it mixed is in
mixed_faults_test.py.

KAKEHASHI_LONG=1: ten thousand report units instead of three hundred, and strict about the speed of the drain.
"""

import json
import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime

from counting_proxy import CountingProxy
from scene import Scene, Storage, main, without_times
from support import wait_until

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
RETRY_FIRST_S = 0.1
QUICK = {"timeout": "1s", "retry_first": "100ms", "retry_max": "500ms", "sweep_interval": "1s", "delete_limit": "100%",
         "delivery_extra": {"result-first": "50ms", "result-max": "200ms", "result-patience": "2s",
                            "pause-first": "20ms", "pause-max": "200ms"}}

FAULTS = {
    "delay": "delay:ms=300",
    "429 with Retry-After": "status:code=429:retry-after=1",
    "429": "status:code=429",
    "503 with Retry-After": "status:code=503:retry-after=1",
    "503": "status:code=503",
    "500": "status:code=500",
    "reset before the body": "reset-before-body",
    "reset after the body": "reset-after-body",
    "answer lost after storing": "lose-answer",
    "stored after the connection is gone": "late-store:ms=700",
    "202, the result comes late": "accept:ms=500",
    "202, the result never comes": "accept:ms=never",
    "202, the result is on another host": "accept:ms=300:elsewhere=yes",
    "a proxy's page": "html400",
    "another insured identifier is refused": "refuse-other-identifier",
}


def at(request):
    return datetime.fromisoformat(request["time"]).timestamp()


class FaultScene(Scene):
    late_s = 0.7  # well within the late window: twice the timeout

    def wait_for_all(self, gateway, platform, roots, seconds):
        """What the platform holds is what `map` gives, and the gateway knows it; also when all that was late is there."""
        expected = {bundle["identifier"]["value"]: without_times(bundle) for bundle in gateway.map(roots).bundles}

        def wrong():
            held = {bundle_id: without_times(bundle) for bundle_id, bundle in platform.bundles().items()}
            return [bundle_id for bundle_id in {**held, **expected} if held.get(bundle_id) != expected.get(bundle_id)]

        def done():
            answer = gateway.command("status", "--json")
            if answer.returncode == 1 and gateway.running():
                return None  # just started, there is no state yet
            outbox = json.loads(answer.stdout)["outbox"]
            return not any(count for state, count in outbox.items() if state != "delivered") and not wrong()

        wait_until(done, seconds, lambda: f"all is there: {wrong()}\n{gateway.command('status').stdout}\n{gateway.log[-2000:]}")
        time.sleep(self.late_s + 0.1)
        self.assertEqual(wrong(), [], "what was late undid what was there")
        self.assert_nothing_was_overtaken_for_good(platform)

    def assert_nothing_was_overtaken_for_good(self, platform):
        """The last change of each Bundle-ID is the one that was sent last."""
        newest = {}
        for request in platform.requests():
            if request["operation"] in ("register", "delete"):
                newest[request["bundle_id"]] = max(newest.get(request["bundle_id"], 0), request["n"])
        contents = {request["n"]: request["content_hash"] for request in platform.requests()}
        last = {change["bundle_id"]: change for change in platform.changes()}
        for bundle_id, change in last.items():
            self.assertEqual(contents[newest[bundle_id]] or "", change["content_hash"] or "", bundle_id)


class SingleFaultTest(FaultScene):
    LABS = 4

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(**QUICK)
        self.adt = self.storage.patient()
        self.storage.problem()
        self.labs = [self.storage.lab(order=str(order)) for order in range(self.LABS)]
        self.round = 0

    def change_everything(self):
        """Another result of each order, another name of the diagnosis by another insured number."""
        self.round += 1
        row = f"code=3D046000001906202,name=HbA1c,value=6.{self.round},unit=%"
        self.labs = [self.storage.supersede(lab, rows=[row]) for lab in self.labs]
        self.adt = self.storage.supersede(self.adt, insurer="06999998", symbol="12", number=str(400 + self.round), branch="01")

    def assert_attempts_within_policy(self, requests):
        """A unit that was told "not now" does not come again before its time."""
        before = {}
        for request in requests:
            earlier = before.get(request["bundle_id"])
            if earlier and earlier["status"] in (429, 500, 503) and request["operation"] == earlier["operation"]:
                wait = 1.0 if "Retry-After" in self.fault else 0.02 if self.paused() else RETRY_FIRST_S
                self.assertGreaterEqual(at(request) - at(earlier), wait - 0.02, request)
            before[request["bundle_id"]] = request

    def paused(self):
        return "one unit after the other" in self.gateway.log

    def test_each_fault_by_itself_is_over_when_it_is_over(self):
        self.gateway.start()
        self.wait_for_all(self.gateway, self.platform, self.storage.root, 20)
        for self.fault, spec in FAULTS.items():
            with self.subTest(self.fault):
                before = len(self.platform.requests())
                self.platform.misbehave(spec + ":times=7")
                self.change_everything()
                wait_until(lambda: len(self.platform.requests()) > before + self.LABS, 20, "some requests")
                self.wait_for_all(self.gateway, self.platform, self.storage.root, 30)
                self.platform.clear()
                requests = self.platform.requests()[before:]
                submissions = [request for request in requests if request["operation"] != "result"]
                self.assert_attempts_within_policy(submissions)
                # A delete and a register each for what has another insured number now, seven that failed, and once
                # more what something late could have undone.
                self.assertLessEqual(len(submissions), 2 * 2 * (self.LABS + 1) + 2 * 7, self.fault)
                self.assert_runs(self.gateway)

    def test_a_place_that_only_ever_refuses_to_tell_a_result_does_not_stop_the_destination_for_ever(self):
        self.gateway.start()
        self.wait_for_all(self.gateway, self.platform, self.storage.root, 20)
        for self.fault, spec in {"not for us": "status:code=403", "a redirect": "status:code=307",
                                 "a proxy's page": "html400"}.items():
            with self.subTest(self.fault):
                self.platform.misbehave("accept:ms=never:times=1", spec + ":operation=result")
                self.change_everything()
                self.wait_for_all(self.gateway, self.platform, self.storage.root, 30)

    def test_a_refusal_that_the_site_knows_to_be_passing_is_only_put_off(self):
        self.gateway.configure(answers={422: "later"})
        self.platform.misbehave("outcome422:times=5")
        self.gateway.start()
        self.wait_for_all(self.gateway, self.platform, self.storage.root, 20)

    def test_a_refusal_stands_until_the_content_changes(self):
        self.platform.misbehave("outcome422:match=^O")
        self.gateway.start()
        self.wait_for_outbox(self.gateway, rejected=self.LABS, delivered=1)
        self.platform.clear()
        self.change_everything()
        self.wait_for_all(self.gateway, self.platform, self.storage.root, 20)

    def test_a_certificate_that_expires_there_stops_everything_until_it_is_renewed(self):
        self.gateway.start()
        self.wait_for_all(self.gateway, self.platform, self.storage.root, 20)
        self.platform.stop()
        self.platform.start(certificate="server-expired")
        before = len(self.platform.requests())
        self.change_everything()
        self.wait_for_outbox(self.gateway, pending=self.LABS + 1)
        wait_until(lambda: "is not valid today" in self.gateway.log, 15, "the reason is told")
        self.platform.stop()
        self.platform.start()
        self.wait_for_all(self.gateway, self.platform, self.storage.root, 20)
        self.assertLessEqual(len(self.platform.requests()) - before, 2 * (self.LABS + 1))


class DownTest(FaultScene):
    PATIENTS, LABS = (470, 20) if LONG else (60, 6)
    CONNECTIONS = 4

    def test_what_a_destination_missed_arrives_as_fast_as_ever_and_over_no_more_connections(self):
        storage = Storage()
        storage.tree(patients=self.PATIENTS, labs=self.LABS, prescriptions=0)
        platform = self.make_platform()
        proxy = CountingProxy(platform.port)
        self.addCleanup(proxy.stop)
        gateway = self.make_gateway(storage, proxy.url, connections=self.CONNECTIONS, **QUICK)
        units = len(gateway.map(storage.root).bundles)
        gateway.start()
        self.wait_for_outbox(gateway, 600 if LONG else 60, pending=units)
        time.sleep(2)  # some tries more
        self.assertEqual(self.attempts(gateway), [0] * units)
        gateway.stop()
        shutil.copytree(gateway.state, gateway.directory / "copy")

        proxy.start()
        gateway.start()
        undisturbed = self.rate(gateway, platform, units)
        gateway.stop()
        self.assertLessEqual(proxy.most, self.CONNECTIONS)

        # The same backlog once more, and the destination comes back while the gateway waits for it.
        proxy.stop()
        platform.stop()
        shutil.rmtree(platform.state)
        platform.start()
        shutil.rmtree(gateway.state)
        shutil.copytree(gateway.directory / "copy", gateway.state)
        gateway.start()
        wait_until(lambda: gateway.log.count("destination paused") >= 2, 20, "it is paused again")
        self.assertEqual(self.attempts(gateway), [0] * units)
        proxy.most = 0
        proxy.start()
        drain = self.rate(gateway, platform, units)
        self.assertLessEqual(proxy.most, self.CONNECTIONS)
        print(f"\n{units} units: undisturbed {undisturbed:.0f}/s, after the pause {drain:.0f}/s, ratio {drain / undisturbed:.2f}, "
              f"at most {proxy.most} connections")
        # In the short form other tests run beside it, more of them at one time than at another.
        self.assertGreaterEqual(drain / undisturbed, 0.8 if LONG else 0.25)
        self.wait_for_all(gateway, platform, storage.root, 60)
        stored = [request["bundle_id"] for request in platform.requests() if request["stored"]]
        self.assertEqual(len(stored), len(set(stored)), "sent twice although every answer came")

    def attempts(self, gateway):
        with closing(sqlite3.connect(f"file:{gateway.state / 'kakehashi.db'}?mode=ro", uri=True)) as database:
            return [row[0] for row in database.execute("SELECT attempts FROM delivery")]

    def rate(self, gateway, platform, units):
        """Units a second, from the first that was stored to the last."""
        self.wait_for_outbox(gateway, 900 if LONG else 60, delivered=units)
        times = [at(request) for request in platform.requests() if request["stored"]]
        return (len(times) - 1) / (max(times) - min(times))


if __name__ == "__main__":
    main()
