"""`python -m deploy.lock`: renew the pinned requirement files, with hashes and without addresses."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
COMMON = ("--quiet", "--generate-hashes", "--no-emit-index-url", "--no-header", "--python-version", "3.11")
# DVC wants an old antlr4 that was published as source only; what is generated does without DVC.
WITHOUT_WHEEL = "antlr4-python3-runtime=="


def main() -> None:
    compile_lock("dev", "pyproject.toml", "--extra", "dev")
    for name, extras in (("base", ()), ("portal", ("portal",)), ("node", ("node",))):
        chosen = [word for extra in extras for word in ("--extra", extra)]
        compile_lock(name, "pyproject.toml", *chosen, "--constraint", "requirements/dev.txt")
    compile_lock("nodejs", "requirements/nodejs.in")
    lock_generated_repositories()


def lock_generated_repositories() -> None:
    """What generated repositories install beside lockgate: at our versions, and from wheels alone."""
    gate, run, test = (f"repo_templates/code_repo/locks/{name}.txt" for name in ("gate", "run", "ci"))
    inputs = {
        gate: (),
        "repo_templates/node_repo/locks/gate.txt": (),
        run: ("--extra", "dagster", "requirements/code_repo.in"),
        test: ("--extra", "dagster", "requirements/code_repo_ci.in"),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write(our_versions_with_wheels())
        constraints.flush()
        for target, options in inputs.items():
            words = ("--constraint", constraints.name, "--only-binary", ":all:", "--no-annotate")
            compile_to(target, "pyproject.toml", *options, *words)


def our_versions_with_wheels() -> str:
    """requirements/dev.txt as constraints, but for what has no wheel at that version."""
    lines = (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    pins = [line.split()[0] for line in lines if "==" in line]
    return "\n".join(pin for pin in pins if not pin.startswith(WITHOUT_WHEEL))


def compile_lock(name: str, source: str, *options: str) -> None:
    compile_to(f"requirements/{name}.txt", source, *options)


def compile_to(target: str, source: str, *options: str) -> None:
    command = [str(UV), "pip", "compile", *COMMON, source, *options, "--output-file", target]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
