"""Rulesets and their rules."""

from __future__ import annotations

from typing import Any

from standins.github.rulesets import Rule
from standins.github.serialisers.accounts import node_id
from standins.github.serialisers.repositories import repository_url
from standins.github.site import Site
from standins.github.store import Repository, Ruleset

JSON = dict[str, Any]


def short_ruleset(site: Site, repository: Repository, row: Ruleset) -> JSON:
    """As in lists: without conditions, rules and those who are above them."""
    html = f"{site.url}/{site.full_name(repository)}/rules/{row.id}"
    return {
        "id": row.id,
        "name": row.name,
        "target": row.target,
        "source_type": "Repository",
        "source": site.full_name(repository),
        "enforcement": row.enforcement,
        "node_id": node_id("RRS", row.id),
        "_links": {
            "self": {"href": f"{repository_url(site, repository)}/rulesets/{row.id}"},
            "html": {"href": html},
        },
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def ruleset(site: Site, repository: Repository, row: Ruleset) -> JSON:
    short = short_ruleset(site, repository, row)
    return {**short, "conditions": row.conditions, "rules": row.rules}


def detailed_rule(site: Site, repository: Repository, rule: Rule) -> JSON:
    """A rule with the ruleset that it comes from."""
    parameters = {"parameters": dict(rule.parameters)} if rule.parameters else {}
    return {
        "type": rule.type,
        **parameters,
        "ruleset_source_type": "Repository",
        "ruleset_source": site.full_name(repository),
        "ruleset_id": rule.ruleset.id,
    }
