"""GitHub's documented answers become facts; whom it does not show is not taken for nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.github.posture import read_protection, read_ruleset, read_webhook
from governance.posture.facts import Actor, Check, Ruleset
from governance.posture.reading import recalled, witnesses
from tests.posture.cases import DECISIONS, RESULTS, protection, ruleset

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SAID: dict[str, Any] = {
    "required_status_checks": {
        "strict": False,
        "checks": [{"context": name, "app_id": 15368} for name in ("gate", "ci")]
        + [{"context": "lockgate/policy", "app_id": 3001}],
    },
    "enforce_admins": {"enabled": True},
    "required_pull_request_reviews": {"dismiss_stale_reviews": True, "required_approving_review_count": 0},
    "restrictions": {
        "users": [],
        "teams": [{"slug": "heart-controllers"}, {"slug": "maintainers"}],
        "apps": [],
    },
}
LOOSER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"enforce_admins": {"enabled": False}}, {"administrators_included": False}),
    ({"allow_force_pushes": {"enabled": True}}, {"force_pushes": True}),
    ({"allow_deletions": {"enabled": True}}, {"deletions": True}),
    ({"required_linear_history": {"enabled": True}}, {"linear_history": True}),
    ({"required_pull_request_reviews": None}, {"pull_request": False, "stale_dismissed": False}),
    ({"restrictions": None}, {"teams": None}),
    ({"required_status_checks": None}, {"checks": frozenset()}),
    (
        {"restrictions": {"users": [{"login": "outsider"}], "teams": [], "apps": [{"slug": "other"}]}},
        {"teams": frozenset(), "others": frozenset({"outsider", "other"})},
    ),
    (
        {
            "required_pull_request_reviews": {
                "dismiss_stale_reviews": True,
                "bypass_pull_request_allowances": {"users": [{"login": "x"}], "teams": [{"slug": "y"}]},
            }
        },
        {"passing_by": frozenset({"x", "y"})},
    ),
]


def test_protection_as_designed_is_read_as_such() -> None:
    assert read_protection(SAID) == protection()


@pytest.mark.parametrize(("said", "differs"), LOOSER)
def test_every_looser_setting_is_seen(said: dict[str, Any], differs: dict[str, Any]) -> None:
    assert read_protection({**SAID, **said}) == protection(**differs)


@pytest.mark.parametrize("app_id", [None, -1])
def test_a_check_that_anybody_may_post_is_not_pinned(app_id: int | None) -> None:
    said = {"required_status_checks": {"checks": [{"context": "gate", "app_id": app_id}]}}
    assert read_protection(said).checks == {Check("gate", None)}


def a_ruleset(**changes: Any) -> Ruleset:
    said: dict[str, Any] = {
        "id": 7,
        "name": "Results",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/heads/results/**/*"], "exclude": []}},
        "rules": [{"type": "creation"}, {"type": "update"}],
        "updated_at": "2026-11-23T10:00:00Z",
    }
    return read_ruleset({**said, **changes})


def test_a_bypass_that_github_does_not_show_is_not_taken_for_none() -> None:
    assert a_ruleset().bypass is None
    assert a_ruleset(bypass_actors=[]).bypass == frozenset()
    said = [{"actor_id": 3002, "actor_type": "Integration", "bypass_mode": "always"}]
    assert a_ruleset(bypass_actors=said).bypass == {Actor("Integration", 3002)}


def test_a_ruleset_tells_merge_methods_and_stale_reviews() -> None:
    said = {"allowed_merge_methods": ["merge"], "dismiss_stale_reviews_on_push": True}
    read = a_ruleset(rules=[{"type": "pull_request", "parameters": said}])
    assert (read.merge_methods, read.stale_dismissed) == (frozenset({"merge"}), True)
    assert a_ruleset().merge_methods is None


def test_what_an_administrator_saw_of_a_ruleset_holds_until_it_is_changed() -> None:
    seen = witnesses((RESULTS, DECISIONS))
    hidden = ruleset(bypass=None)
    assert recalled((hidden,), seen) == (RESULTS,)
    changed = ruleset(bypass=None, updated_at="2026-11-24T10:00:00Z")
    assert recalled((changed,), seen) == (changed,)
    assert recalled((hidden,), {}) == (hidden,)
    assert witnesses((hidden,)) == {}


def deliveries(*attempts: tuple[str, int, int | None]) -> list[dict[str, Any]]:
    """GUID, minutes ago, status; GitHub has none where nobody answered."""
    return [
        {"guid": guid, "delivered_at": (NOW - timedelta(minutes=ago)).isoformat(), "status_code": status}
        for guid, ago, status in attempts
    ]


@pytest.mark.parametrize(
    ("attempts", "failing"),
    [
        ([], False),
        ([("a", 5, 202)], False),
        ([("a", 5, 502)], True),
        ([("a", 5, 0)], True),
        ([("a", 5, None)], True),
        ([("a", 2, 202), ("a", 5, 502)], False),
        ([("b", 2, 202), ("a", 5, 502)], True),
        ([("a", 90, 502)], False),
        ([("a", 0, 0)], False),
    ],
)
def test_the_webhook_fails_while_a_delivery_of_the_last_hour_reached_nobody(
    attempts: list[tuple[str, int, int | None]], failing: bool
) -> None:
    config = {"url": "https://portal.example", "content_type": "json", "insecure_ssl": "0", "secret": "*"}
    read = read_webhook(config, deliveries(*attempts), NOW)
    assert (read.failing, read.is_json, read.verifies_tls, read.has_secret) == (failing, True, True, True)


@pytest.mark.parametrize(
    ("config", "held"),
    [
        ({"content_type": "form", "insecure_ssl": "0", "secret": "*"}, (False, True, True)),
        ({"content_type": "json", "insecure_ssl": "1", "secret": "*"}, (True, False, True)),
        ({"content_type": "json", "insecure_ssl": 1, "secret": "*"}, (True, False, True)),
        ({"content_type": "json", "insecure_ssl": 0}, (True, True, False)),
    ],
)
def test_how_the_webhook_is_set_is_read(config: dict[str, Any], held: tuple[bool, bool, bool]) -> None:
    read = read_webhook({"url": None, **config}, [], NOW)
    assert (read.is_json, read.verifies_tls, read.has_secret, read.url) == (*held, "")
