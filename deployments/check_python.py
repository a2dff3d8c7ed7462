"""Stop with one clear line when this Python cannot build the environment: run by make before anything else."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "tensionwatch needs Python 3.11 or newer; this is %d.%d (%s). Try: make PYTHON=python3.12 demo"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit("this Python cannot make virtual environments; on Debian or Ubuntu: apt install python3-venv")
