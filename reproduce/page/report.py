"""All that is drawn from records: claims.csv, .json, .tex, figures, pages, and a part of README."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from reproduce.file.found import given, having
from reproduce.file.paper import Paper, read_paper
from reproduce.file.place import write_whole
from reproduce.page import draw as pictures_of
from reproduce.page.page import png
from reproduce.page.pages import (
    CLAIMS,
    RUNS,
    claims_page,
    results_page,
    runs_page,
    whole,
)
from reproduce.verdict.claims import as_csv, as_json, claims_table, latex, short
from reproduce.verdict.kept import Kept, Runs


def draw(run: Kept) -> dict[Path, bytes]:
    """The figures of one run by path."""
    paper = read_paper(run.experiment.split("/")[0])
    figures = pictures_of.draw(run.record, run.replicas, run.curves, run.grid, run.example, paper)
    return {run.folder / "figures" / f"{name}.png": png(drawn) for name, drawn in figures.items()}


def tables(papers: list[Paper], runs: Runs) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table of claims, and the files that say it, by name."""
    table = claims_table(papers, runs)
    files = {
        "claims.csv": as_csv(table),
        "claims.json": as_json(table),
        "claims.tex": latex(short(table)),
    }
    return table, files


def report(papers: list[Paper], runs: Runs, results: Path) -> dict[Path, bytes]:
    """Every file that results/ holds beside the kept runs, by path."""
    table, texts = tables(papers, runs)
    files = {results / name: text.encode() for name, text in texts.items()}
    there = whole(runs)
    drawn = {name: draw(run) for name, run in there.items()}
    for figures in drawn.values():
        files |= figures
    found = [given(name, "section")(runs) for name in having("section")]
    sections = [section for section in found if section is not None]
    for _, own in sections:
        files |= {results / name: text.encode() for name, text in own.items()}
    files[results / "README.md"] = results_page(papers, table, runs, [text for text, _ in sections])
    for paper in papers:
        files[results / paper.name / CLAIMS] = claims_page(paper, table)
    for name in sorted({run.split("/")[0] for run in there}):
        pictures = {
            run: [path.relative_to(results / name) for path in sorted(figures)]
            for run, figures in drawn.items()
            if run.startswith(f"{name}/")
        }
        files[results / name / RUNS] = runs_page(name, there, pictures)
    return files


def write(files: dict[Path, bytes], results: Path, left: Iterable[str] = ()) -> list[Path]:
    """Write each file whole, and take away figures in `results` that are no longer drawn.

    left: experiments whose figures stay as they are. Returns what was changed.
    """
    figures = set(results.rglob("figures/*"))
    kept = {path for name in left for path in figures if path.parents[1] == results / name}
    removed = sorted(figures - kept - set(files))
    for old in removed:
        old.unlink()
    new = [path for path, data in files.items() if not path.exists() or path.read_bytes() != data]
    for path in new:
        write_whole(path, files[path])
    return [*new, *removed]
