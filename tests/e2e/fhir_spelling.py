"""Whether a FHIR value says what a field of a message says: written from FHIR and HL7 v2, and sharing nothing with the
product, so that it can be its witness."""

import re
import unicodedata

SIGNS = [("<=", ("＜＝", "＝＜", "< =", "<=", "=<", "≦", "≤")),
         (">=", ("＞＝", "＝＞", "> =", ">=", "=>", "≧", "≥")),
         ("<", ("<", "＜", "〈")), (">", (">", "＞", "〉"))]
WORDS = [("<", ("未満", "ミマン", "ﾐﾏﾝ")), ("<=", ("以下", "イカ", "ｲｶ")), (">=", ("以上",)), (">", ("超過", "超"))]


def comparator(text):
    """(sign as FHIR writes it or None, the rest)"""
    text = text.strip(" ")
    for fhir, spellings in SIGNS:
        for spelling in spellings:
            if text.startswith(spelling):
                return fhir, text[len(spelling):]
    for fhir, spellings in WORDS:
        for spelling in spellings:
            if text.endswith(spelling):
                return fhir, text[:-len(spelling)]
    return None, text


def decimal(text):
    """With its own digits: +07.20 is 7.20; None: no number."""
    found = re.fullmatch(r"([+-]?)0*([0-9]*)(\.[0-9]*)?", text.strip(" "))
    if not found or not re.search("[0-9]", text):
        return None
    sign, whole, fraction = found.groups()
    fraction = "" if fraction in (None, ".") else fraction
    return ("-" if sign == "-" else "") + (whole or "0") + fraction


def same_number(text, fhir):
    return decimal(unicodedata.normalize("NFKC", comparator(text)[1])) == fhir


def same_time(text, fhir, is_day):
    """As many digits as both say are the same; what FHIR adds are zeros. It has no hour without a minute."""
    if not re.match(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?$", fhir):
        return False
    own = re.sub(r"[+-]\d{4}$", "", text.strip(" ")).replace(".", "")
    there = re.sub(r"(Z|[+-]\d\d:\d\d)$", "", fhir[10:])
    there = re.sub(r"\D", "", fhir[:10] + there)
    shorter = min(len(own), len(there))
    if len(own) >= 12 and len(there) < 12 and not is_day:
        return False  # the time of day is lost
    return own.isdigit() and shorter >= 4 and own[:shorter] == there[:shorter] and not there[shorter:].strip("0")


def contains(text, fhir):
    """Joined, formatted, or padded there; in another width (insured identifiers); or, of a code, a piece of it that a
    pattern cuts. Of any other text a piece is a loss."""
    narrow = unicodedata.normalize("NFKC", text).replace(" ", "")
    there = unicodedata.normalize("NFKC", fhir).replace(" ", "")
    if text.strip(" ") in fhir or narrow in there:
        return True
    if re.fullmatch("[0-9A-Z_]{3,}", text) and re.fullmatch("[0-9A-Z]{1,4}", fhir) and fhir in text:
        return True
    # 記号・番号: the identifier has a colon where the storage has a dot or a hyphen.
    pieces = [piece for piece in re.split("[・･\\-ー]", narrow) if piece]
    return len(pieces) == 2 and f":{pieces[0]}:{pieces[1]}:" in there


def says(fhir, text, is_day=False):
    """`text` is a value with its escapes resolved, `fhir` a JSON value whose numbers are text."""
    if fhir is True or fhir is False:
        return text == str(fhir).lower()
    return (fhir == text or same_number(text, fhir) or same_time(text, fhir, is_day) or comparator(text)[0] == fhir
            or contains(text, fhir))


class Tables:
    """The code tables of a mapping, by the file:line that explanations name."""

    def __init__(self, directory):
        self.directory = directory

    def row(self, place):
        name, line = place.rsplit(":", 1)
        cells = (self.directory / name).read_text(encoding="utf-8").split("\n")[int(line) - 1].split("\t")
        return [cell.strip() for cell in cells] + [""] * (6 - len(cells))

    def says(self, trail, fhir, text):
        """The first row is about this code, and the last one says what stands there."""
        places = trail.split(" > ")
        code, last = self.row(places[0])[1], self.row(places[-1])
        if code.startswith("~"):
            is_about = any(re.fullmatch(code[1:], piece) for piece in {text, text.strip(" ")})
        else:
            is_about = code == "*" or code == text.strip(" ") or (code != "" and code in text)  # cut by a pattern
        return is_about and fhir in (last[2], last[3].replace("{}", text), last[4])
