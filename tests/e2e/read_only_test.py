"""The storage is never written to: it is mounted read-only, and no system call even tries. Needs root and strace."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from scene import Scene, main
from support import SOURCE_DIR, program, wait_until

USER = 65534  # nobody
TRACED = ("open,openat,openat2,creat,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,"
          "symlinkat,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,utime,utimes,utimensat,futimesat,truncate,"
          "ftruncate,mknod,mknodat,setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr,fallocate,write,"
          "pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,splice,ioctl,mount,umount2")
OPENING = ("open", "openat", "openat2")
WRITING_FLAGS = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE")


def writes_below(record, root):
    """The recorded calls that name something below root, by path or by descriptor (strace -y), and could change it."""
    below = re.compile(re.escape(str(root)) + r"[/\">]")
    found = []
    for line in record.splitlines():
        call = re.search(r"(?:^|\s|\] )(\w+)\(", line)
        # A call that was interrupted shows its arguments in its first line only.
        if not call or "resumed>" in line or not below.search(line):
            continue
        if call[1] not in OPENING or WRITING_FLAGS.search(line):
            found.append(line)
    return found


def traced(command, record):
    """`command` as an unprivileged user, all its threads and children recorded."""
    return ["strace", "-f", "-y", "-qq", "-s", "0", "-e", f"trace={TRACED}", "-e", "signal=none", "-o", str(record),
            # Without pdeathsig a strace that is killed would leave the daemon behind.
            "-u", "nobody", "setpriv", "--pdeathsig", "KILL", *map(str, command)]


@unittest.skipIf(os.geteuid() != 0, "needs root: to mount and to become another user")
@unittest.skipIf(shutil.which("strace") is None, "needs strace: run tests/prepare.sh")
class ReadOnlyTest(Scene):
    def setUp(self):
        # Not below the private temporary directories: nobody must be able to reach it.
        self.base = Path(tempfile.mkdtemp(prefix="kakehashi-read-only-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.base)
        self.base.chmod(0o755)

    def in_mount_namespace(self, root, command):
        """`command` sees root mounted read-only; nobody else does, and nothing is left mounted."""
        script = 'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
        return ["unshare", "-m", "sh", "-c", script, str(root), *command]

    def skip_without_mounts(self):
        tried = subprocess.run(self.in_mount_namespace(self.base, ["true"]), capture_output=True, text=True, timeout=20)
        if tried.returncode != 0:
            self.skipTest(f"cannot mount here: {tried.stderr.strip()}")

    def make_readable_scene(self):
        storage, platform, gateway = self.make_all(directory=self.base / "gateway", watch="auto", sweep_interval="1s")
        shutil.move(storage.root, self.base / "root")
        storage.root = self.base / "root"
        # The build and the source tree may lie where nobody may not go.
        shutil.copy(program("gateway/kakehashi"), self.base / "kakehashi")
        shutil.copytree(SOURCE_DIR / "config", self.base / "config")
        gateway.configure(storage=[storage.root], mapping=self.base / "config/mapping")
        for path in (self.pki.directory, *self.pki.directory.iterdir()):
            shutil.chown(path, USER, USER)
        for path in (gateway.directory, gateway.state):
            shutil.chown(path, USER, USER)
        return storage, platform, gateway

    def start(self, storage, gateway, record):
        command = [self.base / "kakehashi", "run", "--config", gateway.config]
        gateway.spawn(self.in_mount_namespace(storage.root, traced(command, record)))

    def stop(self, gateway):
        """strace blocks signals and hands on the exit code of what it runs."""
        children = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split()
        self.assertEqual(len(children), 1)
        os.kill(int(children[0]), signal.SIGTERM)
        self.assertEqual(gateway.child.wait(20), 0, gateway.log)

    def test_documents_are_delivered_from_a_read_only_storage_and_no_call_tries_to_write_there(self):
        self.skip_without_mounts()
        storage, platform, gateway = self.make_readable_scene()
        storage.patient()
        storage.problem()
        broken = storage.lab(order="1")
        broken.write_bytes(b"")
        record = self.base / "calls"
        self.start(storage, gateway, record)
        self.wait_for_bundles(platform, 1)
        # The mount is the daemon's own: the hospital's system goes on writing.
        storage.lab(order="2")
        storage.supersede(storage.problem(), rows=["instance=P1,text=慢性架橋病,start=20250401"])
        self.wait_for_bundles(platform, 2)
        wait_until(lambda: "file:empty" in gateway.log, 20, lambda: f"the broken document is told\n{gateway.log}")
        self.stop(gateway)
        calls = record.read_text(errors="replace")
        self.assertEqual(writes_below(calls, storage.root), [])
        # The record holds what it should: documents that were opened, and the writing of the daemon's own state.
        self.assertRegex(calls, rf'openat\([^)]*"{storage.root}/[^"]*_OML-11_[^"]*", O_RDONLY')
        self.assertGreater(len(writes_below(calls, gateway.state)), 5)

    def test_the_record_catches_a_process_that_writes(self):
        root = self.base / "root"
        root.mkdir()
        shutil.chown(root, USER, USER)
        script = 'echo x > "$0/a" && mv "$0/a" "$0/b" && touch "$0/b" && chmod 600 "$0/b" && cat "$0/b" && ls "$0" && ' \
                 'rm "$0/b" && mkdir "$0/c" && ln -s /dev/null "$0/d"'
        record = self.base / "calls"
        subprocess.run(traced(["sh", "-c", script, root], record), check=True, capture_output=True, timeout=30)
        caught = writes_below(record.read_text(), root)
        names = {re.search(r"(\w+)\(", line)[1].removesuffix("2").removesuffix("at") for line in caught}
        self.assertLessEqual({"open", "write", "rename", "utimens", "fchmod", "unlink", "mkdir", "symlink"}, names)
        self.assertEqual([line for line in caught if "O_RDONLY" in line], [])

    def test_the_mount_refuses_a_process_that_writes(self):
        self.skip_without_mounts()
        tried = subprocess.run(self.in_mount_namespace(self.base, ["touch", self.base / "file"]), capture_output=True,
                               text=True, timeout=20)
        self.assertIn("Read-only file system", tried.stderr)
        self.assertFalse((self.base / "file").exists())


if __name__ == "__main__":
    main()
