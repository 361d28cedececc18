"""Every file is read and written as UTF-8, whatever the locale says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from reproduce.file.place import RESULTS, ROOT

SUITE = """
import sys
from reproduce.run import suite
suite.experiment_names = lambda: ["pdp1986/xor_direct/published"]
sys.exit(suite.main())
"""
PUBLISHED = "pdp1986/xor_direct/published"
LOCALES = {
    "plain": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "utf8": {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
}
SAME = ("claims.*", "**/*.yaml", "**/*.csv", "**/figures/*")  # in every run of one program


def run(words: list, locale: str) -> bytes:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=ROOT, env=kept | LOCALES[locale], capture_output=True)
    assert done.returncode == 0, done.stderr.decode("utf-8")
    return done.stdout


def contents(folder: Path, patterns: tuple[str, ...]) -> dict[str, bytes]:
    """What the files hold, without the name of the folder."""
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return {
        str(path.relative_to(folder)): path.read_bytes().replace(str(folder).encode(), b"OUT")
        for path in found
    }


def test_runs_tables_and_what_is_printed_are_the_same_bytes_in_every_locale(tmp_path):
    made, printed = {}, {}
    for locale in LOCALES:
        out = tmp_path / locale
        told = run(["-c", SUITE, "--out", out], locale)
        made[locale] = contents(out, SAME)
        printed[locale] = told.replace(str(out).encode(), b"OUT")
    assert len(made["plain"]) == 8
    assert made["plain"] == made["utf8"]
    assert printed["plain"] == printed["utf8"]
    assert "–" in printed["plain"].decode("utf-8")


def test_tables_are_redrawn_to_the_same_bytes_in_every_locale(tmp_path):
    drawn = {}
    for locale in LOCALES:
        kept = tmp_path / locale / PUBLISHED
        shutil.copytree(RESULTS / PUBLISHED, kept)
        run(["-m", "reproduce.compare", tmp_path / locale], locale)
        drawn[locale] = contents(tmp_path / locale, ("**/*",))
    assert drawn["plain"] == drawn["utf8"]
    assert "–" in drawn["plain"]["nature1986/README.md"].decode("utf-8")
