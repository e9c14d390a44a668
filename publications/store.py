"""The port to publication storage: the portal reads it with a key of its own and never writes.

A file lies where DVC's remote layout puts it: `<project>/files/md5/<first two>/<rest>`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.http import content_disposition_header

from governance.models import Registration
from lockgate.errors import Unavailable

LIFETIME = 60  # seconds that a signed address works
AT_ONCE = 1000  # objects in a page of a listing
LISTS_WITHIN = 10  # seconds that a page of a listing may take; it is not tried twice within one lease of work


class StoreUnavailable(Unavailable):
    """Publication storage cannot be read by the portal, so nothing can be downloaded from it."""


@dataclass(frozen=True)
class Store:
    """Where the portal reads a publication store, and with which key."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str


def store_of(registration: Registration) -> Store:
    """The store that a project's registration names in node.yaml. Raises StoreUnavailable."""
    named = registration.node.storage.get(registration.publication)
    if not named:
        raise _not_set_up(registration, "the node names no such store")
    endpoint = named.get("read_endpoint") or named["endpoint"]
    if urlsplit(endpoint).hostname not in settings.LOCKGATE.allowed_addresses:
        raise _not_set_up(registration, "its address is not on the portal's list of allowed hosts")
    access, secret = (os.environ.get(f"{named['keys']}_{part}") for part in _KEY_PARTS)
    if not access or not secret:
        raise _not_set_up(registration, "the portal holds no key for it")
    return Store(endpoint, named["bucket"], access, secret)


_KEY_PARTS = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")


def signed_address(store: Store, key: str, *, filename: str | None = None, media_type: str = "") -> str:
    """An address that gives this one object for a minute, to be saved under `filename` where one is given.

    Without a name the address is plain: some clients re-encode what they are redirected to
    (aiohttp, which DVC uses), and a quoted name would then no longer match its signature.
    """
    wanted = {"Bucket": store.bucket, "Key": key}
    if filename is not None:
        wanted["ResponseContentDisposition"] = content_disposition_header(True, filename) or "attachment"
        wanted["ResponseContentType"] = media_type or "application/octet-stream"
    address = _client(store).generate_presigned_url("get_object", Params=wanted, ExpiresIn=LIFETIME)
    return str(address)


def read(store: Store, key: str) -> Any:
    """The object's bytes as a stream with `iter_chunks`. Raises StoreUnavailable."""
    try:
        return _client(store).get_object(Bucket=store.bucket, Key=key)["Body"]
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(
            "Publication storage did not give the file.", next_step="Try again in a minute."
        ) from error


@dataclass(frozen=True)
class Stored:
    """An object as the store lists it: its key, its size in bytes, when it was written."""

    key: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class Page:
    """A part of a listing; `next` goes on behind it, and is empty behind the last one."""

    objects: tuple[Stored, ...]
    next: str


def list_page(store: Store, prefix: str, cursor: str = "") -> Page:
    """The next objects below a prefix. Raises StoreUnavailable."""
    more = {"ContinuationToken": cursor} if cursor else {}
    try:
        said = _client(store, LISTS_WITHIN, 1).list_objects_v2(
            Bucket=store.bucket, Prefix=prefix, MaxKeys=AT_ONCE, **more
        )
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(
            "Publication storage could not be listed.", next_step="Lockgate tries again by itself."
        ) from error
    found = (Stored(each["Key"], each["Size"], each["LastModified"]) for each in said.get("Contents", ()))
    return Page(tuple(found), said.get("NextContinuationToken", "") if said["IsTruncated"] else "")


def key_of(project: str, md5: str) -> str:
    return f"{project}/files/md5/{md5[:2]}/{md5[2:]}"


@lru_cache(maxsize=32)
def _client(store: Store, patience: int = 60, attempts: int = 5) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        aws_access_key_id=store.access_key,
        aws_secret_access_key=store.secret_key,
        region_name="us-east-1",
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=patience,
            retries={"total_max_attempts": attempts},
        ),
    )


def _not_set_up(registration: Registration, why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"Files of {registration.project} on {registration.node} cannot be read: {why}.",
        next_step="Tell a maintainer of the node. Waiting does not help.",
        retryable=False,
    )
