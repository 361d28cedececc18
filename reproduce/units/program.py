"""A library that torch's ahead-of-time compiler has made, called from several threads at once.

torch's own loaders hold the interpreter's lock while the library works, so that two threads would
take turns. Here its C interface (torch/csrc/inductor/aoti_runtime/interface.h) is called by
ctypes, which lets the lock go.
"""

import ctypes
from pathlib import Path

import torch
from torch import Tensor

_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype = ctypes.py_object
_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


class Program:
    """One loaded library; `callers` threads may call it at once."""

    def __init__(self, library: Path, callers: int):
        self._library = ctypes.CDLL(str(library))
        self._model = ctypes.c_void_p()
        self._check(
            self._library.AOTInductorModelContainerCreateWithDevice(
                ctypes.byref(self._model), ctypes.c_size_t(callers), b"cpu", None
            )
        )

    def __call__(self, inputs: list[Tensor], outputs: int) -> list[Tensor]:
        """The first `outputs` results for contiguous inputs in the order of compilation."""
        given = [
            _pointer(c, None) for c in torch._C._aoti.unsafe_alloc_void_ptrs_from_tensors(inputs)
        ]
        count = ctypes.c_size_t()
        self._check(
            self._library.AOTInductorModelContainerGetNumOutputs(self._model, ctypes.byref(count))
        )
        found = (ctypes.c_void_p * count.value)()
        self._check(
            self._library.AOTInductorModelContainerRun(
                *(self._model, (ctypes.c_void_p * len(given))(*given), ctypes.c_size_t(len(given))),
                *(found, count, None, None),
            )
        )
        capsules = [_capsule(pointer, None, None) for pointer in found]
        return torch._C._aoti.alloc_tensors_by_stealing_from_void_ptrs(capsules)[:outputs]

    @staticmethod
    def _check(status: int) -> None:
        if status:
            raise RuntimeError("the compiled sweeps ended with an error")
