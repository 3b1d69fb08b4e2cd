"""Fuzz: hostile bytes, frames and conversations against the real server and the real client, all from one seed.

`python3 -m tests.fuzz --frames 1000000`. A run is made of worlds of a few thousand frames each: one real server with
many simulated callers, or one real client with a server that lies. What must hold whatever comes in is checked while
a world runs and at its end; docs/testing.md says how to read a failure.
"""
