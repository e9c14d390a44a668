"""`setup-python` gives what the base's requirement file names, from the wheelhouse, made once."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from standins.github.actions.environments import CannotMake, Environments
from standins.github.actions.reading import read_workflow
from tests.standin.world import World
from tests.standin_actions.workflows import FOLDER, add_to_main, finished, log_of, workflow

UV = str(Path(sys.executable).with_name("uv"))
ROOT = Path(__file__).parents[2]
SETUP = "uses: actions/setup-python@v5\nwith: {cache: pip, cache-dependency-path: requirements.txt}"


def wheel(folder: Path, version: str = "1.0") -> str:
    """A wheel of a module `tiny` in the folder; its line for a requirement file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"tiny-{version}-py3-none-any.whl"
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return f"tiny=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def environments(tmp_path: Path) -> Environments:
    (tmp_path / "wheels").mkdir()
    return Environments(tmp_path / "environments", tmp_path / "wheels", UV)


def test_an_environment_holds_what_is_named_and_pip_finds_it_there(
    environments: Environments, tmp_path: Path
) -> None:
    line = wheel(tmp_path / "wheels")
    place = environments.prepare(line.encode())
    listed = tmp_path / "requirements.txt"
    listed.write_text(line)

    pip = [str(place / "bin" / "pip"), "install", "--require-hashes", "--no-index", "-r", str(listed)]
    again = subprocess.run(pip, capture_output=True, text=True, check=True)

    assert "already satisfied" in again.stdout


def test_the_same_file_is_made_once_even_by_two_at_once(environments: Environments, tmp_path: Path) -> None:
    line = wheel(tmp_path / "wheels").encode()
    places: list[Path] = []
    makers = [threading.Thread(target=lambda: places.append(environments.prepare(line))) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert len(places) == 2
    assert len(set(places)) == 1
    made = (places[0] / ".complete").stat().st_mtime_ns
    assert (environments.prepare(line) / ".complete").stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("requirements", "python", "reason"),
    [
        ("tiny==1.0\n", "", "hash"),
        ("tiny==1.0 --hash=sha256:" + "0" * 64, "", "hash"),
        ("absent==1.0 --hash=sha256:" + "0" * 64, "", "absent"),
        ("--index-url https://example.org/simple\n", "", "holds an option"),
        ("", "9.9", "Python 9.9 is not on this machine"),
    ],
)
def test_what_cannot_be_had_safely_is_refused(
    environments: Environments, tmp_path: Path, requirements: str, python: str, reason: str
) -> None:
    wheel(tmp_path / "wheels")

    with pytest.raises(CannotMake) as refused:
        environments.prepare(requirements.encode(), python)

    assert reason.lower() in str(refused.value).lower()
    assert not list(environments.directory.glob("*/.complete"))


def test_a_job_gets_the_bases_environment_whatever_the_head_asks_for(world: World) -> None:
    wheels = world.site.data / "actions" / "wheelhouse"
    base, newer = wheel(wheels, "1.0"), wheel(wheels, "2.0")
    show = "run: python -c 'import tiny; print(\"tiny is\", tiny.VERSION)'"
    gate = workflow("pull_request_target", SETUP, show)
    add_to_main(world, {f"{FOLDER}/gate.yaml": gate, "requirements.txt": base})

    sha = world.pull("newer", {"requirements.txt": newer}).head.sha

    assert "tiny is 1.0" in log_of(world, finished(world, sha))


def test_a_base_without_the_requirement_file_fails_the_check(world: World) -> None:
    add_to_main(world, {f"{FOLDER}/gate.yaml": workflow("pull_request_target", SETUP)})

    check = finished(world, world.pull("none", {"requirements.txt": ""}).head.sha)

    assert check.conclusion == "failure"
    assert "the base has no requirement file requirements.txt" in check.output.title


@pytest.mark.parametrize("path", sorted((ROOT / "repo_templates").glob("*/template/.github/workflows/*")))
def test_the_workflows_of_the_templates_are_understood(path: Path) -> None:
    read = read_workflow(path.read_bytes(), f"{FOLDER}/{path.name.removesuffix('.jinja')}")

    assert [job.name for job in read.jobs] == [read.name]
    assert all(dict(job.permissions) == {"contents": "read"} for job in read.jobs)
