from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING:
    import tkinter as tk

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.model.palette import DARK, LIGHT
    from chat_core.ui.view.icons import NAMES, Icons

#: What the views ask for.
_WANTED = (
    "rooms people search gear send plus close up down left right bell bell_off at copy save moon sun host menu warning "
    "check back"
)


class TestIcons(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.settle)
        self.icons = Icons(self.root, self.theme)

    def opaque(self, picture: tk.PhotoImage) -> set[tuple[int, int]]:
        size = range(picture.width())
        return {(x, y) for x in size for y in size if not picture.transparency_get(x, y)}

    def test_all_that_is_wanted_is_there_and_each_is_different(self) -> None:
        self.assertEqual(set(_WANTED.split()) - set(NAMES), set())
        shapes = {}
        for name in NAMES:
            picture = self.icons.get(name)
            self.assertEqual((picture.width(), picture.height()), (self.theme.px(16), self.theme.px(16)))
            shapes[name] = frozenset(self.opaque(picture))
            self.assertTrue(shapes[name], name)
        self.assertEqual(len(set(shapes.values())), len(NAMES))

    def test_one_is_drawn_once(self) -> None:
        self.assertIs(self.icons.get("gear"), self.icons.get("gear"))
        self.assertIsNot(self.icons.get("gear"), self.icons.get("gear", "muted"))

    def test_it_has_the_colour_of_its_role_and_takes_the_new_theme(self) -> None:
        picture = self.icons.get("menu", "accent", 24)
        self.assertEqual(self.colour_of(picture), LIGHT.accent)
        self.theme.use(DARK)
        self.settle()
        self.assertEqual(self.colour_of(picture), DARK.accent)

    def colour_of(self, picture: tk.PhotoImage) -> str:
        middle = picture.width() // 2
        return "#{:02x}{:02x}{:02x}".format(*picture.get(middle, middle))

    def test_it_grows_with_the_zoom(self) -> None:
        picture = self.icons.get("send")
        self.theme.set_zoom(200)
        self.settle()
        self.assertEqual(picture.width(), self.theme.px(16))

    def test_an_unknown_one(self) -> None:
        with self.assertRaises(KeyError):
            self.icons.get("unicorn")

    def test_the_window_has_an_icon_and_another_when_something_waits(self) -> None:
        for is_unread in (False, True, False):
            self.icons.put_on_window(self.root, is_unread=is_unread)
            self.settle()
            self.assertTrue(self.root.winfo_exists())


if __name__ == "__main__":
    unittest.main()
