"""`python -m deploy.lock`: renew the pinned requirement files, with hashes and without addresses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
COMMON = ("--quiet", "--generate-hashes", "--no-emit-index-url", "--no-header", "--python-version", "3.11")


def main() -> None:
    compile_lock("dev", "pyproject.toml", "--extra", "dev")
    for name, extras in (("base", ()), ("portal", ("portal",)), ("node", ("node",))):
        chosen = [word for extra in extras for word in ("--extra", extra)]
        compile_lock(name, "pyproject.toml", *chosen, "--constraint", "requirements/dev.txt")
    compile_lock("code_repo", "requirements/code_repo.in", "--constraint", "requirements/dev.txt")


def compile_lock(name: str, source: str, *options: str) -> None:
    target = f"requirements/{name}.txt"
    subprocess.run(
        [str(UV), "pip", "compile", *COMMON, source, *options, "--output-file", target], cwd=ROOT, check=True
    )


if __name__ == "__main__":
    main()
