"""nginx as hospitals and platforms put it in front: it demands client certificates and answers in HTML without one."""

import os
import shutil
import socket
import unittest

from support import Process, free_port, temporary_directory, wait_until

PROGRAM = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Nginx(Process):
    """A process of the test's own on a loopback port; it passes on to `platform` what comes from the right client."""

    def __init__(self, pki, platform, client_name="gateway-test", **keywords):
        if PROGRAM is None:
            raise unittest.SkipTest("nginx is not there: tests/prepare.sh installs it")
        self.directory = temporary_directory("nginx")
        super().__init__(self.directory / "stderr.log")
        self.pki, self.platform, self.client_name = pki, platform, client_name
        self.address = f"127.0.0.1:{free_port()}"
        self.start(**keywords)

    @property
    def url(self):
        return f"https://{self.address}/fhir"

    def start(self, certificate="server", client_ca="ca", client_crl=None, versions="TLSv1.2 TLSv1.3", passes_on="client"):
        lines = ["ssl_verify_client on;", f"ssl_certificate {self.pki.certificate(certificate)};",
                 f"ssl_certificate_key {self.pki.key(certificate)};",
                 f"ssl_client_certificate {self.pki.certificate(client_ca)};", f"ssl_protocols {versions};",
                 # OpenSSL itself speaks nothing older than TLS 1.2 at its usual level.
                 "ssl_ciphers ALL:@SECLEVEL=0;" if "TLSv1.1" in versions else "",
                 f"ssl_crl {self.pki.crl(client_crl)};" if client_crl else "",
                 f'if ($ssl_client_s_dn != "CN={self.client_name}") {{ return 403; }}']
        inner = [f"proxy_ssl_certificate {self.pki.certificate(passes_on)};",
                 f"proxy_ssl_certificate_key {self.pki.key(passes_on)};"] if passes_on else []
        temporary = " ".join(f"{kind}_temp_path {self.directory}/{kind};"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self.directory / "nginx.conf"
        # One process: kill -9 of a master leaves its workers behind.
        config.write_text(f"""
            daemon off;
            master_process off;
            {"user root;" if os.getuid() == 0 else ""}
            pid {self.directory}/pid;
            events {{}}
            http {{
              access_log off;
              {temporary}
              server {{
                listen {self.address} ssl;
                client_max_body_size 10m;
                {" ".join(lines)}
                location / {{
                  proxy_pass https://{self.platform.address};
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  {" ".join(inner)}
                }}
              }}
            }}""")
        self.spawn([PROGRAM, "-p", self.directory, "-e", "stderr", "-c", config])

        def listens():
            if not self.running():
                raise AssertionError(f"nginx did not start: {self.log}")
            with socket.socket() as probe:
                host, port = self.address.split(":")
                return probe.connect_ex((host, int(port))) == 0

        wait_until(listens, 20, "nginx listens")
