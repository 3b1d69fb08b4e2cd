"""The server: the rules (hub, room, people), the log, and the program around them (app, cli)."""
