"""What is there before anybody installs anything: a storage, certificates, and a platform on the machine's loopback."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from support import Pki, program, storage_gen, wait_until  # noqa: E402

STORAGE = "srv/ssmix2/standard"
PLATFORM = "opt/platform"
PORT = 8443
# What a person changes, as the chapter's table says.
EDITS = {
    'institution-number="1319999999"': 'institution-number="1310000001"',
    'name="架橋病院"': 'name="試験架橋病院"',
    'url="https://platform.example/fhir"': f'url="https://platform.example:{PORT}/fhir"',
}
EDITOR = """#!/bin/sh
# The fingers of the person: makes the changes that the manual's table names, and shows them.
cp "$1" /run/before.xml
sed -i {edits} "$1"
diff /run/before.xml "$1"
exit 0
"""


class Hospital:
    def __init__(self, machine, folder):
        self.machine = machine
        self.storage = machine.root / STORAGE
        self.platform = machine.root / PLATFORM
        self.manifest = folder / "manifest.jsonl"
        self.pki = Pki(folder / "pki")
        self.seed = 0

    def furnish(self, carried):
        """`carried`: the folder with the package, to which the certificates of this site come."""
        for name in ("ca.crt", "client.crt", "client.key"):
            shutil.copy(self.pki.directory / name, carried)
        today = subprocess.run(["date", "+%Y%m%d"], env={**os.environ, "TZ": "JST-9"}, capture_output=True, text=True,
                               check=True).stdout.strip()
        storage_gen("tree", "--root", self.storage, "--patients", 3, "--labs", 2, "--updates", 30, "--today", today,
                    "--manifest", self.manifest)
        self.platform.mkdir(parents=True)
        shutil.copy(program("tests/platform_sim/platform_sim"), self.platform)
        for name in ("ca.crt", "server.crt", "server.key"):
            shutil.copy(self.pki.directory / name, self.platform)
        editor = self.machine.root / "usr/local/bin/editor"
        editor.write_text(EDITOR.format(edits=" ".join(f"-e 's|{old}|{new}|'" for old, new in EDITS.items())))
        editor.chmod(editor.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def permit(self):
        """The storage belongs to the record system; only its group may read it."""
        code, output = self.machine.run(f"groupadd --system ssmix2 && chown -R root:ssmix2 /{STORAGE} && "
                                        f"chmod -R u=rwX,g=rX,o= /{STORAGE}")
        assert code == 0, output

    def start_platform(self):
        place = f"/{PLATFORM}"
        code, output = self.machine.run(
            f"systemd-run --quiet --unit=platform {place}/platform_sim --listen 127.0.0.1:{PORT} "
            f"--certificate {place}/server.crt --key {place}/server.key --client-ca {place}/ca.crt --state {place}/state")
        assert code == 0, output

    @property
    def expected(self):
        """How many report units are to be sent; the platform takes no prescriptions."""
        lines = [json.loads(line) for line in self.manifest.read_text(encoding="utf-8").splitlines()]
        return sum(line["kind"] != "MedicationRequest" for line in lines)

    def new_report(self):
        """A laboratory report more; another one each time."""
        self.seed += 1
        storage_gen("document", "--root", self.storage, "--type", "OML-11", "--patient", "0000000002", "--order",
                    2000900 + self.seed, "--row",
                    "code=3D046000001906202,name=HbA1c,local=A1C,local-name=HbA1c,unit=%,value=7.20")
        code, output = self.machine.run(f"chown -R root:ssmix2 /{STORAGE} && chmod -R u=rwX,g=rX,o= /{STORAGE}")
        assert code == 0, output

    def requests(self):
        file = self.platform / "state/requests.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def accepted(self):
        """Bundle-IDs that the platform has taken."""
        return {request["bundle_id"] for request in self.requests()
                if request["operation"] == "register" and 200 <= request["status"] < 300}

    def wait_for(self, bundles, seconds=120):
        wait_until(lambda: len(self.accepted()) >= bundles, seconds,
                   lambda: f"{bundles} Bundles at the platform; {len(self.accepted())} are there")
