"""Histories begin beside the same local GitHub as the tests of governance."""

from tests.governance.conftest import github_here

__all__ = ["github_here"]
