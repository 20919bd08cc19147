"""Changes of a Bundle at places, for tests that break it on purpose.

Places are written as in "Condition.code.coding[1]": the first resource of that type that has the place, or the Bundle;
[1] is an index, [system~keyNumber] the first item whose member holds that text, contained[Encounter] the first resource
of that type.
"""

import copy
import re


def _step(value, name, selector):
    values = [value[name]] if isinstance(value, dict) and name in value else []
    if selector is None:
        return [(value, name)] if values else []
    items = values[0] if values and isinstance(values[0], list) else []
    if selector.isdigit():
        return [(items, int(selector))] if int(selector) < len(items) else []
    if "~" in selector:
        key, text = selector.split("~", 1)
        return [(items, i) for i, item in enumerate(items)
                if isinstance(item, dict) and text in str(item.get(key, ""))]
    return [(items, i) for i, item in enumerate(items) if item.get("resourceType") == selector]


def _places(value, steps):
    (name, selector), rest = steps[0], steps[1:]
    for around, key in _step(value, name, selector):
        if not rest:
            yield around, key
        else:
            yield from _places(around[key], rest)


def _steps(path):
    return [(name, selector or None) for name, selector in re.findall(r"([A-Za-z_]\w*)(?:\[([^\]]*)\])?", path)]


def roots(bundle, kind):
    if kind == "Bundle":
        return [bundle]
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def place(bundle, path):
    """(what holds it, its name or index) of the first one."""
    kind, rest = path.split(".", 1)
    for root in roots(bundle, kind):
        for found in _places(root, _steps(rest)):
            return found
    raise LookupError(path)


def _value(bundle, path):
    if "." not in path:
        return roots(bundle, path)[0]
    around, key = place(bundle, path)
    return around[key]


def drop(path):
    def change(bundle):
        around, key = place(bundle, path)
        del around[key]
    return change


def put(path, value):
    """What is there, replaced."""
    def change(bundle):
        around, key = place(bundle, path)
        around[key] = value(around[key]) if callable(value) else copy.deepcopy(value)
    return change


def add(path, **members):
    """Members that were not there."""
    def change(bundle):
        _value(bundle, path).update(copy.deepcopy(members))
    return change


def more(path, *items):
    """Items behind those of an array."""
    def change(bundle):
        _value(bundle, path).extend(copy.deepcopy(list(items)))
    return change


def twice(path):
    def change(bundle):
        around, key = place(bundle, path)
        around.insert(key + 1, copy.deepcopy(around[key]))
    return change


def rename(path, name):
    def change(bundle):
        around, key = place(bundle, path)
        around[name] = around.pop(key)
    return change


def both(*changes):
    def change(bundle):
        for each in changes:
            each(bundle)
    return change


def every(kind, path, one):
    """`one` makes a change of a place; here for each resource of the kind."""
    def change(bundle):
        for root in roots(bundle, kind):
            for around, key in list(_places(root, _steps(path)))[:1]:
                one(around, key)
    return change


def in_text(old, new):
    def change(json_text):
        if old not in json_text:
            raise LookupError(old)
        return json_text.replace(old, new, 1).encode("utf-8", "surrogatepass")
    return change
