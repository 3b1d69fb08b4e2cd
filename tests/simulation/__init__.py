"""The whole system in one thread, from one seed: the real server and real clients over a simulated world.

`network` stands in for sockets and the selector, `disk` for what a disk and a power switch do to a database,
`people` are the clients with somebody typing, `world` runs it all, `checkers` say what must always be true,
`mutants` are faults built in on purpose, to see that the checkers would notice. docs/testing.md tells how to run it.
"""
