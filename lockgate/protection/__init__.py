"""How a repository on GitHub is to be protected: default branch, branches of Apps, the way of merging."""

from lockgate.protection.apply import Changed, apply
from lockgate.protection.branch import Protection, protect_branch, read_protection
from lockgate.protection.merging import MergeMethods, allow_merges, read_merge_methods
from lockgate.protection.rulesets import Ruleset, keep_ruleset, read_ruleset
from lockgate.protection.wanted import ACTIONS_APP_ID, Wanted, wanted

__all__ = [
    "ACTIONS_APP_ID",
    "Changed",
    "MergeMethods",
    "Protection",
    "Ruleset",
    "Wanted",
    "allow_merges",
    "apply",
    "keep_ruleset",
    "protect_branch",
    "read_merge_methods",
    "read_protection",
    "read_ruleset",
    "wanted",
]
