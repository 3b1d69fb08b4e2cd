"""How the generator speaks to each kind of server: logging in, posting, and what a delivered message looks like.

No socket here. All texts have 64 characters and begin with their sender and their number among all of that sender's,
so that a stream shows by itself whether something is missing, doubled or out of order.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["ROOM", "TEXT_CHARS", "Chat", "Frames", "Irc", "Lines", "Named", "Nats", "Redis", "Step", "Tongue", "text"]

ROOM = b"bench"
TEXT_CHARS = 64
# No digit and no quote: what may differ between two messages of one form is digits alone (see `streams`).
_FILLER = b" a line as people write it, neither long nor odd."
_TEXT = rb"@(?P<sender>\d{4})\.(?P<number>\d{9})" + re.escape(_FILLER)


def text(sender: int) -> bytes:
    """Return what a sender says, with `%09d` where the number goes, counted from 0."""
    return b"@%04d.%%09d" % sender + _FILLER


class Step(NamedTuple):
    """One step of logging in: what is said, and after which of these the next one comes (none: at once)."""

    say: bytes
    until: tuple[bytes, ...] = ()


class Tongue:
    """What the generator must know of a kind of server. This one is for servers that take and give bare lines."""

    #: What one delivered message looks like, whole; `seq` is the server's own number where it has one.
    pattern = re.compile(_TEXT + rb"\n")
    #: Whether all receivers get the messages of several senders in one and the same order.
    has_one_order = True
    #: Whether who sends gets its own messages back.
    has_echo = True
    #: Whether one connection may both send and receive.
    is_both_ways = True
    #: What stands five bytes into a frame that only its sender gets, between those that all get.
    reply: bytes | None = None
    #: For how long nothing may have been heard before everybody is sure to have been told who is there, seconds.
    quiet_s = 0.05
    #: What every receiver then asks, and the end of the answer, so that all streams start level; or nothing.
    ping = pong = b""
    #: Logins in flight.
    logins_at_once = 64

    def steps(self, number: int, *, hears: bool, talks: bool) -> list[Step]:
        """Return how a connection logs in. `number` is its own; a talker's is the `sender` of its texts."""
        del number
        return [Step((b"B" if talks else b"R") + b"\n" if hears else b"S\n", (b"OK\n",))]

    def template(self, sender: int) -> bytes:
        """Return one post, with `%09d` where the number goes."""
        return text(sender) + b"\n"

    def posts(self, template: bytes, first: int, end: int) -> bytes:
        """Return the posts with these numbers in one piece."""
        return b"".join(map(template.__mod__, range(first, end)))

    def is_sound(self, message: bytes) -> bool:
        """Whether what looks like a message is one."""
        del message
        return True


class Lines(Tongue):
    """The raw limit with newlines."""


class Frames(Tongue):
    """The raw limit with length-prefixed frames."""

    pattern = re.compile(rb"\0\0\0\x40" + _TEXT)

    def steps(self, number: int, *, hears: bool, talks: bool) -> list[Step]:
        (said, _), *_ = super().steps(number, hears=hears, talks=talks)
        return [Step(b"\0\0\0\1" + said[:1], (b"\0\0\0\2OK",))]

    def template(self, sender: int) -> bytes:
        return b"\0\0\0\x40" + text(sender)


class Named(Tongue):
    """A server whose first line from everybody is a name, and that puts it before what they say."""

    pattern = re.compile(rb"s\d{4}: " + _TEXT + rb"\n")

    def steps(self, number: int, *, hears: bool, talks: bool) -> list[Step]:
        del hears
        return [Step(_name(number, talks=talks) + b"\n", (b"OK\n",))]


