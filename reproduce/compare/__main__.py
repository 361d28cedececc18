"""`python -m reproduce.compare`: rebuild every table, figure and page from the kept records."""

import argparse
import sys
from pathlib import Path

from reproduce.compare.kept import read_results
from reproduce.compare.report import claims_section, report, write
from reproduce.paper import read_papers
from reproduce.place import RESULTS, ROOT, speak_utf8
from reproduce.yaml_file import FileError


def rebuild(results: Path) -> dict[Path, bytes]:
    """All files that follow from the records in `results`, by path; none is written."""
    papers, runs = read_papers(), read_results(results)
    files = report(papers, runs, results)
    if results == RESULTS:
        readme = ROOT / "README.md"
        files[readme] = claims_section(papers, runs, readme.read_text(encoding="utf-8")).encode()
    return files


def main() -> int:
    """The command line."""
    speak_utf8()
    parser = argparse.ArgumentParser(prog="python -m reproduce.compare", description=__doc__)
    parser.add_argument(
        "results", nargs="?", type=Path, default=RESULTS, help="folder of kept runs"
    )
    results = parser.parse_args().results.resolve()
    if not list(results.glob("*/*/record.json")):
        print(f"{results}: there is no record in it", file=sys.stderr)
        return 2
    try:
        files = rebuild(results)
    except FileError as error:
        print(error, file=sys.stderr)
        return 2
    write(files, results)
    print(f"{len(files)} files are as the records in {results} say")
    return 0


if __name__ == "__main__":
    sys.exit(main())
