"""A program of its own, see ``delivery``: sends one notice, and prints in a sentence what went wrong, if anything.

Reads ``{"url", "title", "body"}`` as JSON from the standard input.
"""

import json
import logging
import re
import sys

import apprise


def transmit(url: str, title: str, body: str) -> str:
    """Send a notice and return what went wrong, without the address; nothing when it was taken."""
    address = apprise.Apprise()
    if not address.add(url):
        return "Apprise does not understand the address."
    with apprise.LogCapture(level=logging.WARNING) as output:
        is_sent = address.notify(body=body, title=title)
        said = output.getvalue()
    if is_sent:
        return ""
    status = re.search(r"error=(\d{3})", said)  # all that is taken over: the rest may name the address
    return f"Refused with status {status[1]}." if status else "Refused or not reachable."


if __name__ == "__main__":
    sys.stdout.write(transmit(**json.load(sys.stdin)))
