"""The version that is cited is the newest of the list of changes."""

import re

import yaml

from reproduce.file.place import ROOT


def test_the_cited_version_is_the_newest_in_the_changelog():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.findall(r"^\| ([\d.]+) \| ([\d-]+) \|", changes, re.M)[0]
    assert (cited["version"], cited["date-released"]) == (version, date)
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()
    titles = [source["title"] for source in cited["references"]]
    assert len(titles) == len(set(titles)) == len([*(ROOT / "papers").glob("*.yaml")])
