"""Make what the deployment needs on a Prefect server, and deploy it. Run again, it changes only what differs.

    PREFECT_API_URL=http://127.0.0.1:4200/api python deployments/setup.py --watch my-watch --corpus data/corpus.duckdb

It makes the work pool `tensionwatch` and the automation that frees a slot when worker and flow died together, then
deploys deployments/prefect.yaml.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from prefect.automations import Automation
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound

HERE = Path(__file__).resolve().parent
POOL = "tensionwatch"
ZOMBIES = "tensionwatch: free the slot of a run that died with its worker"
#: Three heartbeats of 30 s: two may be lost on a busy machine.
SILENCE = timedelta(seconds=90)
ENDINGS = ("Completed", "Failed", "Cancelled", "Crashed")


async def make_pool() -> str:
    """Make the work pool when it is missing."""
    async with get_client() as client:
        try:
            await client.read_work_pool(POOL)
        except ObjectNotFound:
            await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
            return "made"
        return "was there"


async def make_automation() -> str:
    """Make the automation when it is missing. Without it a host that dies blocks the schedule for good."""
    try:
        await Automation.aread(name=ZOMBIES)
    except ValueError:
        await zombie_automation().acreate()
        return "made"
    return "was there"


def zombie_automation() -> Automation:
    """Describe it: a run that sent a heartbeat, then neither another nor an ending for `SILENCE`, has crashed."""
    return Automation(
        name=ZOMBIES,
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{ending}" for ending in ENDINGS)},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, name=None, message="no heartbeat: it died with its worker", force=False
            )
        ],
    )


def deploy(prefect_file: Path, home: Path, watch: str, corpus: str) -> None:
    """Deploy the YAML with the paths of this host."""
    environment = {
        **os.environ,
        "TENSIONWATCH_HOME": str(home),
        "TENSIONWATCH_WATCH": watch,
        "TENSIONWATCH_CORPUS": corpus,
    }
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(prefect_file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"deploying {prefect_file} failed:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Read the command line and do all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watch", type=Path, help="folder of the watch; default: the bundled one")
    parser.add_argument("--corpus", type=Path, default=Path("corpus.duckdb"), help="corpus file")
    parser.add_argument("--prefect-file", type=Path, default=HERE / "prefect.yaml")
    options = parser.parse_args()
    if not os.environ.get("PREFECT_API_URL"):
        sys.exit("set PREFECT_API_URL to the server's address, for example http://127.0.0.1:4200/api")
    print(f"work pool {POOL}: {asyncio.run(make_pool())}")
    print(f"zombie automation: {asyncio.run(make_automation())}")
    watch = str(options.watch.resolve()) if options.watch else ""
    deploy(options.prefect_file, Path.cwd(), watch, str(options.corpus.resolve()))
    print(f"deployed; now start a worker: prefect worker start --pool {POOL}")


if __name__ == "__main__":
    main()
