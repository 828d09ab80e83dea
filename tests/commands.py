"""``xiutu`` commands in the process of the tests, where a child would spend a second on imports."""

import io
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

import pytest

from xiutu.cli.main import app
from xiutu.settings import load


def xiutu(*arguments: object, **environment: str) -> CompletedProcess[str]:
    """Run a command as the shell would; settings are read anew, before and after.

    Not for ``serve``, which takes signals over, nor where settings are broken, of which the entry
    point tells, nor where weights are missing: networks that an earlier test has loaded stay.
    """
    command = [*map(str, arguments)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    load.cache_clear()
    try:
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in environment.items():
                patch.setenv(name, value)
            app(command, prog_name="xiutu")
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        load.cache_clear()
    return CompletedProcess(command, code, out.getvalue(), err.getvalue())
