"""Networks in 16-bit floats (bfloat16) through OpenVINO, where the processor multiplies these by itself.

With AMX that is two to seven times as fast as onnxruntime in 32 bits, and more exact than 8-bit
weights: what it changes is below a level. OpenVINO reads the same ONNX files.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xiutu import settings

if TYPE_CHECKING:
    from openvino import Core, InferRequest

__all__ = ["Bfloat16Net", "available", "forget"]

CPU = "CPUExecutionProvider"
# Compiled ones that are kept: one per layer and input shape; pictures come in all sizes
KERNELS = 600
_lock = Lock()


def available() -> bool:
    """Whether nets run this way: the processor has the type, OpenVINO is there, settings agree.

    Whoever names execution providers of onnxruntime, for a graphics card say, gets these.
    """
    wanted = settings.load()
    return wanted.bfloat16 and wanted.providers == (CPU,) and _capable()


class Bfloat16Net:
    """A network for tiles: ``run`` may be called from as many threads at once as ``streams`` says."""

    def __init__(self, path: Path, streams: int) -> None:
        """Read and compile the ONNX file at ``path``; each stream is one thread."""
        compiled = _core().compile_model(
            str(path),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "bf16",
                "INFERENCE_NUM_THREADS": streams,
                "NUM_STREAMS": streams,
                # both streams would else share one core of a machine whose cores are hyper-threads
                "ENABLE_HYPER_THREADING": True,
                "ENABLE_CPU_PINNING": False,
                "CPU_RUNTIME_CACHE_CAPACITY": KERNELS,
            },
        )
        self._requests: SimpleQueue[InferRequest] = SimpleQueue()
        for _ in range(streams):
            self._requests.put(compiled.create_infer_request())

    def run(
        self, outputs: Sequence[str], inputs: Mapping[str, NDArray[np.float32]]
    ) -> list[NDArray[Any]]:
        """The outputs asked for, float32 arrays, as ``onnxruntime.InferenceSession.run`` gives them."""
        request = self._requests.get()
        try:
            request.infer(dict(inputs))
            # the request's own memory is overwritten by the next run
            return [np.array(request.get_tensor(name).data) for name in outputs]
        finally:
            self._requests.put(request)


def forget() -> None:
    """A forked child must not use its parent's threads, nor wait for a lock that one of them held."""
    global _lock  # noqa: PLW0603 - as said
    _lock = Lock()
    _made_core.cache_clear()


@cache
def _capable() -> bool:
    try:
        return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except ImportError:  # not published for this platform
        return False


def _core() -> "Core":
    with _lock:
        return _made_core()


@cache
def _made_core() -> "Core":
    # The package's conversion tools report their import to a statistics server and cost 0.3 s;
    # OpenVINO does without them when they cannot be imported.
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
    from openvino import Core, Tensor

    # The first array its Python binding makes has it look for numpy, under a lock of its own that
    # it takes before Python's: two threads that come first at once wait for each other for ever.
    _ = Tensor(np.zeros(1, np.float32)).data
    return Core()
