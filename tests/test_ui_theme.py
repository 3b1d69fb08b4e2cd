from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.ui.desktop.screen import resolution
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.model.palette import CONTRAST, DARK, LIGHT, PALETTES
    from chat_core.ui.view.theme import ZOOM_MAX, ZOOM_MIN, Theme
    from tests.gallery import Gallery

_FONTS = ("font", "bold", "italic", "small", "small_bold", "mono", "heading", "title", "room", "tiny")


class ThemeCase(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.settle)


class TestColours(ThemeCase):
    def lookup(self, style: str, option: str) -> str:
        return str(ttk.Style(self.root).lookup(style, option))

    def test_the_palette_is_in_the_styles(self) -> None:
        for palette in (*PALETTES, LIGHT):
            with self.subTest(palette=palette.name):
                self.theme.use(palette)
                self.assertIs(self.theme.palette, palette)
                self.assertEqual(str(self.root["background"]), palette.ground)
                self.assertEqual(self.lookup("TLabel", "foreground"), palette.ink)
                self.assertEqual(self.lookup("Muted.Card.TLabel", "background"), palette.surface)
                self.assertEqual(self.lookup("Muted.Card.TLabel", "foreground"), palette.muted)
                self.assertEqual(self.lookup("Main.Trouble.TButton", "background"), palette.bad_soft)

    def test_widgets_hear_of_a_change_and_are_drawn_anew(self) -> None:
        frame = ttk.Frame(self.root, style="Card.TFrame", width=40, height=40)
        frame.pack()
        heard: list[str] = []
        frame.bind("<<ThemeChanged>>", lambda _event: heard.append(self.theme.palette.name))
        self.settle()
        heard.clear()
        self.theme.use(DARK)
        self.settle()
        self.theme.use(DARK)
        self.settle()
        self.assertEqual(heard, ["dark"])

    def test_menus_and_the_lists_of_comboboxes_follow(self) -> None:
        menu = tk.Menu(self.root, tearoff=False)
        combobox = ttk.Combobox(self.root, values=["one", "two"], state="readonly")
        combobox.pack()
        self.settle()
        popdown = str(self.root.tk.call("ttk::combobox::PopdownWindow", combobox))
        for palette in (DARK, CONTRAST, LIGHT):
            self.theme.use(palette)
            self.settle()
            made_later = tk.Menu(self.root, tearoff=False)
            for each in (menu, made_later):
                self.assertEqual((str(each["background"]), str(each["foreground"])), (palette.surface, palette.ink))
            listed = str(self.root.tk.call(f"{popdown}.f.l", "cget", "-background"))
            self.assertEqual(listed, palette.surface)

    def test_every_style_of_every_ground_can_be_drawn(self) -> None:
        widgets: list[ttk.Widget] = []
        for ground in ("", "Card.", "Side.", "Trouble.", "Selected.", "Mention."):
            widgets += [
                ttk.Button(self.root, text="a", style=f"{kind}{ground}TButton")
                for kind in ("", "Main.", "Danger.", "Flat.", "Icon.", "Link.")
            ]
            widgets += [
                ttk.Label(self.root, text="a", style=f"{kind}{ground}TLabel")
                for kind in ("", "Muted.", "Good.", "Busy.", "Bad.", "Bold.", "Mono.", "Heading.", "Title.")
            ]
            widgets += [
                ttk.Frame(self.root, style=f"{ground}TFrame"),
                ttk.Checkbutton(self.root, style=f"{ground}TCheckbutton"),
                ttk.Radiobutton(self.root, style=f"{ground}TRadiobutton"),
                ttk.Checkbutton(self.root, style=f"{ground}Toolbutton"),
            ]  # fmt: skip
        widgets += [
            ttk.Button(self.root, style="Pill.TButton"), ttk.Label(self.root, text="3", style="Pill.TLabel"),
            ttk.Label(self.root, text="3", style="Quiet.Pill.TLabel"), ttk.Entry(self.root), ttk.Combobox(self.root),
            ttk.Treeview(self.root), ttk.Progressbar(self.root, value=40), ttk.Separator(self.root, orient="vertical"),
            ttk.Scrollbar(self.root), ttk.Scrollbar(self.root, style="Side.Vertical.TScrollbar"),
            ttk.Scrollbar(self.root, orient="horizontal"), ttk.Menubutton(self.root, style="Room.TMenubutton"),
            ttk.Frame(self.root, style="Panel.TFrame"), ttk.Notebook(self.root), ttk.Labelframe(self.root, text="a"),
        ]  # fmt: skip
        for number, widget in enumerate(widgets):
            widget.grid(row=number // 12, column=number % 12)
        for palette in (DARK, CONTRAST):
            self.theme.use(palette)
            self.settle()
            for widget in widgets:
                self.assertGreater(widget.winfo_reqheight(), 0, widget)

    def test_the_gallery_shows_them_in_every_theme(self) -> None:
        gallery = Gallery(self.root, self.theme)
        gallery.pack()
        for palette in PALETTES:
            self.theme.use(palette)
            self.settle()
            self.assertEqual(str(gallery.text["background"]), palette.surface)

    def test_what_was_never_on_the_screen_hears_of_a_change_too(self) -> None:
        text = tk.Text(ttk.Frame(self.root))
        heard: list[str] = []
        text.bind("<<ThemeChanged>>", lambda _event: heard.append(self.theme.palette.name))
        self.settle()
        self.theme.use(DARK)
        self.settle()
        self.assertEqual(heard, ["dark"])

    def test_a_second_theme_in_the_same_window(self) -> None:
        Theme(self.root, DARK, 150)
        self.settle()
        self.theme.use(CONTRAST)
        self.settle()
        self.assertEqual(self.lookup("TLabel", "foreground"), CONTRAST.ink)

    def test_a_name_has_one_colour_everywhere(self) -> None:
        numbers = {self.theme.name_colour(f"person {number}") for number in range(200)}
        self.assertEqual(numbers, set(range(len(LIGHT.names))))
        self.assertEqual(self.theme.name_colour("Ann"), Theme(self.root, DARK).name_colour("Ann"))
        self.assertIn(self.theme.name_colour("\ud800"), numbers)


class TestSizes(ThemeCase):
    def test_the_zoom_is_for_fonts_and_distances(self) -> None:
        label = ttk.Label(self.root, text="a text", font=self.theme.font)
        button = ttk.Button(self.root, text="a text")
        for widget in (label, button):
            widget.pack()
        self.settle()
        small = [label.winfo_reqwidth(), label.winfo_reqheight(), button.winfo_reqwidth(), self.theme.px(100)]
        self.theme.set_zoom(200)
        self.settle()
        large = [label.winfo_reqwidth(), label.winfo_reqheight(), button.winfo_reqwidth(), self.theme.px(100)]
        for before, after in zip(small, large):
            self.assertAlmostEqual(after / before, 2.0, delta=0.25)
        self.theme.reset_zoom()
        self.settle()
        self.assertEqual([label.winfo_reqwidth(), label.winfo_reqheight(), button.winfo_reqwidth()], small[:3])

    def test_the_views_hear_of_it(self) -> None:
        heard: list[int] = []
        frame = ttk.Frame(self.root)
        frame.bind("<<ThemeChanged>>", lambda _event: heard.append(self.theme.px(10)))
        self.settle()
        heard.clear()
        self.theme.set_zoom(200)
        self.settle()
        self.assertEqual(heard, [self.theme.px(10)])

    def test_steps_and_ends(self) -> None:
        self.theme.zoom_in()
        self.assertEqual(self.theme.zoom, 110)
        self.theme.zoom_out()
        self.theme.zoom_out()
        self.assertEqual(self.theme.zoom, 90)
        for _ in range(20):
            self.theme.zoom_in()
        self.assertEqual(self.theme.zoom, ZOOM_MAX)
        self.theme.set_zoom(1)
        self.assertEqual(self.theme.zoom, ZOOM_MIN)
        self.theme.zoom_out()
        self.assertEqual(self.theme.zoom, ZOOM_MIN)

    def test_fonts_keep_their_order(self) -> None:
        for zoom in (60, 100, 300):
            self.theme.set_zoom(zoom)
            height = {name: getattr(self.theme, name).metrics("linespace") for name in _FONTS}
            self.assertLess(height["tiny"], height["small"])
            self.assertLessEqual(height["small"], height["font"])
            self.assertLess(height["font"], height["heading"])
            self.assertLess(height["heading"], height["title"])

    def test_code_has_a_fixed_width(self) -> None:
        self.assertEqual(self.theme.mono.measure("iiii"), self.theme.mono.measure("MMMM"))

    def test_what_was_set_by_hand_is_believed_within_bounds(self) -> None:
        # It is the screen's, not the window's: for all that follow in this process.
        before = float(self.root.tk.call("tk", "scaling"))
        self.addCleanup(lambda: self.root.tk.call("tk", "scaling", before))
        for scaling, scale in ((2 * 96 / 72, 2.0), (3.0, 2.25), (0.2, 1.0), (40.0, 4.0)):
            with self.subTest(scaling=scaling):
                self.root.tk.call("tk", "scaling", scaling)
                theme = Theme(self.root)
                self.assertAlmostEqual(theme.scale, scale, delta=0.02 * scale)
                self.assertAlmostEqual(theme.px(100), 100 * scale, delta=2 * scale)

    def test_a_fine_screen_is_drawn_larger(self) -> None:
        before = float(self.root.tk.call("tk", "scaling"))
        self.addCleanup(lambda: self.root.tk.call("tk", "scaling", before))
        self.root.tk.call("tk", "scaling", 2 * before)
        fine = Theme(self.root)
        for name in _FONTS:
            here, there = (getattr(theme, name).metrics("linespace") for theme in (self.theme, fine))
            self.assertAlmostEqual(there / here, 2.0, delta=0.35)


class TestResolution(unittest.TestCase):
    def test_an_x_server_says_how_fine_its_screen_is(self) -> None:
        known = resolution()
        if known is not None:
            self.assertGreater(known.server_dpi, 0.0)
            self.assertGreaterEqual(known.desktop_dpi, 0.0)


if __name__ == "__main__":
    unittest.main()
