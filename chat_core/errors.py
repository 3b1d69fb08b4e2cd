"""The catalogue: every way a connection, a request or the server itself can fail, with a sentence for people.

Server and client use the same classes, so a failure has one name wherever it is met. Three families:

- `ConnectionFailure`: the network's weather. Ten stable codes; `from_os_error` is the one place where a
  socket's error becomes one of them.
- `Refusal`: an answer to a request, as the `error` message carries it. docs/protocol.md lists the codes.
- `StartFailure` and `StorageError`: the server cannot begin, or cannot write.

Sentences say what happened; `advice` says what to do next. Both are English here, as logs are, and marked for whoever
shows them in another language. Nothing here logs, prints or closes anything.
"""

from __future__ import annotations

import enum
import errno
from typing import ClassVar

from chat_core import limits
from chat_core.language import N_

__all__ = [
    "FATAL_CODES",
    "BrokenPipe",
    "ChatError",
    "ConnectionAborted",
    "ConnectionFailure",
    "ConnectionRefused",
    "ConnectionReset",
    "Doing",
    "FrameSizeError",
    "GeneralConnectionFailure",
    "GeneralReceiveFailure",
    "GeneralSendFailure",
    "ReceiveOsFailure",
    "Refusal",
    "StartFailure",
    "StorageError",
    "SystemFailure",
    "UnicodeDecodeFailure",
    "from_os_error",
    "reason_of",
    "storage_refusal",
]


class ChatError(Exception):
    """Anything this project raises on purpose. `str()` of it is a sentence that can be shown as it is."""


# --- the network's weather --------------------------------------------------------------------


class ConnectionFailure(ChatError):
    """A connection failed. `code` is stable, `sentence` is what happened, `advice` what to do next.

    `detail` is the system's own word for it ("Connection refused"), for logs and for a line in small print.
    """

    code: ClassVar[str]
    sentence: ClassVar[str]
    advice: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.sentence} {self.advice}")
        self.detail = detail


class ConnectionRefused(ConnectionFailure):
    """Nobody listens at that address and port, or it refuses."""

    code = "CONNECTION_REFUSED_ERROR"
    sentence = N_("Nobody answers at that address and port.")
    advice = N_("Check both with whoever started the server, and that the server is running.")


class SystemFailure(ConnectionFailure):
    """A file, a socket, a bind or something else that the system was asked for failed."""

    code = "OS_ERROR"
    sentence = N_("This computer could not do what was needed.")
    advice = N_("Close other programs or check the disk and its permissions, then try again.")


class GeneralConnectionFailure(ConnectionFailure):
    """Connecting failed otherwise: the host is unknown or unreachable, or it took too long."""

    code = "GENERAL_CONNECTION_ERROR"
    sentence = N_("The server could not be reached.")
    advice = N_("Check the address for typing mistakes, and that this computer is on the same network.")


class ConnectionReset(ConnectionFailure):
    """The peer vanished with a reset."""

    code = "CONNECTION_RESET_ERROR"
    sentence = N_("The server broke off the connection.")
    advice = N_("It may have been restarted: the connection comes back by itself, and nothing you wrote is lost.")


class ReceiveOsFailure(ConnectionFailure):
    """The system failed while receiving."""

    code = "RECEIVE_OS_ERROR"
    sentence = N_("This computer failed while receiving from the server.")
    advice = N_("The connection comes back by itself; if this happens often, check the network of this computer.")


class GeneralReceiveFailure(ConnectionFailure):
    """Receiving failed otherwise, such as on a broken frame."""

    code = "GENERAL_RECEIVE_ERROR"
    sentence = N_("What arrived is not what a chat server sends.")
    advice = N_("Check that the address and port are those of the chat, and that both sides have the same version.")


class BrokenPipe(ConnectionFailure):
    """Written to a connection that the other side has closed."""

    code = "BROKEN_PIPE_ERROR"
    sentence = N_("The server had closed the connection when something was sent.")
    advice = N_("The connection comes back by itself, and what you wrote is sent then.")


class GeneralSendFailure(ConnectionFailure):
    """Sending failed otherwise."""

    code = "GENERAL_SEND_ERROR"
    sentence = N_("Sending to the server failed.")
    advice = N_("What you wrote is kept and will be sent when you are connected again.")


