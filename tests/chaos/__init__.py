"""Chaos with real processes: servers and clients that are killed, with real sockets through a proxy that misbehaves.

`storm` runs it from one seed: it starts and ends the `processes`, a server and several `worker`s with some clients
each, and between them stands the `proxy`. Each client writes what it did and saw into its `journal`; `checkers`
compare the journals with the database when all is over, and `recovery` takes the times. docs/testing.md tells how to
run it.
"""
