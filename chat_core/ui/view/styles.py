"""The ttk styles of the window: one ttk theme for each palette and zoom, made from `clam` when first used.

The round shapes are pictures, which ttk stretches (`view.shapes`); `python3 -m tests.gallery` shows what there is.
GROUND is nothing for the window, or `Card.` (surface), `Side.`, `Trouble.`, `Selected.`, `Mention.`; KIND is optional.

- KIND+GROUND+TLabel: Muted Small Faint Good Busy Bad (these are small), Accent Bold Italic Mono Heading Title Room.
  Counts: Pill.TLabel, Quiet.Pill.TLabel. The link: Good.Status.TLabel, Busy.Status.TLabel, Bad.Status.TLabel.
- KIND+GROUND+TButton: Main Danger Flat Icon Link; and Pill.TButton. GROUND+Toolbutton: a Check- or Radiobutton that
  stays in.
- GROUND+TFrame; Edge.TFrame (a hairline), Panel.TFrame (a card with round corners that stands on the window),
  Field.GROUND+TFrame (a field around a Text: give it a padding of 4, and the Text's focus as a state).
- GROUND+TCheckbutton, GROUND+TRadiobutton, GROUND+TEntry, GROUND+TCombobox, TSpinbox, Treeview, TNotebook, TLabelframe,
  TPanedwindow, TMenubutton, Room.TMenubutton, TSeparator, Horizontal.TProgressbar; Vertical.TScrollbar and
  Horizontal.TScrollbar, on the side panes Side.Vertical.TScrollbar and Side.Horizontal.TScrollbar.

The state `invalid` of a field draws it in the colour of what is wrong; the focus is a ring in the accent everywhere.
"""

from __future__ import annotations

from tkinter import ttk
from typing import TYPE_CHECKING

from chat_core.ui.model.palette import mixed
from chat_core.ui.view.indicators import check_png, radio_png
from chat_core.ui.view.shapes import ALL, Shapes, inside

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Styles"]


