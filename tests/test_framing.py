"""Frames: any cut of the stream gives the same payloads, and a bad length is refused when its header is whole."""

from __future__ import annotations

import random
import tracemalloc
import unittest

from chat_core import limits
from chat_core.errors import FrameSizeError, Refusal
from chat_core.framing import HEADER_BYTES, FrameDecoder, encode_frame
from tests import bytes_of, vectors

PAYLOADS = [b"x", b'{"type":"ping"}', b"\x00\x00\x00\x01", bytes(range(256)), "Grüß 🎉".encode(), b"\xff" * 4]
STREAM = b"".join(map(encode_frame, PAYLOADS))
FRAME_BYTES_MAX = 300


def header(length: int) -> bytes:
    """Write a header by hand."""
    return bytes([length >> 24, length >> 16 & 255, length >> 8 & 255, length & 255])


def drain(decoder: FrameDecoder) -> list[bytes]:
    """Take out every whole payload."""
    payloads = []
    while (payload := decoder.next_payload()) is not None:
        payloads.append(payload)
    return payloads


def decode(*pieces: bytes) -> list[bytes]:
    """Feed the pieces to a new decoder and take out what is whole after each."""
    decoder = FrameDecoder(FRAME_BYTES_MAX)
    payloads = []
    for piece in pieces:
        decoder.feed(piece)
        payloads += drain(decoder)
    return payloads


class Encoding(unittest.TestCase):
    def test_a_frame_is_its_length_in_four_bytes_and_its_payload(self) -> None:
        for length in (1, 255, 256, 65_535, 65_536, limits.SERVER_FRAME_BYTES_MAX):
            with self.subTest(length=length):
                payload = b"p" * length
                self.assertEqual(encode_frame(payload), header(length) + payload)

    def test_golden_frames(self) -> None:
        for vector in vectors("golden"):
            with self.subTest(vector["name"]):
                frame = bytes.fromhex(vector["frame_hex"])
                self.assertEqual(encode_frame(bytes_of(vector)), frame)
                self.assertEqual(frame[0], 0, "the first byte of a healthy connection is zero")
                self.assertEqual(decode(frame), [bytes_of(vector)])


class Cuts(unittest.TestCase):
    def test_every_split_of_a_stream_in_two(self) -> None:
        for cut in range(len(STREAM) + 1):
            with self.subTest(cut=cut):
                self.assertEqual(decode(STREAM[:cut], STREAM[cut:]), PAYLOADS)

    def test_every_split_of_a_short_stream_in_three(self) -> None:
        stream = b"".join(map(encode_frame, (b"a", b"bcd", b"ef")))
        for first in range(len(stream) + 1):
            for second in range(first, len(stream) + 1):
                with self.subTest(first=first, second=second):
                    pieces = (stream[:first], stream[first:second], stream[second:])
                    self.assertEqual(decode(*pieces), [b"a", b"bcd", b"ef"])

    def test_byte_by_byte(self) -> None:
        self.assertEqual(decode(*(STREAM[at : at + 1] for at in range(len(STREAM)))), PAYLOADS)

    def test_empty_reads_change_nothing(self) -> None:
        self.assertEqual(decode(b"", STREAM[:5], b"", b"", STREAM[5:], b""), PAYLOADS)

    def test_every_truncation_gives_the_whole_frames_and_knows_that_one_is_not(self) -> None:
        ends = [0]
        for payload in PAYLOADS:
            ends.append(ends[-1] + HEADER_BYTES + len(payload))
        for length in range(len(STREAM) + 1):
            with self.subTest(length=length):
                decoder = FrameDecoder(FRAME_BYTES_MAX)
                decoder.feed(STREAM[:length])
                whole = sum(end <= length for end in ends) - 1
                self.assertEqual(drain(decoder), PAYLOADS[:whole])
                self.assertEqual(decoder.is_mid_frame, length not in ends)
                self.assertEqual(decoder.buffered_bytes, length - ends[whole])
                self.assertIsNone(decoder.next_payload(), "asking again gives nothing more")

    def test_random_cuts_of_random_frames(self) -> None:
        rng = random.Random(2428)
        for attempt in range(100):
            payloads = [bytes(rng.choices(range(256), k=rng.randint(1, FRAME_BYTES_MAX))) for _ in range(20)]
            stream = b"".join(map(encode_frame, payloads))
            cuts = sorted(rng.choices(range(len(stream) + 1), k=rng.randint(0, 60)))
            with self.subTest(attempt=attempt):
                borders = zip([0, *cuts], [*cuts, len(stream)])
                self.assertEqual(decode(*(stream[start:end] for start, end in borders)), payloads)

    def test_frames_are_taken_one_at_a_time(self) -> None:
        decoder = FrameDecoder(FRAME_BYTES_MAX)
        decoder.feed(STREAM)
        for number, payload in enumerate(PAYLOADS, start=1):
            self.assertEqual(decoder.next_payload(), payload)
            self.assertEqual(decoder.buffered_bytes, len(b"".join(map(encode_frame, PAYLOADS[number:]))))

    def test_a_megabyte_byte_by_byte_and_in_one_go_is_the_same(self) -> None:
        # Quadratic work would make this the test that everybody notices: 10^12 byte moves.
        payloads = [number.to_bytes(4, "big") * 5 for number in range(43_000)]
        stream = b"".join(map(encode_frame, payloads))
        self.assertGreater(len(stream), 1_000_000)
        whole = FrameDecoder(FRAME_BYTES_MAX)
        whole.feed(stream)
        self.assertEqual(drain(whole), payloads)
        self.assertEqual(decode(*(stream[at : at + 1] for at in range(len(stream)))), payloads)

    def test_what_was_taken_stays_as_it_was(self) -> None:
        decoder = FrameDecoder(FRAME_BYTES_MAX)
        decoder.feed(encode_frame(b"first"))
        taken = decoder.next_payload()
        decoder.feed(encode_frame(b"other"))
        self.assertEqual((taken, decoder.next_payload()), (b"first", b"other"))
        self.assertIs(type(taken), bytes)


