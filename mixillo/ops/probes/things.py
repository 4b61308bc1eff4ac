"""Things to probe with: ids found in the target's own lists, or made by probes before.

What is only read may be anybody's. What is changed or removed must be the probe's own: made by it, or in a list
that its user sees and its other user does not.
"""

import re
from os.path import commonprefix
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.contract import OPTIONAL, PUBLIC, SIGNED_IN, Contract, Operation, Parameter
from mixillo.ops.probes.derive import UNKNOWN_ID
from mixillo.ops.probes.http import Answer, NoAnswer, Request
from mixillo.ops.probes.identities import ADMIN, NOBODY, OTHER, USER, Identities

PEOPLE = "users"
# What people are called in the names of fields that hold their ids.
PEOPLE_WORDS = (
    "user", "seller", "creator", "host", "receiver", "recipient", "author", "following", "touser", "reported",
)  # fmt: skip
ID = re.compile(r"[0-9a-fA-F]{24}")
Thing = dict[str, Any]


class Things:
    """Finds values for path parameters and for the ids in bodies."""

    def __init__(self, contract: Contract, patience: Patience, identities: Identities) -> None:
        self._contract = contract
        self._patience = patience
        self._identities = identities
        self._made: dict[str, list[Thing]] = {}
        self._listed: dict[tuple[str, str], list[Thing]] = {}

    def learn(self, operation: Operation, path: str, answer: Answer) -> None:
        """Remember what a successful change at ``path`` has made or removed; lists may be others from now on."""
        self._listed.clear()
        if operation.method == "DELETE":
            gone = path.split("/")
            self._made = {name: [t for t in things if _id(t) not in gone] for name, things in self._made.items()}
        if operation.method != "POST" or answer.status != 201:
            return
        if made := _resource(answer.data()):
            self._made.setdefault(path, []).append(made)
        home, named = _home(answer)
        if named and home != path:
            self._made.setdefault(home, []).append(named)

    def exists(self, path: str) -> bool:
        """Return whether the list at ``path`` should not be empty: the probe knows of something in it."""
        return bool(self._made_in(path)) or (_collection(path) == PEOPLE and bool(self._identities.accounts()))

    def path(self, operation: Operation, identity: str) -> str:
        """Return the path of ``operation`` with parameters that suit it.

        :raises Unavailable: there is nothing that could be named in it.
        """
        template, path = "", ""
        parameters = {parameter.name: parameter for parameter in operation.of("path")}
        for segment in operation.path.split("/")[1:]:
            named = re.fullmatch(r"\{(.+)\}", segment)
            value = self._value(parameters[named[1]], template, path, operation, identity) if named else segment
            template, path = f"{template}/{segment}", f"{path}/{quote(value, safe='')}"
        return path

    def any_path(self, operation: Operation) -> str:
        """Return the path with ids of nothing: for requests that must be refused before anything is looked up."""
        return re.sub(r"\{[^}]+\}", UNKNOWN_ID, operation.path)

    def foreign_path(self, operation: Operation) -> str | None:
        """Return the path to a thing of the user's that is nobody else's business; ``None`` when there is none."""
        template, _, _ = operation.path.rpartition("/{")
        single = operation.path.count("{") == 1
        if not single:
            return None
        template, rest = operation.path.split("/{")
        name, _, rest = rest.partition("}")
        if _word(name).lower() in PEOPLE_WORDS and _collection(template) != PEOPLE:
            if operation.access == OPTIONAL:  # what people show to everybody is somebody's, and no secret
                return None
            return f"{template}/{self._identities.account(USER).id}{rest}"
        private = self._private(template, template)
        own = private or (self._made_in(template) if not operation.is_safe and not rest else None)
        return f"{template}/{_id(own[0])}{rest}" if own else None

    def id_for(self, field: str, operation: Operation) -> str:
        """Return the id of something that a ``field`` (``productId``) of the operation's body may name.

        It is looked for in the lists of that name, those nearest to the operation first.

        :raises Unavailable: there is none.
        """
        word = _word(field)
        if word.lower() in PEOPLE_WORDS:
            return self._identities.target()
        last = re.split(r"(?=[A-Z])", word)[-1].lower()  # a shippingMethod may be listed as a method
        plurals = [plural for w in (word, last) for plural in (f"{w}s", f"{w.removesuffix('y')}ies", w)]
        for plural in dict.fromkeys(plurals):
            for path in self._places_of(plural, operation):
                if found := self._nameable(path):
                    return _id(found[0])
        raise Unavailable(f"there is no {word} to test with")

    def _nameable(self, path: str) -> list[Thing]:
        """Return what was made at ``path``, the latest first, as far as the list there has it, or what it lists.

        What everybody's list leaves out is not for everybody yet, as a product that waits for its approval.
        """
        made, listed = self._made.get(path, [])[::-1], self._list(path, path, USER)
        there = {_id(thing) for thing in listed}
        listing = self._contract.find("GET", path)
        is_public = listing is not None and listing.access in (PUBLIC, OPTIONAL)
        return [thing for thing in made if _id(thing) in there] or (listed if is_public else []) or made or listed

    def _places_of(self, plural: str, operation: Operation) -> list[str]:
        """Return the paths where things of that name are listed or were made, those nearest to ``operation`` first.

        Where its own path begins with one of them, no other will do.
        """
        lists = (each.path for each in self._contract.operations if each.method == "GET" and not each.deprecated)
        places = [path for path in dict.fromkeys([*self._made, *lists]) if _collection(path) == plural]
        if own := [path for path in places if operation.path.startswith(f"{path}/")]:
            return own
        return sorted(
            (path for path in places if "{" not in path), key=lambda path: -len(commonprefix([path, operation.path]))
        )

    def _made_in(self, path: str) -> list[Thing]:
        """Return what was made at ``path`` or, where nothing is listed, at one that ends alike."""
        if path in self._made or self._contract.find("GET", path):
            return self._made.get(path, [])
        return [
            thing for place, made in self._made.items() if _collection(place) == _collection(path) for thing in made
        ]

    def _value(self, parameter: Parameter, template: str, prefix: str, operation: Operation, identity: str) -> str:
        if parameter.is_id and (person := self._person_in(parameter, prefix, operation)):
            return person
        found = self._candidates(template, prefix, operation, identity)
        if not found and not parameter.is_id and parameter.examples:
            return str(parameter.examples[0])
        if not found:
            what = "own" if not operation.is_safe else "there"
            raise Unavailable(f"no {parameter.name} to test with: {prefix} lists nothing {what}")
        if parameter.is_id:
            return _id(found[0])
        if not isinstance(found[0].get(parameter.name), str):
            raise Unavailable(f"no example of {parameter.name}")
        return str(found[0][parameter.name])

    def _person_in(self, parameter: Parameter, prefix: str, operation: Operation) -> str | None:
        """Return who a path names: a person among people, or the owner of what is named after its person."""
        if _collection(prefix) == PEOPLE:
            return self._person(operation)
        if _word(parameter.name).lower() not in PEOPLE_WORDS:
            return None
        try:
            return self._identities.account(OTHER if operation.roles else USER).id
        except Unavailable:
            return None

    def _person(self, operation: Operation) -> str | None:
        """Return a person of the probe's own: one to act on, or one to look at."""
        if not operation.is_safe:
            return self._identities.target()
        try:
            return self._identities.account(OTHER).id
        except Unavailable:
            return None

    def _candidates(self, template: str, prefix: str, operation: Operation, identity: str) -> list[Thing]:
        own = self._private(template, prefix) or self._made_in(prefix)
        # What everybody may look at is in the list that everybody sees; what was made just now may not be yet.
        if operation.is_safe and (operation.access != SIGNED_IN or not own):
            return self._list(template, prefix, identity) or own
        return own

    def _private(self, template: str, prefix: str) -> list[Thing]:
        """Return what the user's list has and the other user's has not, those of the present session last."""
        listing = self._contract.find("GET", template)
        if listing is None or listing.access != SIGNED_IN or listing.roles:
            return []
        others = {_id(thing) for thing in self._list(template, prefix, OTHER)}
        mine = [thing for thing in self._list(template, prefix, USER) if _id(thing) not in others]
        return sorted(mine, key=lambda thing: thing.get("isCurrent") is True)

    def _list(self, template: str, prefix: str, identity: str) -> list[Thing]:
        """Return the things that the list at ``prefix`` shows to ``identity``; none where there is no such list.

        :raises Unavailable: the rate limit, or the run's time: what is not known is not taken for empty.
        """
        listing = self._contract.find("GET", template)
        if listing is None:
            return []
        asks = _reader(listing, identity)
        key = (prefix, asks)
        if key not in self._listed:
            self._listed[key] = self._fetch(listing, prefix, asks)
        return self._listed[key]

    def _fetch(self, listing: Operation, prefix: str, identity: str) -> list[Thing]:
        try:
            token = self._identities.token(identity)
            query = query_of(listing)
        except Unavailable:
            return []
        try:
            answer = self._patience.ask(Request("GET", prefix + query, token))
        except NoAnswer:
            return []
        listed = listed_in(answer.data()) if answer and answer.status == 200 else None
        things = [thing for thing in listed or [] if isinstance(thing, dict) and _id(thing)]
        # Where things are listed by groups, such as stories by person, they are what is in these under their name.
        groups = [thing[_collection(prefix)] for thing in things if isinstance(thing.get(_collection(prefix)), list)]
        return [thing for group in groups for thing in group if isinstance(thing, dict)] or things


