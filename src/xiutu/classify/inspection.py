"""``python -m xiutu.classify.inspection``: look at a stranger's ONNX file, with bounds, and tell.

Reads a JSON request on standard input, writes a JSON answer: ``{"input": ..., "output": ...}`` or
``{"error": ...}``. See ``foreign.py``.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["main"]

_MEMORY = 6 * 1024**3
_CPU_SECONDS = 100
_STANDARD = frozenset({"", "ai.onnx", "ai.onnx.ml"})


class _Refused(Exception):
    """Why the file is not taken."""


def main() -> None:
    """Answer one request."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has nothing to write
    request = json.load(sys.stdin)
    try:
        answer = _look(request)
    except _Refused as refusal:
        answer = {"error": str(refusal)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"[:500]}
    print(json.dumps(answer))


def _look(request: dict[str, Any]) -> dict[str, Any]:
    import onnx

    path = Path(request["model"])
    model = onnx.load_model_from_string(path.read_bytes())  # follows no external data
    _check_reach(model)
    initialisers = {row.name for row in model.graph.initializer}
    inputs = [row for row in model.graph.input if row.name not in initialisers]
    if len(inputs) != 1:
        raise _Refused(f"the model has {len(inputs)} inputs; one picture is due")
    given = _input(inputs[0], request)
    output = _run(path, given, len(request["labels"]))
    return {"input": given, "output": output}


def _check_reach(model: Any) -> None:
    """Nothing beside the file, nothing beyond the standard operators, not even in functions."""
    if model.functions:
        raise _Refused("the model defines functions of its own")
    for tensor in _tensors(model.graph):
        if tensor.data_location == 1 or len(tensor.external_data):
            raise _Refused("the model keeps data outside its file (external data)")
    domains = {row.domain for row in model.opset_import} | {n.domain for n in _nodes(model.graph)}
    strange = sorted(domains - _STANDARD)
    if strange:
        raise _Refused(f"the model uses operators beyond the standard: {', '.join(strange)}")


def _graphs(graph: Any) -> Iterator[Any]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            inner = [attribute.g] if attribute.HasField("g") else []
            for found in (*inner, *attribute.graphs):
                yield from _graphs(found)


def _nodes(graph: Any) -> Iterable[Any]:
    return (node for inner in _graphs(graph) for node in inner.node)


def _tensors(graph: Any) -> Iterator[Any]:
    for inner in _graphs(graph):
        yield from inner.initializer
        for sparse in inner.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        for node in inner.node:
            for attribute in node.attribute:
                if attribute.HasField("t"):
                    yield attribute.t
                yield from attribute.tensors


def _input(row: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Layout, type and sides of the picture input."""
    kind = row.type.tensor_type
    types = {1: "float32", 2: "uint8"}
    if kind.elem_type not in types:
        raise _Refused("the input must be float32 or uint8")
    sides = [axis.dim_value for axis in kind.shape.dim]
    if len(sides) != 4:
        raise _Refused(f"the input must have 4 axes, not {len(sides)}")
    if sides[1] == 3:
        layout, high, wide = "NCHW", sides[2], sides[3]
    elif sides[3] == 3:
        layout, high, wide = "NHWC", sides[1], sides[2]
    else:
        raise _Refused("no axis of the input has the 3 channels of RGB")
    return {
        "name": row.name,
        "width": wide or request["side"],
        "height": high or request["side"],
        "layout": layout,
        "dtype": types[kind.elem_type],
        "scale": request["scale"],
        "mean": request["mean"],
        "std": request["std"],
        "batch": sides[0] == 0,
    }


def _run(path: Path, given: dict[str, Any], classes: int) -> str:
    """Run it once; the output with a number for each class."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    high, wide = given["height"], given["width"]
    shape = (1, 3, high, wide) if given["layout"] == "NCHW" else (1, high, wide, 3)
    fed = np.full(shape, 127 if given["dtype"] == "uint8" else 0.5, given["dtype"])
    names = [row.name for row in session.get_outputs()]
    for name, found in zip(names, session.run(None, {given["name"]: fed}), strict=True):
        if isinstance(found, np.ndarray) and found.size == classes and found.dtype.kind == "f":
            if not np.isfinite(found).all():
                raise _Refused("the model's answer to a grey picture is not finite")
            return str(name)
    raise _Refused(f"no output has {classes} numbers, one for each label")


if __name__ == "__main__":
    main()
