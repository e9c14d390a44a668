"""Whatever is killed, and whatever is lost on the way, a thread ends with one run and one release."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.thread.conftest import People
from tests.thread.demo import RunningDemo
from tests.thread.outside import administrator, runs_of
from tests.thread.people import Request

LONG = 420.0
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# What the broker's table drops before a worker can see it, decided outside of the product.
DROP = """
CREATE TABLE IF NOT EXISTS dropped (what text PRIMARY KEY, times int NOT NULL);
CREATE OR REPLACE FUNCTION drop_some() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE seen int;
BEGIN
  IF {wakes} THEN RETURN NULL; END IF;
  INSERT INTO dropped VALUES (md5(NEW.message ->> 'body'), 1)
    ON CONFLICT (what) DO UPDATE SET times = dropped.times + 1 RETURNING times INTO seen;
  IF seen <= {first} THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
"""
WAKE = "NEW.message -> 'headers' ->> 'task' <> 'lockgate.receive'"


def test_each_part_is_killed_once(people: People, demo: RunningDemo) -> None:
    researcher, controller, second = people("researcher"), people("controller"), people("controller-2")
    asked = researcher.asks_for("outcomes_by_group", title="Every part is killed once")
    demo.kill("github")
    demo.kill("portal-worker")
    controller.approves(f"{asked.path}review/")
    demo.kill("portal-web")
    controller.merges(f"{asked.path}review/")
    demo.kill("dagster-daemon")
    demo.kill("node-worker")
    controller.sees(asked, "Outputs in review", within=LONG)
    outputs = f"{asked.path}outputs/north/"
    controller.approves(outputs)
    second.approves(outputs)
    second.merges(outputs)
    demo.kill("node-worker")
    demo.kill("portal-worker")
    researcher.sees(asked, "Released", within=LONG)
    assert_one_run_and_one_release(asked, demo)


@pytest.mark.parametrize(("what", "wakes", "first"), [("every wake-up", WAKE, 0), ("first two", "false", 2)])
def test_messages_are_lost(people: People, demo: RunningDemo, what: str, wakes: str, first: int) -> None:
    with broker_that_drops(demo, wakes, first) as dropped:
        asked = walk(people, f"{what} of the messages lost")
        assert dropped.execute("SELECT count(*) FROM dropped").fetchone() != (0,) or first == 0
    assert_one_run_and_one_release(asked, demo)


def walk(people: People, title: str) -> Request:
    researcher, controller, second = people("researcher"), people("controller"), people("controller-2")
    asked = researcher.asks_for("outcomes_by_group", title=title)
    controller.approves(f"{asked.path}review/")
    controller.merges(f"{asked.path}review/")
    controller.sees(asked, "Outputs in review", within=LONG)
    outputs = f"{asked.path}outputs/north/"
    controller.approves(outputs)
    second.approves(outputs)
    second.merges(outputs)
    researcher.sees(asked, "Released", within=LONG)
    return asked


def assert_one_run_and_one_release(asked: Request, demo: RunningDemo) -> None:
    runs = runs_of(
        demo, asked.slug
    )  # Dagster starts again, under the same root, what a kill kept from starting
    assert len({run["rootRunId"] for run in runs}) == 1
    assert [run["status"] for run in runs].count("SUCCESS") == 1
    github = administrator(demo)
    pulls = github.call("GET", "/repos/north-health/heart-study/pulls?state=all&per_page=100")
    results = [pull for pull in pulls if pull["head"]["ref"].startswith(f"results/{asked.slug}/")]
    assert len(results) == 1
    with psycopg.connect(database(demo, "node")) as connection:
        found = connection.execute("SELECT state FROM release WHERE request = %s", [asked.slug]).fetchall()
    assert found == [("released",)]


class broker_that_drops:  # noqa: N801 (reads as a context in the tests)
    """Drops messages in the broker's own tables while the block lasts."""

    def __init__(self, demo: RunningDemo, wakes: str, first: int) -> None:
        self._connection = psycopg.connect(database(demo, "broker"), autocommit=True)
        self._rules = DROP.format(wakes=wakes, first=first)

    def __enter__(self) -> psycopg.Connection:
        self._connection.execute(self._rules)
        self._connection.execute("TRUNCATE dropped")
        for table in self._queues():
            self._connection.execute(
                f'CREATE TRIGGER loses BEFORE INSERT ON pgmq."{table}"'
                " FOR EACH ROW EXECUTE FUNCTION drop_some()"
            )
        return self._connection

    def __exit__(self, *_: object) -> None:
        for table in self._queues():
            self._connection.execute(f'DROP TRIGGER loses ON pgmq."{table}"')
        self._connection.close()

    def _queues(self) -> Iterator[str]:
        rows = self._connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'pgmq' AND tablename LIKE 'q\\_%'"
        ).fetchall()
        return (row[0] for row in rows)


def database(demo: RunningDemo, name: str) -> str:
    password = demo.secrets[f"{name}_database"]
    return f"postgresql://{name}:{password}@127.0.0.1:{demo.port + 6}/{name}"
