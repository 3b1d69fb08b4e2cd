"""The window: `model` decides, `view` draws, `desktop` speaks with the system, and `app` puts them together."""
