"""Webhook intake: deliveries by two clients to the portal, and the same to a bare view of the same server."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import uuid
from dataclasses import dataclass
from http.client import HTTPConnection

import psycopg

from benchmarks import reports, server
from tests import portal_environment

DELIVERIES, FLOOR, WARM_UP, CLIENTS, ROUNDS = 10_000, 4_000, 400, 2, 5
BODY = json.dumps(
    {
        "action": "synchronize",
        "number": 7,
        "repository": {"id": 1, "full_name": "north-health/heart-study"},
        "pull_request": {"number": 7, "body": "As long as the bodies that GitHub sends. " * 250},
        "organization": {"login": "north-health"},
        "installation": {"id": 1},
        "sender": {"id": 1001},
    }
).encode()
SIGNATURE = hmac.new(portal_environment.WEBHOOK_SECRET.encode(), BODY, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Measured:
    """`answers` are seconds, one for each delivery."""

    rate: float
    answers: list[float]


def run() -> None:
    with server.database() as held, server.web(held, "benchmarks.settings") as port:
        for path in ("/bare", "/webhooks/github"):
            send(port, path, WARM_UP)
        rounds = [
            (send(port, "/bare", FLOOR // ROUNDS), send(port, "/webhooks/github", DELIVERIES // ROUNDS))
            for _ in range(ROUNDS)
        ]
        kept = _kept(held.url)
    floor = sum(bare.rate for bare, _ in rounds) / len(rounds)
    rate = sum(own.rate for _, own in rounds) / len(rounds)
    answers = [seconds for _, own in rounds for seconds in own.answers]
    reports.line(
        "webhook_intake_per_second",
        value=round(rate),
        floor="a bare view that verifies an HMAC and inserts one row",
        floor_value=round(floor),
        ratio=round(rate / floor, 2),
        p99_milliseconds=round(1000 * reports.percentile(answers, 0.99), 1),
        clients=CLIENTS,
        deliveries=DELIVERIES,
        lost=DELIVERIES + WARM_UP - kept,
    )


def send(port: int, path: str, count: int) -> Measured:
    """So many deliveries by clients who each wait for an answer before the next."""
    answers: list[float] = []
    threads = [
        threading.Thread(target=_client, args=(port, path, count // CLIENTS, answers)) for _ in range(CLIENTS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Measured(count / (time.perf_counter() - began), answers)


def _client(port: int, path: str, count: int, answers: list[float]) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    for _ in range(count):
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": f"sha256={SIGNATURE}",
        }
        began = time.perf_counter()
        connection.request("POST", path, BODY, headers)
        answer = connection.getresponse()
        answer.read()
        answers.append(time.perf_counter() - began)
        assert answer.status == 202, answer.status
    connection.close()


def _kept(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM governance_webhookdelivery WHERE event = 'pull_request'"
        ).fetchone()
    assert row is not None
    return int(row[0])
