"""The report's second fix, for good: no literal route is hidden behind a parameter."""

from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
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


def test_a_slash_at_the_end_changes_nothing(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    example = {"IdConverter": "6b04f7517dcae0f2963b1c9e", "UnicodeConverter": "word", "IntegerConverter": "1"}
    strict = []
    for rule in app.url_map.iter_rules():
        names = {name: example.get(type(converter).__name__) for name, converter in rule._converters.items()}
        if not rule.rule.startswith("/api/") or None in names.values():
            continue
        path = adapter.build(rule.endpoint, names)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            try:
                adapter.match(f"{path.rstrip('/')}/", method=method)
            except (NotFound, MethodNotAllowed):
                strict.append((method, rule.rule))
    assert strict == []


def test_every_api_route_answers_head_where_it_answers_get(app: Flask) -> None:
    without = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and "HEAD" not in rule.methods]
    assert without == []
