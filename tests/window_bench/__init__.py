"""How quick the window is, what it takes, and what it leaves behind: measures by name.

`python3 -m tests.window_bench` runs all of them, `python3 -m tests.window_bench burst finding` those; `--json FILE`
keeps what was found. They need a display and a quiet machine; nothing here passes or fails.
"""
