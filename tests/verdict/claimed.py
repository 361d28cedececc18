"""Checks and papers made by hand."""

from reproduce.file.claim import Check, Claim
from reproduce.file.paper import Paper


def check(rule: str, published=100, quantity="weight_large", **more) -> Check:
    """A check of one experiment, but for what `more` says."""
    said = {"id": "N5.1", "kind": "printed", "unit": "unit", "experiments": ("paper/reading",)}
    return Check(rule=rule, published=published, quantity=quantity, **said | more)


def claim(*checks: Check, **more) -> Claim:
    said = {"id": "N5", "kind": "printed", "locus": "Fig. 1", "statement": "claim", "quote": "..."}
    return Claim(checks=checks, **said | more)


def paper(*claims: Claim, name: str = "paper", **more) -> Paper:
    return Paper(name=name, citation="citation", bibtex="@book{of_1986,}", claims=claims, **more)
