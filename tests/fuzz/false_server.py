"""A server that lies: it knows what a client asked, and answers as it should, or crookedly, or with rubbish.

What it does is drawn for each connection, from one that is honest nearly always, so that the client gets far, to one
that never speaks the protocol at all. It also reads all that the client says, which must be in order whatever it was
told.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Callable, NamedTuple

from chat_core import limits, messages
from chat_core.errors import FATAL_CODES, Refusal
from chat_core.framing import FrameDecoder, encode_frame
from tests.fuzz.grammar import Grammar, to_bytes
from tests.fuzz.hearing import Fault
from tests.fuzz.mutation import Mutation
from tests.fuzz.vocabulary import LONG_TEXTS, ODD_NAMES, ODD_TEXTS, PERSONS, ROOMS, TEXTS, quoted

if TYPE_CHECKING:
    from tests.fuzz.wire import Wire
    from tests.simulation.chance import Chance

__all__ = ["FalseServer"]

_ASKED_KEPT = 30
_CODES = tuple(
    map(
        quoted, (*sorted(FATAL_CODES), "not_in_room", "not_in_room", "room_invalid", "text_invalid", "mid_reuse", "new")
    )
)
_REASONS = ('"bye"', '"shutdown"', '"replaced"', '"removed"', '"timeout"', '"because"')
#: How often a server that talks of its own accord says what; those that end a connection are told seldom.
_KINDS = (
    *("message",) * 12, *("presence",) * 6, *("typing", "away") * 3,
    *("live", "gone", "posted", "who", "history", "joined", "left", "ping") * 2,
    "rooms", "renamed", "pong", "error", "error", "quit", "welcome",
)  # fmt: skip


class _Manner(NamedTuple):
    """How a connection's server behaves, as probabilities for each frame; what is left is talk of its own accord."""

    answers: float  # what was asked, as it should
    bends: float
    breaks: float
    storms: float  # for a turn


_MANNERS = (
    *(_Manner(0.9, 0.01, 0.0, 0.01),) * 3,
    _Manner(0.5, 0.01, 0.0, 0.02),
    _Manner(0.5, 0.0, 0.0, 0.0),
    _Manner(0.6, 0.1, 0.02, 0.0),
    _Manner(0.3, 0.5, 0.0, 0.0),
    _Manner(0.0, 0.2, 0.4, 0.0),
)


