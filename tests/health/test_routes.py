"""Health answers are asked for, not remembered."""

from flask.testing import FlaskClient


def test_health_answers_without_an_envelope(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["uptime"] >= 0


def test_database_health_reports_what_the_server_says(client: FlaskClient) -> None:
    answer = client.get("/api/health/db")
    assert answer.status_code == 200
    assert answer.json["connected"] is True
    assert answer.json["replicaSet"] == {"name": "rs0", "state": "primary"}
    assert answer.json["version"].startswith("6.")
    assert answer.json["latencyMs"] > 0
