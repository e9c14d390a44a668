"""Python environments of the demo: its wheelhouse, and what its repositories' workflows install.

They are made while the demo starts, so that nobody's first request waits for them.
"""

from __future__ import annotations

import os
import shutil

from deploy.demo.layout import BIN, ROOT, Layout
from standins.github.actions.environments import Environments

REQUIREMENTS = ("requirements-gate.txt", "requirements-ci.txt")


def keep_wheels(layout: Layout) -> None:
    """Link the wheels of now into the demo, once: a later build of Lockgate replaces none of them."""
    if layout.wheelhouse.exists():
        return
    draft = layout.wheelhouse.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(ROOT / "var" / "wheelhouse", draft, copy_function=_link)
    draft.rename(layout.wheelhouse)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def make(layout: Layout) -> None:
    """The environments of `actions/setup-python` for the repositories as they were made."""
    environments = Environments(layout.environments, layout.wheelhouse, str(BIN / "uv"))
    for checkout in sorted(layout.checkouts.iterdir()):
        for name in REQUIREMENTS:
            if (checkout / name).exists():
                environments.prepare((checkout / name).read_bytes(), "3.11")
