"""The simulator judged from outside, over its own wire. Needs KAKEHASHI_BIN_DIR."""

import copy
import errno
import hashlib
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import time
import unittest
import urllib.parse
import warnings
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from support import Pki, Platform, program, temporary_directory, wait_until  # noqa: E402

SYSTEM = "http://jpfhir.jp/fhir/clins/bundle-identifier"
MEMBER_ID = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
BUNDLE_ID = "1319999999^2026^c0ffee"
FHIR_JSON = "application/fhir+json"
PKI = Pki()
CUT = (ConnectionError, http.client.RemoteDisconnected, ssl.SSLError)


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def outcome(self):
        """True when the body is an OperationOutcome."""
        return self.headers["Content-Type"] == FHIR_JSON and json.loads(self.body)["resourceType"] == "OperationOutcome"


def make_bundle(bundle_id=BUNDLE_ID, insured="00012345:::05", text="架橋病", uuid="1"):
    patient = f"urn:uuid:00000000-0000-4000-8000-00000000000{uuid}"
    return {
        "resourceType": "Bundle", "type": "collection", "meta": {"lastUpdated": f"2026-01-0{uuid}T00:00:00+09:00"},
        "timestamp": f"2026-01-0{uuid}T00:00:00+09:00", "identifier": {"system": SYSTEM, "value": bundle_id},
        "entry": [
            {"fullUrl": patient, "resource": {"resourceType": "Patient", "name": [{"text": "架橋 太郎"}],
                                              "identifier": [{"system": MEMBER_ID, "value": insured}]}},
            {"fullUrl": f"urn:uuid:10000000-0000-4000-8000-00000000000{uuid}",
             "resource": {"resourceType": "Condition", "code": {"text": text}, "subject": {"reference": patient}}},
        ]}


def dump(bundle):
    return json.dumps(bundle, ensure_ascii=False).encode()


def query(bundle_id=BUNDLE_ID, system=SYSTEM):
    return "/fhir/Bundle?identifier=" + urllib.parse.quote(f"{system}|{bundle_id}", safe="")


def tls(client="client", version=None):
    context = ssl.create_default_context(cafile=PKI.certificate("ca"))
    if client:
        context.load_cert_chain(PKI.certificate(client), PKI.key(client))
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class PlatformSimTest(unittest.TestCase):
    def setUp(self):
        self.platform = Platform(PKI)
        self.addCleanup(self.platform.kill9)

    def connect(self, context=None, timeout=10):
        connection = http.client.HTTPSConnection("127.0.0.1", self.platform.port, context=context or tls(),
                                                 timeout=timeout)
        self.addCleanup(connection.close)
        return connection

    def send(self, method, target, body=None, headers=None, connection=None):
        connection = connection or self.connect()
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())

    def put(self, bundle=None, bundle_id=BUNDLE_ID, content_type=FHIR_JSON, connection=None):
        body = bundle if isinstance(bundle, bytes) else dump(bundle or make_bundle(bundle_id))
        return self.send("PUT", query(bundle_id), body, {"Content-Type": content_type}, connection)

    def delete(self, bundle_id=BUNDLE_ID):
        return self.send("DELETE", query(bundle_id))

    def last(self):
        return self.platform.requests()[-1]


