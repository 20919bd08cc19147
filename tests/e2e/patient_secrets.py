"""What of a storage's patients must not be found where people without a right to it look: logs, metrics, status."""

import re
from pathlib import Path

SHORTEST = 6  # letters of a number: shorter ones are everywhere
ENCODINGS = ("iso2022_jp", "cp932", "utf-8")


def _segments(path):
    raw = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return re.split(r"[\r\n]+", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return re.split(r"[\r\n]+", raw.decode("iso2022_jp", errors="replace"))


def _names(field):
    """Of PID-5: whole names as people would write them, and given names. Family names alone are places, too."""
    for repetition in field.split("~"):
        parts = repetition.split("^")
        family, given = (parts + ["", ""])[:2]
        if family and given:
            yield from (f"{family}{between}{given}" for between in ("^", "", " ", "　"))
            if len(given) >= 2:
                yield given


def _long_parts(field):
    return (part for part in re.split("[~^&]", field) if len(part) >= SHORTEST)


def _of_message(path):
    for segment in _segments(path):
        fields = segment.split("|") + [""] * 60
        if fields[0] == "PID":
            yield from _names(fields[5])
            birth = fields[7][:8]
            if re.fullmatch(r"\d{8}", birth):
                yield from (birth, f"{birth[:4]}-{birth[4:6]}-{birth[6:]}")
            for number in (11, 13, 14):
                yield from _long_parts(fields[number])
        elif fields[0] == "IN1":
            for number in (10, 11, 16):
                yield from _long_parts(fields[number])


def patient_secrets(root):
    """Patient numbers, names, birth dates, addresses, telephone and insured numbers of the storage at `root`."""
    secrets = set()
    for path in Path(root).rglob("*_*_*"):
        number = path.name.split("_")[0]
        if len(number) >= SHORTEST and number.isalnum() and path.is_file():
            secrets.add(number)
            if "ADT-00" in path.name:
                try:
                    secrets.update(_of_message(path))
                except OSError:
                    pass  # not even the gateway could read it
    return {secret for secret in secrets if not secret.isascii() or len(secret) >= SHORTEST}


def found_in(text, secrets):
    """Those of `secrets` that stand in the text, with the line of each."""
    return {secret: next(line for line in text.splitlines() if secret in line) for secret in secrets if secret in text}
