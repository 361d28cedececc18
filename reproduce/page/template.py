"""Texts with places to fill in."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def filled(path: Path, **values: object) -> str:
    """The template at `path` with its values; jinja2's error where one is missing."""
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(path.name).render(**values)
