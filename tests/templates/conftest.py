"""A Code Repo and a Node Repo as `lockgate new` makes them when nobody is there to answer."""

import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
SINCE = "0123456789abcdef0123456789abcdef01234567"


def run(*command: str, folder: Path, fails: bool = False) -> str:
    """Run one of the environment's commands with no terminal; return all it said."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=280,
    )
    assert bool(done.returncode) == fails, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which all is made."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="session")
def wheel(made: Path) -> Path:
    """A file with the name of a wheel of lockgate: only its hash matters to the templates."""
    path = made / "lockgate-0.1.0-py3-none-any.whl"
    path.write_bytes(b"a wheel")
    return path


@pytest.fixture(scope="session")
def code_repo(made: Path, wheel: Path) -> Path:
    folder = made / "heart-study"
    run("lockgate", "new", "code-repo", str(folder), "--defaults", "--wheel", str(wheel), folder=made)
    return folder


@pytest.fixture(scope="session")
def node_repo(made: Path, wheel: Path) -> Path:
    folder = made / "north-node"
    project = ("--project", f"heart_study=north-health/heart-study@{SINCE}")
    new = ("lockgate", "new", "node-repo", str(folder), "--defaults", "--wheel", str(wheel))
    run(*new, *project, folder=made)
    return folder


@pytest.fixture(params=["code_repo", "node_repo"])
def repo(request: pytest.FixtureRequest) -> Path:
    """Each of the two."""
    folder: Path = request.getfixturevalue(request.param)
    return folder
