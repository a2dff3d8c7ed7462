"""Serve the newsroom for a look in a browser: python -m newsroom --port 8900 --days 35."""

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta

from .newsroom import Newsroom
from .server import NewsroomServer


def main() -> int:
    """Serve until interrupted; the clock runs from the last simulated day on, or as fast as asked."""
    parser = argparse.ArgumentParser(prog="python -m newsroom", description=__doc__)
    parser.add_argument("--port", type=int, default=8900, help="of the index; the publishers take those that follow")
    parser.add_argument("--days", type=int, default=35, help="simulated days; the last three hold the crisis")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--volume", type=float, default=1.0, help="1: about 75 articles a day in all")
    parser.add_argument("--publishers", type=int, default=16)
    parser.add_argument("--layout", choices=("ports", "paths", "addresses"), default="ports")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds a second")
    options = parser.parse_args()
    start = datetime(2026, 1, 5, tzinfo=UTC)
    begun = time.monotonic()

    def clock() -> datetime:
        return start + timedelta(days=options.days, seconds=(time.monotonic() - begun) * options.speed)

    newsroom = Newsroom(
        options.seed, start, clock, days=options.days, volume=options.volume, publishers=options.publishers
    )
    try:
        server = NewsroomServer(newsroom, options.port, options.layout)
    except OSError as error:
        print(
            f"port {options.port} or one after it is taken ({error.strerror}): choose another with --port",
            file=sys.stderr,
        )
        return 2
    with server:
        print(f"newsroom at {server.url} until interrupted", file=sys.stderr)
        try:
            threading_wait()
        except KeyboardInterrupt:
            return 0
    return 0


def threading_wait() -> None:
    """Wait for an interrupt."""
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
