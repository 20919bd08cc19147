"""The admin listener: metrics that agree with everything else that knows, health, and clients who mean no good."""

import http.client
import os
import signal
import socket
import stat
import time

from metrics import scrape
from scene import NAME, OTHER_NAME, OTHER_PATIENT, PATIENT, Scene, main
from support import temporary_directory, wait_until

# What the writer puts into documents beside them: none of it is anywhere to be read here.
OF_PATIENTS = (PATIENT, OTHER_PATIENT, NAME, OTHER_NAME, "架橋^", "06999998", "架橋病")


class MetricsScene(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()

    def start(self):
        """And past the first reading: what comes while that lasts is no change yet."""
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway)
        wait_until(lambda: "load" not in self.storage_status(self.gateway), 15, "the end of the first reading")

    def wait_for_page(self, path, status, seconds=20):
        def answered():
            try:
                found = self.gateway.page(path)
            except OSError:
                return None
            return found if found[0] == status else None

        return wait_until(answered, seconds, lambda: f"{status} for {path}\n{self.gateway.log[-2000:]}")[1]


class AgreementTest(MetricsScene):
    def test_metrics_status_and_platform_tell_the_same(self):
        self.storage.lab(order="1")
        self.start()
        self.wait_for_bundles(self.platform, 1)
        self.storage.lab(order="2")
        self.storage.problem()
        self.storage.lab(patient=OTHER_PATIENT, order="3")  # nobody knows whose insurance that is
        self.wait_for_bundles(self.platform, 3)
        self.wait_for_outbox(self.gateway, delivered=3, held=1)
        metrics, status = scrape(self.gateway), self.gateway.status()
        for state, count in status["outbox"].items():
            self.assertEqual(metrics.get("kakehashi_outbox_units", destination="platform", state=state), count, state)
        for reason, count in status["held_reasons"].items():
            self.assertEqual(metrics.get("kakehashi_held_units", destination="platform", reason=reason), count)
        accepted = [each for each in self.platform.requests() if each["status"] in (200, 201)]
        self.assertEqual(metrics.get("kakehashi_answers_total", destination="platform", verdict="delivered"),
                         len(accepted))
        self.assertEqual(metrics.get("kakehashi_request_duration_seconds_count", destination="platform"),
                         metrics.sum("kakehashi_answers_total"))
        self.assertEqual(metrics.get("kakehashi_documents", storage="main"), status["documents"]["seen"])
        self.assertEqual(metrics.sum("kakehashi_documents_accepted_total"), 5)
        self.assertEqual(metrics.get("kakehashi_ready"), 1)
        self.assertEqual(metrics.get("kakehashi_destination_paused", destination="platform"), 0)
        self.assertAlmostEqual(metrics.get("kakehashi_certificate_remaining_seconds", destination="platform") / 86400,
                               status["destinations"]["platform"]["certificate_days_left"], delta=1)
        self.assertGreaterEqual(metrics.get("kakehashi_sweep_duration_seconds_count", storage="main", tier="hot"), 1)
        self.assertLess(time.time() - metrics.get("kakehashi_full_sweep_timestamp_seconds", storage="main"), 60)
        self.assertLess(time.time() - metrics.get("kakehashi_heartbeat_timestamp_seconds"), 15)
        self.assertEqual(metrics.get("kakehashi_log_lines_total", level="error"), 0)
        self.assertEqual(metrics.get("kakehashi_database_bytes"), (self.gateway.state / "kakehashi.db").stat().st_size)

    def test_nothing_of_a_patient_is_on_any_page(self):
        self.storage.problem()
        self.storage.lab(patient=OTHER_PATIENT)
        self.platform.misbehave("outcome422")
        self.start()
        self.wait_for_outbox(self.gateway, rejected=1, held=1)
        for path in ("/", "/metrics", "/healthz", "/readyz", "/nowhere/" + PATIENT):
            text = self.gateway.page(path)[1]
            for word in OF_PATIENTS:
                self.assertFalse(word in text, f"{word} on {path}")


