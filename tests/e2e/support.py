"""What the end-to-end tests stand on: a PKI, the simulated platform, the gateway. Standard library only.

The programs come from the build tree named by KAKEHASHI_BIN_DIR. Everything lies in temporary directories that are
removed at the end; with KAKEHASHI_KEEP=1 they stay and their paths are printed.
"""

import atexit
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

SOURCE_DIR = Path(__file__).resolve().parents[2]


def program(relative):
    """A program of the build tree, e.g. `gateway/kakehashi`."""
    base = os.environ.get("KAKEHASHI_BIN_DIR")
    if not base:
        raise RuntimeError("KAKEHASHI_BIN_DIR is not set: it names the build directory, e.g. .build/release")
    path = Path(base).resolve() / relative
    if not path.exists():
        raise RuntimeError(f"{path} does not exist: build it first")
    return str(path)


def temporary_directory(name="kakehashi"):
    """Removed when the test program ends, even one that failed."""
    path = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    if os.environ.get("KAKEHASHI_KEEP") == "1":
        print(f"kept: {path}", file=sys.stderr)
    else:
        atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def wait_until(predicate, seconds, message):
    """The first true value of `predicate`; `message` (text, or a function that makes it) tells what was awaited."""
    latest = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > latest:
            text = message() if callable(message) else message
            raise AssertionError(f"not within {seconds} s: {text}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def storage_gen(*arguments, timeout=300):
    """Runs storage_gen and returns what it wrote on stdout; an exit code other than 0 is an error with its stderr."""
    done = subprocess.run([program("tests/storage_gen/storage_gen"), *map(str, arguments)], capture_output=True,
                          text=True, timeout=timeout, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"storage_gen {arguments}: exit {done.returncode}: {done.stderr}")
    return done.stdout


class Pki:
    """Certificates made by pki.sh; `name` is ca, server, client-expired ..."""

    def __init__(self, directory=None):
        self.directory = Path(directory or temporary_directory("pki"))
        if not (self.directory / "client-other-ca.crt").exists():
            subprocess.run([SOURCE_DIR / "tests/e2e/pki.sh", self.directory], check=True, timeout=60)

    def issue_client(self, name, seconds):
        """One more client certificate, which expires in that time."""
        subprocess.run([SOURCE_DIR / "tests/e2e/pki.sh", self.directory, name, str(seconds)], check=True, timeout=60)

    def certificate(self, name):
        return str(self.directory / f"{name}.crt")

    def key(self, name):
        return str(self.directory / f"{name}.key")

    def crl(self, name):
        return str(self.directory / f"{name}.crl")


class Process:
    """One program that may be started, ended and killed again and again; its stderr is collected in one file."""

    def __init__(self, log_path):
        self.log_path = Path(log_path)
        self.child = None
        atexit.register(self.kill9)

    def spawn(self, command, stdout=subprocess.DEVNULL, env=None):
        if self.running():
            raise RuntimeError(f"{command[0]} runs already")
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=log,
                                          env={**os.environ, **(env or {})})

    def running(self):
        return self.child is not None and self.child.poll() is None

    @property
    def pid(self):
        return self.child.pid

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def stop(self, seconds=15):
        """SIGTERM; the exit code. One that does not end in time is killed, and that is an error."""
        if self.child is None:
            return None
        if self.running():
            self.child.send_signal(signal.SIGTERM)
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise AssertionError(f"did not end within {seconds} s of SIGTERM:\n{self.log[-2000:]}") from None
        self.child = None
        return code

    def kill9(self):
        if self.child is not None:
            if self.running():
                self.child.kill()
            self.child.wait()
            self.child = None


