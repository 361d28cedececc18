"""Which keys there are, what each may be, and of which experiments it is."""

import difflib
from collections.abc import Iterator
from dataclasses import fields

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.key import section_of
from reproduce.run.config.schema import SCHEMAS


def allowed(schema: type, path: str) -> str | None:
    """What the key at the dotted `path` may be, in words; None when there is no such key."""
    head, _, rest = path.partition(".")
    for declared in fields(schema):
        if declared.name == head:
            if inner := section_of(declared.type):
                keys = ", ".join(f"{head}.{part.name}" for part in fields(inner))
                return allowed(inner, rest) if rest else f"a section with the keys {keys}"
            return declared.metadata.get("allowed")
    return None


def keys(schema: type, section: str = "") -> Iterator[str]:
    """All dotted keys of a schema."""
    for declared in fields(schema):
        yield f"{section}{declared.name}"
        if inner := section_of(declared.type):
            yield from keys(inner, f"{section}{declared.name}.")


def no_such_key(path: str, schema: type[Experiment], name: str) -> str:
    """What to say of a key that experiment `name`, of that schema, does not have."""
    if allowed(schema, path):
        return f"no such name in {name}; with + before the key it is added"
    having = [other for other, type_ in SCHEMAS.items() if allowed(type_, path)]
    if not having:
        known = sorted({key for type_ in SCHEMAS.values() for key in keys(type_)})
        near = difflib.get_close_matches(path, known, n=3, cutoff=0.5)
        return f"no such key in {name}" + (f"; nearest: {', '.join(near)}" if near else "")
    own, kinds = schema.kind, {SCHEMAS[other].kind for other in having}
    if own in kinds:
        (same,) = (other for other, type_ in SCHEMAS.items() if type_ is schema)
        return f"no such key in {name}, of schema {same}; it belongs to {', '.join(having)}"
    return f"no such key in {name}, one of the {own}; it belongs to {' and '.join(sorted(kinds))}"
