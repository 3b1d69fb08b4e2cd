"""The project's own benchmark: `python3 -m tests.bench [fanout|paced|way|stages|crowd|growth|all]`.

A server runs as a process on one core and is used from another one, side by side with servers that people use
today and with two that bound what can be expected. Nothing has to be installed for it. No figure is ever held against
the clock in a test; `tests.test_bench` sees that what is counted and checked here is counted and checked rightly.
"""
