"""Model weights: catalogue, store, fetching, conversion and networks ready to run.

Operators use ``session(name)``, ``quick_session(name)``, ``threads()`` and ``weights_path(name)``;
nothing here downloads unless ``xiutu models pull`` asks for it.
"""

from xiutu.models.sessions import Runs, quick_session, session, threads
from xiutu.models.store import weights_path

__all__ = ["Runs", "quick_session", "session", "threads", "weights_path"]
