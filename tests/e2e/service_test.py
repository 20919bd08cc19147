"""The daemon under a service manager: what it tells systemd, its watchdog, how it stops."""

import os
import signal
import socket
import sqlite3
import time
import unittest
from contextlib import closing
from pathlib import Path

from scene import Scene, main
from support import program, temporary_directory, wait_until

READ_ERROR = Path(os.environ["KAKEHASHI_BIN_DIR"]).resolve() / "tests/crash/read_error.so"


class Manager:
    """The side of systemd: a datagram socket that daemons are told of. Received: (monotonic seconds, words)."""

    def __init__(self, watchdog_seconds=None):
        self.path = temporary_directory("notify") / "socket"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.setblocking(False)
        self.env = {"NOTIFY_SOCKET": str(self.path)}
        if watchdog_seconds:
            self.env["WATCHDOG_USEC"] = str(int(watchdog_seconds * 1_000_000))
        self.received = []

    def __del__(self):
        self.socket.close()

    def words(self):
        """Every line there was, in order."""
        while True:
            try:
                datagram = self.socket.recv(4096).decode()
            except BlockingIOError:
                return [word for _, words in self.received for word in words]
            self.received.append((time.monotonic(), datagram.splitlines()))

    def count(self, word):
        return self.words().count(word)

    def last(self, name):
        """The value of the last NAME=value."""
        found = [word.partition("=")[2] for word in self.words() if word.startswith(name + "=")]
        return found[-1] if found else None


class ServiceScene(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()

    def start(self, manager):
        self.gateway.start(env=manager.env)
        wait_until(lambda: manager.count("READY=1") == 1, 15, lambda: f"READY\n{self.gateway.log[-2000:]}")

    def hang(self):
        """A request is under way that gets no answer."""
        self.gateway.configure(timeout="60s")
        self.platform.misbehave("delay:ms=60000")
        self.storage.lab()


class NotifyTest(ServiceScene):
    def test_the_manager_hears_of_ready_status_and_stopping_in_that_order(self):
        manager = Manager()
        self.storage.lab()
        self.platform.misbehave("status:code=503")
        self.start(manager)
        self.assertRegex(manager.last("EXTEND_TIMEOUT_USEC"), r"^\d{8,}$")
        wait_until(lambda: manager.last("STATUS"), 10, "a status")
        self.assertRegex(manager.last("STATUS"), "^platform: (nothing waits|1 pending)$")
        self.assertEqual(manager.count("STOPPING=1"), 0)
        self.assertEqual(self.gateway.stop(), 0)
        words = manager.words()
        self.assertLess(words.index("READY=1"), words.index("STOPPING=1"))
        self.assertNotIn("WATCHDOG=1", words[:words.index("READY=1")])

    def test_without_a_manager_nothing_is_different(self):
        self.storage.lab()
        self.gateway.start(env={"NOTIFY_SOCKET": "/nowhere/at/all"})
        self.wait_for_bundles(self.platform, 1)
        self.assertEqual(self.gateway.stop(), 0)

    def test_a_manager_that_does_not_read_keeps_nobody_waiting(self):
        manager = Manager(watchdog_seconds=0.02)  # some hundred datagrams, more than its socket takes
        self.storage.lab()
        self.gateway.start(env=manager.env)
        time.sleep(3)
        self.wait_for_bundles(self.platform, 1)
        self.assertEqual(self.gateway.stop(), 0)


class WatchdogTest(ServiceScene):
    def test_it_is_fed_in_time_also_while_the_platform_hangs(self):
        manager = Manager(watchdog_seconds=2)
        self.hang()
        self.start(manager)
        wait_until(lambda: self.platform.request_count() == 1, 10, "the request")
        begin = time.monotonic()
        fed = []
        while time.monotonic() < begin + 5:
            before = manager.count("WATCHDOG=1")
            wait_until(lambda: manager.count("WATCHDOG=1") > before, 2, "a ping within the watchdog's time")
            fed.append(time.monotonic())
        self.assertGreaterEqual(len(fed), 4)
        self.gateway.kill9()

    def test_the_watchdog_of_another_process_is_not_fed(self):
        manager = Manager(watchdog_seconds=1)
        manager.env["WATCHDOG_PID"] = "1"
        self.start(manager)
        time.sleep(1.5)
        # Its own pulse, every five seconds, still says so once: harmless, the manager did not ask.
        self.assertLessEqual(manager.count("WATCHDOG=1"), 1)
        self.gateway.stop()


class StopTest(ServiceScene):
    def test_a_request_that_ends_in_time_is_awaited_and_recorded(self):
        self.platform.misbehave("delay:ms=3000")
        self.storage.lab()
        self.gateway.start()
        wait_until(lambda: self.platform.request_count() == 1, 10, "the request")
        began = time.monotonic()
        self.assertEqual(self.gateway.stop(), 0)
        self.assertLess(time.monotonic() - began, 7)
        self.assertEqual(self.gateway.status()["outbox"]["delivered"], 1)
        self.assertNotIn("KKH-1008", self.gateway.log)

    def test_a_platform_that_hangs_keeps_the_stop_waiting_ten_seconds_at_most_and_nothing_is_lost(self):
        self.hang()
        self.gateway.start()
        wait_until(lambda: self.platform.request_count() == 1, 10, "the request")
        began = time.monotonic()
        self.assertEqual(self.gateway.stop(), 0)
        took = time.monotonic() - began
        self.assertLess(took, 10)
        self.assertGreater(took, 5, "the answer was not awaited at all")
        self.assertIn("KKH-1008 requests cut off", self.gateway.log)
        self.assertIn("KKH-1005 stopped", self.gateway.log)
        self.platform.clear()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1, unknown=0, pending=0)
        self.assertNotIn("none in order", self.gateway.log)

    def test_a_second_signal_stops_at_once_and_nothing_is_lost(self):
        self.hang()
        self.gateway.start()
        wait_until(lambda: self.platform.request_count() == 1, 10, "the request")
        os.kill(self.gateway.pid, signal.SIGTERM)
        wait_until(lambda: "KKH-1003 stopping" in self.gateway.log, 5, "the first is heard")
        began = time.monotonic()
        self.assertEqual(self.gateway.stop(), 128 + signal.SIGTERM)
        self.assertLess(time.monotonic() - began, 2)
        self.platform.clear()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1, unknown=0, pending=0)


