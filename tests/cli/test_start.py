"""What the command line loads before it knows what to do."""

import subprocess
import sys


def test_help_needs_no_database_and_no_web_framework() -> None:
    """Every command would wait for them."""
    code = (
        "import sys, xiutu.cli.main;"
        "heavy = {'sqlalchemy', 'alembic', 'fastapi', 'starlette', 'onnxruntime', 'sklearn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
