"""Mutual TLS with one thing wrong on either side, against the platform and against nginx in front of it.

Each fault is told in a sentence of its own, blames the destination and no unit, uses up no attempt, and is over when its
cause is: a running gateway goes on by itself.
"""

import shutil
import socket
import sqlite3
import threading
import time
from contextlib import closing

from nginx import Nginx
from scene import Scene, main
from support import Pki, temporary_directory, wait_until

LOOK = "200ms"


class TlsScene(Scene):
    """A gateway with certificate files of its own, which a test may replace while it runs."""

    def setUp(self):
        self.storage = self.make_storage()
        self.storage.patient()
        self.storage.problem()
        self.storage.lab()
        directory = temporary_directory("certificates")
        shutil.copytree(self.pki.directory, directory, dirs_exist_ok=True)
        self.own = Pki(directory)

    def put(self, name, target, kinds=("crt", "key")):
        """From now on `target` of the gateway is what the authority issued as `name`."""
        for kind in kinds:
            new = self.own.directory / f"{target}.{kind}.new"
            shutil.copy(self.pki.directory / f"{name}.{kind}", new)
            new.rename(self.own.directory / f"{target}.{kind}")

    def make_own_gateway(self, server, **settings):
        gateway = self.make_gateway(self.storage, server, look_interval=LOOK, **settings)
        gateway.pki = self.own
        gateway.configure()
        return gateway

    def wait_for_pause(self, gateway, *words):
        def told():
            because = gateway.status()["destinations"]["platform"]["paused_because"]
            return because if all(word in because for word in words) else None

        wait_until(lambda: "destination paused" in gateway.log, 20, lambda: f"a pause is told\n{gateway.log}")
        wait_until(told, 20, lambda: f"a pause because of {words}\n{gateway.log}")
        self.assertIn(words[0], gateway.log)

    def attempts(self, gateway):
        with closing(sqlite3.connect(f"file:{gateway.state / 'kakehashi.db'}?mode=ro", uri=True)) as database:
            return [row[0] for row in database.execute("SELECT attempts FROM delivery")]

    def assert_nobody_pays(self, gateway, pending=2):
        time.sleep(0.5)  # some more tries
        outbox = gateway.status()["outbox"]
        self.assertEqual((outbox["rejected"], outbox["pending"] + outbox["unknown"]), (0, pending), outbox)
        self.assertEqual(self.attempts(gateway), [0] * pending)

    def assert_all_arrives(self, gateway, platform, count=2):
        self.wait_for_bundles(platform, count, seconds=20)
        self.wait_for_outbox(gateway, delivered=count, pending=0, unknown=0, rejected=0)
        self.assertEqual(gateway.status()["destinations"]["platform"]["paused_because"], "")
        self.assert_runs(gateway)


