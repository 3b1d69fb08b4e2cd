"""The tour: a person at the window, played with real keys and a real pointer, before a real server.

`python3 -m tests.tour` opens the window on the display that is there (under Xvfb: `xvfb-run -s "-screen 0 1280x1000x24"
python3 -m tests.tour`), does what the issue tracker and the README promise, one act after another, and fails when
something is not on the screen. Keys and clicks come from xdotool, through the X server, as those of a person do.

`hands` presses keys and moves the pointer, `eyes` looks at what is shown, `stage` has the server, the window and the
others who talk; the acts are in the `act_` modules, in the order in which they are played. docs/testing.md tells more.
"""