class TimelinessTest(MetricsScene):
    def changes(self, type_name="Observation"):
        return self.gateway.status()["destinations"]["platform"]["types"][type_name]["changes"]

    def wait_for_changes(self, **counts):
        def reached():
            return all(self.changes()[name] == count for name, count in counts.items())

        wait_until(reached, 15, lambda: f"{counts}, there are {self.changes()}")

    def test_what_comes_is_counted_until_it_is_accepted_and_what_was_there_is_not(self):
        self.storage.lab(order="1")
        self.start()
        self.wait_for_bundles(self.platform, 1)
        self.assertEqual(set(self.changes().values()), {0})
        self.storage.lab(order="2")
        self.wait_for_changes(accepted_same_day=1, waiting=0)
        metrics = scrape(self.gateway)
        of_labs = {"destination": "platform", "type": "Observation"}
        self.assertEqual(metrics.get("kakehashi_changes_accepted_total", day="same", **of_labs), 1)
        self.assertEqual(metrics.get("kakehashi_changes_accepted_total", day="later", **of_labs), 0)
        self.assertEqual(metrics.get("kakehashi_acceptance_delay_seconds_count", **of_labs), 1)
        delay = metrics.get("kakehashi_acceptance_delay_seconds_sum", **of_labs)
        self.assertGreater(delay, 0.2)  # it settles first
        self.assertLess(delay, 15)
        self.assertRegex(self.gateway.command("status").stdout, "Observation: 1 of 1 changes were accepted on their day")

    def test_what_waits_goes_on_to_wait_over_a_restart(self):
        self.start()
        self.platform.misbehave("status:code=503")
        self.storage.lab()
        self.wait_for_changes(waiting=1)
        time.sleep(2)
        self.gateway.kill9()
        self.gateway.start()
        self.wait_for_page("/healthz", 200)
        waiting = self.gateway.status()["destinations"]["platform"]["types"]["Observation"]
        self.assertEqual(waiting["changes"]["waiting"], 1)
        self.assertGreaterEqual(waiting["oldest_change_seconds"], 2)
        self.platform.clear()
        self.wait_for_changes(waiting=0, accepted_same_day=1)
        delay = scrape(self.gateway).get("kakehashi_acceptance_delay_seconds_sum", destination="platform",
                                         type="Observation")
        self.assertGreater(delay, 2)


class ReadinessTest(MetricsScene):
    def test_a_destination_that_is_away_is_no_fault_of_the_gateway(self):
        self.storage.lab()
        self.platform.stop()
        self.start()
        wait_until(lambda: "KKH-4101" in self.gateway.log, 15, "a pause")
        metrics = scrape(self.gateway)
        self.assertEqual(metrics.get("kakehashi_destination_paused", destination="platform"), 1)
        self.assertEqual(metrics.get("kakehashi_pending_units", destination="platform", type="Observation"), 1)
        self.assertGreater(metrics.get("kakehashi_oldest_pending_age_seconds", destination="platform",
                                       type="Observation"), 0)
        self.assertEqual(self.gateway.page("/readyz"), (200, "ok\n"))

    def test_ready_is_who_reads_on(self):
        self.gateway.configure(state_extra={"high-water": "1KiB", "low-water": "0"})
        for order in range(5):
            self.storage.lab(order=str(order))
        self.platform.misbehave("status:code=503")
        self.start()
        text = self.wait_for_page("/readyz", 503)
        self.assertRegex(text, "^back-pressure: nothing new is read")
        self.assertEqual(self.gateway.page("/healthz"), (200, "ok\n"))
        metrics = scrape(self.gateway)
        self.assertEqual(metrics.get("kakehashi_ready"), 0)
        self.assertEqual(metrics.get("kakehashi_reading_held_back"), 1)
        self.assertEqual(metrics.get("kakehashi_alarms", kind="backlog"), 1)
        self.platform.clear()
        self.wait_for_page("/readyz", 200)
        self.assertEqual(scrape(self.gateway).get("kakehashi_ready"), 1)


