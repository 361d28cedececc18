"""Every processor writes the same numbers, whatever libraries do faster on one than on another."""

import os
import subprocess
import sys

import pytest

from reproduce.file.experiments import experiment_names
from reproduce.file.place import RESULTS, ROOT

CLAIMS_OF_FEW = """
import sys
from pathlib import Path
from reproduce.verdict.kept import read_kept
from reproduce.page.report import tables
from reproduce.file.finished import open_kept
from reproduce.file.paper import read_papers
runs = {name: read_kept(open_kept(Path(sys.argv[1], name))) for name in sys.argv[2:]}
for text in tables(read_papers(), runs)[1].values():
    print(text)
"""
PROCESSORS = [
    {"OPENBLAS_CORETYPE": "SkylakeX"},
    {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX X86_V4"},
    {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 X86_V3 X86_V4"},
]


@pytest.mark.skipif(
    not list(RESULTS.glob("attention2017/copy*/record.json")), reason="no such run is kept"
)
def test_every_processor_writes_the_same_claims():
    few = [name for name in experiment_names() if name.startswith("attention2017/copy")]
    command = [sys.executable, "-W", "ignore", "-c", CLAIMS_OF_FEW, str(RESULTS), *few]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=subprocess.PIPE)
        for own in PROCESSORS
    ]
    written = [process.communicate()[0] for process in running]
    assert written[0].count(b",band,reproduced,") > 5
    assert len(set(written)) == 1
