"""Accounts, organisations, teams, memberships."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from standins.github.auth.access import NAMES
from standins.github.site import Site
from standins.github.store import Account, Membership, Repository, Team, TeamMember, TeamRepository

JSON = dict[str, Any]


def node_id(kind: str, id: int | str) -> str:  # noqa: A002
    """The opaque name of a thing in GraphQL: `PR_12`."""
    return f"{kind}_{id}"


def simple_user(site: Site, account: Account) -> JSON:
    url = f"{site.api}/users/{quote(account.login)}"
    page = f"apps/{account.login.removesuffix('[bot]')}" if account.type == "Bot" else account.login
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U" if account.type == "User" else account.type[0], account.id),
        "avatar_url": f"{site.url}/avatars/u/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{site.url}/{page}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.type,
        "site_admin": account.site_admin,
    }


def living_user(site: Site, account_id: int) -> JSON | None:
    """None for an account that was removed: so GitHub writes whose a review was, and who pushed."""
    found = site.store.first(Account, id=account_id)
    return simple_user(site, found) if found else None


def public_user(site: Site, account: Account) -> JSON:
    nothing = dict.fromkeys(("company", "blog", "location", "email", "hireable", "bio"))
    repositories = site.store.find(Repository, owner_id=account.id, private=False)
    return {
        **simple_user(site, account),
        **nothing,
        "name": account.name,
        "twitter_username": None,
        "public_repos": len(repositories),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": account.created_at,
        "updated_at": account.created_at,
    }


def private_user(site: Site, account: Account) -> JSON:
    """Of the caller's own account."""
    owned = len(site.store.find(Repository, owner_id=account.id, private=True))
    return {
        **public_user(site, account),
        "email": account.email,
        "private_gists": 0,
        "total_private_repos": owned,
        "owned_private_repos": owned,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": False,
        "plan": {"name": "free", "space": 0, "collaborators": 0, "private_repos": 0},
    }


def simple_organization(site: Site, account: Account) -> JSON:
    url = f"{site.api}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("O", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{site.url}/avatars/u/{account.id}",
        "description": None,
    }


def organization(site: Site, account: Account) -> JSON:
    return {
        **simple_organization(site, account),
        "name": account.name or account.login,
        "has_organization_projects": False,
        "has_repository_projects": False,
        "public_repos": len(site.store.find(Repository, owner_id=account.id, private=False)),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{site.url}/{account.login}",
        "type": "Organization",
        "default_repository_permission": account.base_permission,
        "created_at": account.created_at,
        "updated_at": account.created_at,
        "archived_at": None,
    }


def team(site: Site, row: Team, permission: str = "pull") -> JSON:
    return {**simple_team(site, row, permission), "parent": None}


def simple_team(site: Site, row: Team, permission: str = "pull") -> JSON:
    owner = site.account(row.organization_id)
    return {
        "id": row.id,
        "node_id": node_id("T", row.id),
        "name": row.name,
        "slug": row.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": permission,
        "url": f"{site.api}/organizations/{owner.id}/team/{row.id}",
        "html_url": f"{site.url}/orgs/{owner.login}/teams/{row.slug}",
        "members_url": f"{site.api}/organizations/{owner.id}/team/{row.id}/members{{/member}}",
        "repositories_url": f"{site.api}/organizations/{owner.id}/team/{row.id}/repos",
        "type": "organization",
        "organization_id": owner.id,
    }


def full_team(site: Site, row: Team) -> JSON:
    return {
        **team(site, row),
        "members_count": len(site.store.find(TeamMember, team_id=row.id)),
        "repos_count": len(site.store.find(TeamRepository, team_id=row.id)),
        "created_at": row.created_at,
        "updated_at": row.created_at,
        "organization": organization(site, site.account(row.organization_id)),
    }


def team_membership(site: Site, row: Team, member: TeamMember) -> JSON:
    url = f"{site.api}/organizations/{row.organization_id}/team/{row.id}"
    return {
        "url": f"{url}/memberships/{site.account(member.account_id).login}",
        "role": member.role,
        "state": "active",
    }


def membership(site: Site, row: Membership) -> JSON:
    owner, member = site.account(row.organization_id), site.account(row.account_id)
    return {
        "url": f"{site.api}/orgs/{owner.login}/memberships/{member.login}",
        "state": "active",
        "role": row.role,
        "organization_url": f"{site.api}/orgs/{owner.login}",
        "organization": simple_organization(site, owner),
        "user": simple_user(site, member),
    }


def collaborator(site: Site, account: Account, role: str) -> JSON:
    return {
        **simple_user(site, account),
        "permissions": permissions(role),
        "role_name": NAMES.get(role, role),
    }


def permissions(role: str) -> dict[str, bool]:
    """A role as GitHub's five booleans."""
    names = ("pull", "triage", "push", "maintain", "admin")
    held = names.index(role) if role in names else -1
    return {name: names.index(name) <= held for name in names}
