"""The report's second fix, for good: no literal route is hidden behind a parameter."""

from flask import Flask
from werkzeug.routing import Rule


def literal_path(rule: Rule) -> str | None:
    return None if rule.arguments else rule.rule


def test_no_literal_route_is_shadowed_by_a_parameter(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    shadowed = []
    for rule in app.url_map.iter_rules():
        if (path := literal_path(rule)) is None:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            endpoint, _ = adapter.match(path, method=method)
            if endpoint != rule.endpoint:
                shadowed.append((method, path, endpoint))
    assert shadowed == []


def test_every_api_route_answers_head_where_it_answers_get(app: Flask) -> None:
    without = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and "HEAD" not in rule.methods]
    assert without == []
