"""Submit to download: the whole thread in a browser, when controllers act at once.

The floor beside it is the time that the job itself takes in Dagster, queue and start included.
"""

from __future__ import annotations

import json
import math
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

import httpx

from tests.browser import chromium
from tests.services.chromium import GET_IT, chromium_here
from tests.thread.conftest import People
from tests.thread.demo import RunningDemo, running
from tests.thread.people import Request

RUNS = 10
TIMES = """query($tags: [ExecutionTag!]) { runsOrError(filter: {tags: $tags}) {
  ... on Runs { results { creationTime endTime } } } }"""


def run() -> None:
    if chromium_here() is None:
        raise SystemExit(f"Chromium is missing. Get it with: {GET_IT}")
    with (
        tempfile.TemporaryDirectory(prefix="lockgate-bench-") as folder,
        running(Path(folder) / "demo") as demo,
        chromium() as browser,
    ):
        people = People(browser, demo)
        for login in ("researcher", "controller", "controller-2"):
            people(login)
        measured = [one_thread(people, demo, number) for number in range(RUNS)]
    whole, floor = ([pair[place] for pair in measured] for place in (0, 1))
    report("thread_submit_to_download_seconds", whole, floor)


def one_thread(people: People, demo: RunningDemo, number: int) -> tuple[float, float]:
    """Seconds from pressing Send to the file, and those of the Dagster run within."""
    researcher, controller, second = people("researcher"), people("controller"), people("controller-2")
    began = time.monotonic()
    asked = researcher.asks_for("outcomes_by_group", title=f"Measured thread {number}")
    outputs = f"{asked.path}outputs/north/"
    controller.approves(f"{asked.path}review/")
    controller.merges(f"{asked.path}review/")
    controller.sees(asked, "Outputs in review")
    controller.approves(outputs)
    second.approves(outputs)
    second.merges(outputs)
    researcher.sees(asked, "Released")
    researcher.opens(f"/projects/{asked.project}/publications/{asked.slug}/")
    with researcher.page.expect_download() as download:
        researcher.page.get_by_role("link", name="outcomes.csv", exact=True).click()
    assert Path(download.value.path()).stat().st_size
    return time.monotonic() - began, run_seconds(demo, asked)


def run_seconds(demo: RunningDemo, asked: Request) -> float:
    tags = [{"key": "lockgate/request", "value": asked.slug}]
    answer = httpx.post(
        f"{demo.endpoints['dagster']}/graphql",
        json={"query": TIMES, "variables": {"tags": tags}},
        trust_env=False,
    )
    (times,) = answer.json()["data"]["runsOrError"]["results"]
    return float(times["endTime"] - times["creationTime"])


def report(figure: str, values: list[float], floor: list[float]) -> None:
    p95 = sorted(values)[math.ceil(0.95 * len(values)) - 1]
    line = {
        "figure": figure,
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "runs": len(values),
        "median": round(statistics.median(values), 2),
        "p95": round(p95, 2),
        "floor": "the Dagster run alone",
        "floor_median": round(statistics.median(floor), 2),
        "ratio": round(statistics.median(values) / statistics.median(floor), 2),
    }
    print(json.dumps(line), flush=True)
