"""Accounts of GitHub as rows of people."""

from __future__ import annotations

from collections.abc import Iterable

from governance.github.port import Account
from governance.models import Person


def people_rows(accounts: Iterable[Account]) -> dict[int, Person]:
    """The people with these account ids, by id."""
    wanted = {account.id: account for account in accounts}
    found = {row.account_id: row for row in Person.objects.filter(account_id__in=wanted)}
    for account_id, account in wanted.items():
        row = found.get(account_id)
        if row is None:
            found[account_id] = _new(account)
        elif row.login != account.login:
            row.login = account.login
            row.save(update_fields=["login"])
    return found


def _new(account: Account) -> Person:
    row, _ = Person.objects.get_or_create(
        account_id=account.id,
        defaults={"login": account.login, "name": account.name, "is_bot": account.is_bot},
    )
    return row
