"""The audit is append-only and chained."""

from __future__ import annotations

import pgtrigger
import pytest
from django.db import ProgrammingError, connection, transaction

from governance import audit
from governance.models import AuditEvent, Person

pytestmark = pytest.mark.django_db


def recorded(subject: str = "heart_study#1") -> AuditEvent:
    person, _ = Person.objects.get_or_create(account_id=1003, defaults={"login": "controller"})
    return audit.record(by=person, action="approve", project=None, subject=subject, details={})


def test_an_audit_row_cannot_be_updated() -> None:
    event = recorded()
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(login="somebody else")
    assert AuditEvent.objects.get(pk=event.pk).login == "controller"


def test_an_audit_row_cannot_be_deleted() -> None:
    event = recorded()
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).delete()
    assert AuditEvent.objects.filter(pk=event.pk).exists()


def test_the_chain_shows_a_row_that_was_changed_behind_the_trigger() -> None:
    first, second = recorded("heart_study#1"), recorded("heart_study#2")
    assert second.previous == first.hash
    assert audit.verify() is None
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE governance_auditevent SET login = 'nobody' WHERE number = %s", [first.number])
    assert audit.verify() == first.number


def test_the_audit_cannot_be_emptied() -> None:
    event = recorded()
    pgtrigger.enable("governance.AuditEvent:no_truncate")  # lifted for tests that commit
    with pytest.raises(ProgrammingError, match="cannot truncate"), transaction.atomic():
        connection.cursor().execute("TRUNCATE governance_auditevent")
    assert AuditEvent.objects.filter(pk=event.pk).exists()
