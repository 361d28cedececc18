"""Weights of tied models go into a file and come back with the line that the docs give."""

from pathlib import Path

import pytest
import safetensors
import torch
from arbitrary import shaken
from safetensors.torch import save, save_model

from reproduce.file.place import ROOT
from reproduce.transformer import model as transformer
from reproduce.transformer.layer import Layer
from reproduce.transformer.model import SequenceModel, Transformer

LINE = "safetensors.torch.load_model(model, path)"
SHAPE = Layer(d_model=12, d_ff=20, h=3, d_k=4, d_v=5)
V, N = 13, 2
TEXT = torch.tensor([[4, 1, 1, 6], [2, 12, 0, 5]])
KINDS = {
    "transformer": (Transformer, (TEXT, TEXT)),
    "sequence model": (SequenceModel, (TEXT,)),
}


def as_a_run_keeps_them(model: torch.nn.Module, path: Path) -> None:
    path.write_bytes(save({name: x.detach() for name, x in model.named_parameters()}))


@pytest.mark.parametrize("keep", [save_model, as_a_run_keeps_them])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_the_line_of_the_docs_loads_them(kind, tied, keep, tmp_path):
    make, given = KINDS[kind]
    kept, model = shaken(make(V, N, SHAPE, tied=tied)), make(V, N, SHAPE, tied=tied).double()
    path = tmp_path / "weights.safetensors"
    keep(kept, path)
    assert LINE in transformer.__doc__
    assert LINE in (ROOT / "docs" / "attention.md").read_text()
    eval(LINE, {"safetensors": safetensors, "model": model, "path": path})
    assert torch.equal(model(*given), kept(*given))
    embedding = model.embedding if kind == "sequence model" else model.target_embedding
    assert (model.projection.weight is embedding.tokens.weight) == tied
    other = make(V, N, SHAPE, tied=not tied)
    with pytest.raises(RuntimeError, match=r"(Missing|Unexpected) key"):
        eval(LINE, {"safetensors": safetensors, "model": other, "path": path})


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_dict_of_a_tied_model_loads_as_it_is(kind, tmp_path):
    make, given = KINDS[kind]
    kept, model = shaken(make(V, N, SHAPE)), make(V, N, SHAPE).double()
    torch.save(kept.state_dict(), tmp_path / "w")
    model.load_state_dict(torch.load(tmp_path / "w"))
    assert torch.equal(model(*given), kept(*given))
