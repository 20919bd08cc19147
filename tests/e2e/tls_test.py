"""Mutual TLS that one side refuses: said in one sentence, nothing is lost, and it goes on when the fault is gone."""

import re
import socket
import sqlite3
import ssl
import threading
import time

from scene import Scene, main
from support import temporary_directory, wait_until

ONCE_TIMEOUT_SECONDS = 2


def highest_tls(version):
    """An environment in which OpenSSL offers no newer TLS than this."""
    config = temporary_directory("openssl") / "openssl.cnf"
    config.write_text("openssl_conf = all\n[all]\nssl_conf = modules\n[modules]\nsystem_default = tls\n"
                      f"[tls]\nMaxProtocol = {version}\n")
    return {"OPENSSL_CONF": str(config)}


class TlsTests:
    """Run once with each version of TLS."""

    version = None

    def setUp(self):
        self.environment = highest_tls(self.version)
        self.storage = self.make_storage()
        self.storage.patient()
        self.storage.problem()
        self.storage.lab()

    def run_against(self, gateway):
        """run --once against a destination that cannot be used."""
        start = time.monotonic()
        done = gateway.command("run", "--once", "--timeout", f"{ONCE_TIMEOUT_SECONDS}s", env=self.environment)
        self.assertLess(time.monotonic() - start, ONCE_TIMEOUT_SECONDS + 5)
        return done

    def assert_unreachable(self, gateway, *words):
        done = self.run_against(gateway)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assert_says_once(done.stderr, *words)
        outbox = gateway.status()["outbox"]
        self.assertEqual((outbox["pending"], outbox["delivered"]), (2, 0), outbox)
        self.assert_no_attempts_used(gateway)

    def assert_says_once(self, log, *words):
        complaints = [line for line in log.splitlines() if " error " in line]
        self.assertEqual(len(complaints), 1, log)
        reason = re.search(r'destination paused destination=platform reason="([^"]*)"', complaints[0])
        self.assertIsNotNone(reason, complaints[0])
        for word in words:
            self.assertIn(word, reason[1])
        self.assertNotIn(";", reason[1], "one sentence")
        self.assertNotIn(". ", reason[1], "one sentence")

    def assert_no_attempts_used(self, gateway):
        with sqlite3.connect(f"file:{gateway.state / 'kakehashi.db'}?mode=ro", uri=True) as database:
            attempts = [row[0] for row in database.execute("SELECT attempts FROM delivery")]
        database.close()
        self.assertEqual(attempts, [0, 0])

    def assert_all_arrives(self, gateway, platform):
        self.run_once(gateway)
        self.assertEqual(len(platform.bundles()), 2)

    def test_a_server_that_refuses_the_client_certificates_ca_is_named_with_the_certificate_and_the_remedy(self):
        platform = self.make_platform()
        gateway = self.make_gateway(self.storage, platform, client="client-other-ca")
        self.assert_unreachable(gateway, platform.address, "refused our client certificate", "unknown ca",
                                self.pki.certificate("client-other-ca"), "check", "the platform's operator")
        self.assertEqual(platform.requests(), [])
        gateway.configure(client="client")
        self.assert_all_arrives(gateway, platform)

    def test_a_client_certificate_that_expires_while_the_gateway_runs_is_named_and_nothing_is_lost(self):
        lifetime_s = 6
        self.pki.issue_client("client-short", lifetime_s)
        expiry = time.monotonic() + lifetime_s
        platform = self.make_platform()
        gateway = self.make_gateway(self.storage, platform, client="client-short")
        gateway.start(env=self.environment)
        self.wait_for_bundles(platform, 2)
        platform.stop()
        time.sleep(max(0.0, expiry + 1.1 - time.monotonic()))
        platform.start()
        self.storage.lab(order="2")
        wait_until(lambda: "destination paused" in gateway.log, 15, lambda: f"the refusal is told\n{gateway.log}")
        self.assert_runs(gateway)
        refusal = gateway.log.splitlines()[-1]
        for word in (platform.address, "refused our client certificate", "certificate expired",
                     self.pki.certificate("client-short"), "check", "the platform's operator"):
            self.assertIn(word, refusal)
        self.assertEqual(gateway.log.count("destination paused"), 1)
        gateway.stop()
        gateway.configure(client="client")
        self.run_once(gateway)
        self.assertEqual(len(platform.bundles()), 3)

    def test_a_server_with_another_name_gets_nothing(self):
        self.assert_refuses_the_server("server-wrong-name", {}, "is not for platform.example", "check server-name",
                                       "the server's operator")

    def test_a_server_whose_certificate_has_expired_gets_nothing(self):
        self.assert_refuses_the_server("server-expired", {}, "is not valid today", "certificate has expired",
                                       "tell the server's operator")

    def test_a_server_of_another_ca_gets_nothing(self):
        self.assert_refuses_the_server("server", {"ca": "other-ca"}, "does not come from a CA in",
                                       self.pki.certificate("other-ca"), "check that file")

    def assert_refuses_the_server(self, certificate, settings, *words):
        platform = self.make_platform(certificate=certificate)
        gateway = self.make_gateway(self.storage, platform, **settings)
        self.assert_unreachable(gateway, "the certificate of " + platform.address, *words)
        self.assertEqual(platform.requests(), [])
        platform.stop()
        platform.start()
        gateway.configure(ca="ca")
        self.assert_all_arrives(gateway, platform)

    def test_a_running_gateway_goes_on_by_itself_when_the_server_has_a_good_certificate_again(self):
        platform = self.make_platform(certificate="server-expired")
        gateway = self.make_gateway(self.storage, platform)
        gateway.start(env=self.environment)
        wait_until(lambda: "destination paused" in gateway.log, 15, "the refusal is told")
        time.sleep(1.5)  # some more tries
        self.assert_says_once(gateway.log, platform.address, "is not valid today")
        self.assert_no_attempts_used(gateway)
        platform.stop()
        platform.start()
        self.wait_for_bundles(platform, 2)
        wait_until(lambda: "destination reachable again" in gateway.log, 5, "that it goes on is told")
        self.assert_runs(gateway)

    def test_this_version_of_tls_is_the_one_spoken(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pki.certificate("server"), self.pki.key("server"))
        context.load_verify_locations(self.pki.certificate("ca"))
        context.verify_mode = ssl.CERT_REQUIRED
        versions = []

        def accept_one(listener):
            connection, _ = listener.accept()
            with connection, context.wrap_socket(connection, server_side=True) as tls:
                versions.append(tls.version())

        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(20)
            thread = threading.Thread(target=accept_one, args=[listener])
            thread.start()
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/fhir"
            self.run_against(self.make_gateway(self.storage, url, connections=1))
            thread.join(20)
        self.assertEqual(versions, [self.version])