class Matrix:
    """Run once with each kind of server."""

    def make_server(self, **keywords):
        raise NotImplementedError

    def restart(self, server, **keywords):
        server.stop()
        server.start(**keywords)

    client_refused = ()

    def assert_fault(self, words, cure, server=None, **settings):
        server = server or self.make_server()
        gateway = self.make_own_gateway(server, **settings)
        gateway.start()
        self.wait_for_pause(gateway, *words)
        self.assert_nobody_pays(gateway)
        self.assertEqual(self.platform.bundles(), {})
        self.assertEqual(gateway.log.count("destination paused"), 1, gateway.log)
        cure(server)
        self.assert_all_arrives(gateway, self.platform)

    # --- ours ---

    def test_our_certificate_is_of_a_ca_that_the_server_does_not_know(self):
        self.put("client-other-ca", "client")
        self.assert_fault(self.client_words("unknown ca"), lambda server: self.put("client", "client"))

    def test_our_certificate_was_revoked(self):
        self.put("client-revoked", "client")
        server = self.make_server(client_crl="ca-revoking")
        self.assert_fault(self.client_words("certificate revoked"), lambda _: self.put("client", "client"), server)

    def test_our_certificate_expires_while_the_gateway_runs(self):
        lifetime_s = 5
        self.own.issue_client("client", lifetime_s)
        expiry = time.monotonic() + lifetime_s
        server = self.make_server()
        server.stop()
        gateway = self.make_own_gateway(server)
        gateway.start()
        self.wait_for_pause(gateway, "refused the connection")
        time.sleep(max(0.0, expiry + 1.1 - time.monotonic()))
        server.start()
        self.wait_for_pause(gateway, *self.client_words("certificate expired"))
        self.assertIn("client certificate expires soon", gateway.log)
        self.assert_nobody_pays(gateway)
        self.put("client", "client")
        self.assert_all_arrives(gateway, self.platform)

    def client_words(self, alert):
        certificate = self.own.certificate("client")
        return [word.format(alert=alert, certificate=certificate) for word in self.client_refused]

    # --- theirs ---

    def assert_server_fault(self, certificate, words, **settings):
        self.assert_fault(words, self.restart, self.make_server(certificate=certificate), **settings)

    def test_their_certificate_has_expired(self):
        self.assert_server_fault("server-expired", ["is not valid today (certificate has expired)", "the server's operator"])

    def test_their_certificate_is_not_valid_yet(self):
        self.assert_server_fault("server-not-yet", ["is not valid today (certificate is not yet valid)", "this server's clock"])

    def test_their_certificate_is_of_another_ca(self):
        self.assert_server_fault("server-other-ca", ["does not come from a CA in", self.own.certificate("ca")])

    def test_their_certificate_has_another_name(self):
        self.assert_server_fault("server-wrong-name", ["is not for platform.example", "check server-name"])

    def test_their_certificate_was_revoked(self):
        self.assert_server_fault("server-revoked", ["was revoked, says " + self.own.crl("ca-revoking")], crl="ca-revoking")

    def test_the_list_of_what_was_revoked_is_out_of_date(self):
        self.put("ca-outdated", "ca", ["crl"])
        self.assert_fault(["cannot be told from " + self.own.crl("ca"), "CRL has expired"],
                          lambda server: self.put("ca", "ca", ["crl"]), crl="ca")

    def test_they_have_no_certificate_at_all(self):
        server = self.make_server()
        server.stop()
        gateway = self.make_own_gateway(server)
        with PlainServer(server.address):
            gateway.start()
            self.wait_for_pause(gateway, "TLS with " + server.address + " failed", "speaks TLS 1.2 or newer")
            self.assert_nobody_pays(gateway)
        server.start()
        self.assert_all_arrives(gateway, self.platform)


class PlainServer:
    """Speaks HTTP where HTTPS is meant."""

    def __init__(self, address):
        host, port = address.split(":")
        self.listener = socket.create_server((host, int(port)))

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


class PlatformMatrixTest(Matrix, TlsScene):
    client_refused = ("refused our client certificate (alert {alert})", "{certificate}", "the platform's operator")

    def make_server(self, client_crl=None, **keywords):
        options = ["--client-crl", self.pki.crl(client_crl)] if client_crl else []
        self.platform = self.make_platform(options=options, **keywords)
        return self.platform


class NginxMatrixTest(Matrix, TlsScene):
    client_refused = ("answered 400 Bad Request, a page that says that our client certificate was not accepted",
                      "{certificate}", "the platform's operator")

    def make_server(self, **keywords):
        self.platform = self.make_platform()
        server = Nginx(self.pki, self.platform, **keywords)
        self.addCleanup(server.kill9)
        return server

    def test_our_certificate_has_a_name_that_the_server_does_not_want(self):
        self.put("client-wrong-name", "client")
        self.assert_fault(["answered 403 Forbidden without an OperationOutcome"], lambda server: self.put("client", "client"))

    def test_they_speak_nothing_newer_than_tls_1_1(self):
        server = self.make_server(versions="TLSv1.1")
        self.assert_fault(["TLS with " + server.address + " failed (alert protocol version)", "speaks TLS 1.2 or newer"],
                          self.restart, server)

    def test_our_certificate_gets_lost_on_the_way(self):
        """The gateway does not start without one; a proxy that ends TLS may have none of its own."""
        behind = self.make_server()
        front = Nginx(self.pki, behind, passes_on=None)
        self.addCleanup(front.kill9)
        self.assert_fault(["answered 400 Bad Request, a page that says that our client certificate was not accepted"],
                          self.restart, front)


