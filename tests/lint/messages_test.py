"""Every message of gateway/message.h has its row in a table, is written somewhere, and no text names another code.

messages_test.py [ROOT]. What the texts must be like, and the manual made from them, is looked at by message_test.cpp.
"""

import re
import sys
from pathlib import Path

NAMED = re.compile(r"(?<!::)\bMessage::(\w+)\b")
ENUMERATOR = re.compile(r"^  (\w+) = (\d{4}),$", re.M)
CODE = re.compile(r"KKH-(\d{4})")
TEXTS = (".cpp", ".h", ".md", ".service", ".yml", ".yaml", ".xml", ".1", ".5")


def complaints(root):
    gateway = root / "gateway"
    declared = dict(ENUMERATOR.findall((gateway / "message.h").read_text(encoding="utf-8")))
    in_tables, written = [], set()
    for file in sorted(gateway.glob("*.cpp")) + sorted(gateway.glob("*.h")):
        names = NAMED.findall(file.read_text(encoding="utf-8"))
        if file.name.startswith("messages_"):
            in_tables += names
        else:
            written.update(names)
    for name in declared:
        if in_tables.count(name) != 1:
            yield f"{name} stands {in_tables.count(name)} times in gateway/messages_*.cpp, once is right"
        if name not in written:
            yield f"no code writes {name}: a code that nobody sees; remove it, or write it where it happens"
    for name in sorted((set(in_tables) | written) - declared.keys()):
        yield f"Message::{name} is not declared in gateway/message.h"
    yield from unknown_codes(root, set(declared.values()))


def unknown_codes(root, known):
    for folder in ("gateway", "config", "systemd", "README.md", "README.ja.md"):
        path = root / folder
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix not in TEXTS or not file.is_file():
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                for code in CODE.findall(line):
                    if code not in known:
                        yield f"{file.relative_to(root)}:{number}: KKH-{code} is no code of gateway/message.h"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(complaints(root))
    print("\n".join(found) or "messages: all in the table, all written")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
