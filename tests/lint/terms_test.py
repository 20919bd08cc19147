"""Japanese terms are used as the manual's own list says: terms_test.py [ROOT]

The list is the table of README.ja.md under 用語. Each of its terms stands somewhere else, too, and no form that it rules
out stands anywhere a person reads Japanese of ours.
"""

import re
import sys
from pathlib import Path

LIST = "README.ja.md"
READ_BY_PERSONS = ("README.ja.md", "systemd", "config/README.md", "config/profiles", "gateway")
TEXTS = {".md", ".cpp", ".xml", ".yml", ".service"}
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", re.M)


def words(cell):
    return [word for word in re.split("[、,]", cell.strip()) if word]


def read_list(text):
    """Term -> forms that are not used; and the text without the list."""
    head, _, tail = text.partition("\n## 用語\n")
    table, separator, rest = tail.partition("\n## ")
    terms = {}
    for term, ruled_out in ROW.findall(table):
        if term not in ("用語",) and not set(term) <= set("-"):
            for each in words(term):
                terms[each] = words(ruled_out)
    return terms, head + separator + rest


def texts(root):
    for name in READ_BY_PERSONS:
        path = root / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file.suffix in TEXTS:
                text = file.read_text(encoding="utf-8")
                yield file.relative_to(root), read_list(text)[1] if name == LIST else text


def complaints(root):
    terms, _ = read_list((root / LIST).read_text(encoding="utf-8"))
    if len(terms) < 10:
        yield f"{LIST}: the list of terms has {len(terms)} rows; is it still a table of three columns?"
    all_texts = list(texts(root))
    for term, ruled_out in terms.items():
        if not any(term in text for _, text in all_texts):
            yield f"{LIST}: {term} is in the list and nowhere else"
        for form in ruled_out:
            for file, text in all_texts:
                for number, line in enumerate(text.splitlines(), 1):
                    if form in line:
                        yield f"{file}:{number}: {form}; the list of terms in {LIST} says {term}"


def main():
    found = sorted(set(complaints(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())))
    print("\n".join(found) or "terms: as the list says")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
