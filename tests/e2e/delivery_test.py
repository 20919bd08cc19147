"""Delivery to a platform that is down, slow, full of refusals or forgetful; exit codes, status, one state, one daemon."""

import re
import time

from scene import Scene, kind_of, main, resources, without_times
from support import free_port, wait_until


def at(request):
    """Seconds; the days of a test run do not end between two requests of one test often enough to matter."""
    hours, minutes, seconds = re.search(r"T(\d+):(\d+):([\d.]+)\+", request["time"]).groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


class DeliveryTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(sweep_interval="10m")
        self.storage.patient()

    def requests(self, operation="register"):
        return [request for request in self.platform.requests() if request["operation"] == operation]

    def labs(self, orders):
        return [self.storage.lab(order=str(order)) for order in orders]

    def assert_each_arrives_once(self, count):
        self.wait_for_bundles(self.platform, count)
        self.wait_for_outbox(self.gateway, delivered=count, pending=0, unknown=0, in_result=0)
        stored = [request["bundle_id"] for request in self.requests() if request["stored"]]
        self.assertEqual(sorted(stored), sorted(set(stored)))

    def test_what_grows_while_the_platform_answers_503_arrives_when_it_is_back(self):
        self.platform.misbehave("status:code=503")
        self.labs(range(1, 4))
        self.gateway.start()
        wait_until(lambda: len(self.requests()) > 3, 15, "some tries")
        self.labs(range(4, 7))
        self.wait_for_outbox(self.gateway, pending=6, delivered=0)
        self.platform.clear()
        self.assert_each_arrives_once(6)

    def test_what_grows_while_connections_are_refused_arrives_when_the_platform_is_back(self):
        self.labs([1])
        self.gateway.start()
        self.assert_each_arrives_once(1)
        self.platform.stop()
        self.labs(range(2, 5))
        self.wait_for_outbox(self.gateway, pending=3)
        wait_until(lambda: "destination paused" in self.gateway.log, 10, "the pause is told")
        self.assertRegex(self.gateway.log, f'reason="{self.platform.address} refused the connection: check that .* is up')
        self.assertGreaterEqual(self.gateway.status()["destinations"]["platform"]["paused_seconds"], 0)
        self.platform.start()
        self.assert_each_arrives_once(4)
        self.assertEqual(self.gateway.log.count("destination paused"), 1)
        self.assertEqual(self.gateway.status()["destinations"]["platform"]["paused_because"], "")

    def test_the_wait_that_the_platform_asks_for_is_kept(self):
        for code in (429, 503):
            with self.subTest(code=code):
                self.platform.misbehave(f"status:code={code}:retry-after=3:times=1")
                before = len(self.requests())
                self.labs([code])
                if not self.gateway.running():
                    self.gateway.start()
                wait_until(lambda: len(self.requests()) == before + 2, 15, "the second try")
                first, second = self.requests()[-2:]
                self.assertEqual(first["bundle_id"], second["bundle_id"])
                self.assertGreaterEqual(at(second) - at(first), 2.95)
                self.assertLess(at(second) - at(first), 8)

    def test_without_a_word_from_the_platform_tries_become_rarer(self):
        self.gateway.configure(retry_first="100ms", retry_max="5s")
        self.platform.misbehave("status:code=503")
        self.labs([1])
        self.gateway.start()
        time.sleep(6)
        tries = len(self.requests())
        self.assertTrue(2 <= tries <= 12, f"{tries} tries in 6 s")

    def test_a_refusal_with_an_operation_outcome_is_final_until_the_document_changes(self):
        lab, = self.labs([1])
        self.storage.problem()
        self.platform.misbehave("outcome422:match=^O")
        self.run_once(self.gateway, expected=3)
        self.assertEqual(len([r for r in self.requests() if r["status"] == 422]), 1)
        outbox = self.gateway.status()["outbox"]
        self.assertEqual((outbox["rejected"], outbox["delivered"]), (1, 1))
        self.run_once(self.gateway, expected=3)
        self.assertEqual(len(self.requests()), 2, "what was refused was sent again unchanged")
        self.platform.clear()
        self.storage.supersede(lab, rows=["code=3D046000001906202,name=HbA1c,value=6.1,unit=%"])
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.bundles()), 2)

    def test_a_result_that_comes_late_is_waited_for(self):
        self.platform.misbehave("accept:ms=2500")
        self.labs([1, 2])
        self.gateway.start()
        self.wait_for_outbox(self.gateway, in_result=2, delivered=0)
        self.assertEqual(self.platform.bundles(), {})
        self.assert_in_result_then_delivered()

    def assert_in_result_then_delivered(self):
        self.wait_for_outbox(self.gateway, in_result=0, delivered=2)
        self.assertEqual(len(self.platform.bundles()), 2)
        self.assertEqual(len(self.requests()), 2, "sent again though the result was promised")
        self.assertGreaterEqual(len(self.requests("result")), 2)

    def test_a_newer_document_waits_beside_an_awaited_result_and_overtakes_nothing(self):
        self.platform.misbehave("accept:ms=2000:times=1")
        lab, = self.labs([1])
        self.gateway.start()
        self.wait_for_outbox(self.gateway, in_result=1)
        self.storage.supersede(lab, rows=["code=3D046000001906202,name=HbA1c,value=6.1,unit=%"])
        wait_until(lambda: '"value":6.1' in "".join(self.platform.bundle_texts().values()).replace(" ", ""), 15,
                   lambda: f"the newer result\n{self.gateway.log}")
        self.wait_for_outbox(self.gateway, delivered=1)
        self.assertEqual([change["n"] for change in self.platform.changes()], [self.requests()[0]["n"], self.requests()[1]["n"]])

    def test_a_result_that_never_comes_leaves_exit_code_3(self):
        self.platform.misbehave("accept:ms=never")
        self.labs([1])
        done = self.run_once(self.gateway, expected=3, timeout="2s")
        self.assertIn("1 in-result", done.stdout)
        self.assertEqual(self.gateway.status()["outbox"]["in-result"], 1)

    def test_a_lost_answer_is_followed_by_the_same_bundle_under_the_same_id(self):
        for fault in ("lose-answer", "reset-after-body", "reset-before-body"):
            with self.subTest(fault=fault):
                self.platform.misbehave(f"{fault}:times=1")
                before = len(self.platform.bundles())
                self.labs([before + 1])
                self.run_once(self.gateway)
                self.assertEqual(len(self.platform.bundles()), before + 1)
        self.assertEqual(len({request["bundle_id"] for request in self.requests()}), 3)

    def test_a_request_that_takes_effect_after_its_connection_dropped_is_not_doubled(self):
        self.platform.misbehave("late-store:ms=1500:times=1")
        self.labs([1])
        self.gateway.start()
        wait_until(lambda: len(self.platform.changes()) == 2, 15, "both sendings take effect")
        self.wait_for_outbox(self.gateway, delivered=1, unknown=0)
        self.assertEqual(len(self.platform.bundles()), 1)
        self.assertEqual(len({change["content_hash"] for change in self.platform.changes()}), 1)

    def test_a_newer_document_stands_though_an_older_request_takes_effect_late(self):
        self.platform.misbehave("late-store:ms=3000:times=1")
        lab, = self.labs([1])
        self.gateway.start()
        wait_until(lambda: len(self.requests()) >= 1, 10, "the first sending")
        self.storage.supersede(lab, rows=["code=3D046000001906202,name=HbA1c,value=6.1,unit=%"])
        wait_until(lambda: any(change["n"] == 1 for change in self.platform.changes()), 15, "the late effect")
        wait_until(lambda: '"value":6.1' in "".join(self.platform.bundle_texts().values()).replace(" ", ""), 15,
                   lambda: f"the newest stands in the end: {self.platform.changes()}")
        self.wait_for_outbox(self.gateway, delivered=1, unknown=0)


class ContractsTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()
        self.storage.problem()
        self.storage.lab()

    def test_run_once_ends_with_0_when_all_is_delivered_and_again_when_nothing_is_new(self):
        done = self.run_once(self.gateway)
        self.assertIn("2 delivered", done.stdout)
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.requests()), 2)

    def test_run_once_ends_with_3_when_something_is_held(self):
        self.storage.lab("0000000099")
        done = self.run_once(self.gateway, expected=3)
        self.assertIn("1 held", done.stdout)
        self.assertIn("1 x patient:no-master", done.stdout)
        self.assertEqual(len(self.platform.bundles()), 2)

    def test_run_once_ends_with_4_when_nobody_listens_and_that_wins_over_3(self):
        self.storage.lab("0000000099")
        gateway = self.make_gateway(self.storage, f"https://127.0.0.1:{free_port()}/fhir")
        start = time.monotonic()
        done = self.run_once(gateway, expected=4, timeout="2s")
        self.assertLess(time.monotonic() - start, 7)
        self.assertIn("2 pending", done.stdout)
        self.assertIn("refused the connection", done.stdout)

    def test_status_as_json_has_the_promised_members(self):
        self.assertEqual(self.gateway.command("status", "--json").returncode, 1)
        self.run_once(self.gateway)
        status = self.gateway.status()
        states = {"pending", "in-result", "held", "unknown", "rejected", "delivered"}
        for part in (status, status["destinations"]["platform"]):
            self.assertEqual(set(part["outbox"]), states)
            self.assertEqual(part["outbox"], {**dict.fromkeys(states, 0), "delivered": 2})
            self.assertEqual(part["oldest_pending_seconds"], 0)
        self.assertEqual(set(status["destinations"]), {"platform"})
        self.assertEqual({key: status["documents"][key] for key in ("seen", "failed")}, {"seen": 3, "failed": 0})

    def test_the_age_of_the_oldest_pending_row_grows(self):
        self.platform.misbehave("status:code=503")
        self.run_once(self.gateway, expected=3, timeout="1s")
        time.sleep(1.1)
        self.assertGreaterEqual(self.gateway.status()["oldest_pending_seconds"], 1)

    def test_the_same_input_gives_the_same_bytes_but_for_timestamp_last_updated_and_full_url(self):
        other_platform = self.make_platform()
        self.run_once(self.gateway)
        time.sleep(0.01)
        self.run_once(self.make_gateway(self.storage, other_platform))
        first, second = self.platform.bundle_texts(), other_platform.bundle_texts()
        self.assertEqual(set(first), set(second))

        def masked(text):
            text = re.sub(r'("(?:timestamp|lastUpdated|fullUrl)":")[^"]*', r"\1", text)
            return re.sub(r'("reference":"urn:uuid:)[^"]*', r"\1", text)

        for bundle_id, text in first.items():
            self.assertNotEqual(text, second[bundle_id])
            self.assertEqual(masked(text), masked(second[bundle_id]))
            self.assertIn('"timestamp":""', masked(text))

    def test_map_prints_the_same_bundles_whatever_the_clock_and_the_order_of_arguments(self):
        root = self.storage.root
        once = self.gateway.map(root).bundles
        again = self.gateway.map(list(reversed(self.storage.documents()))).bundles
        self.assertEqual(sorted(map(without_times, once)), sorted(map(without_times, again)))
        self.assertEqual(sorted(map(kind_of, once)), ["Condition", "Observation"])
        self.assertTrue(all(resources(bundle) for bundle in once))

    def test_a_second_daemon_on_the_same_state_is_refused_and_the_first_goes_on(self):
        self.gateway.start()
        self.wait_for_bundles(self.platform, 2)
        start = time.monotonic()
        for arguments in (["run"], ["run", "--once"]):
            done = self.gateway.command(*arguments, seconds=10)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("another kakehashi is running on this state directory; stop it first", done.stderr)
        self.assertLess(time.monotonic() - start, 10)
        self.assert_runs(self.gateway)
        self.storage.lab(order="2")
        self.wait_for_bundles(self.platform, 3)
        self.assertEqual(self.gateway.stop(), 0)

    def test_state_that_belongs_to_another_url_is_refused_with_the_remedy(self):
        self.run_once(self.gateway)
        self.gateway.configure(url="https://127.0.0.1:1/fhir")
        done = self.run_once(self.gateway, expected=2)
        for word in (self.platform.url, "https://127.0.0.1:1/fhir", "new id", "another state directory"):
            self.assertIn(word, done.stderr)

    def test_a_state_of_a_newer_version_is_refused_with_the_remedy(self):
        self.run_once(self.gateway)
        self.change_state(self.gateway, "PRAGMA user_version = 99")
        done = self.run_once(self.gateway, expected=2)
        for word in ("newer version", "schema 99", "restore a backup"):
            self.assertIn(word, done.stderr)

    def test_dry_run_sends_nothing(self):
        self.gateway.configure(mode="dry-run")
        self.run_once(self.gateway)
        self.assertEqual(self.platform.requests(), [])
        self.assertEqual(self.gateway.status()["outbox"]["pending"], 2)


if __name__ == "__main__":
    main()
