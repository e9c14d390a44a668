"""People's GitHub tokens, encrypted at rest with the portal's token keys (Fernet, the first in use)."""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=1)
def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.LOCKGATE.token_keys])


def encrypt(secret: str) -> bytes:
    return _keys().encrypt(secret.encode())


def decrypt(sealed: bytes | memoryview) -> str:
    return _keys().decrypt(bytes(sealed)).decode()
