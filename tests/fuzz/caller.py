"""The callers of a server: each a connection with a habit, from somebody who chats to somebody who breaks things.

They remember what they have said, not what they were told: what a caller believes may be wrong, as it may be in life.
What they are told is checked in `hearing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, NamedTuple

from chat_core import limits
from chat_core.framing import encode_frame
from tests.fuzz.grammar import to_bytes
from tests.fuzz.hearing import Hearing
from tests.fuzz.vocabulary import LONG_TEXTS, ODD_NAMES, ODD_TEXTS, PERSONS, TEXTS, quoted
from tests.fuzz.wire import Wire

if TYPE_CHECKING:
    from tests.fuzz.server_world import ServerWorld

__all__ = ["HABITS", "Caller", "Habit", "Identity"]

_INSTALLS = ('"i0"', '"i1"', '"i2"', '"i3"')
_ROOMS_KEPT = 12
_POSTS_KEPT = 8
_UNREAD_MAX = 4_096


class Habit(NamedTuple):
    """How somebody behaves, as probabilities for each frame, or each turn where it says so."""

    bends: float  # a message that is not quite in order
    breaks: float  # a frame spoiled in its bytes
    greets: float  # begins with a hello that is in order
    storms: float  # for a turn: says the same many times
    stalls: float  # for a turn: stops reading, or reads again
    crumbles: float  # for a turn: what is said arrives in pieces


HABITS = (
    *(Habit(0.05, 0.002, 1.0, 0.01, 0.02, 0.02),) * 4,  # chats
    *(Habit(0.6, 0.02, 1.0, 0.01, 0.01, 0.05),) * 4,  # gets everything a little wrong
    Habit(0.2, 0.4, 0.5, 0.0, 0.0, 0.1),  # breaks things
    Habit(0.3, 0.1, 0.0, 0.0, 0.0, 0.5),  # has no manners
    Habit(0.05, 0.0, 1.0, 0.05, 0.3, 0.0),  # reads slowly
)


class Identity(NamedTuple):
    """Somebody: a name and a token, as JSON texts. The token is empty when the server shall make one."""

    name: str
    token: str


class Caller:
    """One connection to the server. `turn` says something; the world reads what comes back."""

    def __init__(self, world: ServerWorld, number: int, habit: Habit) -> None:
        chance = world.chance
        self.world = world
        self.number = number
        self.habit = habit
        self.wire = Wire(1_000 + number)
        self.hearing = Hearing(world.shared, f"-{number}")
        self.has_stalled = False
        self.is_leaving = False
        self._rest = b""  # said, and not yet on the wire
        self._count = 0
        self._rooms: list[str] = []
        self._posts: list[tuple[str, str, str]] = []  # room, mid and text of what may be said again
        self._identity = world.somebody()
        if chance.happens(0.1):
            self.wire.crumb = chance.one_of((1, 3, 700, 5_000))
        self._plans: tuple[Callable[[], str], ...] = (
            *(self._post,) * 28, *(self._ping,) * 10, *(self._join,) * 10, *(self._history,) * 9, *(self._leave,) * 5,
            *(self._who,) * 4, *(self._rooms_page,) * 3, *(self._rename,) * 4, *(self._again,) * 5, *(self._pong,) * 3,
            *(self._typing,) * 4, *(self._away,) * 4, self._hello, self._quit,
        )  # fmt: skip
        self._waits_for_welcome = chance.happens(habit.greets)
        if self._waits_for_welcome:
            self.say(encode_frame(to_bytes(self._hello())))
            if chance.happens(0.5):
                self.say(encode_frame(to_bytes(self._join())))

    # --- a turn ---

    def turn(self) -> None:
        """Do what one does: mostly say a few things."""
        chance, habit, wire = self.world.chance, self.habit, self.wire
        if self.is_leaving:
            return
        draw = chance.below(1_000)
        if draw < 8:
            self._go(draw)
        elif self._rest:
            self._put(b"")
        elif len(wire.inbox) > _UNREAD_MAX or (self._waits_for_welcome and not self.hearing.is_welcome):
            return  # what is said now would hardly be read
        elif chance.happens(habit.stalls):
            self.has_stalled = True
            wire.capacity = 0 if wire.capacity is None else chance.one_of((None, None, 100, 40_000))
        elif chance.happens(habit.storms):
            frame = encode_frame(to_bytes(self._plan(is_counted=False)))
            for _ in range(chance.one_of((20, 20, 100, 300))):
                self.say(frame)
        else:
            for _ in range(chance.one_of((1, 2, 3, 5, 8))):
                if not self._say_one():
                    return

    def _go(self, way: int) -> None:
        """Go, in one of the ways there are."""
        self.is_leaving = True
        if way < 3:
            self.wire.is_reset = True
        elif way < 6:
            self._put(b"")
            self.wire.is_ended = True
        elif way < 7:
            self.say(encode_frame(to_bytes(self._quit())))
        # else gone without a word: half a frame may be on the wire

    def _say_one(self) -> bool:
        """Say one thing; False when it may well have been the last."""
        world, habit = self.world, self.habit
        world.current = self
        draw = world.chance.between(0.0, 1.0)
        if draw < habit.bends:
            self.say(encode_frame(to_bytes(world.grammar.bent())))
        elif draw < habit.bends + habit.breaks:
            original = to_bytes(self._plan(is_counted=False)) if world.chance.happens(0.5) else None
            self.say(world.mutation.frame(original))
            return False
        else:
            self.say(encode_frame(to_bytes(self._plan())))
        return True

    def say(self, frame: bytes) -> None:
        """Send a frame, perhaps a part of it now and the rest in the next turns."""
        self.world.note(self, frame)
        self._put(frame)

    def _put(self, frame: bytes) -> None:
        data = self._rest + frame
        self._rest = b""
        if len(data) > 1 and self.world.chance.happens(self.habit.crumbles):
            cut = 1 + self.world.chance.below(len(data) - 1)
            data, self._rest = data[:cut], data[cut:]
        self.wire.inbox += data

    # --- what to say ---

    def _plan(self, *, is_counted: bool = True) -> str:
        """Make a request that is in order and fits what was said before."""
        is_nowhere = self.hearing.is_welcome and not self.hearing.due
        plan = self._join if is_nowhere and self.world.chance.happens(0.3) else self.world.chance.one_of(self._plans)
        if is_counted:
            return plan()
        counted, self._count = self._count, -1
        text = plan()
        self._count = counted
        return text

    def _token(self) -> str:
        """Make the next ref or mid; see `Hearing.mark`. What is said twice must not be counted on."""
        if self._count < 0:
            # Far, in flipped bits, from one that counts.
            return f"zz{self.world.chance.below(1 << 30)}zz{self.hearing.mark}"
        self._count += 1
        return f"q{self._count}{self.hearing.mark}"

    def _ref(self) -> str:
        return "" if self.world.chance.happens(0.1) else f',"ref":"{self._token()}"'

    def room(self) -> str:
        """Choose a room, most often one that was joined."""
        chance = self.world.chance
        draw = chance.below(20)
        if draw < 13 and self.hearing.due:
            return quoted(chance.one_of(list(self.hearing.due)))
        if draw < 19 and self._rooms:
            return chance.one_of(self._rooms)  # as it was spelled, if it was let in
        return chance.one_of(ODD_NAMES if chance.happens(0.05) else self.world.rooms)

    def text(self) -> str:
        """Choose a text."""
        draw = self.world.chance.below(400)
        return self.world.chance.one_of(LONG_TEXTS if draw == 0 else ODD_TEXTS if draw < 20 else TEXTS)

    def mid(self) -> str:
        """Make a mid."""
        return f'"{self._token()}"'

    def ref(self) -> str:
        """Make a ref."""
        return f'"{self._token()}"'

    def seq(self) -> str:
        """Choose a seq: near the heads of the rooms, or far from all."""
        chance = self.world.chance
        draw = chance.below(20)
        if draw == 0:
            return chance.one_of(("0", "1", str(limits.INTEGER_MAX), str(1 << 40), str((1 << 40) - 1)))
        head = self.world.seqs
        return str(chance.below(head + 3) if draw < 6 else max(0, head + 3 - chance.below(20)))

    def _hello(self) -> str:
        chance = self.world.chance
        name, token = self._identity
        if chance.happens(0.03):
            name = chance.one_of(ODD_NAMES)
        shown = f',"token":{token}' if token and chance.happens(0.97) else ""
        install = chance.one_of(_INSTALLS)
        return f'{{"type":"hello","protocol":1,"name":{name},"install":{install}{shown}{self._ref()}}}'

    def _join(self) -> str:
        chance = self.world.chance
        room = chance.one_of(self.world.rooms) if chance.happens(0.95) else chance.one_of(ODD_NAMES)
        self._rooms.append(room)
        if len(self._rooms) > _ROOMS_KEPT:
            del self._rooms[0]
        draw = chance.below(10)
        from_ = (
            ""
            if draw < 1
            else f',"last":{chance.one_of((0, 0, 1, 1, 5, 50, 500))}'
            if draw < 5
            else f',"after":{self.seq()}'
        )
        return f'{{"type":"join","room":{room}{from_}{self._ref()}}}'

    def _leave(self) -> str:
        return f'{{"type":"leave","room":{self.room()}{self._ref()}}}'

    def _post(self) -> str:
        room, text = self.room(), self.text()
        if self._count >= 0 and self.world.chance.happens(0.1):
            mid = f"m{self.world.chance.below(1 << 30)}"
            self._posts.append((room, mid, text))
            if len(self._posts) > _POSTS_KEPT:
                del self._posts[0]
        else:
            mid = self._token()
        return f'{{"type":"post","room":{room},"mid":"{mid}","text":{text}}}'

    def _again(self) -> str:
        """Say what was said before: the same message, or another one under its mid."""
        if not self._posts:
            return self._post()
        room, mid, text = self.world.chance.one_of(self._posts)
        if self.world.chance.happens(0.2):
            text = self.text()
        return f'{{"type":"post","room":{room},"mid":"{mid}","text":{text}}}'

    def _history(self) -> str:
        limit = self.world.chance.one_of((1, 2, 20, 200))
        return f'{{"type":"history","room":{self.room()},"before":{self.seq()},"limit":{limit}{self._ref()}}}'

    def _who(self) -> str:
        return f'{{"type":"who","room":{self.room()},"offset":{self.world.chance.below(3)}{self._ref()}}}'

    def _rooms_page(self) -> str:
        return f'{{"type":"rooms","offset":{self.world.chance.one_of((0, 0, 1, 600))}{self._ref()}}}'

    def _rename(self) -> str:
        chance = self.world.chance
        draw = chance.below(10)
        name = quoted(f"n{chance.below(40)}") if draw < 5 else chance.one_of(PERSONS if draw < 9 else ODD_NAMES)
        return f'{{"type":"rename","name":{name}{self._ref()}}}'

    def _ping(self) -> str:
        return f'{{"type":"ping","nonce":{self._count}{self._ref()}}}'

    def _typing(self) -> str:
        return f'{{"type":"typing","room":{self.room()}{self._ref()}}}'

    def _away(self) -> str:
        return f'{{"type":"away","away":{self.world.chance.one_of(("true", "true", "false"))}{self._ref()}}}'

    def _pong(self) -> str:
        return '{"type":"pong"}'

    def _quit(self) -> str:
        if not self.is_leaving and self.world.chance.happens(0.7):
            return self._ping()
        return f'{{"type":"quit"{self._ref()}}}'
