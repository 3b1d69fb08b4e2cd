"""Every bound of the chat in one place, with its unit in its name and its reason beside it.

Nothing here is computed and nothing here acts. Bounds that both sides of the wire must agree on
come first (their specification is docs/protocol.md); what only the server or only the client
needs follows.
"""

from __future__ import annotations

# --- the wire, binding for both sides ---------------------------------------------------------

PROTOCOL_VERSION = 1

#: A client's frame: a text of 8 000 characters of four bytes each, and room for its envelope.
CLIENT_FRAME_BYTES_MAX = 65_536
#: Before `welcome` a client has only its `hello` to say; strangers get no larger buffer than that.
HELLO_FRAME_BYTES_MAX = 4_096
#: The server sends pages (history, names), which a client must be ready to hold.
SERVER_FRAME_BYTES_MAX = 262_144

#: Deep enough for every message there is (4) with room to grow, shallow enough for any parser.
JSON_DEPTH_MAX = 8
#: Integers that every JSON reader holds exactly (RFC 8259, section 6).
INTEGER_MAX = 2**53

NAME_CHARS_MAX = 32
ROOM_CHARS_MAX = 64
TEXT_CHARS_MAX = 8_000
MID_CHARS_MAX = 64
REF_CHARS_MAX = 64
INSTALL_CHARS_MAX = 64
#: 22 characters of base 64 are 128 bits: what a client may make up for itself.
TOKEN_CHARS_MIN = 22
TOKEN_CHARS_MAX = 128
AGENT_CHARS_MAX = 128
NONCE_CHARS_MAX = 64

#: Messages a newcomer is shown unless it asks otherwise, and the most it may ask for.
JOIN_LAST_DEFAULT = 50
JOIN_LAST_MAX = 500
HISTORY_LIMIT_MAX = 200
#: Names in one `joined`, `who` or `presence`: 500 names of 32 four-byte characters are 65 kB.
NAMES_PAGE = 500
#: Rooms in one `rooms` page: 500 names of 64 four-byte characters are 165 kB.
ROOMS_PAGE = 500
#: Above this many people a room tells only their number: nobody reads a thousand names go by.
PRESENCE_NAMES_PEOPLE_MAX = 1_000
#: A room of PRESENCE_NAMES_PEOPLE_MAX waits a second between two presences, a smaller one less, a larger one more, up
#: to this: to tell 10 000 takes 50 ms. A room that has just emptied keeps the wait that it was given.
PRESENCE_EVERY_S_MAX = 10.0

#: A connection says at most once in this time that its person writes, and at most once whether they are away.
EPHEMERAL_EVERY_S = 3.0
#: One frame may be held up on its way and the next not: the server forgives that much, or every second `typing` of
#: somebody who goes on writing would be too early.
EPHEMERAL_EARLY_S = 1.0
#: Above this many people a room is told neither: everybody tells everybody, and a hundred who all write would be 3 300
#: deliveries a second, a thousand 330 000. So a room is told summed up, once in (people / this) seconds, which makes a
#: hundred deliveries a second of any room; with more people that would be too seldom for what is shown for 6 s.
EPHEMERAL_PEOPLE_MAX = 100

#: Unacknowledged posts a client keeps in flight at most.
WINDOW = 256
ROOMS_PER_CONNECTION_MAX = 50

# --- the server -------------------------------------------------------------------------------

DEFAULT_PORT = 2428
DEFAULT_ROOM = "lobby"
CLIENTS_MAX_DEFAULT = 10_000
BACKLOG_DEFAULT = 1_024

#: A room takes about a kilobyte of memory, for good once somebody has written in it.
ROOMS_MAX = 50_000

#: Posts a second and person before its connection is read more slowly, and the burst allowed.
RATE_PER_S_DEFAULT = 50.0
RATE_BURST_S = 4.0
#: A throttled connection is looked at again no sooner than this: a wake-up for a batch, not for a post.
RATE_NAP_S = 0.05

#: Bytes read from one connection in one tick, and requests taken from them: fairness between connections.
READ_BYTES_PER_TICK = 65_536
REQUESTS_PER_TICK = 256
#: Connections accepted in one tick: those already in go first.
ACCEPTS_PER_TICK = 64
#: Parts are joined up to this many bytes for one send: beyond it the copy costs more than the system call.
SEND_BYTES_MAX = 65_536

