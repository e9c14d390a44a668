"""Signing in through an App: the choice of an account, the code, the tokens, their renewal."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
import time_machine

from tests.standin.seeded import HERE, ORGANIZATION, PORTAL_APP
from tests.standin.world import World, refused

CALLBACK = "http://127.0.0.1:9/accounts/github/login/callback/"
APP = {"client_id": "Iv1.lockgate", "client_secret": "test-only-secret-of-lockgate"}
JSON = {"accept": "application/json"}


def _code(world: World, login: str = "researcher", **asked: str) -> str:
    query = {"client_id": APP["client_id"], "redirect_uri": CALLBACK, "state": "s t&te", **asked}
    browser = world.http()
    page = browser.get("/login/oauth/authorize", params=query)
    assert f'value="{login}"' in page.text
    answer = browser.post("/login/oauth/authorize", data={**query, "login": login})
    address = urlsplit(answer.headers["location"])
    given = parse_qs(address.query)
    assert answer.headers["location"].startswith(CALLBACK)
    assert given["state"] == ["s t&te"]
    return given["code"][0]


def _exchange(world: World, **given: str) -> httpx.Response:
    return world.http().post("/login/oauth/access_token", data={**APP, **given}, headers=JSON)


def test_a_person_signs_in_and_is_known_by_number_and_address(world: World) -> None:
    answer = _exchange(world, code=_code(world), redirect_uri=CALLBACK).json()
    assert answer["access_token"].startswith("ghu_")
    assert (answer["expires_in"], answer["token_type"]) == (28800, "bearer")
    rest = world.token(answer["access_token"]).users
    assert rest.get_authenticated().parsed_data.id == 1001
    (email,) = rest.list_emails_for_authenticated_user().parsed_data
    assert (email.email, email.primary, email.verified) == ("researcher@example.org", True, True)


def test_the_answer_is_a_form_unless_json_is_asked_for(world: World) -> None:
    body = {**APP, "code": _code(world)}
    answer = world.http().post("/login/oauth/access_token", data=body)
    assert dict(parse_qsl(answer.text))["access_token"].startswith("ghu_")


def test_a_code_is_good_once(world: World) -> None:
    code = _code(world)
    assert "access_token" in _exchange(world, code=code).json()
    assert _exchange(world, code=code).json()["error"] == "bad_verification_code"


def test_a_code_is_good_for_the_app_that_asked_and_with_its_secret(world: World) -> None:
    code = _code(world)
    wrong = _exchange(world, code=code, client_secret="guessed").json()
    assert wrong["error"] == "incorrect_client_credentials"
    other = {"client_id": "Iv1.lockgate-north", "client_secret": "test-only-secret-of-lockgate-north"}
    assert _exchange(world, code=code, **other).json()["error"] == "bad_verification_code"


def test_with_pkce_only_the_one_who_began_ends_it(world: World) -> None:
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    stolen = _exchange(world, code=_code(world, **asked), code_verifier="w" * 50).json()
    assert stolen["error"] == "bad_verification_code"
    assert "access_token" in _exchange(world, code=_code(world, **asked), code_verifier=verifier).json()


@pytest.mark.parametrize(
    "address", ["http://evil.example/", "http://127.0.0.1:9/elsewhere", "http://127.0.0.1:9@evil/"]
)
def test_a_code_goes_to_the_apps_own_addresses_alone(world: World, address: str) -> None:
    query = {"client_id": APP["client_id"], "redirect_uri": address}
    assert world.http().get("/login/oauth/authorize", params=query).status_code == 404
    answer = world.http().post("/login/oauth/authorize", data={**query, "login": "researcher"})
    assert answer.status_code == 404


def test_a_token_is_renewed_once_and_the_old_pair_ends(world: World) -> None:
    first = _exchange(world, code=_code(world)).json()
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = _exchange(world, **renew).json()
    assert world.token(second["access_token"]).users.get_authenticated().status_code == 200
    assert refused(lambda: world.token(first["access_token"]).users.get_authenticated()).status_code == 401
    assert _exchange(world, **renew).json()["error"] == "bad_refresh_token"


def test_a_persons_token_ends_after_eight_hours(world: World) -> None:
    rest = world.token(_exchange(world, code=_code(world)).json()["access_token"])
    with time_machine.travel("2099-01-01T00:00:00Z", tick=True):
        assert refused(lambda: rest.users.get_authenticated()).status_code == 401


def test_a_person_through_an_app_can_do_what_both_may(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    researcher = world.token(world.user_token("researcher"))
    outsider = world.token(world.user_token("outsider"))
    maintainer = world.token(world.user_token("maintainer"))
    assert researcher.pulls.list_files(*HERE, pull.number).status_code == 200
    assert refused(lambda: outsider.repos.get(*HERE)).status_code == 404
    assert refused(lambda: maintainer.repos.get(ORGANIZATION, "elsewhere")).status_code == 404
    assert refused(lambda: maintainer.repos.delete_branch_protection(*HERE, "main")).status_code == 403
    world.site.store.update(world.app_row(PORTAL_APP), permissions={"contents": "read"})
    assert refused(lambda: researcher.pulls.list(*HERE)).status_code == 403


def test_what_a_person_does_through_an_app_is_the_persons(world: World) -> None:
    world.branch("change", {"new.txt": "fresh\n"})
    rest = world.token(world.user_token("researcher")).pulls
    pull = rest.create(*HERE, title="Mine", head="change", base="main").parsed_data
    assert pull.user.id == 1001


def test_a_person_through_an_app_writes_no_checks(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    rest = world.token(world.user_token("maintainer")).checks
    data = {"name": "lockgate/policy", "head_sha": sha, "conclusion": "success"}
    assert refused(lambda: rest.create(*HERE, data=data)).status_code == 403


def test_django_allauth_signs_a_person_in(world: World) -> None:
    site = Path(__file__).with_name("allauth_site.py")
    command = [sys.executable, str(site), world.url, "controller"]
    said = subprocess.run(command, cwd=world.folder, capture_output=True, text=True, check=False)
    assert said.stdout.split() == ["1003", "controller@example.org", "True"], said.stderr
