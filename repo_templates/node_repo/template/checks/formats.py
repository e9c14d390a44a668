"""Read node.yaml and every project of this repository; say what is wrong with each, and where."""

import sys
from pathlib import Path

from lockgate.formats import FormatError, read_node, read_project


def problems() -> list[str]:
    found: list[str] = []
    readers = {path: read_project for path in sorted(Path("projects").iterdir()) if path.name != ".gitkeep"}
    for path, read in {Path("node.yaml"): read_node, **readers}.items():
        try:
            read(path.read_bytes(), str(path))
        except FormatError as error:
            found += [f"{each.path}:{each.line or 1}: {each.reason}" for each in error.problems]
    return found


if __name__ == "__main__":
    wrong = problems()
    print("\n".join(wrong) or "node.yaml and all projects can be read.")
    sys.exit(bool(wrong))
