"""Who may do what in a repository."""

from __future__ import annotations

from standins.github.auth.principal import Principal
from standins.github.errors import ApiError, forbidden, not_found
from standins.github.site import Site
from standins.github.store import (
    Account,
    Collaborator,
    Installation,
    InstallationSuspension,
    Membership,
    Repository,
    TeamMember,
    TeamRepository,
)

ROLES = ("none", "pull", "triage", "push", "maintain", "admin")
LEVELS = ("none", "read", "write", "admin")
LEGACY = {
    "none": "none",
    "pull": "read",
    "triage": "read",
    "push": "write",
    "maintain": "write",
    "admin": "admin",
}
NAMES = {"pull": "read", "push": "write"}
_SPELLINGS = {"read": "pull", "write": "push"}


def role_of(site: Site, repository: Repository, account: Account) -> str:
    """The strongest of a person's roles: owner, collaborator, team, member of the organisation."""
    return max(_roles(site, repository, account), key=ROLES.index)


def _roles(site: Site, repository: Repository, account: Account) -> list[str]:
    if account.id == repository.owner_id:
        return ["admin"]
    store = site.store
    roles = ["none" if repository.private else "pull"]
    direct = store.first(Collaborator, repository_id=repository.id, account_id=account.id)
    roles += [direct.permission] if direct else []
    for grant in store.find(TeamRepository, repository_id=repository.id):
        if store.first(TeamMember, team_id=grant.team_id, account_id=account.id):
            roles.append(grant.permission)
    member = store.first(Membership, organization_id=repository.owner_id, account_id=account.id)
    if member:
        base = site.account(repository.owner_id).base_permission
        roles.append("admin" if member.role == "admin" else _SPELLINGS.get(base, base))
    return [_SPELLINGS.get(role, role) for role in roles]


def installation_on(site: Site, app_id: int, repository: Repository) -> Installation | None:
    """The installation of an App that reaches this repository and is not suspended."""
    found = site.store.first(Installation, app_id=app_id, account_id=repository.owner_id)
    if found is None or (found.repositories is not None and repository.id not in found.repositories):
        return None
    return None if site.store.first(InstallationSuspension, installation_id=found.id) else found


def visible(site: Site, principal: Principal, repository: Repository) -> bool:
    """Whether the repository exists as far as this caller can tell."""
    if not repository.private:
        return True
    if principal.kind == "installation":
        return _reached(principal, repository)
    if principal.kind not in ("personal", "user") or principal.account is None:
        return False
    if principal.kind == "user" and installation_on(site, principal.app_id or 0, repository) is None:
        return False
    if principal.kind == "personal" and "repo" not in principal.scopes:
        return False
    return role_of(site, repository, principal.account) != "none"


def demand(
    site: Site, principal: Principal, repository: Repository, permission: str, level: str, role: str
) -> None:
    """Raises 404 for what the caller cannot see, 401 or 403 for what they may not do.

    An App needs `permission` at `level`; a person needs `role`; a person through an App needs both.
    """
    if not visible(site, principal, repository):
        raise not_found()
    reading_public = not repository.private and level == "read" and ROLES.index(role) <= ROLES.index("pull")
    if reading_public and principal.kind in ("anonymous", "personal", "app"):
        return
    if principal.kind in ("anonymous", "app", "client"):
        raise ApiError(401, "Requires authentication")
    if principal.kind in ("installation", "user") and not reading_public:
        _demand_of_app(site, principal, repository, permission, level)
    if principal.kind in ("personal", "user"):
        _demand_of_person(site, principal, repository, level, role)


def _demand_of_app(
    site: Site, principal: Principal, repository: Repository, permission: str, level: str
) -> None:
    if principal.kind == "installation":
        reached = _reached(principal, repository)
    else:
        reached = installation_on(site, principal.app_id or 0, repository) is not None
    granted = "read" if permission == "metadata" else (principal.permissions or {}).get(permission, "none")
    if not reached or LEVELS.index(granted) < LEVELS.index(level):
        raise forbidden()


def _demand_of_person(
    site: Site, principal: Principal, repository: Repository, level: str, role: str
) -> None:
    if (
        principal.kind == "personal"
        and level != "read"
        and not {"repo", "public_repo"} & set(principal.scopes)
    ):
        raise forbidden("Resource not accessible by personal access token")
    assert principal.account is not None
    held = role_of(site, repository, principal.account)
    if ROLES.index(held) < ROLES.index(role):
        wanted = "admin" if role == "admin" else NAMES.get(role, role)
        raise forbidden(f"Must have {wanted} rights to Repository.")


def _reached(principal: Principal, repository: Repository) -> bool:
    if principal.installation is None or principal.installation.account_id != repository.owner_id:
        return False
    return principal.repositories is None or repository.id in principal.repositories
