"""config/README.md as its tests read it: the fences of a chapter. What their info strings mean is told in
tests/unit/fhir_mapper/manual_examples.h.
"""

from pathlib import Path
from typing import NamedTuple

MANUAL = Path(__file__).resolve().parents[2] / "config/README.md"


class Fence(NamedTuple):
    line: int
    info: list
    body: str

    @property
    def file(self):
        return next((word.removeprefix("file=") for word in self.info if word.startswith("file=")), None)


def fences(chapter):
    """Of one chapter of the manual, by the beginning of its heading."""
    found, inside, info, start, body = [], False, None, 0, []
    for number, line in enumerate(MANUAL.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            if info is None:
                info, start, body = line[3:].split(), number, []
                continue
            if inside:
                found.append(Fence(start, info, "".join(each + "\n" for each in body)))
            info = None
        elif info is not None:
            body.append(line)
        elif line.startswith("## "):
            inside = line.startswith(f"## {chapter}")
    return found
