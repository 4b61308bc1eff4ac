"""Mail reaches a real server, and a failing one costs the request nothing."""

import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from flask import Flask

from mixillo import create_app
from mixillo.config import Settings
from mixillo.core import mail
from tests.waiting import wait_until


class Mailbox(Message):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.messages: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.messages.append(message)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    handler = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def mailing(settings: Settings, port: int) -> Flask:
    return create_app(
        Settings(**vars(settings) | {"smtp_url": f"smtp://127.0.0.1:{port}", "mail_from": "M <m@x.test>"})
    )


def test_a_mail_arrives_at_a_real_server(settings: Settings, mailbox: tuple[Mailbox, int]) -> None:
    handler, port = mailbox
    with mailing(settings, port).app_context():
        mail.send("ada@example.com", "Your link", "Körper\n")
    wait_until(lambda: handler.messages)
    message = handler.messages[0]
    assert (message["To"], message["Subject"]) == ("ada@example.com", "Your link")


def test_without_smtp_settings_the_terminal_is_the_mailbox(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with app.app_context():
        mail.send("ada@example.com", "Reset", "https://example.com/reset?token=abc")
    assert "token=abc" in capsys.readouterr().out
