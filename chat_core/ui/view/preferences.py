"""The sheet of settings: each choice holds at once. Which there are is `model.preferences`; what they do, the app's."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Mapping, Sequence

from chat_core.language import _
from chat_core.ui.model.preferences import SWITCHES, Switch, language_choices, switched, theme_choices, with_choice
from chat_core.ui.view.flow import Flow
from chat_core.ui.view.overlay import Overlay
from chat_core.ui.view.passing import pass_on
from chat_core.ui.view.scrolling import ScrolledPage
from chat_core.ui.view.wrapping import WrappedWords

if TYPE_CHECKING:
    from chat_core.client.settings import Settings
    from chat_core.ui.view.theme import Theme

__all__ = ["Preferences"]

_WIDTH_PX = 580
_MINUS = "\N{MINUS SIGN}"
_HEADINGS_PX = 116
#: With less, each heading stands above its group.
_TWO_COLUMNS_PX = 400
_HINT_INDENT_PX = 22  # where the words beside a tick begin


class Preferences(Overlay):
    """Opened with the settings of the moment. `change` is called with what is to be done to them, as `Memory.change`.

    The size of the text is changed in the theme itself, and told; what else a change leads to, such as other
    colours, is up to whoever takes it. `languages` are codes with the languages' own names.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        *,
        languages: Mapping[str, str],
        change: Callable[[Callable[[Settings], Settings]], None],
    ) -> None:
        super().__init__(master, theme, width_px=_WIDTH_PX)
        self._languages = languages
        self._change = change
        self._variables: dict[str, tk.Variable] = {}
        self.controls: dict[str, ttk.Widget] = {}
        self._groups: list[tuple[ttk.Label, ttk.Frame, int]] = []
        head = ttk.Frame(self.body, style="Card.TFrame")
        head.pack(fill="x", pady=(0, theme.px(6)))
        self._done = ttk.Button(head, text=_("Done"), style="Flat.Card.TButton", command=self.close)
        self._done.pack(side="right")
        ttk.Label(head, text=_("Settings"), style="Heading.Card.TLabel").pack(side="left", padx=theme.px(4))
        self._page = ScrolledPage(self.body, theme, role="surface", grows=True)
        self._page.pack(fill="both", expand=True)
        self._page.body.columnconfigure(1, weight=1)
        self._page.body.bind("<Configure>", lambda event: self._arrange(event.width), add=True)
        self._page.bind("<<Changed>>", lambda _event: self.lay_soon())
        head.lift()  # the last that Tab comes to
        self.bind("<<ThemeChanged>>", self._zoomed, add=True)

    def open(self, settings: Settings) -> None:
        """Show the settings as they are, the focus on the theme that is chosen."""
        if self.is_open:
            return
        for child in self._page.body.winfo_children():
            child.destroy()
        self._variables.clear()
        self._groups.clear()
        self.controls = {"done": self._done}
        self._build(self._page.body, settings)
        self._arrange(self._page.body.winfo_width())
        self._page.grow()
        self._page.canvas.yview_moveto(0)
        self.appear(self.controls[f"theme {settings.theme}"])

    def _build(self, inside: ttk.Frame, settings: Settings) -> None:
        self._add_choices(self._add_group(inside, _("Theme")), "theme", theme_choices(), settings.theme)
        self._add_zoom(self._add_group(inside, _("Size of the text"), lower_px=5))
        group = self._add_group(inside, _("Language"))
        self._add_choices(group, "language", language_choices(self._languages), settings.language)
        self._add_hint(group, _("Takes effect at the next start."), indent_px=0)
        heading = ""
        for switch in SWITCHES:
            if switch.group != heading:
                heading = switch.group
                group = self._add_group(inside, _(heading))
            self._add_switch(group, switch, is_on=getattr(settings, switch.field))

    # --- parts

    def _add_group(self, inside: ttk.Frame, heading: str, *, lower_px: int = 2) -> ttk.Frame:
        """Add a heading, lowered to stand on a line with what comes beside it, and the frame for that."""
        label = ttk.Label(inside, text=heading, style="Bold.Card.TLabel")
        group = ttk.Frame(inside, style="Card.TFrame")
        self._groups.append((label, group, lower_px))
        return group

    def _arrange(self, width: int) -> None:
        """Lay each heading beside its group, or above it where so much width is too little for both."""
        px = self.theme.px
        is_narrow = 1 < width < px(_TWO_COLUMNS_PX)
        self._page.body.columnconfigure(0, minsize=0 if is_narrow else px(_HEADINGS_PX))
        for row, (label, group, lower_px) in enumerate(self._groups):
            if is_narrow:
                label.configure(wraplength=width - px(8))
                label.grid(row=2 * row, column=0, columnspan=2, sticky="w", padx=px(4), pady=(px(8), 0))
                group.grid(row=2 * row + 1, column=0, columnspan=2, sticky="we", padx=px(4), pady=(px(2), px(6)))
            else:
                label.configure(wraplength=px(_HEADINGS_PX))
                label.grid(
                    row=2 * row, column=0, columnspan=1, sticky="nw", padx=(px(4), px(14)),
                    pady=(px(8 + lower_px), px(8)),
                )  # fmt: skip
                group.grid(row=2 * row, column=1, columnspan=1, sticky="we", padx=0, pady=px(8))

    def _add_hint(self, group: ttk.Frame, text: str, *, indent_px: int) -> None:
        label = ttk.Label(group, text=text, style="Muted.Card.TLabel")
        label.pack(fill="x", padx=(self.theme.px(indent_px), self.theme.px(4)), pady=(0, self.theme.px(3)))
        label.bind("<Configure>", lambda event: label.configure(wraplength=event.width if event.width > 1 else 0))

    def _add_choices(self, group: ttk.Frame, field: str, choices: Sequence[tuple[str, str]], chosen: str) -> None:
        variable = self._variables[field] = tk.StringVar(self, chosen)
        flow = Flow(group, gap_px=self.theme.px(12), style="Card.TFrame")
        flow.pack(fill="x")

        def choose() -> None:
            value = variable.get()
            self._change(lambda settings: with_choice(settings, field, value=value))

        buttons = [
            ttk.Radiobutton(flow, text=label, value=value, variable=variable, command=choose, style="Card.TRadiobutton")
            for value, label in choices
        ]
        for place, (value, _label) in enumerate(choices):
            self.controls[f"{field} {value}"] = buttons[place]
            WrappedWords(buttons[place], self.theme)
            _walk_with_arrows(buttons[place], buttons[place - 1], buttons[(place + 1) % len(buttons)])
        flow.lay()

    def _add_zoom(self, group: ttk.Frame) -> None:
        theme = self.theme
        row = Flow(group, gap_px=theme.px(8), style="Card.TFrame")
        row.pack(fill="x")
        steps = ttk.Frame(row, style="Card.TFrame")  # these three stay together
        shown = self._variables["zoom"] = tk.StringVar(self)
        smaller = ttk.Button(steps, text=_MINUS, width=3, style="Card.TButton")
        smaller.configure(command=lambda: self._zoom(theme.zoom_out))
        larger = ttk.Button(steps, text="+", width=3, style="Card.TButton", command=lambda: self._zoom(theme.zoom_in))
        normal = ttk.Button(row, text=_("Normal"), style="Flat.Card.TButton")
        normal.configure(command=lambda: self._zoom(theme.reset_zoom))
        smaller.pack(side="left")
        ttk.Label(steps, textvariable=shown, width=6, anchor="center", style="Card.TLabel").pack(side="left")
        larger.pack(side="left")
        row.lay()
        self.controls.update(smaller=smaller, larger=larger, normal=normal)
        self._show_zoom()

    def _add_switch(self, group: ttk.Frame, switch: Switch, *, is_on: bool) -> None:
        variable = self._variables[switch.field] = tk.BooleanVar(self, is_on)

        def change() -> None:
            is_on = variable.get()
            self._change(lambda settings: switched(settings, switch.field, is_on=is_on))

        box = ttk.Checkbutton(group, text=_(switch.label), variable=variable, command=change, style="Card.TCheckbutton")
        WrappedWords(box, self.theme)
        box.pack(anchor="w")
        self.controls[switch.field] = box
        if switch.hint:
            self._add_hint(group, _(switch.hint), indent_px=_HINT_INDENT_PX)

    # --- the size of the text

    def _zoom(self, act: Callable[[], None]) -> None:
        act()
        zoom = self.theme.zoom
        self._change(lambda settings: with_choice(settings, "zoom", value=zoom))

    def _show_zoom(self) -> None:
        # Translators: the size of the text, such as 125 %
        self._variables["zoom"].set(_("{percent} %").format(percent=self.theme.zoom))

    def _zoomed(self, _event: tk.Event[tk.Misc]) -> None:
        if self.is_open:
            self._show_zoom()
            self._arrange(self._page.body.winfo_width())


def _walk_with_arrows(button: ttk.Radiobutton, before: ttk.Radiobutton, after: ttk.Radiobutton) -> None:
    """Let the arrow keys choose a neighbour."""

    def choose(neighbour: ttk.Radiobutton) -> str:
        neighbour.focus_set()
        neighbour.invoke()
        return "break"

    for key in ("<Left>", "<Up>"):
        button.bind(key, lambda _event: choose(before))
    for key in ("<Right>", "<Down>"):
        button.bind(key, lambda _event: choose(after))
    pass_on(button)
