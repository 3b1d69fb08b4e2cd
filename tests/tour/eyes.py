"""What is on the screen: every text that a person could read in the window now, and where it stands.

A text counts when its widget is mapped and the place where it stands is not covered by another one. Images are not
looked at; what they mean has a text beside it or a tooltip.
"""

from __future__ import annotations

import tkinter as tk
from dataclasses import dataclass
from tkinter import ttk
from typing import Iterator

__all__ = ["Eyes", "Place"]


@dataclass(frozen=True)
class Place:
    """A text on the screen: the widget that shows it, and the middle of where it stands in that widget."""

    widget: tk.Misc
    x: int
    y: int
    text: str


class Eyes:
    """Looks at one window and at everything that stands over it."""

    def __init__(self, root: tk.Tk) -> None:
        self._root = root

    def places(self) -> Iterator[Place]:
        """List every text that can be read now, in no order that means anything."""
        waiting: list[tk.Misc] = [self._root]
        while waiting:
            widget = waiting.pop()
            waiting += widget.winfo_children()
            if widget.winfo_viewable():
                for place in _texts_of(widget):
                    if place.text.strip() and self._is_uncovered(place):
                        yield place

    def find(self, text: str, within: tk.Misc | None = None) -> Place | None:
        """Find where a text stands: as a whole if it does so anywhere, else as a part of another."""
        part = None
        for place in self.places():
            if within is not None and not str(place.widget).startswith(str(within)):
                continue
            if place.text.strip() == text:
                return place
            if part is None and text in place.text:
                part = place
        return _narrowed(part, text) if part is not None else None

    def sees(self, text: str) -> bool:
        """Whether a text is on the screen."""
        return self.find(text) is not None

    def read(self) -> str:
        """Return all that can be read, for the message of an act that failed."""
        return "\n".join(sorted({place.text.strip() for place in self.places()}))

    def _is_uncovered(self, place: Place) -> bool:
        widget = place.widget
        top = self._root.winfo_containing(widget.winfo_rootx() + place.x, widget.winfo_rooty() + place.y)
        return top is not None and (top is widget or str(top).startswith(f"{widget}."))


def _texts_of(widget: tk.Misc) -> Iterator[Place]:
    middle = (widget.winfo_width() // 2, widget.winfo_height() // 2)
    if isinstance(widget, tk.Text):
        end = widget.index(f"@{widget.winfo_width()},{widget.winfo_height()}")
        yield Place(widget, *middle, widget.get("@0,0", f"{end} lineend"))
    elif isinstance(widget, tk.Listbox):
        for row in range(widget.index("@0,0"), widget.index(f"@0,{widget.winfo_height()}") + 1):
            box = widget.bbox(row)
            if box is not None:
                yield Place(widget, box[0] + box[2] // 2, box[1] + box[3] // 2, str(widget.get(row)))
    elif isinstance(widget, tk.Menu):
        yield from _texts_of_menu(widget)
    elif isinstance(widget, tk.Canvas):
        yield from _texts_of_canvas(widget)
    elif isinstance(widget, (tk.Entry, ttk.Entry)):
        yield Place(widget, *middle, widget.get())
    elif isinstance(widget, ttk.Treeview):
        yield from _texts_of_tree(widget)
    elif "text" in widget.keys():  # noqa: SIM118 - the options of a widget, which is no mapping
        yield Place(widget, *middle, str(widget.cget("text")))


def _texts_of_menu(menu: tk.Menu) -> Iterator[Place]:
    for entry in range((menu.index("end") or 0) + 1):
        if menu.type(entry) not in ("separator", "tearoff"):
            yield Place(menu, menu.winfo_width() // 2, menu.yposition(entry) + 8, str(menu.entrycget(entry, "label")))


def _texts_of_canvas(canvas: tk.Canvas) -> Iterator[Place]:
    left, top = canvas.canvasx(0), canvas.canvasy(0)
    for item in canvas.find_overlapping(left, top, left + canvas.winfo_width(), top + canvas.winfo_height()):
        if str(canvas.tk.call(canvas, "type", item)) == "text" and _option(canvas, item, "state") != "hidden":
            box = canvas.bbox(item)
            x, y = (box[0] + box[2]) / 2 - left, (box[1] + box[3]) / 2 - top
            yield Place(canvas, round(x), round(y), _option(canvas, item, "text"))


def _option(canvas: tk.Canvas, item: int, name: str) -> str:
    return str(canvas.tk.call(canvas, "itemcget", item, f"-{name}"))


def _texts_of_tree(tree: ttk.Treeview) -> Iterator[Place]:
    waiting = list(tree.get_children())
    while waiting:
        row = waiting.pop(0)
        waiting[:0] = tree.get_children(row)
        box = tree.bbox(row)
        if box:
            texts = [str(tree.item(row, "text")), *map(str, tree.item(row, "values"))]
            yield Place(tree, box[0] + box[2] // 2, box[1] + box[3] // 2, "  ".join(filter(None, texts)))


def _narrowed(place: Place, text: str) -> Place:
    """Point at the text itself where its widget can say where that stands."""
    widget = place.widget
    if isinstance(widget, tk.Text):
        found = widget.search(text, "@0,0", stopindex="end")
        box = widget.bbox(f"{found} + {len(text) // 2} chars") if found else None
        if box is not None:
            return Place(widget, box[0] + box[2] // 2, box[1] + box[3] // 2, text)
    return place
