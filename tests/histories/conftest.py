"""Histories begin beside the same local GitHub as the tests of governance."""

from tests.governance.conftest import furnished, github_here

__all__ = ["furnished", "github_here"]
