"""A fitted head, and the open-set score, as ONNX nodes of the standard operator set.

Written out instead of converted by a library: five formulas, no operators beyond the standard ones (which
every run time has), and the open-set score comes along. ``export.py`` compares the result with
scikit-learn's own answer before anybody may use it.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xiutu.classify.novelty import Novelty, unit

if TYPE_CHECKING:
    import onnx

__all__ = ["HeadGraph"]


class HeadGraph:
    """Collects nodes and weights. Names begin with ``head/``, which no backbone uses."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def head(self, kind: str, estimator: Any, features: str, output: str) -> None:
        """Probabilities [n, classes] from features [n, size]; ``kind`` as in ``heads.Candidate``."""
        if kind == "knn":
            self._neighbours(estimator, features, output)
            return
        scaler, last = estimator[0], estimator[-1]
        mean = self._const("mean", scaler.mean_.astype(np.float32))
        scale = self._const("scale", (1 / scaler.scale_).astype(np.float32))
        centred = self._node("Sub", [features, mean], "centred")
        scaled = self._node("Mul", [centred, scale], "scaled")
        if kind == "logistic":
            weights, biases = _multinomial(last.coef_, last.intercept_)
            scores = self._linear(scaled, weights, biases)
            self._node("Softmax", [scores], output, axis=1, named=True)
        else:
            self._machine(last, scaled, output)

    def _machine(self, calibrated: Any, scaled: str, output: str) -> None:
        """Linear scores, Platt's sigmoid for each class, then the sum made 1."""
        (member,) = calibrated.calibrated_classifiers_
        machine, sigmoids = member.estimator, member.calibrators
        scores = self._linear(scaled, machine.coef_, machine.intercept_)
        # scikit-learn: p = 1 / (1 + exp(a s + b)) = sigmoid(-a s - b)
        slopes = self._const("slopes", -np.array([s.a_ for s in sigmoids], np.float32))
        offsets = self._const("offsets", -np.array([s.b_ for s in sigmoids], np.float32))
        steep = self._node("Mul", [scores, slopes], "steep")
        shifted = self._node("Add", [steep, offsets], "shifted")
        shares = self._node("Sigmoid", [shifted], "shares")
        if len(sigmoids) == 1:  # two classes: one score, for the second of them
            one = self._const("one", np.array(1, np.float32))
            other = self._node("Sub", [one, shares], "other")
            self._node("Concat", [other, shares], output, axis=1, named=True)
            return
        axis = self._const("axis", np.array([1], np.int64))
        total = self._node("ReduceSum", [shares, axis], "total", keepdims=1)
        self._node("Div", [shares, total], output, named=True)

    def _neighbours(self, estimator: Any, features: str, output: str) -> None:
        """Votes of the k nearest by cosine."""
        bank = unit(np.asarray(estimator._fit_X, np.float32))
        classes = len(estimator.classes_)
        votes = np.eye(classes, dtype=np.float32)[np.asarray(estimator._y).ravel()]
        _, places = self._nearest(features, bank, int(estimator.n_neighbors), "votes")
        chosen = self._node("Gather", [self._const("labels", votes), places], "chosen", axis=0)
        self._node("ReduceMean", [chosen], output, axes=[1], keepdims=0, named=True)

    def known(self, novelty: Novelty, features: str, output: str) -> None:
        """The open-set score [n], see ``novelty.py``."""
        values, _ = self._nearest(features, novelty.bank, novelty.k, "bank")
        last = self._const("kth", np.array(novelty.k - 1, np.int64))
        nearest = self._node("Gather", [values, last], "nearest", axis=1)
        threshold = self._const("threshold", np.array(novelty.threshold, np.float32))
        width = self._const("width", np.array(novelty.width, np.float32))
        above = self._node("Sub", [nearest, threshold], "above")
        steps = self._node("Div", [above, width], "steps")
        self._node("Sigmoid", [steps], output, named=True)

    def _nearest(
        self, features: str, bank: NDArray[np.float32], count: int, name: str
    ) -> tuple[str, str]:
        """The ``count`` largest cosines to rows of the bank, falling, and their rows."""
        axis = [1]
        length = self._node("ReduceL2", [features], f"{name}.length", axes=axis, keepdims=1)
        least = self._const(f"{name}.least", np.array(1e-9, np.float32))
        bounded = self._node("Max", [length, least], f"{name}.bounded")
        direction = self._node("Div", [features, bounded], f"{name}.unit")
        rows = self._const(f"{name}.rows", np.ascontiguousarray(bank.T))
        cosines = self._node("MatMul", [direction, rows], f"{name}.cosines")
        top = self._const(f"{name}.k", np.array([count], np.int64))
        values, places = f"head/{name}.values", f"head/{name}.places"
        from onnx import helper

        self.nodes.append(helper.make_node("TopK", [cosines, top], [values, places], axis=1))
        return values, places

    def _linear(self, source: str, weights: NDArray[Any], biases: NDArray[Any]) -> str:
        names = [
            source,
            self._const("weights", weights.astype(np.float32)),
            self._const("biases", biases.astype(np.float32)),
        ]
        return self._node("Gemm", names, "scores", transB=1)

    def _const(self, name: str, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.weights.append(numpy_helper.from_array(array.copy(order="C"), f"head/{name}"))
        return f"head/{name}"

    def _node(
        self, op: str, inputs: list[str], output: str, *, named: bool = False, **attributes: Any
    ) -> str:
        """``named``: the output is one of the model's, and keeps its name."""
        from onnx import helper

        name = output if named else f"head/{output}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name


def _multinomial(weights: NDArray[Any], biases: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two classes have one row in scikit-learn: softmax of (0, score) is its sigmoid."""
    if len(weights) > 1:
        return weights, biases
    return np.vstack([np.zeros_like(weights), weights]), np.concatenate([[0.0], biases])
