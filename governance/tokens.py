"""People's GitHub tokens, encrypted at rest with the portal's token keys (Fernet).

The first key seals, all of them open. So a new key is put first, `manage.py rotate_token_keys` moves
every stored token to it, and then the old one may go.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> MultiFernet:
    return _of(settings.LOCKGATE.token_keys)


def encrypt(secret: str) -> bytes:
    return _keys().encrypt(secret.encode())


def decrypt(sealed: bytes | memoryview) -> str:
    return _keys().decrypt(bytes(sealed)).decode()


def reseal(sealed: bytes) -> bytes:
    """The same secret under the newest key. Raises InvalidToken where no key opens it."""
    return _keys().rotate(sealed)


def sealed_by_newest(sealed: bytes) -> bool:
    try:
        _of(settings.LOCKGATE.token_keys[:1]).decrypt(sealed)
    except InvalidToken:
        return False
    return True
