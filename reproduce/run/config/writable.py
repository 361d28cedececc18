"""Whether the folder of the runs can be written in, asked before the first run begins."""

import contextlib
import tempfile
from pathlib import Path

from reproduce.run.config.check import ConfigError
from reproduce.run.config.key import shown


def check_writable(folders: list[str]) -> None:
    """Raise ConfigError when a folder of the runs cannot be made or written in; none is left."""
    made = []
    for out in dict.fromkeys(folders):
        try:
            for folder in (*reversed(Path(out).parents), Path(out)):
                if not folder.exists():
                    folder.mkdir(exist_ok=True)  # another process may have made it
                    made.append(folder)
            tempfile.TemporaryFile(dir=out).close()
        except OSError as error:
            for folder in reversed(made):
                with contextlib.suppress(OSError):  # another process may use it
                    folder.rmdir()
            allowed = "allowed is a folder to write in"
            raise ConfigError(f"out={shown(out)}: {error.strerror}; {allowed}") from None