class TransportTest(PlatformSimTest):
    def test_a_client_without_certificate_is_refused(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version), self.assertRaises(CUT):
                self.put(connection=self.connect(tls(client=None, version=version)))
        self.assertEqual(self.platform.requests(), [])

    def test_tls_1_3_tells_a_client_without_certificate_why(self):
        with self.assertRaisesRegex(ssl.SSLError, "(?i)certificate.required"):
            self.put(connection=self.connect(tls(client=None, version=ssl.TLSVersion.TLSv1_3)))

    def test_an_expired_certificate_and_one_of_another_authority_are_refused(self):
        for client, alert in (("client-expired", "expired"), ("client-other-ca", "unknown.ca")):
            with self.subTest(client=client), self.assertRaisesRegex(ssl.SSLError, f"(?i){alert}"):
                self.put(connection=self.connect(tls(client)))

    def test_tls_below_1_2_is_not_spoken(self):
        context = tls()
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaisesRegex(ssl.SSLError, "(?i)protocol.version"):
            self.put(connection=self.connect(context))

    def test_its_own_certificate_is_the_file_it_was_given(self):
        for certificate, problem in (("server-expired", "expired"), ("server-wrong-name", "not valid for")):
            self.platform.stop()
            self.platform.start(certificate=certificate)
            with self.subTest(certificate=certificate), self.assertRaisesRegex(ssl.SSLError, problem):
                self.put()

    def test_a_connection_is_kept_for_the_next_request(self):
        connection = self.connect()
        self.assertEqual(self.put(connection=connection).status, 201)
        first = connection.sock
        self.assertEqual(self.put(connection=connection).status, 200)
        self.assertIs(connection.sock, first)

    def test_an_idle_connection_is_closed_after_its_time(self):
        self.platform.stop()
        self.platform.start(options=["--idle-timeout-ms", "200"])
        connection = self.connect()
        self.assertEqual(self.put(connection=connection).status, 201)
        connection.sock.settimeout(5)
        self.assertEqual(connection.sock.recv(1), b"")

    def test_sigterm_ends_it_within_two_seconds_with_connections_open(self):
        idle = self.connect()
        self.put(connection=idle)
        self.platform.misbehave("delay:ms=30000")
        busy = self.connect()
        busy.request("DELETE", query())
        wait_until(lambda: len(self.platform.requests()) == 2, 5, "the second request")
        started = time.monotonic()
        self.assertEqual(self.platform.stop(seconds=5), 0)
        self.assertLess(time.monotonic() - started, 2)

    def test_curl_gets_its_100_continue_at_once(self):
        connection = self.connect()
        connection.connect()
        body = dump(make_bundle())
        connection.sock.sendall(f"PUT {query()} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FHIR_JSON}\r\n"
                                f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        self.assertTrue(connection.sock.recv(100).startswith(b"HTTP/1.1 100"))
        connection.sock.sendall(body)
        self.assertTrue(connection.sock.recv(100).startswith(b"HTTP/1.1 201"))


class OperationTest(PlatformSimTest):
    def test_put_put_delete_delete_is_201_200_204_404(self):
        self.assertEqual(self.put().status, 201)
        self.assertEqual(self.put(make_bundle(text="架橋病の再発")).status, 200)
        self.assertEqual(self.platform.bundles(), {BUNDLE_ID: make_bundle(text="架橋病の再発")})
        self.assertEqual(self.delete().status, 204)
        self.assertEqual(self.platform.bundles(), {})
        again = self.delete()
        self.assertEqual((again.status, again.outcome), (404, True))
        self.assertEqual([line["operation"] for line in self.platform.requests()],
                         ["register", "register", "delete", "delete"])
        self.assertEqual([line["status"] for line in self.platform.requests()], [201, 200, 204, 404])
        self.assertEqual([line["stored"] for line in self.platform.requests()], [True, True, True, False])
        self.assertEqual([(line["n"], line["change"]) for line in self.platform.changes()],
                         [(1, "put"), (2, "put"), (3, "delete")])

    def test_a_request_is_recorded_with_what_a_judge_needs(self):
        self.put()
        line = self.last()
        self.assertRegex(line.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00$")
        self.assertRegex(line.pop("content_hash"), "^[0-9a-f]{64}$")
        self.assertEqual(line, {"n": 1, "operation": "register", "bundle_id": BUNDLE_ID, "status": 201, "stored": True,
                                "resources": {"Condition": 1, "Patient": 1}, "insured_identifier": "00012345:::05",
                                "client": "gateway-test", "note": "", "at_once": 1, "specs": []})
        self.assertEqual(self.platform.body(1), dump(make_bundle()))
        self.assertEqual(self.platform.request_count(), 1)

    def test_a_body_that_is_no_such_bundle_is_refused_with_an_outcome(self):
        cases = {
            "no JSON": (b"{", FHIR_JSON, 400),
            "broken UTF-8": (dump(make_bundle()).replace("架".encode(), b"\xe6\x9e"), FHIR_JSON, 400),
            "deep nonsense": (b"[" * 1_000_000, FHIR_JSON, 400),
            "no object": (b"[]", FHIR_JSON, 400),
            "another resource": (b'{"resourceType":"Patient"}', FHIR_JSON, 400),
            "no identifier": (b'{"resourceType":"Bundle"}', FHIR_JSON, 400),
            "another identifier": (dump(make_bundle("1319999999^2026^other")), FHIR_JSON, 400),
            "plain JSON type": (dump(make_bundle()), "application/json", 415),
        }
        for name, (body, content_type, status) in cases.items():
            with self.subTest(name):
                reply = self.put(body, content_type=content_type)
                self.assertEqual((reply.status, reply.outcome), (status, True))
                self.assertFalse(self.last()["stored"])
        self.assertEqual(self.platform.bundles(), {})

    def test_the_identifier_system_counts_too(self):
        target = query(system="http://another.example/system")
        reply = self.send("PUT", target, dump(make_bundle()), {"Content-Type": FHIR_JSON})
        self.assertEqual((reply.status, reply.outcome), (400, True))

    def test_a_content_type_may_have_a_charset_and_capitals(self):
        self.assertEqual(self.put(content_type="Application/FHIR+json; charset=UTF-8").status, 201)

    def test_ten_megabytes_are_taken_and_a_byte_more_is_not(self):
        bundle = make_bundle()
        bundle["x"] = ""
        bundle["x"] = "x" * (10_000_000 - len(dump(bundle)))
        self.assertEqual(self.put(bundle).status, 201)
        bundle["x"] += "x"
        reply = self.put(bundle)
        self.assertEqual((reply.status, reply.outcome, self.last()["status"]), (413, True, 413))

    def test_a_chunked_body_above_the_limit_is_refused_too(self):
        chunks = (b"x" * 100_000 for _ in range(101))
        reply = self.send("PUT", query(), chunks, {"Content-Type": FHIR_JSON})
        self.assertEqual((reply.status, reply.outcome), (413, True))

    def test_a_query_that_is_not_one_whole_condition_is_refused(self):
        for target in ("/fhir/Bundle", "/fhir/Bundle?identifier=", "/fhir/Bundle?identifier=value",
                       "/fhir/Bundle?identifier=%7Cvalue", query() + "&identifier=a%7Cb", query("x" * 81),
                       f"/fhir/Bundle?identifier={SYSTEM}|{BUNDLE_ID}"):
            with self.subTest(target):
                reply = self.send("DELETE", target)
                self.assertEqual(reply.status, 400)

    def test_a_wrong_base_address_is_answered_by_no_fhir_server(self):
        reply = self.send("PUT", query().replace("/fhir/", "/other/"), dump(make_bundle()), {"Content-Type": FHIR_JSON})
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (404, "text/html"))
        self.assertEqual(self.last()["operation"], "unknown")

    def test_a_header_that_is_too_large_or_no_http_is_refused(self):
        self.assertEqual(self.send("DELETE", query(), headers={"X-Long": "x" * 20_000}).status, 431)
        connection = self.connect()
        connection.connect()
        connection.sock.sendall(b"HELO platform\r\n\r\n")
        self.assertTrue(connection.sock.recv(100).startswith(b"HTTP/1.1 400"))

    def test_a_bundle_id_cannot_leave_its_folder(self):
        evil = "../../requests"
        self.assertEqual(self.put(bundle_id=evil).status, 201)
        self.assertEqual(list(self.platform.bundles()), [evil])
        self.assertEqual([path.name for path in (self.platform.state / "bundles").iterdir()],
                         ["..%2F..%2Frequests.json"])

    def test_a_body_that_breaks_off_is_recorded_and_not_stored(self):
        connection = self.connect()
        connection.connect()
        connection.sock.sendall(f"PUT {query()} HTTP/1.1\r\nContent-Type: {FHIR_JSON}\r\n"
                                "Content-Length: 1000\r\n\r\n{".encode())
        connection.close()
        wait_until(self.platform.requests, 5, "the record")
        self.assertEqual((self.last()["status"], self.last()["note"]), (None, "body incomplete"))
        self.assertEqual(self.platform.bundles(), {})


class ContentHashTest(PlatformSimTest):
    def hash_of(self, body):
        self.put(body if isinstance(body, bytes) else dump(body))
        return self.last()["content_hash"]

    def test_it_ignores_full_urls_references_to_them_and_times_of_sending(self):
        first, second = make_bundle(uuid="1"), make_bundle(uuid="2")
        self.assertNotEqual(dump(first), dump(second))
        self.assertEqual(self.hash_of(first), self.hash_of(second))

    def test_it_sees_everything_else(self):
        original = dump(make_bundle())
        hashes = {self.hash_of(original)}
        changed = [
            original.replace("架橋病".encode(), "架橋症".encode()),
            original.replace(b'"subject"', b'"patient"'),
            re.sub(rb'"reference": "urn:uuid:[^"]*"', b'"reference": "Patient/1"', original),
            re.sub(rb'"reference": "urn:uuid:[^"]*"', b'"reference": "Patient/2"', original),
            original.replace(b'"collection"', b'"collection",  "total": 7.20'),
            original.replace(b'"collection"', b'"collection",  "total": 7.2'),
            original.replace(b'"collection"', b'"collection", "total": 7.2'),
            original.replace(b'"collection"', b'"collection", "issued": "2026-01-01"'),
            original.replace(b'"collection"', b'"collection", "issued": "2026-01-02"'),
            original.replace(b'"collection"', b'"collection", "a": ["timestamp", "b"]'),
            original.replace(b'"collection"', b'"collection", "a": ["timestamp", "c"]'),
            original.replace(b'"collection"', b'"collection", "timestamp": 5, "d": "e"'),
            original.replace(b'"collection"', b'"collection", "timestamp": 6, "d": "e"'),
        ]
        for body in changed:
            hashes.add(self.hash_of(body))
        self.assertEqual(len(hashes), 1 + len(changed))
        self.assertNotIn("", hashes)

    def test_it_is_the_sha_256_of_the_body_where_nothing_is_to_be_ignored(self):
        for body in (b'{"resourceType": "Bundle", "timestamp": 5, "a": "b"}', b'{"fullUrl": ["a", "b"], "c": null}',
                     b'{"lastUpdated": {"a": "b"}, "reference": "Patient/1"}', b'{"a": "timestamp", "b": "\\u3042"}'):
            with self.subTest(body):
                self.assertEqual(self.hash_of(body), hashlib.sha256(body).hexdigest())

    def test_the_order_of_resources_counts(self):
        turned = copy.deepcopy(make_bundle())
        turned["entry"].reverse()
        self.assertNotEqual(self.hash_of(make_bundle()), self.hash_of(turned))


class MisbehaviourTest(PlatformSimTest):
    def assert_reset(self, sock):
        # Asked of the socket, because the ssl module shows a reset as an end in order.
        wait_until(lambda: sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET, 5, "a reset")

    def assert_put_is_reset(self, bundle=None):
        connection = self.connect()
        connection.request("PUT", query(), dump(bundle or make_bundle()), {"Content-Type": FHIR_JSON})
        self.assert_reset(connection.sock)

    def test_delay_holds_back_the_answer_only(self):
        self.platform.misbehave("delay:ms=400")
        connection = self.connect()
        started = time.monotonic()
        connection.request("PUT", query(), dump(make_bundle()), {"Content-Type": FHIR_JSON})
        wait_until(self.platform.bundles, 0.35, "stored before it is answered")
        self.assertEqual(connection.getresponse().status, 201)
        self.assertGreaterEqual(time.monotonic() - started, 0.4)

    def test_status_answers_with_and_without_retry_after_and_outcome(self):
        self.platform.misbehave("status:code=503")
        reply = self.put()
        self.assertEqual((reply.status, reply.headers["Retry-After"]), (503, None))
        self.assertNotEqual(reply.headers["Content-Type"], FHIR_JSON)
        self.platform.misbehave("status:code=429:retry-after=2:operation-outcome=yes")
        reply = self.put()
        self.assertEqual((reply.status, reply.headers["Retry-After"], reply.outcome), (429, "2", True))
        self.assertEqual((self.platform.bundles(), self.last()["note"]), ({}, "status"))

    def test_reset_before_body_reads_no_body(self):
        self.platform.misbehave("reset-before-body")
        connection = self.connect()
        connection.connect()
        connection.sock.sendall(f"PUT {query()} HTTP/1.1\r\nContent-Type: {FHIR_JSON}\r\n"
                                "Content-Length: 1000\r\n\r\n".encode())
        self.assert_reset(connection.sock)
        self.assertEqual((self.last()["status"], self.last()["stored"], self.last()["content_hash"]), (None, False, ""))

    def test_reset_after_body_keeps_the_body_and_stores_nothing(self):
        self.platform.misbehave("reset-after-body")
        self.assert_put_is_reset()
        self.assertEqual((self.last()["status"], self.last()["stored"]), (None, False))
        self.assertEqual(self.platform.body(1), dump(make_bundle()))
        self.assertEqual(self.platform.bundles(), {})

    def test_lose_answer_stores_and_says_nothing(self):
        self.platform.misbehave("lose-answer")
        self.assert_put_is_reset()
        self.assertEqual((self.last()["status"], self.last()["stored"]), (None, True))
        self.assertIn(BUNDLE_ID, self.platform.bundles())
        with self.assertRaises(CUT):
            self.delete()
        self.assertEqual(self.platform.bundles(), {})

    def test_late_store_overtakes_what_was_sent_after_it(self):
        self.platform.misbehave("late-store:ms=600:times=1")
        self.assert_put_is_reset(make_bundle(text="古い"))
        self.assertEqual((self.last()["status"], self.last()["stored"]), (None, False))
        self.assertEqual(self.platform.bundles(), {})
        self.assertEqual(self.put(make_bundle(text="新しい")).status, 201)
        wait_until(lambda: self.platform.bundles()[BUNDLE_ID] == make_bundle(text="古い"), 5, "the late one")
        self.assertEqual([line["n"] for line in self.platform.changes()], [2, 1])

    def test_accept_answers_202_and_has_the_result_later(self):
        self.platform.misbehave("accept:ms=300")
        reply = self.put()
        self.assertEqual((reply.status, reply.body, self.platform.bundles()), (202, b"", {}))
        result = reply.headers["Content-Location"]
        self.assertTrue(result.startswith(self.platform.url), result)
        self.assertNotIn("1319999999", result)
        path = urllib.parse.urlsplit(result).path
        self.assertEqual(self.send("GET", path).status, 202)
        wait_until(self.platform.bundles, 5, "it takes effect")
        ready = self.send("GET", path)
        self.assertEqual(ready.status, 200)
        self.assertEqual(json.loads(ready.body)["entry"], [{"response": {"status": "201"}}])
        self.assertEqual((self.last()["operation"], self.last()["bundle_id"]), ("result", BUNDLE_ID))

    def test_accept_never_has_no_result_ever(self):
        self.platform.misbehave("accept:ms=never")
        path = urllib.parse.urlsplit(self.put().headers["Content-Location"]).path
        time.sleep(0.2)
        self.assertEqual(self.send("GET", path).status, 202)
        self.assertEqual(self.platform.bundles(), {})

    def test_a_result_can_be_a_refusal(self):
        self.platform.misbehave("accept:ms=0", "outcome422:operation=result")
        path = urllib.parse.urlsplit(self.put().headers["Content-Location"]).path
        reply = self.send("GET", path)
        self.assertEqual((reply.status, reply.outcome), (422, True))
        self.assertEqual(self.send("GET", "/fhir/result/999").status, 422)
        self.platform.clear()
        self.assertEqual(self.send("GET", "/fhir/result/999").status, 404)

    def test_html400_looks_like_a_proxy(self):
        self.platform.misbehave("html400")
        reply = self.put()
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (400, "text/html"))
        self.assertEqual(reply.headers["Connection"], "close")
        self.assertEqual(self.platform.bundles(), {})

    def test_outcome422_blames_the_content(self):
        self.platform.misbehave("outcome422")
        reply = self.put()
        self.assertEqual((reply.status, reply.outcome, self.platform.bundles()), (422, True, {}))

    def test_refuse_other_identifier_asks_for_a_delete_first(self):
        self.platform.misbehave("refuse-other-identifier")
        moved = make_bundle(insured="00099999:::01")
        self.assertEqual(self.put().status, 201)
        self.assertEqual(self.put().status, 200)
        reply = self.put(moved)
        self.assertEqual((reply.status, reply.outcome), (422, True))
        self.assertEqual(self.platform.bundles(), {BUNDLE_ID: make_bundle()})
        self.assertEqual(self.delete().status, 204)
        self.assertEqual(self.put(moved).status, 201)

    def test_refuse_other_identifier_counts_only_its_own_cases(self):
        self.platform.misbehave("refuse-other-identifier:times=1")
        moved = make_bundle(insured="00099999:::01")
        self.assertEqual([self.put().status, self.put().status, self.put(moved).status, self.put(moved).status],
                         [201, 200, 422, 200])

    def test_times_and_after_choose_the_requests(self):
        self.platform.misbehave("status:code=503:after=1:times=2")
        self.assertEqual([self.put().status for _ in range(4)], [201, 503, 503, 200])

    def test_operation_and_match_choose_the_requests(self):
        other = "1319999999^2026^decade"
        self.platform.misbehave("status:code=503:operation=delete:match=c0ffee")
        self.assertEqual([self.put().status, self.put(bundle_id=other).status], [201, 201])
        self.assertEqual([self.delete().status, self.delete(other).status], [503, 204])

    def test_the_first_fault_that_applies_wins_and_delays_come_on_top(self):
        self.platform.misbehave("status:code=503:times=1", "delay:ms=200:times=1", "status:code=429")
        started = time.monotonic()
        self.assertEqual(self.put().status, 503)
        self.assertGreaterEqual(time.monotonic() - started, 0.2)
        self.assertEqual(self.put().status, 429)

    def test_a_spec_may_be_given_on_the_command_line(self):
        self.platform.stop()
        self.platform.start(options=["--misbehave", "status:code=418", "--misbehave", "delay:ms=1"])
        self.assertEqual(self.put().status, 418)
        self.platform.clear()
        self.assertEqual(self.put().status, 201)

    def test_a_wrong_spec_is_refused_and_changes_nothing(self):
        self.platform.misbehave("status:code=503")
        cases = {
            "nonsense": "unknown fault 'nonsense'", "delay": "needs ms=", "delay:ms=x": "'x' is not a number",
            "delay:ms=never": "'never' is not a number", "delay:ms=-1": "'-1' is not a number",
            "delay:ms=": "'' is not a number", "status:code=99": "200 to 599", "status:codex=1": "unknown key 'codex'",
            "html400:ms=1": "unknown key 'ms'", "lose-answer:times": "'times' is not key=value",
            "lose-answer:operation=read": "register, delete or result", "lose-answer:times=1x": "'1x' is not a number",
        }
        for spec, message in cases.items():
            with self.subTest(spec), self.assertRaisesRegex(ValueError, f"'{spec}': .*{message}"):
                self.platform.misbehave("html400", spec)
        self.assertEqual(self.put().status, 503)


