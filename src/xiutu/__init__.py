"""xiutu (修图): self-hosted image enhancement and effects, wire-compatible with the vendors' clouds."""

import os
from typing import Any

# onnxruntime ships a telemetry client and starts it at import; xiutu makes no outbound calls of its own.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from xiutu import operators
from xiutu.version import VERSION

__all__ = ["__version__", "operators", "run"]

__version__ = VERSION


def run(operator: str, image: Any, **params: Any) -> Any:
    """Run one operator on a path, bytes, PIL image or ndarray; see ``xiutu.library.run``."""
    from xiutu.library import run as run_operator  # imported late: `import xiutu` stays instant

    return run_operator(operator, image, **params)