#: Above this many queued bytes a member is behind and its connection is not read. New messages are shared
#: between all queues, so this, and one piece of a batch, is what one slow reader may pin, not what it costs:
#: 500 who stop reading at different moments pin 64 MiB.
HIGH_WATER_BYTES = 65_536
#: Below this many queued bytes a member that is behind is fed again, one chunk at a time, and a connection
#: that was above the mark is read again.
LOW_WATER_BYTES = 32_768
#: One chunk of catch-up. A behind member holds at most low water and one chunk, which others who need the same share.
CATCH_UP_CHUNK_BYTES = 32_768
#: What a queue can never exceed: a reply and a piece of a batch may each be taken up just below high water,
#: and each is smaller than the largest frame.
QUEUED_BYTES_MAX = HIGH_WATER_BYTES + 2 * SERVER_FRAME_BYTES_MAX
#: Rows read for one chunk: enough for the chunk with ordinary texts.
CATCH_UP_ROWS = 200
#: Catch-up work in one tick over all members, so that a thousand who resume cannot hold up those who talk: read from
#: SQLite it is some 5 ms. With 4 MiB the others waited a second (p99), at hardly more throughput.
CATCH_UP_BYTES_PER_TICK = 131_072
#: What is still in memory costs little more than the send: so many bytes of it count for one.
CATCH_UP_KEPT_FOR_ONE = 8
#: Frames kept in memory to feed those who are only just behind: for one room, and for all rooms together.
TAIL_BYTES_PER_ROOM = 524_288
TAIL_BYTES_ALL_ROOMS = 33_554_432
#: SO_SNDBUF of an accepted socket: the default lets a stalled reader hide 3.9 MB in the kernel, this 161 kB.
SEND_BUFFER_BYTES = 65_536

LOGIN_TIMEOUT_S = 15.0
FRAME_TIMEOUT_S = 20.0
PING_AFTER_S = 30.0
SILENCE_TIMEOUT_S = 75.0
#: A reader that takes not one byte for this long is closed; it resumes where it was.
STALL_TIMEOUT_S = 120.0
#: After the last frame: how long to wait for the kernel to take it and for the peer to close.
#: With the 15 s for a hello and two looks a second apart, a stranger is gone within 20 s.
LINGER_S = 3.0
#: The last second of the five a stop may take is for leaving the process.
SHUTDOWN_FLUSH_S = 4.0
#: How long a peer that has been told that the server stops may take to close, once it has all been sent.
SHUTDOWN_LINGER_S = 1.0
#: One pass over all connections: 10 000 of them take about a millisecond.
SWEEP_EVERY_S = 1.0
#: The longest wait for events. On Windows Ctrl+C does not interrupt a longer one.
WAIT_S_MAX = 0.5

NAME_KEPT_DAYS = 30
#: How often an online person's `last_seen` is written, so that a crash does not age a name.
TOUCH_EVERY_S = 3_600.0
#: How often it is looked whose time has come: to walk over 10 000 people takes a millisecond.
TOUCH_LOOK_EVERY_S = 60.0

#: Messages that one step of pruning deletes, or dedupe keys that it looks at: about a millisecond, mostly the sync.
PRUNE_ROWS = 256
#: Characters of text that it deletes, for long texts take longer.
PRUNE_TEXT_CHARS = 65_536
#: Rooms that it looks at: one small query each.
PRUNE_ROOMS = 64
#: A busy server owes a step each second, and one for so many messages stored: it deletes faster than it is written to.
PRUNE_AFTER_STORED = 128
#: A dedupe key outlives its message by this, for a client that slept through all of it; it is as long as a name.
MID_KEPT_DAYS = 30

#: After a failed commit the log refuses posts and is probed this often.
STORAGE_PROBE_EVERY_S = 5.0
#: What a refused client is asked to wait; a little more than the probe.
STORAGE_RETRY_S = 5
FULL_RETRY_S = 30
COME_BACK_RETRY_S = 2

# --- the client -------------------------------------------------------------------------------

CLIENT_PING_AFTER_S = 40.0
CLIENT_SILENCE_TIMEOUT_S = 90.0
CONNECT_TIMEOUT_S = 15.0
BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 30.0
#: Bytes taken from the socket in one poll, so that a burst cannot freeze the window: some 35 ms of messages.
CLIENT_READ_BYTES_PER_POLL = 262_144
