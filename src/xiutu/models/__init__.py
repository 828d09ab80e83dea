"""Model weights: catalogue, store, fetching, conversion and onnxruntime sessions.

Operators use ``session(name)``, ``threads()`` and ``weights_path(name)``; nothing here downloads
unless ``xiutu models pull`` asks for it.
"""

from xiutu.models.sessions import session, threads
from xiutu.models.store import weights_path

__all__ = ["session", "threads", "weights_path"]
