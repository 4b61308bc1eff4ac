"""Who asks: nobody, somebody with a bad token, a user, another user, an administrator."""

from dataclasses import dataclass

from mixillo.core import clock
from mixillo.ops.probes.accounts import LOGIN, ME, Account, Accounts
from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.http import Request

NOBODY, BAD_TOKEN = "no token", "bad token"
USER, OTHER, ADMIN = "user", "other user", "admin"
# Who talks over sockets: of their own, because probes before may have changed what the others want or may.
HOST, GUEST = "host", "guest"
# Who trades with whom in stories, for the same reason.
BUYER, VENDOR, APPLICANT = "buyer", "vendor", "applicant"
# What these identities are; every other one is called after its role.
ROLE_OF = {OTHER: "user", HOST: "user", GUEST: "user", BUYER: "user", VENDOR: "seller", APPLICANT: "user"}
# Signed with a key that nobody has: what is sent as a bad token when there is no good one to tamper with.
FORGED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwIn0.c2lnbmVkLXdpdGgtYS1rZXktdGhhdC1ub2JvZHktaGFz"


@dataclass(frozen=True)
class SignedIn:
    """The tokens of a session."""

    token: str
    refresh_token: str | None = None


class Identities:
    """Signs the probe's accounts in when they are first needed, and again when a probe has ended their session.

    ``given`` holds tokens by identity that somebody else answers for; they are used as they are.
    ``accounts`` may be ``None``: then there are only these.
    """

    def __init__(self, patience: Patience, accounts: Accounts | None, given: dict[str, str]) -> None:
        self._patience = patience
        self._accounts = accounts
        self._given = given
        self._known: dict[str, Account] = {}
        self._sessions: dict[str, SignedIn] = {}
        self._failed: dict[str, str] = {}

    def token(self, identity: str) -> str | None:
        """Return the token that ``identity`` sends.

        :raises Unavailable: there is no such account, or it cannot sign in.
        """
        if identity == NOBODY:
            return None
        if identity == BAD_TOKEN:
            return self._bad_token()
        if identity in self._given:
            return self._given[identity]
        if identity not in self._sessions:
            self._sessions[identity] = self.sign_in(identity)
        return self._sessions[identity].token

    def account(self, identity: str) -> Account:
        """Return the account of ``identity``, made when it is first asked for.

        :raises Unavailable: it cannot be made.
        """
        if self._accounts is None:
            raise Unavailable(f"no account: none is made here, and there is no token for {identity}")
        if identity in self._failed:
            raise Unavailable(self._failed[identity])
        if identity not in self._known:
            try:
                self._known[identity] = self._accounts.make(ROLE_OF.get(identity, identity))
            except Unavailable as error:
                self._failed[identity] = str(error)
                raise
        return self._known[identity]

    @property
    def are_bare(self) -> bool:
        """Whether they may lack what an operation takes, since nobody could give it to them."""
        return self._accounts is None or self._accounts.are_bare

    def accounts(self) -> list[Account]:
        """Return the accounts that exist so far."""
        return list(self._known.values())

    def fresh(self) -> Account:
        """Return a name, an address and a password that nobody has.

        :raises Unavailable: no accounts are made here.
        """
        if self._accounts is None:
            raise Unavailable("no account is made here")
        return self._accounts.names.account()

    def target(self) -> str:
        """Return the id of a person to act on.

        :raises Unavailable: there is none.
        """
        if self._accounts is None:
            raise Unavailable("no account is made here to act on")
        return self._accounts.target()

    def sign_in(self, identity: str) -> SignedIn:
        """Return a new session of the account of ``identity``; the one that :meth:`token` uses stays.

        :raises Unavailable: signing in does not work.
        """
        account = self.account(identity)
        body = {"identifier": account.email, "password": account.password}
        answer = self._patience.try_ask(Request("POST", LOGIN, body=body))
        data = answer.data() if answer and answer.status == 200 else None
        if not isinstance(data, dict) or not isinstance(data.get("token"), str):
            why = answer.phrase if answer else "no answer"
            raise Unavailable(f"{identity} could not sign in ({why})")
        return SignedIn(data["token"], data.get("refreshToken"))

    def renew(self, identity: str) -> bool:
        """Get ``identity`` a new session if the old one has ended, and return whether it had.

        Probes sign out, change passwords and close accounts; what a 401 means shows at ``me``.
        """
        session = self._sessions.get(identity)
        if session is None:
            return False
        answer = self._patience.try_ask(Request("GET", ME, token=session.token))
        if answer is None or answer.status != 401:
            return False
        del self._sessions[identity]
        try:
            self._sessions[identity] = self.sign_in(identity)
        except Unavailable:
            return self._replace(identity)
        return True

    def _replace(self, identity: str) -> bool:
        """Take a new account in the place of one that cannot sign in any more."""
        self._known.pop(identity, None)
        try:
            self._sessions[identity] = self.sign_in(identity)
        except Unavailable:
            return False
        return True

    def _bad_token(self) -> str:
        """Return a good token with another signature, or a forged one."""
        good = next(iter([*self._given.values(), *(session.token for session in self._sessions.values())]), FORGED)
        head, _, signature = good.rpartition(".")
        return f"{head}.{clock.random_token(len(signature) * 3 // 4)}"
