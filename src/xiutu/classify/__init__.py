"""Custom image classification: data sets, training, evaluation, publishing.

``Classifiers.of(xiutu.settings.load())`` is the way in; see ``facade.py``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xiutu.classify.facade import Classifiers
    from xiutu.classify.training import Options

__all__ = ["Classifiers", "Options"]


def __getattr__(name: str) -> Any:
    # Late: worker processes import `classify.predictor` and need neither database nor scikit-learn.
    if name == "Classifiers":
        from xiutu.classify.facade import Classifiers

        return Classifiers
    if name == "Options":
        from xiutu.classify.training import Options

        return Options
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
