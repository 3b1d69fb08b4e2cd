"""A session: how it speaks, and that it takes no more after a fatal error or a goodbye."""

from __future__ import annotations

import unittest

from chat_core.errors import Refusal
from chat_core.framing import encode_frame
from chat_core.messages import Pong
from chat_core.server.session import Session


class ListOutlet:
    """An outlet that keeps what is queued."""

    def __init__(self) -> None:
        self.queued_bytes = 0
        self.frames: list[bytes] = []
        self.is_ended = False

    def put(self, frames: bytes) -> None:
        """Keep whole frames."""
        self.frames.append(frames)

    def end(self) -> None:
        """Take nothing more in."""
        self.is_ended = True


class Speaking(unittest.TestCase):
    def setUp(self) -> None:
        self.outlet = ListOutlet()
        self.session = Session(self.outlet)

    def check(self, payload: bytes, *, is_ended: bool) -> None:
        """Check the one frame that was queued."""
        self.assertEqual(self.outlet.frames, [encode_frame(payload)])
        self.assertEqual(self.outlet.is_ended, is_ended)

    def test_say(self) -> None:
        self.session.say(Pong(5, "r"))
        self.check(b'{"type":"pong","nonce":5,"ref":"r"}', is_ended=False)

    def test_refuse(self) -> None:
        self.session.refuse(Refusal("mid_reuse", "No.", ref="m"))
        self.check(b'{"type":"error","code":"mid_reuse","text":"No.","ref":"m","fatal":false}', is_ended=False)

    def test_refuse_with_a_fatal_code(self) -> None:
        self.session.refuse(Refusal("storage", "No.", retry_s=5))
        self.check(b'{"type":"error","code":"storage","text":"No.","retry":5,"fatal":true}', is_ended=True)

    def test_refuse_fatally(self) -> None:
        self.session.refuse(Refusal("name_taken", "No."), is_fatal=True)
        self.check(b'{"type":"error","code":"name_taken","text":"No.","fatal":true}', is_ended=True)

    def test_part(self) -> None:
        self.session.part("shutdown", 2)
        self.check(b'{"type":"quit","reason":"shutdown","retry":2}', is_ended=True)

    def test_part_with_a_ref(self) -> None:
        self.session.part("bye", ref="r")
        self.check(b'{"type":"quit","reason":"bye","ref":"r"}', is_ended=True)
