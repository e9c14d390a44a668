"""Messages between portal and node: signed, applied once, repeated until they are acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from nacl.signing import SigningKey

from lockgate.errors import Denied, Unavailable
from lockgate.messages import Acknowledged, CollectionReported, CollectionState, Look
from lockgate.node.database import Database, MigrationError, migrate
from lockgate.node.exchange import Inbox, Outbox, report
from tests.node.world import Portal

TOLD = CollectionReported(
    "heart_study", "2026-11-23-survival-k3f9", "r1", CollectionState.COLLECTING, None, None
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.open()
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def portal() -> Portal:
    return Portal(SigningKey.generate(), SigningKey.generate())


@pytest.fixture
def outbox(portal: Portal) -> Outbox:
    return Outbox("north", portal.node_key, portal)


@pytest.fixture
def inbox(database: Database, portal: Portal, outbox: Outbox) -> Inbox:
    return Inbox("north", portal.key.verify_key, database, outbox)


def test_a_message_is_repeated_with_longer_pauses_until_it_is_acknowledged(
    database: Database, portal: Portal, outbox: Outbox, inbox: Inbox
) -> None:
    with database.transaction() as connection:
        number = outbox.post(connection, TOLD)
    pauses = [_send_next(database, outbox) for _ in range(7)]
    assert [round(pause) for pause in pauses] == [2, 4, 8, 16, 32, 60, 60]
    assert portal.said(CollectionReported) == [TOLD] * 7
    inbox.receive(portal.wire(Acknowledged(number)))
    _make_due(database)
    assert outbox.send_due(database) == 0


def test_a_message_is_not_lost_when_the_broker_is_down(
    database: Database, portal: Portal, outbox: Outbox
) -> None:
    with database.transaction() as connection:
        outbox.post(connection, TOLD)
    portal.down = True
    with pytest.raises(Unavailable):
        outbox.send_due(database)
    portal.down = False
    _make_due(database)
    outbox.send_due(database)
    assert portal.said(CollectionReported) == [TOLD]


def test_a_message_of_the_portal_is_applied_once_and_acknowledged_each_time(
    database: Database, portal: Portal, inbox: Inbox
) -> None:
    wire = portal.wire(Look("heart_study", 7))
    for _ in range(3):
        inbox.receive(wire)
    assert portal.said(Acknowledged) == [Acknowledged(1)] * 3
    with database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM inbound_message").fetchone() == (1,)


@pytest.mark.parametrize("forged", ["another key", "another node", "changed on the way"])
def test_what_the_portal_did_not_sign_for_this_node_is_refused_and_leaves_nothing(
    database: Database, portal: Portal, inbox: Inbox, forged: str
) -> None:
    look = Look("heart_study", 7)
    wires = {
        "another key": portal.wire(look, key=SigningKey.generate()),
        "another node": portal.wire(look, recipient="node.south"),
        "changed on the way": portal.wire(look).replace("heart_study", "other_study"),
    }
    with pytest.raises(Denied):
        inbox.receive(wires[forged])
    assert portal.wires == []
    with database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM look").fetchone() == (0,)


def test_a_report_goes_out_when_it_is_news_and_as_a_heartbeat(
    database: Database, portal: Portal, outbox: Outbox
) -> None:
    with database.transaction() as connection:
        assert report(connection, outbox, "topic", TOLD)
        assert not report(connection, outbox, "topic", TOLD)
    with database.transaction() as connection:
        assert report(connection, outbox, "topic", TOLD, heartbeat=timedelta(0))
    outbox.send_due(database)
    assert portal.said(CollectionReported) == [TOLD], "the newer one takes the place of the one not sent yet"


def test_migrations_apply_once_and_a_changed_one_is_refused(database: Database) -> None:
    assert migrate(database) == ()
    with database.transaction() as connection:
        connection.execute("UPDATE migration SET sha256 = 'other' WHERE number = 1")
    with pytest.raises(MigrationError):
        migrate(database)


def _send_next(database: Database, outbox: Outbox) -> float:
    """Send what is due and return the pause until it is due again, in seconds."""
    _make_due(database)
    outbox.send_due(database)
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT extract(epoch FROM due_at - now()) FROM outbound_message WHERE acknowledged_at IS NULL"
        ).fetchone()
    assert row is not None
    return float(row[0]) + 0.2


def _make_due(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE outbound_message SET due_at = now()")
