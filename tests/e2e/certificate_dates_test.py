"""A certificate of ours that is out of date: a start and a reload go on, its destination waits for good files."""

import os
import signal

from scene import main
from support import wait_until
from tls_matrix_test import TlsScene


class AtStartTest(TlsScene):
    """What of our own files is wrong at the start. Dates are the matter of one destination: a restart stops neither reading
    nor the others, and the clock may be what is wrong."""

    def setUp(self):
        super().setUp()
        self.platform = self.make_platform()

    def assert_waits_for_good_dates(self, remedy, sentence):
        gateway = self.make_own_gateway(self.platform)
        checked = gateway.command("check")
        self.assertEqual(checked.returncode, 2, checked.stderr)
        self.assertEqual(len(checked.stderr.splitlines()), 1, checked.stderr)
        self.assertIn(f"the client certificate {self.own.certificate('client')} {sentence}", checked.stderr)
        done = self.run_once(gateway, expected=4, timeout="2s")
        told, = [line for line in done.stderr.splitlines() if "KKH-4205" in line]
        self.assertIn(remedy, told)
        self.assertNotIn("KKH-1101", done.stderr)
        self.assert_nobody_pays(gateway)
        gateway.start()
        self.wait_for_pause(gateway, "refused our client certificate", self.own.certificate("client"))
        self.assert_nobody_pays(gateway)
        pid = gateway.pid
        self.put("client", "client")
        self.assert_all_arrives(gateway, self.platform)
        self.assertEqual(gateway.pid, pid)

    def test_our_certificate_has_expired(self):
        self.put("client-expired", "client")
        self.assert_waits_for_good_dates("put a new one in place", "expired on 2020-02-01 (UTC)")

    def test_our_certificate_is_not_valid_yet(self):
        self.put("client-not-yet", "client")
        self.assert_waits_for_good_dates("check this server's clock", "is not valid before")

    def test_files_that_are_out_of_date_take_the_place_of_such_files(self):
        """Our clock may be wrong, and what was there before is no better."""
        self.put("client-expired", "client")
        gateway = self.make_own_gateway(self.platform)
        gateway.start()
        self.wait_for_pause(gateway, "refused our client certificate")
        self.put("client-not-yet", "client")
        wait_until(lambda: gateway.log.count("KKH-4205") == 2, 10, lambda: f"they are taken\n{gateway.log}")
        self.assertIn("new certificate files in use", gateway.log)
        self.assertEqual(gateway.status()["destinations"]["platform"]["alarms"], [])

    def test_an_expired_certificate_of_one_destination_keeps_no_other_waiting(self):
        other = self.make_platform()
        self.put("client-expired", "client")
        gateway = self.make_own_gateway(self.platform)
        text = gateway.config.read_text(encoding="utf-8")
        begin, end = text.index("<destination"), text.index("<admin")
        second = text[begin:end].replace('id="platform"', 'id="region"').replace(self.platform.url, other.url)
        second = second.replace(str(self.own.directory), str(self.pki.directory))
        gateway.config.write_text(text[:end] + second + text[end:], encoding="utf-8")
        gateway.start()
        self.wait_for_bundles(other, 2)
        self.wait_for_pause(gateway, "refused our client certificate")
        self.assertEqual(self.platform.bundles(), {})

    def test_our_certificate_is_not_there(self):
        (self.own.directory / "client.crt").unlink()
        gateway = self.make_own_gateway(self.platform)
        done = self.run_once(gateway, expected=2)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(f"{self.own.certificate('client')} cannot be read", done.stderr)
        self.put("client", "client")
        self.run_once(gateway)
        self.assertEqual(len(self.platform.bundles()), 2)


class ReloadTest(TlsScene):
    """SIGHUP with certificates that are out of date."""

    def setUp(self):
        super().setUp()
        self.platform = self.make_platform()

    def reload(self, gateway, answer):
        before = len(gateway.log)
        os.kill(gateway.pid, signal.SIGHUP)
        wait_until(lambda: answer in gateway.log[before:], 15, lambda: gateway.log[-3000:])
        self.assert_runs(gateway)

    def test_with_an_expired_certificate_everything_else_can_be_read_anew(self):
        self.put("client-expired", "client")
        gateway = self.make_own_gateway(self.platform)
        gateway.start()
        self.wait_for_pause(gateway, "refused our client certificate")
        gateway.configure(timeout="7s")
        self.reload(gateway, "KKH-1202 reloaded")
        self.assertIn("before=5s after=7s", gateway.log)
        self.put("client", "client")
        self.assert_all_arrives(gateway, self.platform)

    def test_files_that_are_out_of_date_do_not_take_the_place_of_good_ones(self):
        gateway = self.make_own_gateway(self.platform)
        gateway.start()
        self.assert_all_arrives(gateway, self.platform)
        gateway.configure(client="client-expired")
        self.reload(gateway, "KKH-1203 reload refused")
        self.assertIn(f"{self.own.certificate('client-expired')} expired on 2020-02-01", gateway.log)
        self.storage.lab(order="2")
        self.assert_all_arrives(gateway, self.platform, 3)


if __name__ == "__main__":
    main()
