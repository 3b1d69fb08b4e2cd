"""The client without a window: the session's rules, the link to the server, and what is kept on disk."""
