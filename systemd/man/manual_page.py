"""Markdown as our manuals write it, and what the program says of itself, as pages of man(7)."""

import re

INLINE = re.compile(r"`(?P<code>[^`]+)`|\[(?P<link>(?:`[^`]*`|[^\]`])+)\]\([^)]*\)|\*\*(?P<strong>[^*]+)\*\*|"
                    r"<(?P<address>https?://[^>]+)>")


def escaped(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga") \
        .replace("^", "\\(ha").replace("~", "\\(ti").replace('"', "\\(dq")


def line_of(text):
    """A line that man(7) does not take for a request."""
    return "\\&" + text if text.startswith((".", "'")) else text


def inline(text):
    parts, at = [], 0
    for match in INLINE.finditer(text):
        parts.append(escaped(text[at:match.start()]))
        if match["code"]:
            parts.append(f"\\fB{escaped(match['code'])}\\fP")
        elif match["strong"]:
            parts.append(f"\\fB{inline(match['strong'])}\\fP")
        else:
            parts.append(inline(match["link"]) if match["link"] else escaped(match["address"]))
        at = match.end()
    return line_of("".join(parts) + escaped(text[at:]))


def cells_of(row):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def tagged(tag, meaning):
    return [".TP", inline(tag), inline(meaning)]


def table(rows):
    """Rows of a table with its header, each as a paragraph whose tag is the first cell."""
    header, _, *rest = [cells_of(row) for row in rows]
    page = []
    for first, *others in rest:
        named = [cell if at == len(others) - 1 or not cell else f"{header[at + 1]} {cell}:"
                 for at, cell in enumerate(others)]
        page += tagged(first, " ".join(filter(None, named)))
    return page


def example(lines):
    return [".PP", ".RS 4", ".EX", *[line_of(escaped(line)) for line in lines], ".EE", ".RE"]


def blocks_of(markdown):
    """Lines that belong together: what stands in a fence, a table, a list's point, a paragraph."""
    block, fence = [], False
    for line in markdown.splitlines():
        if not fence and line.startswith("<!--"):
            continue
        begins = line.startswith(("#", "- ")) or re.match(r"\d+\. ", line) or line.startswith("|") != (
            bool(block) and block[0].startswith("|"))
        if line.startswith("```"):
            if not fence and block:
                yield block
                block = []
            block.append(line)
            if fence:
                yield block
                block = []
            fence = not fence
        elif fence:
            block.append(line)
        elif not line.strip() or begins:
            if block:
                yield block
            block = [line] if line.strip() else []
        else:
            block.append(line)
    if block:
        yield block


def page_of(markdown):
    """Markdown as lines of man(7); `###` is a section inside the page's own."""
    page = []
    for block in blocks_of(markdown):
        first = block[0]
        if first.startswith("```"):
            if re.search(r"\bwrong\b", first):
                page += [".PP", "A mistake:"]
            page += example(block[1:-1])
        elif first.startswith("|"):
            page += table(block)
        elif first.startswith("#"):
            depth, title = first.split(" ", 1)
            page += [".SH " + escaped(title).upper()] if len(depth) == 2 else [".SS " + inline(title)]
        elif point := re.match(r"(- |\d+\. )", first):
            text = " ".join([first[point.end():], *[line.strip() for line in block[1:]]])
            page += [".IP " + ("\\(bu 2" if point[1] == "- " else f"{point[1].strip()} 4"), inline(text)]
        else:
            page += [".PP", inline(" ".join(line.strip() for line in block))]
    return page


def settings_page(rows):
    """The table of settings: a section for each element, a paragraph for each attribute."""
    page, element = [], None
    for path, name, default, allowed, meaning in [cells_of(row) for row in rows]:
        path = path.strip("`")
        if path != element:
            element = path
            page.append(f".SS <{escaped(path.rsplit('/', 1)[-1])}>")
            if path.count("/") > 1:
                page += [".PP", f"stands in <{escaped(path.rsplit('/', 2)[-2])}>."]
        tag = f"{name} (required)" if default == "(required)" else name
        sentence = [f"Allowed: {allowed}.", "" if default in ("(required)", "none") else f"Default: {default}."]
        page += tagged(tag, " ".join([f"{meaning[0].upper()}{meaning[1:]}.", *filter(None, sentence)]))
    return page
