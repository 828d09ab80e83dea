"""PyPI ``tccli`` as it is started from a shell, with the vendor's host name led to the server."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import redirect
import trust

redirect.install()
trust.install()
from tccli.main import main  # noqa: E402

sys.exit(main())
