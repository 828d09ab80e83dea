"""A training script as a user runs it, but in the process of the tests: torch is imported once."""

import io
import runpy
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import cv2
import pytest

TRAINING = Path(__file__).parents[2] / "training"


def train(script: str, *arguments: object) -> str:
    """What ``training/SCRIPT`` prints; it must succeed. One thread, as the machine is shared."""
    import torch

    threads = cv2.getNumThreads()
    torch.set_num_threads(1)
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as printed,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        patch.syspath_prepend(TRAINING)
        patch.setattr(sys, "argv", [script, *map(str, arguments)])
        try:
            runpy.run_path(str(TRAINING / script), run_name="__main__")
        finally:
            cv2.setNumThreads(threads)  # scripts that draw in many threads of their own change it
    return printed.getvalue()