def query_of(operation: Operation, replaced: tuple[Parameter, Any] | None = None) -> str:
    """Return the query with an example of each required parameter; the ``replaced`` one has another value or none.

    :raises Unavailable: a required parameter has no example.
    """
    values = {p.name: _example(p) for p in operation.of("query") if p.required and not (replaced and replaced[0] == p)}
    if replaced and replaced[0].place == "query" and replaced[1] is not None:
        values[replaced[0].name] = replaced[1]
    return f"?{urlencode(values)}" if values else ""


def headers_of(operation: Operation) -> dict[str, str]:
    """Return the required headers with their examples.

    :raises Unavailable: one has no example, as a signature cannot have.
    """
    return {p.name: str(_example(p)) for p in operation.of("header") if p.required}


def _example(parameter: Parameter) -> Any:
    if not parameter.examples:
        raise Unavailable(f"the document has no example of {parameter.name}")
    return parameter.examples[0]


def listed_in(data: Any) -> list[Any] | None:
    """Return the list among the members of ``data``; ``None`` when there is none, or more than one."""
    lists = [value for value in data.values() if isinstance(value, list)] if isinstance(data, dict) else []
    return lists[0] if len(lists) == 1 else None


def _reader(listing: Operation, identity: str) -> str:
    """Return the identity that may read the list, ``identity`` if it may."""
    if listing.roles:
        return ADMIN if ADMIN in listing.roles else listing.roles[0]
    if listing.access == SIGNED_IN and identity not in (USER, OTHER):
        return USER
    return NOBODY if listing.access in (PUBLIC, OPTIONAL) else identity


