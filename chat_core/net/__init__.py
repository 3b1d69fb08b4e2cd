"""Sockets, connections and the event loop: the world, for both sides. No rule of the chat is known here."""