class Styles:
    """One ttk theme. `theme` is asked for its palette, fonts and distances while it is made, and for nothing later."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._px = theme.px
        self._palette = palette = theme.palette
        self._style = ttk.Style(theme.root)
        # A ttk theme is never taken away again, and there can be more than one Theme in a window's life.
        self.name = f"chat-{palette.name}-{len(self._style.theme_names())}"
        self._style.theme_create(self.name, "clam")
        self._style.theme_use(self.name)
        self._shapes = Shapes(theme.root, theme.px, palette.ground)
        self._grounds = {
            "": palette.ground, "Card.": palette.surface, "Side.": palette.side, "Trouble.": palette.bad_soft,
            "Selected.": palette.accent_soft, "Mention.": palette.mention_soft,
        }  # fmt: skip
        self._set_common()
        self._set_frames()
        self._set_labels()
        self._set_pills()
        self._set_buttons()
        self._set_menubuttons()
        self._set_ticks()
        self._set_fields()
        self._set_tree()
        self._set_scrollbars()
        self._set_bars()
        self._set_groups()

    def use(self) -> None:
        """Let every widget be drawn by this ttk theme; each gets `<<ThemeChanged>>`."""
        self._style.theme_use(self.name)

    def _set_common(self) -> None:
        palette = self._palette
        self._style.configure(
            ".", background=palette.ground, foreground=palette.ink, font=self._theme.font, bordercolor=palette.border,
            lightcolor=palette.ground, darkcolor=palette.ground, troughcolor=palette.border, focuscolor=palette.accent,
            selectbackground=palette.accent_soft, selectforeground=palette.ink, fieldbackground=palette.surface,
            insertcolor=palette.ink, insertwidth=max(1, self._px(1)), selectborderwidth=0, relief="flat",
        )  # fmt: skip
        self._style.map(".", foreground=[("disabled", palette.faint)])

    def _set_frames(self) -> None:
        palette, shapes = self._palette, self._shapes
        for ground, colour in self._grounds.items():
            self._style.configure(f"{ground}TFrame", background=colour)
        self._style.configure("Edge.TFrame", background=palette.border)
        self._style.configure("Panel.TFrame", background=palette.ground)
        radius = shapes.corner(10)
        panel = shapes.panel(palette.surface, palette.border, radius=radius)
        self._style.layout("Panel.TFrame", inside(shapes.box("Chat.panel", panel, border=radius)))

    def _set_labels(self) -> None:
        theme, palette = self._theme, self._palette
        ink, small, font = palette.ink, theme.small, theme.font
        kinds = {
            "": (ink, font), "Muted.": (palette.muted, small), "Small.": (ink, small), "Faint.": (palette.faint, small),
            "Good.": (palette.good, small), "Busy.": (palette.busy, small), "Bad.": (palette.bad, small),
            "Accent.": (palette.accent, font), "Bold.": (ink, theme.bold), "Italic.": (ink, theme.italic),
            "Mono.": (ink, theme.mono), "Heading.": (ink, theme.heading), "Title.": (ink, theme.title),
            "Room.": (ink, theme.room),
        }  # fmt: skip
        for ground, colour in self._grounds.items():
            for kind, (foreground, font) in kinds.items():
                self._style.configure(f"{kind}{ground}TLabel", foreground=foreground, font=font, background=colour)
        # On the bar that tells of a trouble, the plain text is the trouble.
        self._style.configure("Trouble.TLabel", foreground=palette.bad, font=theme.bold)
        self._style.configure("Small.Trouble.TLabel", foreground=palette.muted)
        self._style.configure("Advice.Trouble.TLabel", foreground=palette.ink, font=theme.font)
        for mood, foreground in (("Good", palette.good), ("Busy", palette.busy), ("Bad", palette.bad)):
            self._style.configure(f"{mood}.Status.TLabel", foreground=foreground, font=theme.font)

    def _set_pills(self) -> None:
        theme, palette, shapes = self._theme, self._palette, self._shapes
        radius = theme.small_bold.metrics("linespace") // 2
        for name, fill, foreground in (
            ("Pill.TLabel", palette.accent, palette.accent_ink), ("Quiet.Pill.TLabel", palette.muted, palette.surface),
        ):  # fmt: skip
            element = shapes.box(f"Chat.{name}", shapes.panel(fill, radius=radius), border=radius, least=(2, 1))
            self._style.layout(name, inside(element, "Label.padding", "Label.label"))
            self._style.configure(
                name, foreground=foreground, font=theme.small_bold, anchor="center",
                padding=(max(self._px(5), radius // 2), 0),
            )  # fmt: skip
        radius = theme.bold.metrics("linespace") // 2 + self._px(5)
        ground = palette.surface
        rest, pointed = (
            shapes.panel(fill, ground=ground, radius=radius) for fill in (palette.accent, palette.accent_dark)
        )
        focused = shapes.panel(palette.accent, palette.accent, 2, gap=palette.accent_ink, ground=ground, radius=radius)
        element = shapes.box("Chat.pill", rest, ("focus", focused), ("active", pointed), border=radius, least=(8, 1))
        self._style.layout("Pill.TButton", inside(element, "Button.padding", "Button.label"))
        self._style.configure(
            "Pill.TButton", background=ground, foreground=palette.accent_ink, font=theme.bold, anchor="center",
            padding=(self._px(16), self._px(5)), width="", shiftrelief=0,
        )  # fmt: skip
        self._style.map("Pill.TButton", background=[])

    def _set_buttons(self) -> None:
        theme, palette, px, button = self._theme, self._palette, self._px, self._shapes.button
        ring, soft = palette.accent, palette.accent_soft
        plain = button(
            "Chat.plain", (palette.surface, palette.hover, soft, palette.ground),
            edge=mixed(palette.border, palette.edge, 0.35), faint=palette.border, ring=ring,
        )  # fmt: skip
        danger = button(
            "Chat.danger", (palette.surface, palette.bad_soft, palette.bad_soft, palette.ground),
            edge=palette.bad, faint=palette.border, ring=ring,
        )  # fmt: skip
        main = button(
            "Chat.main", (palette.accent, palette.accent_dark, palette.accent_dark, palette.hover),
            ring=ring, gap=palette.accent_ink,
        )  # fmt: skip
        flat = button("Chat.flat", ("", palette.hover, soft, ""), ring=ring)
        link = button("Chat.link", ("", "", "", ""), ring=ring)
        pointed = ("active", palette.accent_dark)
        for ground, colour in self._grounds.items():
            for name, element, foreground, font, padding in (
                (f"{ground}TButton", plain, palette.ink, theme.font, (px(14), px(6))),
                (f"Danger.{ground}TButton", danger, palette.bad, theme.font, (px(14), px(6))),
                (f"Main.{ground}TButton", main, palette.accent_ink, theme.bold, (px(16), px(6))),
                (f"Flat.{ground}TButton", flat, palette.ink, theme.font, (px(10), px(6))),
                (f"Icon.{ground}TButton", flat, palette.ink, theme.font, (px(6), px(6))),
                (f"Link.{ground}TButton", link, palette.accent, theme.font, (px(4), px(2))),
                (f"{ground}Toolbutton", flat, palette.ink, theme.font, (px(10), px(6))),
            ):
                widget = "Button" if name.endswith("TButton") else "Toolbutton"
                self._style.layout(name, inside(element, f"{widget}.padding", f"{widget}.label"))
                self._style.configure(
                    name, background=colour, foreground=foreground, font=font, padding=padding, anchor="center",
                    width="", shiftrelief=0,
                )  # fmt: skip
                states = [("disabled", palette.faint), *([pointed] if element == link else [])]
                self._style.map(name, foreground=states, background=[])

    def _set_menubuttons(self) -> None:
        palette, px = self._palette, self._px
        arrow = self._shapes.chevron("Chat.menuarrow", palette.muted)
        content = [(arrow, {"side": "right", "sticky": ""}), ("Menubutton.label", {"side": "left", "sticky": "we"})]
        padding = ("Menubutton.padding", {**ALL, "children": content})
        for name, font in (("TMenubutton", self._theme.font), ("Room.TMenubutton", self._theme.room)):
            self._style.layout(name, [("Chat.flat", {**ALL, "children": [padding]})])
            self._style.configure(name, font=font, padding=(px(8), px(4)), background=palette.ground, width="")
            self._style.map(name, background=[], foreground=[("disabled", palette.faint)])

    def _set_ticks(self) -> None:
        palette, px = self._palette, self._px
        paper, edge, accent, mark = palette.surface, palette.edge, palette.accent, palette.accent_ink
        for kind, draw in (("Checkbutton", check_png), ("Radiobutton", radio_png)):
            pictures = [
                self._shapes.picture(draw(px(18), *colours))
                for colours in (
                    (paper, edge, "", ""), (palette.border, palette.border, palette.faint, ""),
                    (palette.ground, palette.border, "", ""), (accent, accent, mark, accent),
                    (accent, accent, mark, ""), (paper, edge, "", accent), (palette.hover, edge, "", ""),
                )
            ]  # fmt: skip
            states = ("disabled selected", "disabled", "selected focus", "selected", "focus", "active")
            element = self._shapes.element(f"Chat.{kind}", pictures[0], *zip(states, pictures[1:]))
            label = (
                f"{kind}.padding",
                {"side": "left", "children": [(f"{kind}.label", {"side": "left", "sticky": ""})]},
            )
            for ground, colour in self._grounds.items():
                name = f"{ground}T{kind}"
                self._style.layout(name, [(element, {"side": "left", "sticky": ""}), label])
                self._style.configure(name, background=colour, padding=(px(6), px(4), px(2), px(4)))
                self._style.map(name, background=[], foreground=[("disabled", palette.faint)])

    def _set_fields(self) -> None:
        palette, px, shapes = self._palette, self._px, self._shapes
        field = shapes.box(
            "Chat.field", shapes.panel(palette.surface, palette.edge),
            ("disabled", shapes.panel(palette.ground, palette.border)),
            ("invalid", shapes.panel(palette.surface, palette.bad, 2)),
            ("focus", shapes.panel(palette.surface, palette.accent, 2)),
        )  # fmt: skip
        arrow = shapes.chevron("Chat.listarrow", palette.muted)
        self._style.layout("TEntry", inside(field, "Entry.padding", "Entry.textarea"))
        content = [(arrow, {"side": "right", "sticky": ""}), ("Combobox.textarea", ALL)]
        padding = ("Combobox.padding", {**ALL, "children": content})
        self._style.layout("TCombobox", [(field, {**ALL, "children": [padding]})])
        for ground, colour in self._grounds.items():
            for name in (f"{ground}TEntry", f"{ground}TCombobox"):
                self._style.configure(name, background=colour)
            self._style.layout(f"Field.{ground}TFrame", inside(field))
            self._style.configure(f"Field.{ground}TFrame", background=colour)
        for name in ("TEntry", "TCombobox", "TSpinbox"):
            self._style.configure(name, padding=(px(9), px(6)))
            self._style.map(
                name, foreground=[("disabled", palette.faint)], background=[], fieldbackground=[], lightcolor=[],
                darkcolor=[], bordercolor=[("focus", palette.accent)], selectbackground=[("!focus", palette.hover)],
                selectforeground=[],
            )  # fmt: skip
        self._style.configure(
            "TSpinbox", bordercolor=palette.edge, lightcolor=palette.surface, darkcolor=palette.surface,
            arrowcolor=palette.muted, arrowsize=px(9),
        )  # fmt: skip
        self._style.configure("ComboboxPopdownFrame", relief="flat", borderwidth=1, background=palette.edge)

    def _set_tree(self) -> None:
        theme, palette, px = self._theme, self._palette, self._px
        self._style.layout("Treeview", inside("Chat.field", "Treeview.padding", "Treeview.treearea"))
        self._style.configure(
            "Treeview", background=palette.surface, fieldbackground=palette.surface, padding=px(3), borderwidth=0,
            rowheight=theme.font.metrics("linespace") + px(8),
        )  # fmt: skip
        self._style.map(
            "Treeview", background=[("selected", palette.accent_soft)], foreground=[("selected", palette.ink)]
        )
        self._style.configure(
            "Heading", font=theme.small_bold, foreground=palette.muted, background=palette.surface,
            padding=(px(8), px(5)), relief="flat", bordercolor=palette.surface, lightcolor=palette.surface,
            darkcolor=palette.surface,
        )  # fmt: skip
        self._style.map("Heading", background=[("active", palette.hover)])

    def _set_scrollbars(self) -> None:
        palette, shapes = self._palette, self._shapes
        radius, least = shapes.corner(4), self._px(28)
        fills = (palette.thumb, mixed(palette.thumb, palette.ink, 0.45), mixed(palette.thumb, palette.ink, 0.25), "")
        for orient, sticky, wide, high in (("Vertical", "ns", 1, least), ("Horizontal", "we", least, 1)):
            rest, pressed, pointed, nothing = (
                shapes.panel(fill, ground=palette.surface, radius=radius) for fill in fills
            )
            # With nothing to scroll there is none to be seen; its place stays.
            states = (("disabled", nothing), ("pressed", pressed), ("active", pointed))
            thumb = shapes.box(f"Chat.{orient}.thumb", rest, *states, border=radius, least=(wide, high))
            trough = (
                f"{orient}.Scrollbar.trough", {"sticky": sticky, "children": [(thumb, {"expand": True, **ALL})]}
            )  # fmt: skip
            for ground, colour in (("", palette.surface), ("Side.", palette.side)):
                name = f"{ground}{orient}.TScrollbar"
                self._style.layout(name, [trough])
                self._style.configure(
                    name, troughcolor=colour, background=colour, bordercolor=colour, lightcolor=colour, darkcolor=colour
                )
                self._style.map(name, background=[])

    def _set_bars(self) -> None:
        palette, px, shapes = self._palette, self._px, self._shapes
        radius = max(2, px(3))
        groove, bar = (
            shapes.box(name, shapes.panel(fill, ground=ground, radius=radius), border=radius, least=(8, 1))
            for name, fill, ground in (
                ("Chat.groove", palette.accent_soft, palette.ground), ("Chat.pbar", palette.accent, palette.accent_soft)
            )
        )  # fmt: skip
        self._style.layout(
            "Horizontal.TProgressbar",
            [(groove, {"sticky": "we", "children": [(bar, {"side": "left", "sticky": "ns"})]})],
        )
        for orient in ("Horizontal", "Vertical"):
            line = shapes.line(f"Chat.{orient}.hairline", palette.border, is_upright=orient == "Vertical")
            self._style.layout(f"{orient}.TSeparator", inside(line))

    def _set_groups(self) -> None:
        palette, px = self._palette, self._px
        self._style.configure("TPanedwindow", background=palette.ground)
        self._style.configure(
            "Sash", sashthickness=px(6), gripcount=0, background=palette.ground, bordercolor=palette.ground,
        )  # fmt: skip
        self._style.configure("TNotebook", background=palette.ground, bordercolor=palette.border, tabmargins=0)
        self._style.configure(
            "TNotebook.Tab", padding=(px(14), px(6)), background=palette.ground, foreground=palette.muted,
            bordercolor=palette.border, lightcolor=palette.ground,
        )  # fmt: skip
        self._style.map(
            "TNotebook.Tab", background=[("selected", palette.surface), ("active", palette.hover)], padding=[],
            foreground=[("selected", palette.ink)], lightcolor=[("selected", palette.surface)],
        )  # fmt: skip
        self._style.configure("TLabelframe", bordercolor=palette.border, borderwidth=1, relief="solid", padding=px(10))
        self._style.configure("TLabelframe.Label", foreground=palette.muted, font=self._theme.small_bold)
