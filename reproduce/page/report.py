"""All that is drawn from records: claims.csv, .json, .md, .tex, figures, README sections."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from reproduce.file.finished import RECORD
from reproduce.file.found import given, having
from reproduce.file.paper import Paper, read_paper
from reproduce.file.place import write_whole
from reproduce.file.yaml_file import FileError
from reproduce.page import draw as pictures_of
from reproduce.page.page import png
from reproduce.page.template import filled
from reproduce.verdict.claims import (
    as_csv,
    as_json,
    claims_table,
    latex,
    markdown,
    number,
    overview,
    short,
)
from reproduce.verdict.kept import Kept, Runs, damaged

PAGE = Path(__file__).with_name("results.md.j2")
BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"


def draw(run: Kept) -> dict[Path, bytes]:
    """The figures of one run by path."""
    paper = read_paper(run.experiment.split("/")[0])
    figures = pictures_of.draw(run.record, run.replicas, run.curves, run.grid, run.example, paper)
    return {run.folder / "figures" / f"{name}.png": png(drawn) for name, drawn in figures.items()}


def tables(papers: list[Paper], runs: Runs) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table of claims, and the files that say it, by name."""
    table = claims_table(papers, runs)
    readable = short(table)
    files = {
        "claims.csv": as_csv(table),
        "claims.json": as_json(table),
        "claims.md": markdown(readable),
        "claims.tex": latex(readable),
    }
    return table, files


def report(papers: list[Paper], runs: Runs, results: Path) -> dict[Path, bytes]:
    """Every file that results/ holds beside the kept runs, by path."""
    table, texts = tables(papers, runs)
    files = {results / name: text.encode() for name, text in texts.items()}
    whole = {name: run for name, run in runs.items() if isinstance(run, Kept)}
    drawn = {name: draw(run) for name, run in whole.items()}
    for pictures in drawn.values():
        files |= pictures
    found = [given(name, "section")(runs) for name in having("section")]
    sections = [section for section in found if section is not None]
    for _, own in sections:
        files |= {results / name: text.encode() for name, text in own.items()}
    page = filled(
        PAGE,
        counts=table["verdict"].value_counts().to_dict(),
        overview=markdown(overview(table)),
        table=markdown(short(table)),
        sections=[text for text, _ in sections],
        damaged={name: error.reason for name, error in damaged(runs).items()},
        kept=markdown(kept_runs(papers, whole)),
        runs=whole.values(),
        pictures={
            name: [path.relative_to(results) for path in sorted(pictures) if path.suffix == ".png"]
            for name, pictures in drawn.items()
        },
        number=number,
    )
    return files | {results / "README.md": page.encode()}


def kept_runs(papers: list[Paper], runs: dict[str, Kept]) -> pd.DataFrame:
    """A row for each kept run: its record, how many replicas, and the claims that ask for it."""
    asked = {name: [] for name in runs}
    for claim in (claim for paper in papers for claim in paper.claims):
        named = {name for check in claim.checks for name in (*check.experiments, check.against)}
        for name in named & asked.keys():
            asked[name].append(claim.id)
    return pd.DataFrame(
        {
            "run": f"[{name}]({name}/{RECORD})",
            "replicas": number(run.record["replicas"]),
            "claims": ", ".join(asked[name]) or "none",
        }
        for name, run in runs.items()
    )


def claims_section(papers: list[Paper], runs: Runs, readme: str) -> str:
    """The README's text with its claim table renewed."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise FileError(f"README.md: it needs the lines {BEGIN} and {END}")
    table = claims_table(papers, runs)
    return f"{before}{BEGIN}\n{markdown(overview(table))}{END}{after}"


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
