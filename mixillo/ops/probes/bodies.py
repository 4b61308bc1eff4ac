"""What is sent: the document's example, with what an example cannot know filled in.

The rule, for fields that the example has:

- Where the operation makes something (201), ``username``, ``email`` and ``password`` are new and the probe's own.
- Elsewhere these, ``identifier`` and the present password are those of the account that asks (of the user, when
  nobody is signed in); ``newPassword`` is new, and the account's from then on; ``refreshToken`` is that of a session
  made for it, since using it ends it.
- Ids are those of things that are there.
- A ``token`` came by mail, which the probe does not read, and so did a ``code`` of the module ``auth``: such a case is
  blocked. Where the operation makes something else that has a ``code``, this is new.
"""

from collections.abc import Callable
from typing import Any

from bson import ObjectId

from mixillo.core import clock
from mixillo.ops.probes.accounts import Account
from mixillo.ops.probes.asking import Unavailable
from mixillo.ops.probes.contract import Operation
from mixillo.ops.probes.derive import INCOMPLETE, UNKNOWN, UNKNOWN_FIELD, Planned
from mixillo.ops.probes.identities import NOBODY, USER, Identities
from mixillo.ops.probes.things import ID, Things

FROM_MAIL, CODE = ("token", "otp"), "code"
NEW_PASSWORD = "newPassword"  # noqa: S105  the name of a field
Fill = Callable[[], Any]


class Bodies:
    """Makes bodies for planned cases."""

    def __init__(self, identities: Identities, things: Things) -> None:
        self._identities = identities
        self._things = things

    def body(self, operation: Operation, planned: Planned) -> Any:
        """Return what to send; ``None`` where the operation takes nothing.

        :raises Unavailable: the document has no example, or something in it is not to be had.
        """
        if operation.body is None:
            if operation.takes_other_body and planned.proves and not operation.other_body:
                raise Unavailable("the body is not JSON, and the document has no example of it")
            return operation.other_body
        example = operation.body.example
        if example is None:
            if planned.proves:
                raise Unavailable("the document has no example of the body")
            return {}
        if planned.proves:
            return self._filled(operation, planned.identity, example)
        if planned.body == INCOMPLETE:
            return {name: value for name, value in example.items() if name not in operation.body.required}
        return example | {UNKNOWN_FIELD: 1} if planned.body == UNKNOWN else example

    def keep(self, identity: str, body: Any) -> None:
        """Take note of what a successful request has changed about its account."""
        if isinstance(body, dict) and isinstance(body.get(NEW_PASSWORD), str) and identity != NOBODY:
            self._identities.account(identity).password = body[NEW_PASSWORD]

    def _filled(self, operation: Operation, identity: str, example: Any) -> Any:
        if operation.successes == {201} and {"username", "email"} <= example.keys():
            known = self._of_nobody()
        else:
            known = self._of_account(USER if identity == NOBODY else identity)
        if CODE in example and operation.tag == "auth":
            known[CODE] = _from_mail
        elif operation.successes == {201}:
            known[CODE] = _new_code
        return self._replaced(example, known, operation)

    def _replaced(self, value: Any, known: dict[str, Fill], operation: Operation, name: str = "") -> Any:
        """Return ``value`` (the member ``name`` of the body) with known members and ids filled in."""
        if isinstance(value, dict):
            return {key: self._replaced(inner, known, operation, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._replaced(inner, known, operation, name) for inner in value]
        if isinstance(value, str) and name in known:
            return known[name]()
        if isinstance(value, str) and ID.fullmatch(value):
            return self._things.id_for(name, operation)
        return value

    def _of_nobody(self) -> dict[str, Fill]:
        account: Account = self._identities.fresh()
        values = {"username": account.username, "email": account.email, "password": account.password}
        return {name: lambda value=value: value for name, value in values.items()}  # type: ignore[misc]

    def _of_account(self, identity: str) -> dict[str, Fill]:
        def account() -> Account:
            return self._identities.account(identity)

        fills: dict[str, Fill] = {
            "username": lambda: account().username,
            "email": lambda: account().email,
            "identifier": lambda: account().email,
            "password": lambda: account().password,
            "currentPassword": lambda: account().password,
            NEW_PASSWORD: lambda: clock.random_token(18),
            "refreshToken": lambda: self._identities.sign_in(identity).refresh_token,
        }
        return fills | dict.fromkeys(FROM_MAIL, _from_mail)


def _new_code() -> str:
    return f"probe-{ObjectId()}"


def _from_mail() -> Any:
    raise Unavailable("it takes a token from a mail, which the probe does not read")
