from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.display import CAN_OPEN_WINDOWS
from tests.test_ui_raster import pixels_of
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.model.palette import LIGHT
    from chat_core.ui.view.shapes import Shapes, inside


class ShapesCase(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.settle)
        self.shapes = Shapes(self.root, self.theme.px, LIGHT.ground)


class TestBox(ShapesCase):
    def test_a_wide_field_takes_few_copies_and_no_mixing(self) -> None:
        drawn: list[bytes] = []

        class Watched(Shapes):
            def picture(self, data: bytes) -> tk.PhotoImage:
                drawn.append(data)
                return super().picture(data)

        shapes = Watched(self.root, self.theme.px, LIGHT.ground)
        shapes.panel(LIGHT.surface, LIGHT.edge)
        shapes.panel(LIGHT.surface, LIGHT.accent, 2, radius=20)
        shapes.panel("", LIGHT.accent, 2, gap=LIGHT.accent_ink)
        shapes.panel(LIGHT.thumb, ground=LIGHT.surface, radius=4)
        self.assertEqual(len(drawn), 4)
        for data in drawn:
            rows = pixels_of(data)
            self.assertGreaterEqual(len(rows[0]), 100)
            self.assertEqual({pixel[3] for row in rows for pixel in row}, {0, 255})

    def test_it_is_as_small_as_its_borders_and_what_must_be_between_them(self) -> None:
        picture = self.shapes.panel(LIGHT.surface, LIGHT.edge, radius=7)
        layout = inside(self.shapes.box("Test.box", picture, border=7, least=(3, 1)))
        ttk.Style(self.root).layout("Test.TLabel", layout)
        label = ttk.Label(self.root, style="Test.TLabel")
        self.assertEqual((label.winfo_reqwidth(), label.winfo_reqheight()), (17, 15))

    def test_the_same_picture_is_made_once(self) -> None:
        one, other = (self.shapes.panel(LIGHT.surface, LIGHT.edge) for _ in range(2))
        self.assertIs(one, other)
        self.assertIsNot(one, self.shapes.panel(LIGHT.surface, LIGHT.edge, 2))


class TestFields(ShapesCase):
    def test_there_is_a_field_around_a_text_on_every_ground(self) -> None:
        for ground, colour in (("", LIGHT.ground), ("Card.", LIGHT.surface), ("Side.", LIGHT.side)):
            with self.subTest(ground=ground):
                field = ttk.Frame(self.root, style=f"Field.{ground}TFrame", padding=4)
                text = tk.Text(field, width=10, height=2, borderwidth=0, highlightthickness=0)
                text.pack()
                field.pack()
                self.settle()
                self.assertEqual((field.identify(1, 20), text.winfo_x(), text.winfo_y()), ("Chat.field", 4, 4))
                for name in (f"Field.{ground}TFrame", f"{ground}TEntry", f"{ground}TCombobox"):
                    self.assertEqual(str(ttk.Style(self.root).lookup(name, "background")), colour)


if __name__ == "__main__":
    unittest.main()
