"""People: who owns a name, who shows the token for it, and how fast one may post.

Pure. A person survives its connections: what is kept of it is in the log, and here are only those who are
online or have just asked to be. Nothing is written here; what has to be is returned for the tick's batch.

The theory. A name belongs to whoever shows its token, until nobody has for 30 days. A name that is asked for in
this tick is reserved at once, so that two who ask for it in the same tick cannot both get it, and becomes real
when the batch is committed. A newcomer may bring a token of its own making: one that waits for the server's
would lose its new name for 30 days if the connection broke between the commit and the welcome.
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Callable, NamedTuple

from chat_core import limits, names
from chat_core.errors import Refusal
from chat_core.server.records import PersonRow
from chat_core.strict_json import quote

if TYPE_CHECKING:
    from chat_core.messages import Hello
    from chat_core.names import Name
    from chat_core.server.records import Log
    from chat_core.server.session import Session

__all__ = ["Admission", "Claim", "People", "Person"]

_NAME_KEPT_MS = limits.NAME_KEPT_DAYS * 86_400_000


class Person:
    """Somebody with a name. `sessions` are its connections, one for an installation; `due_at` is when its rate allows.

    The sessions are a list: there is mostly one, and then a dict takes three times the memory.
    """

    __slots__ = ("due_at", "id", "key", "name", "quoted", "sessions", "token_hash", "touched_at")

    def __init__(self, row: PersonRow) -> None:
        self.id = row.id
        self.token_hash = row.token_hash
        self.sessions: list[Session] = []
        self.due_at = 0.0
        self.touched_at = 0.0
        self.take(names.Name(row.name, row.key))

    def take(self, name: Name) -> None:
        """Be called that from now on."""
        self.name, self.key = name
        self.quoted = quote(name.shown)  # as it stands in every message of this person

    def row(self, unix_ms: int) -> PersonRow:
        """Return what the log keeps, seen now."""
        return PersonRow(self.id, self.name, self.key, self.token_hash, unix_ms)


class Claim(NamedTuple):
    """A name that may be had: what must be written to have it. `lapsed` is whose name it was, long ago."""

    row: PersonRow
    lapsed: int | None


class Admission(NamedTuple):
    """Who a hello comes from. `is_known` when the log has this person already, under this token."""

    person: Person
    token: str
    claim: Claim
    is_known: bool


class People:
    """Everybody online, by name and by token. `new_token` returns a secret of 128 bits or more."""

    def __init__(self, log: Log, new_token: Callable[[], str]) -> None:
        self._log = log
        self._new_token = new_token
        self._next_id = log.next_ids()[0]
        self._by_key: dict[str, Person] = {}
        self._by_token: dict[bytes, Person] = {}
        self._reserved: dict[str, int] = {}  # keys asked for in this tick, and by which person
        self._due_at: dict[int, float] = {}  # of those who went above their rate: coming back gives no new burst
        self._touch_at = 0.0  # when to look next who is to be written down as seen
        self._arriving: dict[bytes, Person] = {}  # by token: new in this tick

    def __len__(self) -> int:
        return len(self._by_key)

    def names(self, count: int | None = None) -> list[str]:
        """List who is online, in the order in which they came; only the first so many, if a count is given."""
        return [person.name for person in islice(self._by_key.values(), count)]

    def admit(self, hello: Hello, unix_ms: int) -> Admission:
        """Find or make the person that says hello.

        Raises Refusal: name_invalid, name_taken, name_not_yours. Raises StorageError.
        """
        token = hello.token
        known = None if token is None else self._owner(_hashed(token))
        if token is not None and known is not None:
            # Its name may have lapsed, and be asked for by somebody else at this very moment.
            if self._reserved.setdefault(known.key, known.id) != known.id:
                raise _taken(known.name)
            is_known = known.token_hash not in self._arriving
            return Admission(known, token, Claim(known.row(unix_ms), None), is_known)
        name = names.person_name(hello.name)
        lapsed = self._check_free(name, unix_ms)
        if token is None or len(token) < limits.TOKEN_CHARS_MIN:
            token = self._new_token()
        person = Person(PersonRow(self._next_id, name.shown, name.key, _hashed(token), unix_ms))
        self._next_id += 1
        self._reserved[name.key] = person.id
        self._arriving[person.token_hash] = person
        return Admission(person, token, Claim(person.row(unix_ms), lapsed), is_known=False)

    def claim(self, person: Person, text: str, unix_ms: int) -> tuple[Name, Claim]:
        """Check and reserve another name for a person who is online.

        Raises Refusal: name_invalid, name_taken, name_not_yours. Raises StorageError.
        """
        name = names.person_name(text)
        is_own = name.key == person.key or self._reserved.get(name.key) == person.id
        lapsed = None if is_own else self._check_free(name, unix_ms)
        self._reserved[name.key] = person.id
        row = PersonRow(person.id, name.shown, name.key, person.token_hash, unix_ms)
        return name, Claim(row, lapsed)

    def _owner(self, token_hash: bytes) -> Person | None:
        here = self._by_token.get(token_hash) or self._arriving.get(token_hash)
        if here is not None:
            return here
        row = self._log.person_by_token(token_hash)
        return None if row is None else Person(row)

    def _check_free(self, name: Name, unix_ms: int) -> int | None:
        """Refuse a name that somebody has. Return whose it was when it has lapsed, None when it was nobody's."""
        if name.key in self._by_key or name.key in self._reserved:
            raise _taken(name.shown)
        row = self._log.person_by_key(name.key)
        if row is None:
            return None
        if unix_ms - row.last_seen_unix_ms < _NAME_KEPT_MS:
            raise Refusal(
                "name_not_yours",
                f"The name {name.shown} belongs to somebody who was here in the last {limits.NAME_KEPT_DAYS} days. "
                "Choose another one.",
            )
        return row.id

    # --- after the commit ---

    def settle(self) -> None:
        """Forget this tick's reservations: each has become real or has failed."""
        self._reserved.clear()
        self._arriving.clear()

    def enter(self, person: Person) -> Person:
        """Let a committed login in. Returns the person that is online: two logins of one tick are one person."""
        online = self._by_token.setdefault(person.token_hash, person)
        online.due_at = max(online.due_at, self._due_at.pop(online.id, 0.0))
        self._by_key[online.key] = online
        return online

    def current(self, person: Person) -> Person | None:
        """Return who a person is now, should it have gone and come back meanwhile; None when it is not online."""
        return self._by_token.get(person.token_hash)

    def rename(self, person: Person, name: Name) -> None:
        """Make a committed claim real."""
        del self._by_key[person.key]
        person.take(name)
        self._by_key[person.key] = person

    def go(self, person: Person) -> None:
        """Forget a person whose last session is over. Its name stays its own, in the log."""
        del self._by_key[person.key]
        del self._by_token[person.token_hash]
        if person.due_at:
            self._due_at[person.id] = person.due_at

    def touch(self, now: float, unix_ms: int) -> list[PersonRow]:
        """Return the rows of those online of whom it is time to write down that they were seen.

        Forgets of those who went what no longer holds them back. To be asked often; it looks once a minute.
        """
        if now < self._touch_at:
            return []
        self._touch_at = now + limits.TOUCH_LOOK_EVERY_S
        earliest = now - limits.RATE_BURST_S
        self._due_at = {person_id: due_at for person_id, due_at in self._due_at.items() if due_at > earliest}
        rows = []
        for person in self._by_key.values():
            if now - person.touched_at >= limits.TOUCH_EVERY_S:
                person.touched_at = now
                rows.append(person.row(unix_ms))
        return rows


def _taken(name: str) -> Refusal:
    return Refusal("name_taken", f"Somebody called {name} is here already. Choose another name.")


def _hashed(token: str) -> bytes:
    # A token has 128 random bits or more, so one round is enough: there is nothing to guess. It may be any string
    # that a client made up, hence UTF-8.
    return hashlib.sha256(token.encode()).digest()
