"""Models as files to take away."""

import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from xiutu.classify.facade import Classifiers

__all__ = ["exported"]


def exported(found: Classifiers, model: int) -> FileResponse:
    """The zip that runs without xiutu, made for this answer and removed after it.

    Raises what ``Models.export`` raises.
    """
    folder = tempfile.TemporaryDirectory()
    target = Path(folder.name) / f"model-{model}.zip"
    try:
        found.models.export(model, target)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        target,
        media_type="application/zip",
        filename=target.name,
        background=BackgroundTask(folder.cleanup),
    )