class RestartTest(PlatformSimTest):
    def test_what_it_holds_and_counts_survives(self):
        self.put()
        self.delete("1319999999^2026^unknown")
        self.platform.kill9()
        self.platform.start()
        self.assertEqual(self.platform.bundles(), {BUNDLE_ID: make_bundle()})
        self.assertEqual(self.platform.request_count(), 2)
        self.assertEqual(self.put().status, 200)
        self.assertEqual([line["n"] for line in self.platform.requests()], [1, 2, 3])

    def test_the_insured_identifier_survives(self):
        self.put()
        self.platform.stop()
        self.platform.start(options=["--misbehave", "refuse-other-identifier"])
        self.assertEqual(self.put(make_bundle(insured="00099999:::01")).status, 422)

    def test_what_was_to_happen_later_happens_after_the_restart(self):
        self.platform.misbehave("accept:ms=500")
        path = urllib.parse.urlsplit(self.put().headers["Content-Location"]).path
        self.platform.kill9()
        self.platform.start()
        wait_until(self.platform.bundles, 5, "the accepted one is stored")
        self.assertEqual(self.send("GET", path).status, 200)

    def test_a_done_operation_is_not_done_again(self):
        self.platform.misbehave("accept:ms=0")
        self.put()
        wait_until(self.platform.bundles, 5, "the accepted one is stored")
        self.platform.clear()
        self.delete()
        self.platform.stop()
        self.platform.start()
        self.assertEqual(self.put().status, 201)
        self.assertEqual(len(self.platform.changes()), 3)


class CommandLineTest(unittest.TestCase):
    def test_what_it_cannot_use_is_named(self):
        cases = (["--misbehave", "nonsense"], "unknown fault 'nonsense'"), (["--nonsense"], "--nonsense")
        for options, message in cases:
            with self.subTest(options), self.assertRaisesRegex(AssertionError, message):
                Platform(PKI, options=options)

    def test_the_control_endpoint_is_for_loopback_only(self):
        directory = temporary_directory()
        done = subprocess.run([program("tests/platform_sim/platform_sim"), "--control", "0.0.0.0:0",
                               "--certificate", PKI.certificate("server"), "--key", PKI.key("server"),
                               "--client-ca", PKI.certificate("ca"), "--state", str(directory)],
                              capture_output=True, text=True, timeout=10, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("loopback", done.stderr)


if __name__ == "__main__":
    unittest.main()