class Bounds(unittest.TestCase):
    def test_lengths_at_the_bounds(self) -> None:
        for payload_bytes_max in (1, limits.HELLO_FRAME_BYTES_MAX, limits.CLIENT_FRAME_BYTES_MAX):
            for length in (1, payload_bytes_max):
                with self.subTest(payload_bytes_max=payload_bytes_max, length=length):
                    decoder = FrameDecoder(payload_bytes_max)
                    decoder.feed(header(length) + b"p" * length)
                    self.assertEqual(decoder.next_payload(), b"p" * length)
            for length in (0, payload_bytes_max + 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF):
                with self.subTest(payload_bytes_max=payload_bytes_max, length=length):
                    self.assert_refused_with_the_fourth_byte(payload_bytes_max, length)

    def assert_refused_with_the_fourth_byte(self, payload_bytes_max: int, length: int) -> None:
        decoder = FrameDecoder(payload_bytes_max)
        for byte in header(length)[:3]:
            decoder.feed(bytes([byte]))
            self.assertIsNone(decoder.next_payload())
        decoder.feed(header(length)[3:])
        with self.assertRaises(FrameSizeError) as caught:
            decoder.next_payload()
        self.assertEqual((caught.exception.code, caught.exception.length), ("frame_size", length))
        self.assertTrue(caught.exception.is_fatal)
        self.assertIn(str(length), str(caught.exception))

    def test_other_languages_are_refused_at_their_first_words(self) -> None:
        for first_words in (b"GET / HTTP/1.1\r\n", b"NICK ann\r\n", b"\x16\x03\x01\x02\x00\x01", b"{}{}", b"SSH-2.0-"):
            with self.subTest(first_words):
                decoder = FrameDecoder(limits.SERVER_FRAME_BYTES_MAX)
                decoder.feed(first_words)
                self.assertRaises(FrameSizeError, decoder.next_payload)

    def test_frames_before_the_bad_one_are_still_given(self) -> None:
        decoder = FrameDecoder(FRAME_BYTES_MAX)
        decoder.feed(STREAM + header(0) + STREAM)
        for payload in PAYLOADS:
            self.assertEqual(decoder.next_payload(), payload)
        self.assertRaises(FrameSizeError, decoder.next_payload)

    def test_the_error_comes_again_whatever_is_fed(self) -> None:
        decoder = FrameDecoder(FRAME_BYTES_MAX)
        decoder.feed(header(0))
        for _ in range(3):
            self.assertRaises(FrameSizeError, decoder.next_payload)
            decoder.feed(encode_frame(b"x"))

    def test_the_bound_is_raised_between_two_frames(self) -> None:
        long = b"p" * (limits.HELLO_FRAME_BYTES_MAX + 1)
        for stream_is_fed_whole in (True, False):
            with self.subTest(stream_is_fed_whole=stream_is_fed_whole):
                decoder = FrameDecoder(limits.HELLO_FRAME_BYTES_MAX)
                decoder.feed(encode_frame(b"hello") + (encode_frame(long) if stream_is_fed_whole else b""))
                self.assertEqual(decoder.next_payload(), b"hello")
                decoder.payload_bytes_max = limits.CLIENT_FRAME_BYTES_MAX
                decoder.feed(b"" if stream_is_fed_whole else encode_frame(long))
                self.assertEqual(decoder.next_payload(), long)

    def test_the_old_bound_holds_until_it_is_raised(self) -> None:
        decoder = FrameDecoder(limits.HELLO_FRAME_BYTES_MAX)
        decoder.feed(encode_frame(b"hello") + header(limits.HELLO_FRAME_BYTES_MAX + 1))
        self.assertEqual(decoder.next_payload(), b"hello")
        self.assertRaises(Refusal, decoder.next_payload)

    def test_no_memory_is_set_aside_for_a_claimed_length(self) -> None:
        decoders = [FrameDecoder(limits.SERVER_FRAME_BYTES_MAX) for _ in range(100)]
        claim = header(limits.SERVER_FRAME_BYTES_MAX) + b"x"
        tracemalloc.start()
        try:
            for decoder in decoders:
                decoder.feed(claim)
                self.assertIsNone(decoder.next_payload())
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak_bytes, limits.SERVER_FRAME_BYTES_MAX)
        self.assertEqual({decoder.buffered_bytes for decoder in decoders}, {len(claim)})


if __name__ == "__main__":
    unittest.main()
