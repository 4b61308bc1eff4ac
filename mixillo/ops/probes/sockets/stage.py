"""What the steps of a talk act with: people, their sockets, and what is remembered from step to step."""

from collections.abc import Callable
from typing import Any

from mixillo.ops.probes.asking import Patience
from mixillo.ops.probes.http import Request
from mixillo.ops.probes.identities import Identities
from mixillo.ops.probes.sockets.client import WEBSOCKET, Payload, Refused, Socket
from mixillo.ops.probes.sockets.contract import LiveEvents


class Wrong(Exception):
    """The server did something else than it should; the message says what."""


class Stage:
    """One talk's; ``memory`` is the talk's own."""

    def __init__(
        self, base_url: str, events: LiveEvents, patience: Patience, identities: Identities, seconds: float
    ) -> None:
        self.memory: dict[str, Any] = {}
        self.identities = identities
        self._base_url = base_url
        self._events = events
        self._patience = patience
        self._seconds = seconds
        self._sockets: dict[str, Socket] = {}

    def connect(
        self,
        identity: str,
        *,
        transports: tuple[str, ...] = WEBSOCKET,
        offsets: dict[str, int] | None = None,
        token: str | None = None,
    ) -> Socket:
        """Open a socket of ``identity`` in the place of the one before, with another ``token`` if one is given.

        :raises Unavailable: there is no such account.
        :raises Wrong: it was refused.
        """
        self.leave(identity)
        signed = token or self.identities.token(identity)
        try:
            self._sockets[identity] = Socket(
                self._base_url, signed, seconds=self._seconds, transports=transports, offsets=offsets
            )
        except Refused as refusal:
            raise Wrong(f"refused ({refusal})") from None
        return self._sockets[identity]

    def refused(self, identity: str) -> str:
        """Look that ``identity`` is not let in, and return the code that the server gives.

        :raises Wrong: it is, or no code says why not.
        """
        token = self.identities.token(identity)
        try:
            socket = Socket(self._base_url, token, seconds=self._seconds, transports=WEBSOCKET)
        except Refused as refusal:
            if not refusal.code:
                raise Wrong("refused without a code") from None
            return refusal.code
        socket.close()
        raise Wrong("it was let in")

    def socket(self, identity: str) -> Socket:
        """Return the open socket of ``identity``."""
        return self._sockets[identity]

    def ask(self, identity: str, event: str, data: Any) -> dict[str, Any]:
        """Send an event on the socket of ``identity`` and return what it was answered, held against the document.

        :raises Wrong: it was refused, or the answer is not as documented.
        :raises NoAnswer: there was none.
        """
        answer = self.socket(identity).ask(event, data)
        _none(self._events.answered(event, answer))
        if answer.get("ok") is not True:
            raise Wrong(f"{event} was refused ({answer['error']['code']})")
        done: dict[str, Any] = answer
        return done

    def hear(
        self, identity: str, event: str, wanted: Callable[[Payload], bool] = lambda _payload: True
    ) -> dict[str, Any]:
        """Return what ``identity`` is told, held against the document.

        :raises Wrong: it is not as documented.
        :raises NoAnswer: it was not told in time.
        """
        payload: dict[str, Any] = self.socket(identity).hear(event, wanted)
        _none(self._events.told(event, payload))
        return payload

    def request(
        self, identity: str, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> dict[str, Any]:
        """Return what the API answers ``identity``: the members of ``data``, or of a problem.

        :raises Unavailable: there is no such account, or the run's time is over.
        :raises Wrong: it is an error of the server's.
        """
        answer = self._patience.ask(Request(method, path, token or self.identities.token(identity), body))
        if answer.status >= 500:
            raise Wrong(f"{method} {path} answered {answer.phrase}")
        return answer.data() if isinstance(answer.data(), dict) else answer.object()

    def leave(self, identity: str) -> None:
        """Close the socket of ``identity``, if it has one."""
        if socket := self._sockets.pop(identity, None):
            socket.close()

    def close(self) -> None:
        """Close every socket."""
        for identity in list(self._sockets):
            self.leave(identity)


def _none(faults: list[str]) -> None:
    if faults:
        raise Wrong("; ".join(faults))