def _home(answer: Answer) -> tuple[str, Thing | None]:
    """Return where what was made stands among others of its kind, and what it is, as far as ``Location`` says so."""
    home, _, name = urlsplit(answer.headers.get("location", "")).path.rpartition("/")
    members = answer.data().values() if isinstance(answer.data(), dict) else []
    things = [member for member in members if isinstance(member, dict) and _id(member)]
    return home, next((thing for thing in things if name and name in (_id(thing), thing.get("slug"))), None)


def _word(field: str) -> str:
    """Return what a field or parameter that holds an id calls the thing: ``userId`` and ``user_id`` a user."""
    return re.sub(r"_?[iI]ds?$", "", field)


def _collection(path: str) -> str:
    """Return the part of ``path`` that names what is listed there: the last, but for `/admin` and `/mongodb`."""
    return re.sub(r"(?<=[^/])/(admin|mongodb)$", "", path.rstrip("/")).rpartition("/")[2]


def _resource(data: Any) -> Thing | None:
    """Return the first member of ``data`` that is a thing with an id."""
    members = data.values() if isinstance(data, dict) else []
    return next((member for member in members if isinstance(member, dict) and _id(member)), None)


def _id(thing: Thing) -> str:
    value = thing.get("_id") or thing.get("id")
    return value if isinstance(value, str) else ""