class RenewalTest(TlsScene):
    """Files that change while the gateway runs."""

    def setUp(self):
        super().setUp()
        self.platform = self.make_platform()

    def start(self, **settings):
        gateway = self.make_own_gateway(self.platform, **settings)
        gateway.start()
        self.assert_all_arrives(gateway, self.platform)
        return gateway

    def clients(self):
        return [request["client"] for request in self.platform.requests()]

    def alarms(self, gateway):
        return gateway.status()["destinations"]["platform"]["alarms"]

    def test_a_renewed_certificate_is_used_without_a_restart(self):
        gateway = self.start()
        pid = gateway.pid
        self.put("client-renewed", "client")
        wait_until(lambda: "new certificate files in use" in gateway.log, 10, "the new files are taken")
        self.storage.lab(order="2")
        self.assert_all_arrives(gateway, self.platform, 3)
        self.assertEqual(self.clients(), ["gateway-test", "gateway-test", "gateway-renewed"])
        self.assertEqual(gateway.pid, pid)
        self.assertNotIn("not taken", gateway.log)

    def test_files_that_do_not_fit_together_leave_the_old_in_use_with_an_alarm_until_they_do(self):
        gateway = self.start()
        self.put("client-renewed", "client", ["crt"])
        alarm, = wait_until(lambda: self.alarms(gateway), 10, lambda: f"an alarm\n{gateway.log}")
        self.assertEqual(alarm["kind"], "certificate")
        self.assertIn(f"the key {self.own.key('client')} does not belong to the certificate", alarm["explanation"])
        self.assertIn("ALARM certificate", gateway.command("status").stdout)
        self.storage.lab(order="2")
        self.assert_all_arrives(gateway, self.platform, 3)
        time.sleep(1)  # some more looks
        self.assertEqual(gateway.log.count("certificate files not taken"), 1, gateway.log)
        self.put("client-renewed", "client", ["key"])
        wait_until(lambda: not self.alarms(gateway), 10, lambda: f"no alarm any more\n{gateway.log}")
        self.storage.lab(order="3")
        self.assert_all_arrives(gateway, self.platform, 4)
        self.assertEqual(self.clients()[-2:], ["gateway-test", "gateway-renewed"])

    def test_old_files_that_are_put_back_end_the_alarm(self):
        gateway = self.start()
        self.put("client-expired", "client")
        wait_until(lambda: self.alarms(gateway), 10, "an alarm")
        self.assertIn("expired on 2020-02-01", gateway.log)
        self.put("client", "client")
        wait_until(lambda: not self.alarms(gateway), 10, "no alarm any more")
        self.assertIn("certificate files are good again", gateway.log)

    def test_what_the_ca_revokes_counts_from_the_next_look_on(self):
        self.platform.stop()
        self.platform.start(certificate="server-revoked")
        gateway = self.start(crl="ca")
        self.put("ca-revoking", "ca", ["crl"])
        wait_until(lambda: "new certificate files in use" in gateway.log, 10, "the new list is taken")
        self.storage.lab(order="2")
        self.wait_for_pause(gateway, "was revoked, says " + self.own.crl("ca"))
        self.assertEqual(gateway.status()["outbox"]["rejected"], 0)
        self.assertEqual(len(self.platform.bundles()), 2)
        self.platform.stop()
        self.platform.start()
        self.assert_all_arrives(gateway, self.platform, 3)

    def test_the_end_of_a_certificate_is_told_before_it_comes(self):
        self.own.issue_client("client", 10 * 24 * 3600 + 3600)
        gateway = self.start()
        self.assertEqual(gateway.log.count("client certificate expires soon"), 1, gateway.log)
        self.assertIn("days-left=10", gateway.log)
        self.assertEqual(gateway.status()["destinations"]["platform"]["certificate_days_left"], 10)
        self.assertIn("client certificate: 10 days left", gateway.command("status").stdout)
        self.put("client", "client")
        wait_until(lambda: gateway.status()["destinations"]["platform"]["certificate_days_left"] > 30, 10, "it is renewed")


if __name__ == "__main__":
    main()
