"""Names of branches are matched as GitHub's rulesets match them."""

from __future__ import annotations

import pytest

from governance.posture.patterns import matches

DEEP = "refs/heads/results/2026-11-23-a-k3f9/north/0a1b2c3d"


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("refs/heads/results/**/*", DEEP, True),
        ("refs/heads/results/**/*", "refs/heads/results/one", True),
        ("refs/heads/results/**", "refs/heads/results/one", True),
        ("refs/heads/results/**", DEEP, False),
        ("refs/heads/results/*", DEEP, False),
        ("refs/heads/results/*/north/*", DEEP, True),
        ("refs/heads/results/*/south/*", DEEP, False),
        ("refs/heads/**/*", DEEP, True),
        ("refs/heads/**/north/*", DEEP, True),
        ("refs/heads/main", "refs/heads/main", True),
        ("refs/heads/main", "refs/heads/maine", False),
        ("refs/heads/mai?", "refs/heads/main", True),
        ("refs/heads/a?b", "refs/heads/a/b", False),
        ("refs/heads/v[0-9]", "refs/heads/v3", True),
        ("refs/heads/v[!0-9]", "refs/heads/v3", False),
        ("refs/heads/a.b", "refs/heads/a-b", False),
        (r"refs/heads/a\*", "refs/heads/a*", True),
        (r"refs/heads/a\*", "refs/heads/ab", False),
        ("refs/heads/v[z-a]", "refs/heads/vb", False),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits
