"""The command line: one file per command group."""

__all__ = ["main"]


def main() -> None:
    """Entry point of the ``xiutu`` command."""
    from xiutu.cli.main import app

    app()
