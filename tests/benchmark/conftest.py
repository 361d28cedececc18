"""The clock of the tests in the place of the machine's."""

import pytest
from steady import Clock

from benchmark import measure


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(measure, "time", made)
    return made
