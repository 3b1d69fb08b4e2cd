"""What is asked for page by page: which rooms there are, and the older messages of one.

Pure. Who may ask is the hub's, and who is in a room is told by `room`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable

from chat_core import limits, relay
from chat_core.framing import encode_frame
from chat_core.messages import RoomEntry, RoomsPage

if TYPE_CHECKING:
    from chat_core.messages import HistoryRequest, RoomsRequest
    from chat_core.server.records import Log
    from chat_core.server.room import Room

__all__ = ["RoomList", "history_frame"]

#: Payload bytes of a history page, a little below the largest frame: its envelope, a room's name and a ref.
_HISTORY_BYTES_MAX = limits.SERVER_FRAME_BYTES_MAX - 1_024
#: To sort 10 000 rooms takes 5 ms.
_SORT_EVERY_S = 1.0


class RoomList:
    """The rooms as they are told, the fullest first.

    Which there are, how many, and their order may be a second old, for that is what sorting costs; what is told of
    each room is as it is now.
    """

    def __init__(self) -> None:
        self._sorted: list[Room] = []
        self._sorted_at: float | None = None

    def page(self, rooms: Iterable[Room], request: RoomsRequest, now: float) -> RoomsPage:
        """Build the page that is asked for; `now` is monotonic seconds."""
        if self._sorted_at is None or now - self._sorted_at >= _SORT_EVERY_S:
            self._sorted = sorted(rooms, key=lambda room: (-room.online, room.key))
            self._sorted_at = now
        page = self._sorted[request.offset : request.offset + limits.ROOMS_PAGE]
        entries = tuple(RoomEntry(room.name, room.online, room.head) for room in page)
        return RoomsPage(entries, request.offset, len(self._sorted), request.ref)


def history_frame(log: Log, room: Room, request: HistoryRequest) -> bytes:
    """Build the page of older messages that is asked for, as many as fit a frame. Raises StorageError."""
    payloads: list[bytes] = []
    size = 0
    rows = log.before(room.id, request.before, request.limit, _HISTORY_BYTES_MAX)
    for row in rows:
        payload = room.payload(row)
        size += len(payload) + 1
        if size > _HISTORY_BYTES_MAX:
            break
        payloads.append(payload)
    has_more = bool(payloads) and rows[len(payloads) - 1].seq > room.first
    return encode_frame(relay.encode_history(room.quoted, payloads[::-1], request.ref, has_more=has_more))