class Chat(Tongue):
    """The protocol of this project."""

    pattern = re.compile(
        rb'\0\0(?s:..)\{"type":"message","room":"' + ROOM + rb'","seq":(?P<seq>\d+),"time":\d{13},'
        rb'"from":"s\d{4}","mid":"\d{30}","text":"' + _TEXT + rb'"\}'
    )
    reply = b'{"type":"posted"'
    quiet_s = 1.1  # the protocol lets presence be summed up for a second
    ping, pong = b'\0\0\0\x1f{"type":"ping","nonce":"level"}', b'{"type":"pong","nonce":"level"}'

    def steps(self, number: int, *, hears: bool, talks: bool) -> list[Step]:
        del hears  # whoever posts must be in the room, and hears
        name = _name(number, talks=talks)
        hello = b'{"type":"hello","protocol":1,"name":"%b","install":"%b"}' % (name, name)
        join = b'{"type":"join","room":"%b","last":0}' % ROOM
        return [Step(_frame(hello), (b'"type":"welcome"',)), Step(_frame(join), (b'"type":"live"',))]

    def template(self, sender: int) -> bytes:
        payload = b'{"type":"post","room":"%b","mid":"%%010d%%020d","text":"%b"}' % (ROOM, text(sender))
        return _frame(payload, len(payload % (0, 0, 0)))

    def posts(self, template: bytes, first: int, end: int) -> bytes:
        """Give each a mid as `client.outbox.make_mid` does: ten digits that grow with time, then twenty by chance.

        Eight of a sender fall into one millisecond.
        """
        return b"".join(
            [template % (n >> 3, n * 0x9E3779B97F4A7C15 & 0xFFFF_FFFF_FFFF_FFFF, n) for n in range(first, end)]
        )

    def is_sound(self, message: bytes) -> bool:
        """Whether the header says how long it is."""
        return int.from_bytes(message[:4], "big") == len(message) - 4


class Irc(Tongue):
    """IRC, one channel."""

    pattern = re.compile(rb":s\d{4}![^ \r\n]+ PRIVMSG #" + ROOM + rb" :" + _TEXT + rb"\r\n")
    has_echo = False
    quiet_s = 0.3
    ping, pong = b"PING level\r\n", b"level\r\n"

    def __init__(self, logins_at_once: int) -> None:
        self.logins_at_once = logins_at_once

    def steps(self, number: int, *, hears: bool, talks: bool) -> list[Step]:
        del hears  # by default only who is in a channel may speak in it
        name = _name(number, talks=talks)
        return [
            Step(b"NICK %b\r\nUSER %b 0 * :%b\r\n" % (name, name, name), (b" 376 ", b" 422 ")),
            Step(b"JOIN #%b\r\n" % ROOM, (b" 366 ",)),
        ]

    def template(self, sender: int) -> bytes:
        return b"PRIVMSG #%b :%b\r\n" % (ROOM, text(sender))


class Redis(Tongue):
    """Redis, one channel of its publish and subscribe. Who subscribes cannot publish."""

    pattern = re.compile(
        rb"\*3\r\n\$7\r\nmessage\r\n\$%d\r\n%b\r\n\$%d\r\n" % (len(ROOM), ROOM, TEXT_CHARS) + _TEXT + rb"\r\n"
    )
    is_both_ways = False

    def steps(self, number: int, *, hears: bool, talks: bool) -> list[Step]:
        del number, talks
        alive = Step(b"PING\r\n", (b"+PONG\r\n",))
        return [alive, Step(b"SUBSCRIBE %b\r\n" % ROOM, (b":1\r\n",))] if hears else [alive]

    def template(self, sender: int) -> bytes:
        head = b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n" % (len(ROOM), ROOM, TEXT_CHARS)
        return head + text(sender) + b"\r\n"


class Nats(Tongue):
    """NATS, one subject. Its publishers are served in turns that differ from one subscriber to another."""

    pattern = re.compile(rb"MSG %b 1 %d\r\n" % (ROOM, TEXT_CHARS) + _TEXT + rb"\r\n")
    has_one_order = False
    # Some two seconds after the login it pings once, to see how far away one is. That must be over, so everybody
    # waits for it, and so all at once.
    logins_at_once = 20_000

    def steps(self, number: int, *, hears: bool, talks: bool) -> list[Step]:
        del number, talks
        options = b'{"verbose":false,"pedantic":false,"echo":true,"lang":"python","version":"1","protocol":1}'
        subscribe = b"SUB %b 1\r\n" % ROOM if hears else b""
        return [
            Step(b"CONNECT %b\r\n%bPING\r\n" % (options, subscribe), (b"PONG\r\n",)),
            Step(b"", (b"PING\r\n",)),
            Step(b"PONG\r\n"),
        ]

    def template(self, sender: int) -> bytes:
        return b"PUB %b %d\r\n%b\r\n" % (ROOM, TEXT_CHARS, text(sender))


def _name(number: int, *, talks: bool) -> bytes:
    return b"%b%04d" % (b"s" if talks else b"r", number)


def _frame(payload: bytes, payload_bytes: int | None = None) -> bytes:
    return (len(payload) if payload_bytes is None else payload_bytes).to_bytes(4, "big") + payload
