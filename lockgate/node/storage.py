"""S3 storage in DVC's remote layout: `<project>/files/md5/xx/...`. No conditional put, no metadata needed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lockgate.errors import Denied, Unavailable
from lockgate.node.settings import StorageKeys

CHUNK = 1024 * 1024


class StorageUnavailable(Unavailable):
    """The storage did not answer; nothing is known to have changed."""


class StorageDenied(Denied):
    """The storage does not let this worker in. Its keys, or the bucket, are wrong."""


class ObjectMissing(Unavailable):
    """An object that must be there is not."""


@dataclass(frozen=True)
class Stored:
    """What an object is, by its own bytes."""

    size: int
    sha256: str


class Store(Protocol):
    """One bucket."""

    def put(self, key: str, content: BinaryIO) -> None: ...

    def look(self, key: str) -> Stored | None:
        """Read the whole object and hash it; None where there is none."""

    def read(self, key: str, *, most: int) -> bytes:
        """The object's bytes. Raises `Denied` where it is larger than `most`."""

    def copy_from(self, source: Store, key: str) -> None:
        """Copy the object of this key, bytes unseen, from a bucket of the same storage."""

    def delete(self, key: str) -> None: ...


def object_key(project: str, md5: str) -> str:
    """The key of an object in a project's part of a bucket; a directory's md5 ends with `.dir`."""
    return f"{project}/files/md5/{md5[:2]}/{md5[2:]}"


class S3Store:
    """The adapter to any S3."""

    def __init__(self, endpoint: str, bucket: str, keys: StorageKeys) -> None:
        self.endpoint = endpoint
        self.bucket = bucket
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            region_name="us-east-1",
            config=Config(
                s3={"addressing_style": "path"},
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 2},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def close(self) -> None:
        self._client.close()

    def put(self, key: str, content: BinaryIO) -> None:
        with _family(key):
            self._client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def look(self, key: str) -> Stored | None:
        sha256, size = hashlib.sha256(), 0
        try:
            for chunk in self._chunks(key):
                sha256.update(chunk)
                size += len(chunk)
        except ObjectMissing:
            return None
        return Stored(size, sha256.hexdigest())

    def read(self, key: str, *, most: int) -> bytes:
        content = bytearray()
        for chunk in self._chunks(key):
            content += chunk
            if len(content) > most:
                raise StorageDenied(f"The object is larger than {most} bytes.")
        return bytes(content)

    def copy_from(self, source: Store, key: str) -> None:
        assert isinstance(source, S3Store)
        assert source.endpoint == self.endpoint
        with _family(key):
            self._client.copy_object(
                Bucket=self.bucket, Key=key, CopySource={"Bucket": source.bucket, "Key": key}
            )

    def delete(self, key: str) -> None:
        with _family(key):
            self._client.delete_object(Bucket=self.bucket, Key=key)

    def _chunks(self, key: str) -> Iterator[bytes]:
        with _family(key):
            body = self._client.get_object(Bucket=self.bucket, Key=key)["Body"]
            with body:
                yield from body.iter_chunks(CHUNK)


@contextmanager
def _family(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as problem:
        code = str(problem.response.get("Error", {}).get("Code", ""))
        if code in ("NoSuchKey", "404", "NotFound"):
            raise ObjectMissing(f"There is no object {key}.") from problem
        if code in ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket", "403"):
            raise StorageDenied(
                f"The storage refused: {code}.", next_step="Check keys and bucket."
            ) from problem
        raise StorageUnavailable(f"The storage answered {code or 'an error'}.") from problem
    except BotoCoreError as problem:
        raise StorageUnavailable(f"The storage did not answer ({type(problem).__name__}).") from problem
