"""Finished runs on the disk: no file is believed that does not fit its sha256 in the record.

`record.json` is written last. Its `files` name every other file of the run by its path in the
folder, with its sha256; its `record_sha256` is the hash of all that the record says beside it.
A kept run holds its long tables packed, as `NAME.gz`; their sha256 is that of the table itself.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RECORD = "record.json"
PACKED = ("replicas.csv", "curves.csv")  # of a kept run
NEEDED = {
    **dict.fromkeys(("experiment", "command", "status", "config_sha256", "source_sha256"), str),
    **{"config": dict, "files": dict, "record_sha256": str},
}
REPEAT = "rerun=true makes the run again, or remove the folder"
RESTORE = "restore it from git, or keep the run again"


class DamagedRun(ValueError):
    """A file of a finished run that is missing or was changed since; one line says what to do."""

    def __init__(self, file: Path, what: str, way_out: str):
        super().__init__(file, what, way_out)
        self.file, self.what, self.way_out = file, what, way_out

    def __str__(self) -> str:
        return f"{self.file} is damaged: {self.what}; {self.way_out}"

    @property
    def reason(self) -> str:
        """Which file, and what is wrong with it."""
        return f"{self.file.name} is damaged: {self.what}"


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of every file of a run but its record and its checkpoints, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if name != RECORD and not name.startswith("checkpoint")
    }


def own_sha256(record: dict) -> str:
    """The hash of a record as it was read from JSON, without its `record_sha256`."""
    content = {name: value for name, value in record.items() if name != "record_sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Finished:
    """A finished run whose record is sound.

    way_out: what to do when a file of it is damaged. packed: which of its files are packed.
    """

    folder: Path
    text: bytes
    record: dict
    way_out: str
    packed: tuple[str, ...] = ()

    def damaged(self, name: str, what: str) -> DamagedRun:
        """The error that names one of its files."""
        return DamagedRun(self.folder / name, what, self.way_out)

    def read(self, name: str) -> bytes:
        """One of its files. DamagedRun."""
        if name not in self.record["files"]:
            raise self.damaged(RECORD, f"it lists no {name}")
        stored = packed_name(name) if name in self.packed else name
        try:
            data = (self.folder / stored).read_bytes()
        except OSError as error:
            raise self.damaged(stored, f"it cannot be read ({error.strerror})") from None
        if name in self.packed:
            try:
                data = gzip.decompress(data)
            except (OSError, EOFError, zlib.error):
                raise self.damaged(stored, "it cannot be unpacked") from None
        if hashlib.sha256(data).hexdigest() != self.record["files"][name]:
            raise self.damaged(stored, f"its content does not fit its sha256 in {RECORD}")
        return data

    def check(self) -> None:
        """Read every file that its record lists. DamagedRun."""
        for name in self.record["files"]:
            self.read(name)


def packed_name(name: str) -> str:
    """What a file is called once it is packed."""
    return f"{name}.gz"


def as_kept(name: str, content: bytes) -> tuple[str, bytes]:
    """What a file of a run is called where it is kept, and its bytes there."""
    if name not in PACKED:
        return name, content
    return packed_name(name), gzip.compress(content, mtime=0)


def open_kept(folder: Path) -> Finished:
    """A run that is kept as PAPER/NAME[/READING]. DamagedRun when its record is not sound."""
    run = _open(folder, RESTORE, PACKED)
    _check_place(run, run.record["experiment"])
    return run


def open_run(folder: Path) -> Finished:
    """A run in PAPER/NAME[/READING]/HASH. DamagedRun when its record is not sound."""
    run = _open(folder, REPEAT)
    digest = run.record["config_sha256"][: len(folder.absolute().name)]
    _check_place(run, f"{run.record['experiment']}/{digest}")
    return run


def _check_place(run: Finished, told: str) -> None:
    parts = Path(told).parts
    if run.folder.absolute().parts[-len(parts) :] != parts:
        raise run.damaged(RECORD, f"it is the record of {told}")


def run_folders(root: Path, files: Iterable[str] = (RECORD,)) -> list[Path]:
    """The folders below `root` that hold one of these files, those that are hidden left out.

    A run lies in PAPER/NAME/HASH or PAPER/NAME/READING/HASH, a kept one without the HASH.
    """
    found = {path.parent for name in files for path in root.rglob(name)}
    shown = [f for f in found if not any(p.startswith(".") for p in f.relative_to(root).parts)]
    return sorted(shown)


def is_whole(folder: Path, config_sha256: str) -> bool:
    """Whether a folder, whatever its name, holds all files of a finished run of that config."""
    try:
        run = _open(folder, REPEAT)
        run.check()
    except DamagedRun:
        return False
    return run.record["config_sha256"] == config_sha256


def read_record(folder: Path, way_out: str) -> tuple[bytes, dict]:
    """The record of a run as bytes and as it reads. DamagedRun when it is none."""
    path = folder / RECORD
    try:
        text = path.read_bytes()
        record = json.loads(text)
    except OSError as error:
        raise DamagedRun(path, f"it cannot be read ({error.strerror})", way_out) from None
    except ValueError:
        raise DamagedRun(path, "it is not JSON", way_out) from None
    if not isinstance(record, dict):
        raise DamagedRun(path, "it is not the record of a run", way_out)
    return text, record


def _open(folder: Path, way_out: str, packed: tuple[str, ...] = ()) -> Finished:
    run = Finished(folder, *read_record(folder, way_out), way_out, packed)
    for name, kind in NEEDED.items():
        if not isinstance(run.record.get(name), kind):
            raise run.damaged(RECORD, f"it lacks {name}")
    if run.record["record_sha256"] != own_sha256(run.record):
        raise run.damaged(RECORD, "its content does not fit its own sha256")
    if run.record["status"] != "finished":
        raise run.damaged(RECORD, f"its status is {run.record['status']}, not finished")
    return run
