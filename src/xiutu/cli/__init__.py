"""The command line: one file per command group."""

import sys

__all__ = ["main"]

_USAGE = 2  # as for wrong options


def main() -> None:
    """Entry point of the ``xiutu`` command. Unusable settings end every command with a line for each."""
    from xiutu.cli.main import app
    from xiutu.errors import BadSettings

    try:
        app()
    except BadSettings as error:
        for problem in error.problems:
            print(f"xiutu: {problem}", file=sys.stderr)
        raise SystemExit(_USAGE) from None
