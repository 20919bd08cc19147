"""House rules that a compiler does not know: tidy_test.py [--shrink] [ROOT]

Every complaint names file, line and what to do. Files and functions that were too long when the limit came stand in
tidy_limits.txt with their length; that list may only shrink, and --shrink does so.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

FILE_LINES = 400
FUNCTION_LINES = 70
LIMITS = "tests/lint/tidy_limits.txt"  # below the root

CODE = {".h", ".cpp"}
SCRIPTS = {".py", ".sh"}
TEXT = CODE | SCRIPTS | {".md", ".xml", ".xsd", ".tsv", ".txt", ".json", ".cmake", ".service", ".sysusers"}

# A Japanese host's locale must never change how a laboratory value is read; times without a zone likewise.
BANNED = {
    "std::from_chars": "atof atoi atol atoll strtod strtof strtold strtol strtoul strtoll strtoull stoi stol stoll "
                       "stoul stoull stof stod stold scanf sscanf fscanf",
    "a comparison of the ASCII characters meant": "tolower toupper isalpha isdigit isalnum isspace ispunct isupper "
                                                  "islower isxdigit isprint iscntrl isgraph isblank towlower towupper",
    "bytes as they are": "strcasecmp strncasecmp strcoll strxfrm mbstowcs wcstombs mbtowc wctomb",
    "nothing: the process stays in the C locale": "setlocale uselocale newlocale imbue",
    "gateway/instant.h or ssmix2/hl7_time.h": "strftime strptime mktime localtime localtime_r ctime asctime tzset",
}
REPLACEMENT = {name: instead for instead, names in BANNED.items() for name in names.split()}
CALL = re.compile(r"(?<![\w.>])(?:std::|::)?(" + "|".join(REPLACEMENT) + r")\s*\(")
MEMBER_CALL = re.compile(r"[.>](imbue)\s*\(")

# GCC 12 destroys a capturing lambda written inside a co_await expression twice.
CO_AWAIT = re.compile(r"\bco_await\b")
CAPTURING_LAMBDA = re.compile(r"(?<![\w\])])\[[^\[\]]+\]\s*[({<]")

# Where results go to stdout and refusals to stderr: the commands. Everything else logs or returns.
STREAM = re.compile(r"\bstd::(cout|cerr|clog)\b")
STREAMS_ALLOWED = re.compile(
    r"gateway/(main|command_\w+)\.cpp|"
    r"gateway/single_run\.cpp|"  # its summary
    r"tests/.*")

# Catch2 2.13 indents what stands behind ": " in a failing test's name as far as that; where no column is left it prints
# without end, and the test never ends.
TEST_NAME = re.compile(r'\bTEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
LAST_COLON = 70

# A place of one machine. /tmp is named by mktemp and TMPDIR alone, and only run.sh may look beside the repository.
MACHINE_PATH = re.compile(r"(?<![\w.$}/])/(?:work|home|root|Users|tmp)/|\.\./shared")
MACHINE_PATH_ALLOWED = re.compile(r"tests/run\.sh|tests/lint/.*")


class Function(NamedTuple):
    name: str
    line: int
    lines: int


def without_comments_and_literals(text):
    """The same lines; what stood in comments, strings and characters is blanked."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])*\'', re.S)

    def blank(match):
        kept = '""' if match.group().endswith('"') else ""
        return kept + re.sub(r"[^\n]", "", match.group())

    return token.sub(blank, text)


def functions_of(code):
    """The functions that stand in namespaces and types, by their braces; `code` is without comments."""
    code = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", code, flags=re.M)
    stack = []  # of "scope" and of the index where a function or initialiser begins
    header = 0
    begin = None  # of what ended last, until something else comes
    found = []
    for match in re.finditer(r"[{};]", code):
        at, brace = match.start(), match.group()
        in_scope = all(entry == "scope" for entry in stack)
        if brace == "{":
            text = code[header:at]
            is_scope = re.search(r"\b(namespace|class|struct|union|enum|extern)\b[^()=]*$", text)
            is_value = re.search(r"(=|\(|,|\breturn)\s*$", text)
            if in_scope and is_scope:
                stack.append("scope")
            elif in_scope and begin is not None and re.match(r"\s*(,|$)", text):
                found.pop()  # `x_{1}` of a constructor; here comes its next member or its body
                stack.append(begin)
            elif in_scope and not is_value:
                stack.append(header + len(text) - len(text.lstrip()))
            else:
                stack.append(None)
        elif brace == "}" and stack:
            begin = stack.pop()
            if not isinstance(begin, int):
                begin = None
            else:
                name = re.search(r"([~\w:]+)\s*\(", code[begin:at])
                line = code.count("\n", 0, begin) + 1
                found.append(Function(name.group(1) if name else "?", line, code.count("\n", begin, at) + 1))
        else:
            begin = None
        if all(entry == "scope" for entry in stack):
            header = at + 1
    return found


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def expression_at(code, at):
    """From `at` to the end of its expression: a semicolon, or the bracket that closes what it stands in."""
    depth = 0
    for end in range(at, len(code)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[end], 0)
        if depth < 0 or (depth == 0 and code[end] == ";"):
            return code[at:end]
    return code[at:]


