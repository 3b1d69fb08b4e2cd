"""What is done to a server on purpose.

`python3 -m tests.hostile slow|half-open|reset|descriptors|faults|all` does it on a large scale to real processes and
prints figures. `failing`, `disks` and `real_client` are what the tests of failing disks and calls stand on.
"""
