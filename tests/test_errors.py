"""The error catalogue: stable codes, sentences for people, and the one mapping from system errors.

Pure: the errors are made by hand. That real sockets bring each of the ten about is shown in test_failures.
"""

from __future__ import annotations

import errno
import inspect
import socket
import unittest

from chat_core import errors, limits
from chat_core.errors import ConnectionFailure, Doing, FrameSizeError, Refusal, StorageError, from_os_error

CODES = {
    "CONNECTION_REFUSED_ERROR": errors.ConnectionRefused,
    "OS_ERROR": errors.SystemFailure,
    "GENERAL_CONNECTION_ERROR": errors.GeneralConnectionFailure,
    "CONNECTION_RESET_ERROR": errors.ConnectionReset,
    "RECEIVE_OS_ERROR": errors.ReceiveOsFailure,
    "GENERAL_RECEIVE_ERROR": errors.GeneralReceiveFailure,
    "BROKEN_PIPE_ERROR": errors.BrokenPipe,
    "GENERAL_SEND_ERROR": errors.GeneralSendFailure,
    "CONNECTION_ABORTED_ERROR": errors.ConnectionAborted,
    "UNICODE_DECODE_ERROR": errors.UnicodeDecodeFailure,
}


class Catalogue(unittest.TestCase):
    def test_the_ten_and_no_other(self) -> None:
        self.assertEqual({failure.code: failure for failure in ConnectionFailure.__subclasses__()}, CODES)

    def test_each_says_what_happened_and_what_to_do(self) -> None:
        for code, failure in CODES.items():
            with self.subTest(code):
                raised = failure("the system's words")
                self.assertEqual(str(raised), f"{failure.sentence} {failure.advice}")
                self.assertEqual((raised.code, raised.detail), (code, "the system's words"))
                self.assertEqual(failure().detail, "")
                for words in (failure.sentence, failure.advice):
                    self.assertRegex(words, r"\A[A-Z][ -~]{15,150}\.\Z")
                self.assertIn(failure.__name__, errors.__all__)

    def test_no_two_say_the_same(self) -> None:
        self.assertEqual(len({failure.sentence for failure in CODES.values()}), len(CODES))

    def test_everything_raised_on_purpose_has_one_root(self) -> None:
        for name in errors.__all__:
            thing = getattr(errors, name)
            if inspect.isclass(thing) and issubclass(thing, Exception):
                with self.subTest(name):
                    self.assertTrue(issubclass(thing, errors.ChatError))
        self.assertEqual(errors.StartFailure("Sorry.").exit_status, 1)


CUT_OFF = [errno.ETIMEDOUT, errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET, errno.EHOSTUNREACH]


class FromOsError(unittest.TestCase):
    def assert_maps(self, error: OSError, doing: Doing, expected: type[ConnectionFailure]) -> None:
        with self.subTest(error=repr(error), doing=doing.name):
            failure = from_os_error(error, doing)
            self.assertIs(type(failure), expected)
            self.assertEqual(failure.detail, errors.reason_of(error))

    def test_the_peer_has_its_own_errors_whatever_is_done(self) -> None:
        for doing in (Doing.CONNECT, Doing.RECEIVE, Doing.SEND):
            for number, expected in [
                (errno.ECONNREFUSED, errors.ConnectionRefused),
                (errno.ECONNRESET, errors.ConnectionReset),
                (errno.EPIPE, errors.BrokenPipe),
                (errno.ESHUTDOWN, errors.BrokenPipe),
                (errno.ECONNABORTED, errors.ConnectionAborted),
            ]:
                self.assert_maps(OSError(number, "words"), doing, expected)

    def test_the_way_between_is_cut_while_talking_but_not_found_while_connecting(self) -> None:
        for number in CUT_OFF:
            self.assert_maps(OSError(number, "words"), Doing.RECEIVE, errors.ConnectionAborted)
            self.assert_maps(OSError(number, "words"), Doing.SEND, errors.ConnectionAborted)
            self.assert_maps(OSError(number, "words"), Doing.CONNECT, errors.GeneralConnectionFailure)

    def test_the_rest_is_named_after_what_was_done(self) -> None:
        general = [
            (Doing.CONNECT, errors.GeneralConnectionFailure),
            (Doing.RECEIVE, errors.ReceiveOsFailure),
            (Doing.SEND, errors.GeneralSendFailure),
            (Doing.SYSTEM, errors.SystemFailure),
        ]
        others = [OSError(errno.EBADF, "words"), OSError(errno.ENOBUFS, "words"), OSError("no number"), OSError()]
        others += [socket.gaierror(socket.EAI_NONAME, "unknown name"), socket.timeout("timed out")]
        for doing, expected in general:
            for error in others:
                self.assert_maps(error, doing, expected)

    def test_the_system_has_no_peer(self) -> None:
        for number in (errno.EADDRINUSE, errno.EACCES, errno.ENOSPC, errno.ECONNREFUSED, errno.EPIPE, *CUT_OFF):
            self.assert_maps(OSError(number, "words", "/some/file"), Doing.SYSTEM, errors.SystemFailure)

    def test_every_number_the_system_knows_is_mapped(self) -> None:
        for number in errno.errorcode:
            for doing in Doing:
                self.assertIn(type(from_os_error(OSError(number, "words"), doing)), CODES.values())

    def test_the_reason_is_the_systems_words_alone(self) -> None:
        for error, words in [
            (OSError(errno.EACCES, "Permission denied", "/some/file"), "Permission denied"),
            (OSError("timed out"), "timed out"),
            (OSError(), "OSError"),
            (BrokenPipeError(), "BrokenPipeError"),
        ]:
            with self.subTest(words):
                self.assertEqual(errors.reason_of(error), words)


class Refusals(unittest.TestCase):
    def test_what_it_carries(self) -> None:
        refusal = Refusal("room_limit", "Too many.", ref="r1", retry_s=5)
        self.assertEqual(
            (refusal.code, refusal.text, refusal.ref, refusal.retry_s), ("room_limit", "Too many.", "r1", 5)
        )
        self.assertEqual(str(refusal), "Too many.")
        bare = Refusal("room_limit", "Too many.")
        self.assertEqual((bare.ref, bare.retry_s), (None, None))

    def test_fatal_codes(self) -> None:
        self.assertEqual(
            errors.FATAL_CODES,
            {
                "frame_size", "bad_json", "protocol_version", "not_welcome", "server_full", "storage", "timeout",
                "internal",
            },
        )  # fmt: skip
        self.assertTrue(Refusal("storage", "No.").is_fatal)
        self.assertFalse(Refusal("bad_request", "No.").is_fatal)

    def test_a_frame_of_a_bad_size(self) -> None:
        error = FrameSizeError(70_000, 65_536)
        self.assertEqual((error.code, error.length, error.is_fatal), ("frame_size", 70_000, True))
        self.assertEqual(str(error), "A frame has 1 to 65536 bytes of payload, not 70000.")

    def test_a_message_that_could_not_be_stored_is_to_be_sent_again(self) -> None:
        refusal = errors.storage_refusal(StorageError("disk full"), "mid-1")
        self.assertEqual((refusal.code, refusal.ref, refusal.retry_s), ("storage", "mid-1", limits.STORAGE_RETRY_S))
        self.assertTrue(refusal.is_fatal)
        self.assertIn("disk full", refusal.text)


if __name__ == "__main__":
    unittest.main()
