"""Reads what posture is judged on: settings, protection, rulesets, Apps and the webhook, over REST.

By the App's own tokens; rulesets by an administrator's where one is given, for GitHub shows who may bypass
a ruleset to those alone who may change it. Every method raises the family of `governance.github.errors`,
and `GitHubInvalid` for an answer that does not tell what it should.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from governance.github.connection import Connection
from governance.github.errors import GitHubInvalid, GitHubNotFound
from governance.github.installation import Installations
from governance.posture.facts import Actor, App, Check, Protection, Ruleset, Settings, Webhook

RECENT, SETTLES = timedelta(hours=1), timedelta(minutes=1)
ACTIONS = "github-actions"
T = TypeVar("T")


class PostureReader:
    """Of one look: what two questions need of GitHub is asked for once."""

    def __init__(
        self, connection: Connection, installations: Installations, *, administrator_token: str = ""
    ) -> None:
        self._connection = connection
        self._installations = installations
        self._administrator_token = administrator_token
        self._said: dict[str, Any] = {}

    def default_branch(self, repo: str) -> str:
        return _read(lambda said: str(said["default_branch"]), self._get(repo, f"/repos/{repo}"))

    def settings(self, repo: str) -> Settings:
        """GitHub shows these to an App that may write contents."""
        return _read(_settings, self._get(repo, f"/repos/{repo}"))

    def protection(self, repo: str, branch: str) -> Protection | None:
        """None where the branch is not protected."""
        try:
            said = self._get(repo, f"/repos/{repo}/branches/{quote(branch, safe='')}/protection")
        except GitHubNotFound:
            return None
        return _read(read_protection, said)

    def rulesets(self, repo: str) -> tuple[Ruleset, ...]:
        """Active rulesets for branches, those of the organization too."""
        token = self._administrator_token or self._token(repo)
        path = f"/repos/{repo}/rulesets"
        listed = list(self._connection.pages(path, token=token, params={"includes_parents": "true"}))
        active = _read(lambda said: [each["id"] for each in said if _is_for_branches(each)], listed)
        return tuple(
            _read(read_ruleset, self._connection.call("GET", f"{path}/{each}", token=token))
            for each in active
        )

    def app(self, repo: str, slug: str) -> tuple[int, App]:
        """An App as it is registered, by its slug: (id, what it may do)."""
        said = self._get(repo, f"/apps/{quote(slug, safe='')}")
        return _read(lambda said: (int(said["id"]), _app(said)), said)

    def actions_app(self, repo: str) -> int:
        return self.app(repo, ACTIONS)[0]

    def portal(self, repo: str) -> App:
        """What the portal's App was granted where it is installed on this repository."""
        return _read(_app, self._installations.ask(f"/repos/{repo}/installation"))

    def webhook(self, now: datetime) -> Webhook:
        config = self._installations.ask("/app/hook/config")
        deliveries = self._installations.ask("/app/hook/deliveries", per_page=100)
        return _read(lambda said: read_webhook(said, deliveries, now), config)

    def _token(self, repo: str) -> str:
        return self._installations.token(repo.partition("/")[0])

    def _get(self, repo: str, path: str) -> Any:
        if path not in self._said:
            self._said[path] = self._connection.call("GET", path, token=self._token(repo))
        return self._said[path]


def _read(reading: Callable[[Any], T], said: Any) -> T:
    try:
        return reading(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GitHubInvalid(f"GitHub's answer does not tell {error}.") from error


def _settings(said: Any) -> Settings:
    return Settings(
        bool(said["allow_merge_commit"]), bool(said["allow_squash_merge"]), bool(said["allow_rebase_merge"])
    )


def read_protection(said: Any) -> Protection:
    """The answer of `GET /repos/{owner}/{repo}/branches/{branch}/protection`."""
    checks = (said.get("required_status_checks") or {}).get("checks") or ()
    reviews = said.get("required_pull_request_reviews")
    passing = (reviews or {}).get("bypass_pull_request_allowances") or {}
    restrictions = said.get("restrictions")
    return Protection(
        checks=frozenset(Check(each["context"], _pinned(each.get("app_id"))) for each in checks),
        pull_request=reviews is not None,
        stale_dismissed=bool((reviews or {}).get("dismiss_stale_reviews")),
        administrators_included=_on(said, "enforce_admins"),
        passing_by=_names(passing, "users", "teams", "apps"),
        teams=None if restrictions is None else _names(restrictions, "teams"),
        others=_names(restrictions or {}, "users", "apps"),
        linear_history=_on(said, "required_linear_history"),
        force_pushes=_on(said, "allow_force_pushes"),
        deletions=_on(said, "allow_deletions"),
    )


def _pinned(app_id: int | None) -> int | None:
    return None if app_id in (None, -1) else app_id


def _on(said: Mapping[str, Any], switch: str) -> bool:
    return bool((said.get(switch) or {}).get("enabled"))


def _names(listed: Mapping[str, Any], *kinds: str) -> frozenset[str]:
    """Logins of people, slugs of teams and Apps."""
    return frozenset(
        str(each.get("slug") or each["login"]) for kind in kinds for each in listed.get(kind) or ()
    )


def _is_for_branches(said: Mapping[str, Any]) -> bool:
    return said.get("target", "branch") == "branch" and said["enforcement"] == "active"


def read_ruleset(said: Any) -> Ruleset:
    """The answer of `GET /repos/{owner}/{repo}/rulesets/{id}`; `bypass_actors` is for who may change it."""
    names = (said.get("conditions") or {}).get("ref_name") or {}
    rules = {each["type"]: each.get("parameters") or {} for each in said.get("rules") or ()}
    pull_request = rules.get("pull_request", {})
    methods = pull_request.get("allowed_merge_methods")
    bypass = said.get("bypass_actors")
    return Ruleset(
        id=int(said["id"]),
        name=str(said["name"]),
        include=tuple(names.get("include") or ()),
        exclude=tuple(names.get("exclude") or ()),
        rules=frozenset(rules),
        merge_methods=None if methods is None else frozenset(methods),
        stale_dismissed=bool(pull_request.get("dismiss_stale_reviews_on_push")),
        bypass=None if bypass is None else frozenset(map(_actor, bypass)),
        updated_at=str(said.get("updated_at") or ""),
    )


def _actor(said: Mapping[str, Any]) -> Actor:
    return Actor(str(said["actor_type"]), said.get("actor_id"))


def _app(said: Any) -> App:
    return App(dict(said["permissions"]), frozenset(said.get("events") or ()))


def read_webhook(config: Any, deliveries: Any, now: datetime) -> Webhook:
    """The answers of `GET /app/hook/config` and `GET /app/hook/deliveries`."""
    return Webhook(
        url=str(config.get("url") or ""),
        is_json=config.get("content_type") == "json",
        verifies_tls=str(config.get("insecure_ssl", "0")) == "0",
        has_secret=bool(config.get("secret")),
        failing=_failing(deliveries, now),
    )


def _failing(deliveries: Any, now: datetime) -> bool:
    """Whether some delivery of the last hour was taken at no attempt; the newest may still be under way."""
    taken = {each["guid"] for each in deliveries if 200 <= (each["status_code"] or 0) < 300}
    ages = {each["guid"]: now - datetime.fromisoformat(each["delivered_at"]) for each in deliveries}
    return any(SETTLES < age < RECENT for guid, age in ages.items() if guid not in taken)
