"""What is drawn on a canvas, and where a menu came up: for the tests of views that draw their rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter as tk

__all__ = ["catch_popups", "drawn", "texts"]


def drawn(canvas: tk.Canvas, kind: str, option: str) -> list[str]:
    """Return an option of every item of a kind, in the order in which they were drawn."""
    items = [item for item in canvas.find_all() if canvas.tk.call(str(canvas), "type", item) == kind]
    return [str(canvas.tk.call(str(canvas), "itemcget", item, f"-{option}")) for item in items]


def texts(canvas: tk.Canvas) -> list[str]:
    """Return every text."""
    return drawn(canvas, "text", "text")


def catch_popups(menu: tk.Menu) -> list[tuple[int, int]]:
    """Keep a menu from coming up, where it would wait for somebody; return where it would have, as it goes on."""
    places: list[tuple[int, int]] = []
    menu.tk_popup = lambda x, y: places.append((x, y))  # type: ignore[method-assign,assignment,misc]
    return places
