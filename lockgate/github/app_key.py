"""How a GitHub App signs in as itself: a JWT, signed with the App's private key.

Source: docs, apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt:
RS256, `iat` a minute back against clocks that differ, `exp` at most 10 minutes ahead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

BACK, GOOD_FOR = timedelta(minutes=1), timedelta(minutes=8)


class AppKey:
    """The private key of one App, PEM. Raises what PyJWT raises where it is none."""

    def __init__(self, app_id: int, private_key: str) -> None:
        self._app_id = app_id
        self._key = _parsed(private_key)

    def jwt(self) -> str:
        now = datetime.now(UTC)
        claims = {"iat": now - BACK, "exp": now + GOOD_FOR, "iss": str(self._app_id)}
        return jwt.encode(claims, self._key, algorithm="RS256")


@lru_cache(maxsize=2)
def _parsed(private_key: str) -> Any:
    """Checking an RSA key takes 20 ms, so it is done once."""
    return RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(private_key)
