"""The nets that docs/nets.md writes down are nets, with as many weights as it says they share."""

import re

import yaml

from reproduce.file.place import ROOT
from reproduce.units.net import Units
from reproduce.units.plan import read_plan

TEXT = (ROOT / "docs" / "nets.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


def test_every_net_that_is_written_down_is_one_and_has_the_weights_that_the_text_says():
    weights = [Units(read_plan(network)).P for network in BLOCKS]
    exclusive_or, chain, t_c, ring = weights
    assert exclusive_or == 2 + 1 + 3 + 1
    assert chain == (6 + 6) + (24 + 4) + (4 + 1)
    assert t_c == 9 + 1 + 1 + 1  # a kernel and its bias, one weight and the bias of the output
    assert ring == 9 + 3