def code_complaints(path, text):
    code = without_comments_and_literals(text)
    for match in [*CALL.finditer(code), *MEMBER_CALL.finditer(code)]:
        name = match.group(1)
        yield line_of(code, match.start()), f"{name}() depends on the locale or the machine: use {REPLACEMENT[name]}"
    for match in CO_AWAIT.finditer(code):
        if CAPTURING_LAMBDA.search(expression_at(code, match.start())):
            yield (line_of(code, match.start()), "a capturing lambda inside a co_await expression is destroyed twice "
                                                 "by GCC 12: make it a named local")
    if not STREAMS_ALLOWED.fullmatch(path):
        for match in STREAM.finditer(code):
            yield line_of(code, match.start()), f"std::{match.group(1)} belongs to the commands: log, or return"
    for match in TEST_NAME.finditer(text):
        name = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', match.group(1)))
        if name.find(": ") >= LAST_COLON:
            yield line_of(text, match.start()), f"\": \" behind column {LAST_COLON} of a test's name: Catch2 hangs on it"
    if path.endswith(".h") and not text.startswith("#pragma once\n"):
        yield 1, "a header begins with #pragma once"


# Tables and what a program prints are shown as they are.
SHOWN = re.compile(r"^```(?:tsv|console)\b.*?^```$", re.MULTILINE | re.DOTALL)


def text_complaints(path, text):
    if "\r" in text:
        yield line_of(text, text.index("\r")), "a carriage return: lines end with LF"
    indented = SHOWN.sub(lambda shown: "\n" * shown[0].count("\n"), text) if Path(path).suffix == ".md" else text
    if Path(path).suffix != ".tsv" and "\t" in indented:
        yield line_of(indented, indented.index("\t")), "a tab: indent with spaces"
    if text and not text.endswith("\n"):
        yield line_of(text, len(text)), "the last line has no end"
    if not MACHINE_PATH_ALLOWED.fullmatch(path):
        for match in MACHINE_PATH.finditer(text):
            yield line_of(text, match.start()), f"{match.group()} is a place of one machine: take it from the caller"


def lengths_of(path, text):
    """What is over a limit, as {entry of tidy_limits.txt: (line, length)}."""
    over = {}
    lines = text.count("\n")
    if Path(path).suffix in CODE | SCRIPTS and lines > FILE_LINES:
        over[f"file {path}"] = (1, lines)
    if Path(path).suffix in CODE:
        for function in functions_of(without_comments_and_literals(text)):
            if function.lines > FUNCTION_LINES:
                over[f"function {path} {function.name}"] = (function.line, function.lines)
    return over


def length_complaints(over, limits):
    for entry, (line, length) in over.items():
        place = f"{entry.split()[1]}:{line}"
        allowed = limits.get(entry)
        if allowed is None:
            most = FILE_LINES if entry.startswith("file") else FUNCTION_LINES
            yield f"{place}: {entry.split()[0]} of {length} lines, {most} are allowed: split it"
        elif length > allowed:
            yield f"{place}: {entry.split()[0]} grew from {allowed} to {length} lines: split it"
        elif length < allowed:
            yield f"{place}: shrank from {allowed} to {length} lines, well done: run tests/lint/tidy_test.py --shrink"
    for entry in limits.keys() - over.keys():
        yield f"{LIMITS}: {entry} is within the limits now, well done: run tests/lint/tidy_test.py --shrink"


def read_limits(file):
    limits = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        if line and not line.startswith("#"):
            entry, length = line.rsplit(" ", 1)
            limits[entry] = int(length)
    return limits


def write_limits(file, limits):
    head = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    entries = [f"{entry} {length}" for entry, length in sorted(limits.items())]
    file.write_text("\n".join(head + entries) + "\n", encoding="utf-8")


def contents_complaints(root):
    """Whether the table of contents in CONTRIBUTING.md names the files that are there, and no others."""
    contents = root / "CONTRIBUTING.md"
    sections = re.split(r"^### (\w+)/\n", contents.read_text(encoding="utf-8"), flags=re.M) if contents.exists() else []
    for folder, section in zip(sections[1::2], sections[2::2]):
        cells = re.findall(r"^\| (`[^|]*) \|", re.split(r"^##", section, flags=re.M)[0], flags=re.M)
        named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
        there = {path.stem for path in (root / folder).iterdir() if path.suffix in CODE}
        for name in sorted(there - named):
            yield f"CONTRIBUTING.md: the table of {folder}/ does not name {name}"
        for name in sorted(named - there):
            yield f"CONTRIBUTING.md: the table of {folder}/ names {name}, which is not there"


def texts(root):
    """(path below root, text) of every file that is ours to keep tidy."""
    for path in sorted(root.rglob("*")):
        below = path.relative_to(root)
        # Dot folders hold builds and git; golden documents and captured output have the bytes they have.
        if any(part.startswith(".") or part in ("golden", "__pycache__") for part in below.parts):
            continue
        if path.is_file() and path.suffix in TEXT:
            yield below.as_posix(), path.read_bytes().decode("utf-8")


def main(arguments):
    shrink = "--shrink" in arguments
    roots = [argument for argument in arguments if argument != "--shrink"]
    root = Path(roots[0] if roots else Path(__file__).parents[2]).resolve()
    complaints = []
    over = {}
    for path, text in texts(root):
        found = list(text_complaints(path, text))
        if Path(path).suffix in CODE:
            found += code_complaints(path, text)
        complaints += [f"{path}:{line}: {sentence}" for line, sentence in found]
        over.update(lengths_of(path, text))
    limits = read_limits(root / LIMITS)
    if shrink:
        limits = {entry: min(limits[entry], over[entry][1]) for entry in limits if entry in over}
        write_limits(root / LIMITS, limits)
    complaints += length_complaints(over, limits)
    complaints += contents_complaints(root)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
