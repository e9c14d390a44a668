"""Accounts of GitHub as rows of people."""

from __future__ import annotations

from governance.github.port import Account
from governance.models import Person


def person_row(account: Account) -> Person:
    """The person with this account id; the login follows GitHub, a name once known is kept."""
    person, made = Person.objects.get_or_create(
        account_id=account.id,
        defaults={"login": account.login, "name": account.name, "is_bot": account.is_bot},
    )
    if not made and person.login != account.login:
        person.login = account.login
        person.save(update_fields=["login"])
    return person