class ConnectionAborted(ConnectionFailure):
    """Cut off on the way by the network or the system."""

    code = "CONNECTION_ABORTED_ERROR"
    sentence = N_("The connection was cut off on the way.")
    advice = N_("Check the network cable or the wireless network; the connection comes back by itself.")


class UnicodeDecodeFailure(ConnectionFailure):
    """Received bytes are no valid text."""

    code = "UNICODE_DECODE_ERROR"
    sentence = N_("What arrived is not readable text.")
    advice = N_("Check that the address and port are those of the chat, and that both sides have the same version.")


class Doing(enum.Enum):
    """What was being done when the system raised an error; the same errno means different things."""

    CONNECT = "connecting"
    RECEIVE = "receiving"
    SEND = "sending"
    SYSTEM = "asking the system"


# What the network or the system answers when the way between two living peers is gone.
_CUT_OFF = frozenset({
    errno.ECONNABORTED, errno.ETIMEDOUT, errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET,
    errno.EHOSTUNREACH, errno.EHOSTDOWN if hasattr(errno, "EHOSTDOWN") else errno.EHOSTUNREACH,
})  # fmt: skip
_BY_TYPE: tuple[tuple[type[OSError], type[ConnectionFailure]], ...] = (
    (ConnectionRefusedError, ConnectionRefused),
    (ConnectionResetError, ConnectionReset),
    (BrokenPipeError, BrokenPipe),  # EPIPE and ESHUTDOWN
    (ConnectionAbortedError, ConnectionAborted),
)
_OTHERWISE: dict[Doing, type[ConnectionFailure]] = {
    Doing.CONNECT: GeneralConnectionFailure,
    Doing.RECEIVE: ReceiveOsFailure,
    Doing.SEND: GeneralSendFailure,
    Doing.SYSTEM: SystemFailure,
}


def reason_of(error: OSError) -> str:
    """Say an OSError in the system's words, without number and file name."""
    return error.strerror or str(error) or type(error).__name__


def from_os_error(error: OSError, doing: Doing) -> ConnectionFailure:
    """Map a system error to its entry of the catalogue. Never raises."""
    kind = _OTHERWISE[doing]
    if doing is not Doing.SYSTEM:  # bind, open and the rest have no peer that could reset or refuse
        if doing is not Doing.CONNECT and error.errno in _CUT_OFF:
            kind = ConnectionAborted
        for system_type, failure in _BY_TYPE:
            if isinstance(error, system_type):
                kind = failure
    return kind(reason_of(error))


# --- answers to requests ----------------------------------------------------------------------

#: After an error with one of these codes the connection closes. So does every error in answer to a `hello`.
FATAL_CODES = frozenset({
    "frame_size", "bad_json", "protocol_version", "not_welcome", "server_full", "storage", "timeout", "internal",
})  # fmt: skip


class Refusal(ChatError):
    """A request is refused: the peer's `error` message, as an exception.

    `code` is one of docs/protocol.md, `text` one plain English sentence, `ref` what the request carried,
    `retry_s` the seconds after which the same request may succeed (None: never as it is), `about` the type of a
    request that could not be read.
    """

    def __init__(
        self, code: str, text: str, *, ref: str | None = None, retry_s: int | None = None, about: str = ""
    ) -> None:
        super().__init__(text)
        self.about = about
        self.code = code
        self.text = text
        self.ref = ref
        self.retry_s = retry_s

    @property
    def is_fatal(self) -> bool:
        """Whether the code alone says that the connection closes now."""
        return self.code in FATAL_CODES


class FrameSizeError(Refusal):
    """A frame's header claims a length that is zero or beyond the bound."""

    def __init__(self, length: int, payload_bytes_max: int) -> None:
        super().__init__("frame_size", f"A frame has 1 to {payload_bytes_max} bytes of payload, not {length}.")
        self.length = length


# --- the server itself ------------------------------------------------------------------------


class StorageError(ChatError):
    """The log could not be read or written; nothing of the attempt was kept. The text is the system's reason."""


class StartFailure(ChatError):
    """The server cannot start. The text is one sentence (or two) that says what to do."""

    exit_status: ClassVar[int] = 1


def storage_refusal(reason: StorageError, ref: str | None) -> Refusal:
    """Answer a request whose message could not be stored: reconnect and send it again."""
    return Refusal(
        "storage",
        f"The server cannot store messages at the moment ({reason}); nothing was kept. Send it again later.",
        ref=ref,
        retry_s=limits.STORAGE_RETRY_S,
    )