class Platform(Process):
    """platform_sim, started at once. After stop() or kill9(), start() brings it back at the same address."""

    def __init__(self, pki, directory=None, certificate="server", client_ca="ca", options=()):
        self.directory = Path(directory or temporary_directory("platform"))
        self.directory.mkdir(parents=True, exist_ok=True)
        super().__init__(self.directory / "stderr.log")
        self.pki = pki
        self.state = self.directory / "state"
        self.address = "127.0.0.1:0"
        self.control = "127.0.0.1:0"
        self.start(certificate, client_ca, options)

    def start(self, certificate="server", client_ca="ca", options=()):
        lines_path = self.directory / "stdout.log"
        with open(lines_path, "wb") as stdout:
            self.spawn([program("tests/platform_sim/platform_sim"), "--listen", self.address,
                        "--control", self.control, "--certificate", self.pki.certificate(certificate),
                        "--key", self.pki.key(certificate), "--client-ca", self.pki.certificate(client_ca),
                        "--state", str(self.state), *map(str, options)], stdout=stdout)

        def both_lines():
            if not self.running():
                raise AssertionError(f"platform_sim did not start: {self.log}")
            text = lines_path.read_text()
            return text.splitlines() if text.count("\n") >= 2 else None

        first, second = wait_until(both_lines, 20, "platform_sim says where it listens")[:2]
        self.address = first.removeprefix("listening on ")
        self.control = second.removeprefix("control on ")

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    @property
    def url(self):
        return f"https://{self.address}/fhir"

    def requests(self):
        """One dict a request, in the order in which they were answered."""
        return json_lines(self._text("requests.jsonl"))

    def changes(self):
        """One dict each time what the platform holds changed (n, time, change, bundle_id, content_hash), in order."""
        return json_lines(self._text("changes.jsonl"))

    def bundles(self):
        """Bundle-ID -> parsed JSON of what the platform holds now."""
        return {bundle_id: json.loads(text) for bundle_id, text in self.bundle_texts().items()}

    def bundle_texts(self):
        """The same as text, because parsing forgets the digits of a number."""
        held = {}
        for path in sorted((self.state / "bundles").glob("*.json")):
            try:
                held[urllib.parse.unquote(path.name.removesuffix(".json"))] = path.read_text(encoding="utf-8")
            except FileNotFoundError:
                pass  # deleted while we looked
        return held

    def body(self, number):
        return (self.state / "bodies" / f"{number}.json").read_bytes()

    def misbehave(self, *specs):
        """Replaces all misbehaviour; the grammar is in tests/platform_sim/misbehaviour.h."""
        self._control("POST", "/misbehave", "\n".join(specs))

    def clear(self):
        self._control("POST", "/misbehave/clear")

    def request_count(self):
        return int(self._control("GET", "/requests/count"))

    def _text(self, name):
        path = self.state / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        return text[:text.rfind("\n") + 1]  # the last line may be half written

    def _control(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.control, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 300:
            raise ValueError(text.strip())
        return text


class MapResult(NamedTuple):
    bundles: list
    exit_code: int
    stderr: str


class Gateway(Process):
    """kakehashi with settings of its own. Keywords are those of DEFAULTS; `storage` is a root or a list of roots."""

    DEFAULTS = {
        # quick, so that tests are; the product's own defaults are for hospitals
        "institution_number": "1319999999", "facility_name": "架橋病院", "time_zone": "Asia/Tokyo",
        "sweep_interval": "1s", "settle": "200ms", "watch": "auto", "delete_settle": "1s", "delete_limit": "1%",
        "problem_list": "union", "storage_extra": {}, "scope": None, "state_extra": {},
        "mapping": str(SOURCE_DIR / "config/mapping"), "overlay": None,
        "destination": "platform", "profile": "clins", "pack": "jp-clins-1.12.0", "mode": "send",
        "ca": "ca", "client": "client", "server_name": "platform.example",
        "types": "AllergyIntolerance Condition Observation", "untold": "all",
        "connections": 4, "timeout": "5s", "retry_first": "100ms", "retry_max": "1s",
        "delivery_extra": {}, "answers": {}, "crl": None, "look_interval": None, "admin_extra": {},
        "log_level": "info",
    }

    def __init__(self, storage, platform, pki, directory=None, **settings):
        """`platform` is a Platform or a URL."""
        self.directory = Path(directory or temporary_directory("gateway"))
        self.directory.mkdir(parents=True, exist_ok=True)
        super().__init__(self.directory / "stderr.log")
        self.config = self.directory / "gateway.xml"
        self.state = self.directory / "state"
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.pki = pki
        self.admin = f"127.0.0.1:{free_port()}"
        roots = [storage] if isinstance(storage, (str, os.PathLike)) else list(storage)
        self.settings = {**self.DEFAULTS, "storage": roots, "url": getattr(platform, "url", platform)}
        self.configure(**settings)

    def configure(self, **settings):
        """Changes some settings and writes gateway.xml anew; a running daemon sees them after a restart."""
        unknown = set(settings) - set(self.settings)
        if unknown:
            raise TypeError(f"no such settings: {sorted(unknown)}")
        self.settings.update(settings)
        self.config.write_text(self._xml(), encoding="utf-8")

    def _xml(self):
        value = self.settings

        def element(name, attributes, end="/>"):
            pairs = " ".join(f"{key}={quoteattr(str(text))}" for key, text in attributes.items() if text is not None)
            return f"<{name} {pairs}{end}"

        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<gateway xmlns="urn:kakehashi:gateway:1">']
        lines.append(element("facility", {"institution-number": value["institution_number"],
                                          "name": value["facility_name"], "time-zone": value["time_zone"]}))
        for index, root in enumerate(value["storage"]):
            lines.append(element("storage", {
                "id": "main" if index == 0 else f"volume{index + 1}", "root": root,
                "sweep-interval": value["sweep_interval"], "settle": value["settle"], "watch": value["watch"],
                "delete-settle": value["delete_settle"], "delete-limit": value["delete_limit"],
                "problem-list": value["problem_list"], **value["storage_extra"]}, ">"))
            lines += [element("scope", value["scope"])] if value["scope"] else []
            lines.append("</storage>")
        lines.append(element("state", {"directory": self.state, **value["state_extra"]}))
        lines.append(element("mapping", {"directory": value["mapping"], "overlay": value["overlay"]}))
        lines.append(element("destination", {"id": value["destination"], "profile": value["profile"],
                                             "pack": value["pack"], "url": value["url"], "mode": value["mode"]}, ">"))
        lines.append(element("tls", {"ca": self.pki.certificate(value["ca"]),
                                     "certificate": self.pki.certificate(value["client"]),
                                     "key": self.pki.key(value["client"]), "server-name": value["server_name"],
                                     "crl": value["crl"] and self.pki.crl(value["crl"]),
                                     "look-interval": value["look_interval"]}))
        lines.append(element("send", {"types": value["types"], "untold": value["untold"]}))
        lines.append(element("delivery", {"connections": value["connections"], "timeout": value["timeout"],
                                          "retry-first": value["retry_first"], "retry-max": value["retry_max"],
                                          **value["delivery_extra"]}, ">"))
        lines += [element("answer", {"status": code, "means": means}) for code, means in value["answers"].items()]
        lines.append("</delivery>")
        lines.append("</destination>")
        lines.append(element("admin", {"listen": self.admin, **value["admin_extra"]}))
        lines.append(element("log", {"level": value["log_level"]}))
        lines.append("</gateway>")
        return "\n".join(lines) + "\n"

    def start(self, env=None, within=(), options=()):
        """The daemon; returns at once. Wait for what the test needs with wait_until.

        `within` is the beginning of a command that becomes the daemon, such as setpriv with its options.
        """
        self.spawn([*map(str, within), program("gateway/kakehashi"), "run", *options, "--config", str(self.config)],
                   env=env)

    def run_once(self, timeout="60s", seconds=120):
        """`run --once`; its stderr is added to the log as well."""
        done = self.command("run", "--once", "--timeout", timeout, seconds=seconds)
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write(done.stderr)
        return done

    def command(self, *arguments, seconds=60, env=None):
        """Any subcommand with --config; the CompletedProcess with text on both streams."""
        return subprocess.run([program("gateway/kakehashi"), *map(str, arguments), "--config", str(self.config)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8",
                              timeout=seconds, env={**os.environ, **(env or {})}, check=False)

    def status(self):
        done = self.command("status", "--json")
        if done.returncode != 0:
            raise RuntimeError(f"status: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def page(self, path, method="GET", seconds=10):
        """(status, text) of a page of the admin listener."""
        connection = http.client.HTTPConnection(self.admin, timeout=seconds)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def map(self, paths, *options):
        """`map` of one path or several."""
        paths = [paths] if isinstance(paths, (str, os.PathLike)) else paths
        done = self.command("map", *options, *paths, seconds=300)
        return MapResult(json_lines(done.stdout), done.returncode, done.stderr)