class ReloadTest(MetricsScene):
    def test_reloads_are_counted_and_the_listener_comes_back(self):
        self.start()
        os.kill(self.gateway.pid, signal.SIGHUP)
        wait_until(lambda: self.gateway.log.count("first sweep done") == 2, 20, "a reload")
        self.wait_for_page("/healthz", 200)
        metrics = scrape(self.gateway)
        self.assertEqual(metrics.get("kakehashi_reloads_total", result="done"), 1)
        self.assertGreater(metrics.get("kakehashi_configuration_timestamp_seconds"),
                           metrics.get("kakehashi_start_timestamp_seconds"))
        self.gateway.config.write_text("<gateway", encoding="utf-8")
        os.kill(self.gateway.pid, signal.SIGHUP)
        wait_until(lambda: "KKH-1203" in self.gateway.log, 10, "a refusal")
        self.assertEqual(scrape(self.gateway).get("kakehashi_reloads_total", result="refused"), 1)


class ListenerTest(MetricsScene):
    def test_pages_and_what_is_none(self):
        self.start()
        self.assertEqual(self.gateway.page("/healthz"), (200, "ok\n"))
        self.assertIn("/metrics", self.gateway.page("/")[1])
        self.assertEqual(self.gateway.page("/state/kakehashi.db")[0], 404)
        self.assertEqual(self.gateway.page("/metrics", method="POST")[0], 405)
        self.assertEqual(self.gateway.page("/metrics", method="HEAD"), (200, ""))

    def test_clients_who_say_nothing_or_never_read_disturb_nobody(self):
        self.start()
        host, port = self.gateway.admin.split(":")
        clients = [socket.create_connection((host, int(port))) for _ in range(30)]
        self.addCleanup(lambda: [client.close() for client in clients])
        for client in clients[::3]:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: ")
        for client in clients[1::3]:
            client.sendall(os.urandom(4096))
        self.storage.lab()
        self.wait_for_bundles(self.platform, 1)
        began = time.monotonic()
        # Behind thirty others, eight at a time, each let go after five seconds.
        self.assertEqual(self.gateway.page("/healthz", seconds=40)[0], 200)
        self.assertLess(time.monotonic() - began, 30)
        self.assert_runs(self.gateway)

    def test_a_port_that_is_in_use_is_told_and_the_gateway_works(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        self.gateway.admin = f"127.0.0.1:{taken.getsockname()[1]}"
        self.gateway.configure()
        self.storage.lab()
        self.start()
        self.wait_for_bundles(self.platform, 1)
        self.assertIn("KKH-1302", self.gateway.log)
        self.assertEqual(self.gateway.stop(), 0)

    def test_a_socket_in_the_file_system(self):
        path = temporary_directory("admin") / "admin.sock"
        self.gateway.admin = f"unix:{path}"
        self.gateway.configure(admin_extra={"mode": "0660"})
        self.start()
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o660)
        self.assertEqual(self.ask(path, "/healthz"), (200, b"ok\n"))
        self.gateway.kill9()
        self.gateway.start()  # what the one before left behind is in nobody's way
        wait_until(lambda: self.gateway.log.count("KKH-1301") == 2, 15, "a listener")
        self.assertEqual(self.ask(path, "/healthz"), (200, b"ok\n"))
        self.assertEqual(self.gateway.stop(), 0)
        self.assertFalse(path.exists())

    def test_none_is_none(self):
        self.gateway.admin = "none"
        self.gateway.configure()
        self.start()
        self.assertNotIn("KKH-130", self.gateway.log)

    def ask(self, path, target):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(10)
        connection.sock.connect(str(path))
        connection.request("GET", target)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found


if __name__ == "__main__":
    main()
