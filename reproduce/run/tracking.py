"""What a run shows in TensorBoard. A view of the run: cited numbers come from its record."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

BAND = ("median", "low", "high")
LARGEST_BIN = 1e19  # the bins of a TensorBoard histogram end a little further


class Tracker:
    """The one event writer of a run; what a killed process had shown is taken away.

    bands: the names of the charts with a median between a low and a high end.
    """

    def __init__(self, folder: Path, bands: Sequence[str] = ("error", "right")):
        for events in folder.glob("events.out.tfevents.*"):
            events.unlink()
        self.writer = SummaryWriter(str(folder))
        charts = {name: ["Margin", [f"{name}/{end}" for end in BAND]] for name in bands}
        self.writer.add_custom_scalars({"population": charts})

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Add one value of each tag."""
        for tag, value in values.items():
            self.writer.add_scalar(tag, value, step)

    def curve(self, row: dict[str, float]) -> None:
        """Add one row of curves.csv."""
        sweep = int(row["sweep"])
        for end in BAND:
            self.writer.add_scalar(f"error/{end}", row[f"error_{end}"], sweep)
            share = row["right_share" if end == "median" else f"right_{end}"]
            self.writer.add_scalar(f"right/{end}", share, sweep)
        self.writer.add_scalar("error/replica_0", row["error_replica_0"], sweep)

    def histogram(self, tag: str, values: np.ndarray, sweep: int) -> None:
        """Add the finite values as a histogram, if there are any."""
        finite = values[np.isfinite(values)]
        if finite.size:
            self.writer.add_histogram(tag, finite.clip(-LARGEST_BIN, LARGEST_BIN), sweep)

    def image(self, tag: str, figure: Figure, sweep: int) -> None:
        """Add a picture."""
        buffer = io.BytesIO()
        figure.savefig(buffer, format="rgba")
        width, height = figure.canvas.get_width_height()
        pixels = np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4)[..., :3]
        self.writer.add_image(tag, pixels, sweep, dataformats="HWC")

    def points(self, tag: str, places: list[list[float]], names: list[str]) -> None:
        """Add named points to the projector; places: a row of numbers for each name."""
        self.writer.add_embedding(np.array(places), names, tag=tag.replace(" ", "_"))

    def card(self, text: str) -> None:
        """Add the card that says what this run is."""
        self.writer.add_text("about", text)

    def hparams(self, chosen: dict, reached: dict[str, float], sweep: int) -> None:
        """Add the config and the final quantities to the HParams table, in this run's folder."""
        metrics = {f"final/{name}": value for name, value in reached.items()}
        events: Any = self.writer.file_writer  # torch says None of it, which it is no more
        for summary in hparams(chosen, metrics):
            events.add_summary(summary)
        for tag, value in metrics.items():
            self.writer.add_scalar(tag, value, sweep)

    def close(self) -> None:
        """Write out all that is waiting."""
        self.writer.close()
