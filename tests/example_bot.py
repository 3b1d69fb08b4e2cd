"""Greet everybody who comes in: `python3 -m tests.example_bot HOST PORT`."""

import sys

from chat_core.client import open_link
from chat_core.client.events import PresenceChanged

with open_link(sys.argv[1], int(sys.argv[2]), "Greeter", rooms=["lobby"]) as link:
    for event in link.events():
        if isinstance(event, PresenceChanged):
            for name in event.joined:
                if name != link.name:
                    link.post(event.room, f"Welcome, {name}!")
