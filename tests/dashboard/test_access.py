"""Who may see what: roles, headers, and what is cached where."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mixillo.blueprints.dashboard import assets
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.pages import PAGES
from mixillo.blueprints.dashboard.services.operators import ROLES
from mixillo.errors import Forbidden
from tests.dashboard.browsing import PAGE_PATHS, Browse, cookie_of


@pytest.mark.parametrize("required", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_roles_below_it_may(app: Flask, browser: Browse, role: str, required: str) -> None:
    cookie = cookie_of(browser(role))
    view = operator_required(required)(lambda: "done")
    with app.test_request_context("/ops", headers={"Cookie": f"mixillo_ops={cookie}"}):
        if ROLES.index(role) >= ROLES.index(required):
            assert view().get_data(as_text=True) == "done"
        else:
            with pytest.raises(Forbidden):
                view()


def test_an_unknown_role_is_noticed_when_the_view_is_made() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        operator_required("owner")


def test_every_page_in_the_registry_is_a_view_that_asks_for_its_role(app: Flask) -> None:
    for page in PAGES:
        assert app.view_functions[page.endpoint].access.roles[0] == page.role


@pytest.mark.parametrize("path", [*PAGE_PATHS, "/ops/database.csv"])
def test_a_viewer_reads_every_page(browser: Browse, path: str) -> None:
    answer = browser("viewer").get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [*PAGE_PATHS, "/ops/database.csv"])
def test_no_page_answers_a_stranger(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 303
    assert client.get(path, headers={"HX-Request": "true", "X-Live": "collections"}).status_code == 401


@pytest.mark.parametrize("path", [*PAGE_PATHS, "/ops/nothing-here"])
def test_nothing_on_a_page_runs_without_this_answers_nonce(browser: Browse, path: str) -> None:
    answer = browser().get(path)
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    tags = re.findall(r"<(?:script|link rel=\"stylesheet\")[^>]*>", answer.text)
    assert tags
    assert all(f'nonce="{nonce[1]}"' in tag for tag in tags)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\s(?:src|href|action)=\"https?:", answer.text)


def test_files_are_kept_for_ever_under_a_url_that_names_their_content(client: FlaskClient) -> None:
    page = client.get("/ops/sign-in").text
    for url in re.findall(r"/ops/assets/[^\"#]+", page):
        answer = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Set-Cookie" not in answer.headers
    assert client.get("/ops/assets/000000000000/dashboard/ops.css").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "vendor/LICENSE", "dashboard/none.css", "%00"])
def test_no_other_file_is_handed_out(client: FlaskClient, name: str) -> None:
    assert client.get(f"/ops/assets/000000000000/{name}").status_code == 404


def test_all_files_of_the_dashboard_weigh_about_sixty_kilobytes() -> None:
    weight = sum(len(assets.load(name).compressed) for name in assets.FILES)
    assert weight < 60_000


def test_every_vendored_folder_has_its_licence() -> None:
    for name in assets.FILES:
        if name.startswith("vendor/"):
            assert (assets.STATIC / name).parent.joinpath("LICENSE").is_file()
