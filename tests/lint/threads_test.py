"""ThreadSanitizer sees every test that has to do with threads: threads_test.py [ROOT]

What tests/unit/gateway/CMakeLists.txt lists as tests_with_one_thread includes nothing of threads or executors, neither
by itself nor through a header of the tests, and no header of a part of the gateway that starts a thread by itself."""

import re
import sys
from pathlib import Path

FOLDER = "tests/unit/gateway"
OF_THREADS = re.compile(r"<(thread|mutex|shared_mutex|atomic|condition_variable|future|semaphore|latch|barrier"
                        r"|pthread\.h|boost/(asio|beast)[./].*)>")
STARTS_ONE = re.compile(r"std::j?thread[ ({>]|\bthread_pool \w+[({]|std::async\b")
INCLUDE = re.compile(r'^#include (<[^>]+>|"[^"]+")', re.MULTILINE)


def includes(file):
    return INCLUDE.findall(file.read_text())


def starters(root):
    """Headers of sources that start threads; a header that does is known to all who hold its object, and left out:
    its object is made in few tests, which say so by including an executor or a thread to wait for."""
    return {f'"gateway/{source.stem}.h"' for source in (root / "gateway").glob("*.cpp")
            if STARTS_ONE.search(source.read_text())}


def of_threads(root, test, of_gateway):
    """The first include that has to do with threads, also of the tests' own headers."""
    waiting, seen = [test], set()
    while waiting:
        file = waiting.pop()
        for name in includes(file):
            if OF_THREADS.fullmatch(name) or name in of_gateway:
                return f"{name} of {file.name}"
            header = root / name.strip('"')
            if name.startswith('"tests/') and header.is_file() and header not in seen:
                seen.add(header)
                waiting.append(header)
    return None


def complaints(root):
    text = (root / FOLDER / "CMakeLists.txt").read_text()
    listed = re.search(r"set\(tests_with_one_thread\n(.*?)\)", text, re.DOTALL)
    if not listed:
        yield f"{FOLDER}/CMakeLists.txt: no list tests_with_one_thread"
        return
    of_gateway = starters(root)
    for name in listed.group(1).split():
        why = of_threads(root, root / FOLDER / name, of_gateway)
        if why:
            yield f"{FOLDER}/{name}: includes {why}, so it belongs to tests_with_threads in CMakeLists.txt"


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = list(complaints(root))
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
