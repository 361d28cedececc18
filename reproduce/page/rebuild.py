"""Rebuild every table, figure and page from the kept records."""

import argparse
import os
import sys
from pathlib import Path

from reproduce.file.finished import DamagedRun, run_folders
from reproduce.file.paper import read_papers
from reproduce.file.place import RESULTS, ROOT, speak_utf8
from reproduce.file.yaml_file import FileError
from reproduce.page.readme import claims_section
from reproduce.page.report import report, write
from reproduce.verdict.kept import Runs, alone_in, damaged, read_results

SHOWN = 10  # names of changed files in what is printed


def rebuild(runs: Runs, results: Path) -> dict[Path, bytes]:
    """All files that follow from the runs in `results`, by path; none is written."""
    papers = read_papers()
    files = report(papers, runs, results)
    if results == RESULTS:
        readme = ROOT / "README.md"
        files[readme] = claims_section(papers, runs, readme.read_text(encoding="utf-8")).encode()
    return files


def refresh(results: Path) -> dict[str, DamagedRun]:
    """Rebuild all that follows from the runs in `results` and say what that changed.

    Returns what is damaged of them, by experiment.
    """
    with alone_in(results):
        runs = read_results(results)
        files = rebuild(runs, results)
        changed = [os.path.relpath(path) for path in write(files, results, damaged(runs))]
    more = [f"and {len(changed) - SHOWN} more"] if len(changed) > SHOWN else []
    names = ", ".join([*changed[:SHOWN], *more])
    what = f"{len(changed)} changed: {names}" if changed else "nothing changed"
    print(f"{len(files)} files rebuilt, {what}")
    return damaged(runs)


def main() -> int:
    """The command line."""
    speak_utf8()
    parser = argparse.ArgumentParser(prog="python -m reproduce.compare", description=__doc__)
    parser.add_argument(
        "results", nargs="?", type=Path, default=RESULTS, help="folder of kept runs"
    )
    results = parser.parse_args().results.resolve()
    if not run_folders(results):
        print(f"{results}: there is no record in it", file=sys.stderr)
        return 2
    try:
        found = refresh(results)
    except FileError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    for damage in found.values():
        print(damage, file=sys.stderr)
    return 1 if found else 0
