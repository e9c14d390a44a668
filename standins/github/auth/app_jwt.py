"""An App's own signature: RS256, issued by its id or client id, for ten minutes at most."""

from __future__ import annotations

import jwt

from standins.github.errors import ApiError
from standins.github.site import Site
from standins.github.store import App

LONGEST_SECONDS = 600


def app_of_jwt(site: Site, token: str) -> App:
    try:
        claimed = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise ApiError(401, "A JSON web token could not be decoded") from error
    app = _issuer(site, str(claimed.get("iss", "")))
    if app is None or not app.public_key:
        raise ApiError(401, "'Issuer' claim ('iss') must be an Integer or a known client id")
    try:
        claims = jwt.decode(
            token, app.public_key, algorithms=["RS256"], leeway=5, options={"require": ["iat", "exp", "iss"]}
        )
    except jwt.ExpiredSignatureError as error:
        raise ApiError(401, "'Expiration time' claim ('exp') is expired or too far in the past") from error
    except jwt.PyJWTError as error:
        raise ApiError(401, "A JSON web token could not be decoded") from error
    if claims["exp"] - claims["iat"] > LONGEST_SECONDS + 60:
        raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
    return app


def _issuer(site: Site, issuer: str) -> App | None:
    if issuer.isdigit():
        return site.store.first(App, id=int(issuer))
    return site.store.first(App, client_id=issuer)
