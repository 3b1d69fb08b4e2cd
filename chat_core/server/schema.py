"""What the log's file looks like: its marks, its tables, and how a message's row id is made.

`log` writes it and `inspection` verifies it; nothing is opened here.
"""

from __future__ import annotations

__all__ = ["APPLICATION_ID", "SCHEMA", "SCHEMA_VERSION", "SEQ_BITS", "SEQ_MASK"]

APPLICATION_ID = 0x43484154  # "CHAT"
SCHEMA_VERSION = 1

#: seq takes the lower 40 bits of a message's row id, the room the upper 23.
SEQ_BITS = 40
SEQ_MASK = (1 << SEQ_BITS) - 1

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given again: dedupe keys hang on it
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    token_hash BLOB NOT NULL UNIQUE,
    last_seen_unix_ms INTEGER NOT NULL
);
CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    pruned INTEGER NOT NULL DEFAULT 0,      -- every seq up to this one is gone
    last_unix_ms INTEGER NOT NULL DEFAULT 0 -- of the newest message, when it is gone too
);
CREATE TABLE message (
    id INTEGER PRIMARY KEY,                 -- room id << 40 | seq
    unix_ms INTEGER NOT NULL,
    person INTEGER NOT NULL,
    sender TEXT NOT NULL,                   -- the name the person had
    mid TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE mid (
    person INTEGER NOT NULL,
    mid TEXT NOT NULL,
    message INTEGER NOT NULL,               -- the row id it has, or had before it was pruned
    PRIMARY KEY (person, mid)
) WITHOUT ROWID;
CREATE TABLE mark (                         -- so far was the room pruned on that day
    room INTEGER NOT NULL,
    day INTEGER NOT NULL,                   -- since 1970
    seq INTEGER NOT NULL,
    PRIMARY KEY (room, day)
) WITHOUT ROWID;
CREATE INDEX mark_by_day ON mark (day);
"""
