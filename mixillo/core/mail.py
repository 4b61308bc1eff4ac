"""Outgoing mail over SMTP; in development it is written to the log instead."""

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import structlog
from flask import current_app

from mixillo.config import Settings
from mixillo.core.offload import offload
from mixillo.extensions import socketio

log = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 10
ATTEMPTS = 3
SECONDS_BETWEEN_ATTEMPTS = 2.0


def send(to: str, subject: str, body: str) -> None:
    """Send a text mail in the background, so that neither the answer nor its time depend on it.

    A server that refuses or does not answer is tried ``ATTEMPTS`` times; then the failure is logged.
    """
    settings: Settings = current_app.config["SETTINGS"]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message.set_content(body)
    if settings.smtp_url:
        socketio.start_background_task(_deliver, settings.smtp_url, message)
    elif not settings.is_production:
        # Not `log`: the redaction would blank the very link that the developer needs.
        print(f"--- mail to {to}: {subject}\n{body}\n---", flush=True)  # noqa: T201  the development mailbox is the terminal
    else:
        log.error("mail_not_configured", subject=subject)


def _deliver(smtp_url: str, message: EmailMessage) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            offload(_transmit, smtp_url, message)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail_failed", attempt=attempt, error=type(error).__name__)
            socketio.sleep(SECONDS_BETWEEN_ATTEMPTS)
        else:
            log.info("mail_sent", subject=message["Subject"])
            return
    log.error("mail_given_up", subject=message["Subject"])


def _transmit(smtp_url: str, message: EmailMessage) -> None:
    """Hand ``message`` to the server: ``smtps`` is TLS from the start, ``smtp`` uses STARTTLS where offered."""
    parts = urlsplit(smtp_url)
    connect = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    port = parts.port or (465 if parts.scheme == "smtps" else 587)
    with connect(parts.hostname or "localhost", port, timeout=TIMEOUT_SECONDS) as server:
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
