"""What the local GitHub can do yet: where it has rulesets, the tests ask for everything."""

from __future__ import annotations

import httpx

from tests.governance.seed import PERSONAL
from tests.governance.world import World


def has_rulesets(world: World, repo: str) -> bool:
    headers = {"Authorization": f"Bearer {PERSONAL['maintainer']}"}
    return httpx.get(f"{world.url}/api/v3/repos/{repo}/rulesets", headers=headers).status_code != 501
