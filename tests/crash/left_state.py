"""The files of a state directory as kill -9 leaves them: followed call by call, put elsewhere, recovered."""

import contextlib
import hashlib
import mmap
import os
import shutil
import socket
import sqlite3
from pathlib import Path
from typing import NamedTuple

PAGE = 4096
DATABASE = "kakehashi.db"
# An index of the write-ahead log in shared memory: whoever opens the database first makes it anew.
INDEX = DATABASE + "-shm"
DATABASE_FILES = {DATABASE, DATABASE + "-wal", DATABASE + "-journal"}


class Change(NamedTuple):
    """Of one file. `length` is None for one that is gone, -1 for a socket's name."""
    length: int | None
    patches: tuple = ()  # (offset, bytes)

    def half(self, length_before):
        """Of a write: what it leaves with half of its bytes; None: nothing."""
        (offset, data), = self.patches
        part = data[:len(data) // 2]
        return Change(max(length_before, offset + len(part)), ((offset, part),)) if part else None


class LeftState:
    def __init__(self):
        self.contents = {}  # name -> bytearray, None: a socket
        self.maps = {}  # name -> inode, size and bytes of a file that is looked at, so that most looks open nothing

    def follow(self, changes):
        """From one moment to the next, name -> Change."""
        for name, change in changes.items():
            if change.length is None:
                self.contents.pop(name, None)
            elif change.length < 0:
                self.contents[name] = None
            else:
                self._patch(self.contents.setdefault(name, bytearray()), change)

    @staticmethod
    def _patch(content, change):
        del content[change.length:]
        content.extend(bytes(change.length - len(content)))
        for offset, data in change.patches:
            content[offset:offset + len(data)] = data

    def look(self, directory, call):
        """What is different in the directory since the last look, between which `call` was made, if any; followed."""
        changes = {}
        with os.scandir(directory) as entries:
            there = {entry.name: entry for entry in entries}
        for name in self.contents.keys() - there.keys():
            changes[name] = Change(None)
        for name, entry in there.items():
            if not entry.is_file(follow_symlinks=False):
                if name not in self.contents:
                    changes[name] = Change(-1)
                continue
            is_new = name not in self.contents
            before, now = self.contents.setdefault(name, bytearray()), self._bytes_of(entry)
            if is_new or before != now:
                changes[name] = self._follow_to(before, now, call if call and call.target == name else None)
        self.follow({name: change for name, change in changes.items() if not change.patches})
        return changes

    def _follow_to(self, before, now, call):
        """One patch, when the file became what the call says that it writes; else also the pages that differ."""
        patches = []
        if call and call.kind == "write":
            patches.append((call.offset, now[call.offset:call.offset + call.size]))
        self._patch(before, Change(len(now), patches))
        if before != now:
            places = range(0, len(now), PAGE)
            pages = [(at, now[at:at + PAGE]) for at in places if before[at:at + PAGE] != now[at:at + PAGE]]
            self._patch(before, Change(len(now), pages))
            patches += pages
        return Change(len(now), tuple(patches))

    def _bytes_of(self, entry):
        status = entry.stat()
        if self.maps.get(entry.name, ())[:2] != (status.st_ino, status.st_size):
            with open(entry.path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                now = mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ) if size else b""
            self.maps[entry.name] = status.st_ino, size, now
        return self.maps[entry.name][2]

    def put_into(self, directory):
        directory = Path(directory)
        directory.mkdir(exist_ok=True)
        for name, content in self.contents.items():
            if content is None:
                with contextlib.closing(socket.socket(socket.AF_UNIX)) as dead:
                    dead.bind(str(directory / name))
            else:
                (directory / name).write_bytes(content)

    def copy(self):
        other = LeftState()
        other.contents = {name: None if held is None else bytes(held) for name, held in self.contents.items()}
        return other

    def digest_beside(self):
        """Of everything but the database: these files count byte by byte."""
        digest = hashlib.blake2b(digest_size=16)
        for name in sorted(self.contents.keys() - {INDEX, *DATABASE_FILES}):
            digest.update(repr((name, self.contents[name])).encode())
        return digest.hexdigest()


class Recovery:
    """Opens databases as a restart does: their journals are read anew, up to the last commit that is whole."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.is_current = False  # what lies in the directory is what was left before the changes that come next
        self.known = None, None
        self.opened = 0

    def of(self, left, changes):
        """Its contents as a digest, and what is wrong with it, or "ok"."""
        self.opened += 1
        if self.is_current:
            self._follow(changes)
        else:
            self._put(left)
        if DATABASE not in left.contents:
            return "no database", "ok"
        try:
            # Whoever may only read recovers in the same way, and leaves the files as they are for the next time.
            with contextlib.closing(self._connect("ro")) as database:
                return self._contents(database, DATABASE not in changes)
        except sqlite3.DatabaseError:
            self._put(left)
            self.is_current = False
            try:
                with contextlib.closing(self._connect("rw")) as database:
                    return self._contents(database, False)
            except sqlite3.DatabaseError as error:
                return "damaged", str(error)

    def _connect(self, mode):
        database = sqlite3.connect(f"file:{self.directory / DATABASE}?mode={mode}", uri=True)
        database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        return database

    def _contents(self, database, is_same_file):
        """Of the same file with the same commits in its log, as sums in the index tell them, nothing is read again."""
        index = self.directory / INDEX
        commits = index.read_bytes()[:48] if index.exists() else None
        if not is_same_file or commits is None or commits != self.known[0]:
            findings = "; ".join(row[0] for row in database.execute("PRAGMA integrity_check"))
            self.known = commits, (contents_of(database), findings)
        return self.known[1]

    def _put(self, left):
        shutil.rmtree(self.directory, ignore_errors=True)
        left.put_into(self.directory)
        self.is_current = True

    def _follow(self, changes):
        for name in changes.keys() & DATABASE_FILES:
            path, change = self.directory / name, changes[name]
            if change.length is None:
                path.unlink(missing_ok=True)
                continue
            with open(path, "r+b" if path.exists() else "w+b") as file:
                file.truncate(change.length)
                for offset, data in change.patches:
                    file.seek(offset)
                    file.write(data)


def contents_of(database):
    """All tables with all rows, in order."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr(database.execute("PRAGMA user_version").fetchone()).encode())
    for name, sql in database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall():
        digest.update(repr((name, sql)).encode())
        if sql and sql.startswith("CREATE TABLE"):
            for row in database.execute(f'SELECT * FROM "{name}"'):
                digest.update(repr(row).encode())
    return digest.hexdigest()