class Tls13Test(TlsTests, Scene):
    version = "TLSv1.3"


class Tls12Test(TlsTests, Scene):
    version = "TLSv1.2"


class CertificateFilesTest(Scene):
    """What can be known before anything is sent is a mistake in the settings: exit 2, one sentence, at once."""

    def assert_refuses_to_start(self, gateway, *words):
        self.assert_refuses(gateway, [["run", "--once"], ["check"]], *words)

    def assert_refuses(self, gateway, commands, *words):
        for arguments in commands:
            done = gateway.command(*arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)

    def test_an_expired_client_certificate_is_named_with_its_date_by_who_checks_and_stops_no_start(self):
        storage = self.make_storage()
        storage.patient()
        gateway = self.make_gateway(storage, "https://127.0.0.1:9/fhir", client="client-expired")
        self.assert_refuses(gateway, [["check"]], self.pki.certificate("client-expired"), "expired on 2020-02-01",
                            "ask the destination's operator for a new one")
        done = self.run_once(gateway)
        self.assertIn("KKH-4205 client certificate is not valid today", done.stderr)

    def test_settings_without_a_client_certificate_are_refused_with_their_line(self):
        gateway = self.make_gateway(self.make_storage(), "https://127.0.0.1:9/fhir")
        lines = gateway.config.read_text().splitlines()
        number = next(n for n, line in enumerate(lines, start=1) if line.startswith("<tls"))
        lines[number - 1] = re.sub(r' certificate="[^"]*"', "", lines[number - 1])
        gateway.config.write_text("\n".join(lines))
        self.assert_refuses_to_start(gateway, f"{gateway.config}:{number}", "certificate", "<tls>")

    def test_a_proxys_page_about_a_missing_certificate_blames_the_destination_and_no_document(self):
        storage, platform, gateway = self.make_all()
        storage.patient()
        storage.problem()
        platform.misbehave("html400")
        done = self.run_once(gateway, expected=4, timeout="2s")
        self.assertRegex(done.stderr, r'destination paused.*400.*')
        self.assertEqual(gateway.status()["outbox"]["rejected"], 0)
        platform.clear()
        self.run_once(gateway)
        self.assertEqual(len(platform.bundles()), 1)


if __name__ == "__main__":
    main()