@unittest.skipUnless(READ_ERROR.exists(), "needs tests/crash/read_error.so")
class DeadMountTest(ServiceScene):
    """A read of a document does not come back: no stop waits for it longer than ten seconds, and each says how it ended."""

    def start_on_dead_mount(self, *options):
        self.storage.lab()
        dead = temporary_directory("dead") / "mount"
        dead.write_text(f"{self.storage.root} 0 0 1000000 hang\n")
        self.addCleanup(dead.unlink, missing_ok=True)
        self.gateway.spawn([program("gateway/kakehashi"), "run", "--config", str(self.gateway.config), *options],
                           env={"LD_PRELOAD": str(READ_ERROR), "KAKEHASHI_READ_ERROR": str(dead)})
        wait_until(self.reads_a_document, 10, lambda: f"a read that hangs\n{self.gateway.log}")

    def reads_a_document(self):
        files = []
        for descriptor in Path(f"/proc/{self.gateway.pid}/fd").iterdir():
            try:
                files.append(descriptor.resolve())
            except OSError:
                pass  # closed meanwhile
        return any(file.is_file() and file.is_relative_to(self.storage.root) for file in files)

    def assert_ends(self, code, within):
        began = time.monotonic()
        wait_until(lambda: not self.gateway.running(), within, lambda: f"its end\n{self.gateway.log[-2000:]}")
        self.assertEqual(self.gateway.child.returncode, code, self.gateway.log[-2000:])
        self.assertIn("KKH-1007", self.gateway.log)
        return time.monotonic() - began

    def test_a_single_run_ends_soon_after_its_time_and_says_that_something_is_left(self):
        self.start_on_dead_mount("--once", "--timeout", "2s")
        self.assert_ends(3, 2 + 10 + 2)

    def test_a_single_run_that_stops_hears_a_signal(self):
        self.start_on_dead_mount("--once", "--timeout", "1s")
        time.sleep(3)
        os.kill(self.gateway.pid, signal.SIGTERM)
        wait_until(lambda: "KKH-1003 stopping" in self.gateway.log, 5, "the first is heard")
        self.assert_ends(3, 10 + 1)

    def test_a_signal_after_a_failure_does_not_make_the_end_a_good_one(self):
        self.start_on_dead_mount()
        with closing(sqlite3.connect(self.gateway.state / "kakehashi.db")) as database, database:
            database.execute("DROP TABLE unit")
        wait_until(lambda: "KKH-5002" in self.gateway.log, 30, lambda: f"the failure\n{self.gateway.log[-2000:]}")
        os.kill(self.gateway.pid, signal.SIGTERM)
        wait_until(lambda: "KKH-1003 stopping" in self.gateway.log, 5, "the signal is heard")
        self.assert_ends(1, 10 + 1)


if __name__ == "__main__":
    main()
