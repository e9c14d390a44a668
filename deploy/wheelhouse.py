"""`python -m deploy.wheelhouse DIR`: Lockgate's own wheel, and the wheels that generated repositories lock.

Wheels that are there already are kept; an older wheel of Lockgate is replaced.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LOCK = ROOT / "repo_templates" / "code_repo" / "locks" / "ci.txt"  # holds all that the others hold


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("lockgate-*.whl"):
        old.unlink()
    build = ("build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", str(folder))
    subprocess.run([str(BIN / "uv"), *build, str(ROOT)], check=True)
    (folder / ".gitignore").unlink(missing_ok=True)
    kept = folder / "downloaded.txt"
    if not kept.exists() or kept.read_bytes() != LOCK.read_bytes():
        download(folder)
        kept.write_bytes(LOCK.read_bytes())


def download(folder: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    which = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--find-links", str(folder))
    subprocess.run([*pip, *which, "--dest", str(folder), "--requirement", str(LOCK)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
