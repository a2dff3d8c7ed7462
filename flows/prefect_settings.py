"""How Prefect behaves when tensionwatch starts it: quiet, at home, telemetry off. Settle before importing Prefect."""

import os
from pathlib import Path

# 20 s is Prefect's own limit for its temporary server and was missed once on a loaded machine.
STARTUP_TIMEOUT_S = 120


def settle(home: Path) -> None:
    """Set what the user has not set. `home` is where Prefect keeps its database when no server is configured."""
    wishes = {
        "PREFECT_HOME": str(home),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(STARTUP_TIMEOUT_S),
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        # Its database otherwise grows by about 19 kB a task run for ever.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "604800",
    }
    for name, value in wishes.items():
        os.environ.setdefault(name, value)