class FalseServer:
    """The far end of a client's connections, one after the other."""

    def __init__(self, chance: Chance, note: Callable[[bytes], None]) -> None:
        self._chance = chance
        self._note = note
        self._mutation = Mutation(chance)
        self._grammar = Grammar(
            chance,
            "server",
            {
                "room": self._any_room,
                "seq": lambda: str(self._near(self._due.get(self._room, 1))),
                "next": lambda: str(self._near(self._due.get(self._room, 1)) or 1),
                "first": lambda: str(1 + chance.below(5)),
                "head": lambda: str(self._heads.get(self._room, 0)),
                "online": lambda: str(chance.one_of((0, 1, 2, 3, 600, 1_001, limits.INTEGER_MAX))),
                "ref": self._any_ref,
                "mid": self._any_mid,
                "from": lambda: self._name,
                "text": lambda: chance.one_of(LONG_TEXTS if chance.happens(0.01) else TEXTS + ODD_TEXTS),
                "name": lambda: self._name if chance.happens(0.8) else chance.one_of(ODD_NAMES),
                "token": lambda: self._token,
                "epoch": lambda: self._epoch,
                "protocol": lambda: "1",
                "limits": self._limits,
                "joined": self._names, "left": self._names, "members": self._names, "names": self._names,
                "away": self._names, "back": self._names, "features": self._features,
                "code": lambda: chance.one_of(_CODES),
                "fatal": lambda: chance.one_of(("false", "false", "false", "true")),
                "retry": lambda: chance.one_of(("0", "0.5", "-1", "1e300", "5")),
                "reason": lambda: chance.one_of(_REASONS),
            },
        )  # fmt: skip
        self._epoch = '"e1"'
        self._heads: dict[str, int] = {}  # by room, as JSON text: the newest seq told
        self._begin(None)

    def _begin(self, wire: Wire | None) -> None:
        self.wire = wire
        self._decoder = FrameDecoder(limits.HELLO_FRAME_BYTES_MAX)
        self._manner = self._chance.one_of(_MANNERS)
        self._waiting: deque[messages.Request] = deque(maxlen=_ASKED_KEPT)
        self._refs: deque[str] = deque(maxlen=_ASKED_KEPT)
        self._mids: deque[str] = deque(maxlen=_ASKED_KEPT)
        self._rooms: deque[str] = deque(maxlen=_ASKED_KEPT)
        self._due: dict[str, int] = {}
        self._room = '"lobby"'
        self._name = '"Ann"'
        self._token = '"t"'
        self._has_heard = False
        self._has_welcomed = False
        self._has_features = False  # the client may have been told of any

    def take(self, wire: Wire) -> None:
        """Take a new connection; the one before is over."""
        if self._chance.happens(0.05):
            self._epoch = self._chance.one_of(('"e1"', '"e2"', '""', quoted("e" * 900)))
        self._begin(wire)
        draw = self._chance.below(20)
        wire.crumb = 1 + self._chance.below(2_000) if draw == 0 else 0

    # --- what the client says ---

    def hear(self) -> None:
        """Read what the client has said. Raises Fault when a client may not say that."""
        wire = self.wire
        if wire is None or not wire.heard:
            return
        self._decoder.feed(b"".join(wire.heard))
        wire.heard.clear()
        while True:
            try:
                payload = self._decoder.next_payload()
                if payload is None:
                    return
                request = messages.decode_request(payload)
            except Refusal as refusal:
                raise Fault(f"the client says what a server refuses: {refusal.text}") from refusal
            self._check_order(request)
            self._remember(request)

    def _check_order(self, request: messages.Request) -> None:
        is_hello = type(request) is messages.Hello
        if is_hello is self._has_heard:
            raise Fault(f"a hello is the first thing to be said, and nothing else: {request}")
        if not is_hello and not self._has_welcomed:
            raise Fault(f"without a welcome the client says {request}")
        if isinstance(request, (messages.Typing, messages.Away)) and not self._has_features:
            raise Fault(f"without a word of features the client says {request}")
        self._has_heard = True
        self._decoder.payload_bytes_max = limits.CLIENT_FRAME_BYTES_MAX

    def _remember(self, request: messages.Request) -> None:
        self._waiting.append(request)
        if isinstance(request, messages.Hello):
            self._name, self._token = quoted(request.name), quoted(request.token)
        elif isinstance(request, messages.Post):
            self._mids.append(quoted(request.mid))
            self._refs.append(quoted(request.mid))
        elif request.ref is not None:
            self._refs.append(quoted(request.ref))
        if isinstance(request, messages.Join):
            self._rooms.append(quoted(request.room))

    # --- what the server says ---

    def speak(self) -> None:
        """Say a few things, and now and then end the connection."""
        wire, chance = self.wire, self._chance
        if wire is None or wire.is_closed or wire.is_ended or wire.is_reset:
            return
        draw = chance.below(2_000)
        if draw < 4:
            wire.is_reset = draw == 0
            wire.is_ended = draw > 0
        elif draw < 12:
            wire.capacity = 0 if wire.capacity is None else None  # stops reading, or reads again
        elif draw == 12 and self._due:
            self._crowd()
        elif chance.happens(self._manner.storms):
            frame = encode_frame(to_bytes(self._talk()))
            for _ in range(chance.one_of((20, 100, 300))):
                self._put(frame)
        else:
            for _ in range(chance.one_of((1, 2, 4, 12, 25))):
                if not self._say_one():
                    return

    def _say_one(self) -> bool:
        """Say one thing; False when it may well have been the last."""
        chance, manner = self._chance, self._manner
        draw = chance.between(0.0, 1.0)
        if draw < manner.bends:
            self._put(encode_frame(to_bytes(self._grammar.bent())))
            return chance.happens(0.2)
        if draw < manner.bends + manner.breaks:
            self._put(self._mutation.frame(to_bytes(self._talk()) if chance.happens(0.5) else None))
            return False
        if self._waiting and draw < manner.bends + manner.breaks + manner.answers:
            at = chance.below(len(self._waiting)) if chance.happens(0.05) else 0
            request = self._waiting[at]
            del self._waiting[at]
            for text in self._answer(request):
                self._put(encode_frame(to_bytes(text)))
        elif self._has_welcomed or manner.answers < 0.5:
            self._put(encode_frame(to_bytes(self._talk())))
        return True

    def _put(self, frame: bytes) -> None:
        assert self.wire is not None
        self._note(frame)
        self._has_welcomed = self._has_welcomed or b"welcome" in frame
        self._has_features = self._has_features or b"features" in frame
        self.wire.inbox += frame

    def _crowd(self) -> None:
        """Claim that thousands have come, again and again."""
        room = next(iter(self._due))
        for turn in range(14):
            names = ",".join([f'"n{number}"' for number in range(turn * 10_000, turn * 10_000 + 10_000)])
            self._put(encode_frame(to_bytes(f'{{"type":"presence","room":{room},"online":9,"joined":[{names}]}}')))

    def _talk(self) -> str:
        """Say something of one's own accord, more or less as a server may."""
        chance = self._chance
        kind = chance.one_of(_KINDS)
        if kind == "message" and self._due and chance.happens(0.9):
            return self._message(chance.one_of(list(self._due)), self._any_mid())
        text = self._grammar.written(self._grammar.message(kind))
        return text if chance.happens(0.95) else self._grammar.bent(kind)

    def _message(self, room: str, mid: str, text: str | None = None) -> str:
        """Tell the next message of a room."""
        seq = self._due[room]
        self._due[room] = seq + 1
        self._heads[room] = max(seq, self._heads.get(room, 0))
        if text is None:
            text = self._chance.one_of(TEXTS)
        return (
            f'{{"type":"message","room":{room},"seq":{seq},"time":{seq},"from":{self._name},"mid":{mid},"text":{text}}}'
        )

    def _answer(self, request: messages.Request) -> list[str]:
        """Answer as the protocol says, or nearly."""
        ref = getattr(request, "ref", None)
        ending = "}" if ref is None or self._chance.happens(0.05) else f',"ref":{quoted(ref)}}}'
        answers: list[str] = []
        if isinstance(request, messages.Hello):
            features = f',"features":{self._features()}' if self._chance.happens(0.8) else ""
            answers.append(
                f'{{"type":"welcome","protocol":1,"server":"s","epoch":{self._epoch},"name":{self._name},'
                f'"token":{self._token},"time":1,"rooms":{self._default_rooms()},"limits":{self._limits()}{features}{ending}'
            )
        elif isinstance(request, messages.Join):
            answers += self._let_in(request, ending)
        elif isinstance(request, messages.Leave):
            self._due.pop(quoted(request.room), None)
            answers.append(f'{{"type":"left","room":{quoted(request.room)}{ending}')
        elif isinstance(request, messages.Post):
            answers += self._store(request)
        elif isinstance(request, messages.Ping):
            answers.append(f'{{"type":"pong"{ending}')
        elif isinstance(request, messages.Quit):
            answers.append('{"type":"quit","reason":"bye"}')
        elif isinstance(request, messages.Rename):
            self._name = quoted(request.name)
            answers.append(f'{{"type":"renamed","name":{self._name}{ending}')
        elif isinstance(request, (messages.HistoryRequest, messages.WhoRequest, messages.RoomsRequest)):
            pairs = [pair for pair in self._grammar.message(request.type) if pair[0] not in ('"ref"', '"room"')]
            if not isinstance(request, messages.RoomsRequest):
                pairs.append(('"room"', quoted(request.room)))
            answers.append(self._grammar.written(pairs)[:-1] + ending)
        return answers

    def _let_in(self, request: messages.Join, ending: str) -> list[str]:
        chance, room = self._chance, quoted(request.room)
        self._room = room
        head = self._heads.setdefault(room, chance.below(40))
        if chance.happens(0.03):
            return [f'{{"type":"error","code":"room_invalid","text":"No.","fatal":false{ending}']
        start = self._near(head) if chance.happens(0.1) else min(head, request.after or max(0, head - 10)) + 1
        start = max(1, start)
        shown = room if chance.happens(0.95) else chance.one_of(ROOMS + ODD_NAMES)
        self._due[shown] = start
        joined = (
            f'{{"type":"joined","room":{shown},"head":{head},"first":1,"next":{start},"online":2,"members":{self._names()}'
            f"{ending}"
        )
        told = [self._message(shown, self._any_mid()) for _ in range(min(10, max(0, head - start + 1)))]
        return [joined, *told, f'{{"type":"live","room":{shown},"seq":{self._due[shown] - 1}}}']

    def _store(self, request: messages.Post) -> list[str]:
        chance, room, mid = self._chance, quoted(request.room), quoted(request.mid)
        due = self._due.get(room)
        if due is None or chance.happens(0.1):
            code, fatal = chance.one_of(_CODES), chance.one_of(("false", "false", "true"))
            return [f'{{"type":"error","code":{code},"text":"No.","ref":{mid},"fatal":{fatal}}}']
        posted = f'{{"type":"posted","mid":{mid},"room":{room},"seq":{due},"time":1,"duplicate":false}}'
        answers = [posted, self._message(room, mid, quoted(request.text))]
        draw = chance.below(10)
        return answers[::-1] if draw == 0 else answers[:1] if draw == 1 else answers[1:] if draw == 2 else answers

    # --- what fits ---

    def _near(self, number: int) -> int:
        draw = self._chance.below(12)
        return number if draw < 6 else max(0, number + draw - 9)

    def _any_room(self) -> str:
        chance = self._chance
        draw = chance.below(20)
        if draw < 12 and self._due:
            self._room = chance.one_of(list(self._due))
        elif draw < 18 and self._rooms:
            self._room = chance.one_of(self._rooms)
        else:
            self._room = chance.one_of(ROOMS if draw < 19 else ODD_NAMES)
        return self._room

    def _any_ref(self) -> str:
        return self._chance.one_of(self._refs) if self._refs and self._chance.happens(0.8) else '"r1"'

    def _any_mid(self) -> str:
        if self._mids and self._chance.happens(0.3):
            return self._chance.one_of(self._mids)
        return f'"s{self._chance.below(1 << 30)}"'

    def _names(self) -> str:
        return "[" + ",".join([self._chance.one_of(PERSONS) for _ in range(self._chance.below(4))]) + "]"

    def _features(self) -> str:
        return self._chance.one_of(('["typing","away"]', '["typing","away"]', '["away"]', "[]", '["weather"]'))

    def _default_rooms(self) -> str:
        if self._chance.happens(0.02):
            return "[" + ",".join([f'"r{number}"' for number in range(300)]) + "]"
        return '["lobby","Küche"]'

    def _limits(self) -> str:
        chance = self._chance
        frame_bytes = 65_536 if chance.happens(0.95) else chance.one_of((0, 100, limits.INTEGER_MAX))
        window = 256 if chance.happens(0.8) else chance.one_of((1, 2, limits.INTEGER_MAX))
        return f'{{"frame_bytes":{frame_bytes},"text_chars":8000,"window":{window},"rooms":50,"ping_s":30}}'
