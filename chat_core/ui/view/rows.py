"""How a line of the conversation looks: the pieces of text that it is drawn with, and the tags that they carry.

No remote text is ever in a tag's name. What a piece is for is asked of the piece: where a link leads, what it offers.
Where the pieces are inserted is `sheet`'s business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterable, Iterator, NamedTuple

from chat_core.language import _
from chat_core.ui.model.lines import Line, LineKind, Pending, PendingState
from chat_core.ui.model.markup import Style, spans

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.view.theme import Theme

__all__ = ["BODY", "Piece", "configure_tags", "line_pieces", "pending_pieces", "selected_text"]

#: Longer rows stall the layout of a Tk Text; they are broken for showing only.
_UNBROKEN_CHARS_MAX = 2_000
#: A text of more rows than the one is folded to the other until its reader wants all of it.
_UNFOLDED_ROWS_MAX = 30
_FOLDED_ROWS = 25
#: A hairline is drawn through no-break spaces: a few characters, where a widget of its own would cost a window.
_HAIRLINE = "\u00a0" * 20

#: The first tag of a piece that was said, as against what we say around it.
BODY = frozenset(kind.value for kind in LineKind) | {"waiting", "refused"}
_STYLE_TAGS: dict[Style, tuple[str, ...]] = {
    Style.PLAIN: (), Style.CODE: ("code",), Style.BLOCK: ("block",), Style.LINK: ("link",), Style.MENTION: ("naming",),
    Style.OWN_MENTION: ("naming", "naming_us"),
}  # fmt: skip


class Piece(NamedTuple):
    """A piece of text with one look. `target` is the address that a link leads to."""

    text: str
    tags: tuple[str, ...]
    target: str = ""


def configure_tags(text: tk.Text, theme: Theme) -> None:
    """Give the tags their look; again after each change of theme or zoom."""
    px, palette = theme.px, theme.palette
    side = px(18)
    for tag, font, colour in (
        ("message", theme.font, palette.ink), ("note", theme.small, palette.muted), ("error", theme.small, palette.bad),
        ("action", theme.italic, palette.ink), ("waiting", theme.font, palette.muted),
        ("refused", theme.font, palette.bad), ("name", theme.bold, palette.ink), ("aside", theme.small, palette.muted),
        ("day", theme.small, palette.muted), ("unread", theme.small_bold, palette.accent),
    ):  # fmt: skip
        text.tag_configure(
            tag, font=font, foreground=colour, lmargin1=side, lmargin2=side, rmargin=side,
            lmargincolor=palette.surface, rmargincolor=palette.surface,
        )  # fmt: skip
    for tag in ("message", "waiting", "refused", "aside"):
        text.tag_configure(tag, spacing1=px(1), spacing2=px(2), spacing3=px(2))
    for tag in ("note", "error", "action"):
        text.tag_configure(tag, spacing1=px(4), spacing2=px(2), spacing3=px(3))
    text.tag_configure("name", spacing1=px(11), spacing3=px(1))
    text.tag_configure("day", justify="center", spacing1=px(16), spacing3=px(4), wrap="none")
    text.tag_configure("unread", justify="center", spacing1=px(10), spacing3=px(2), wrap="none")
    text.tag_configure("hairline", overstrike=True, overstrikefg=palette.border)
    text.tag_configure("unread_hairline", overstrike=True, overstrikefg=palette.accent)
    for number, colour in enumerate(palette.names):
        text.tag_configure(f"name{number}", foreground=colour)
    text.tag_configure("own", foreground=palette.accent)
    text.tag_configure("you", font=theme.small, foreground=palette.accent)
    text.tag_configure("time", font=theme.small, foreground=palette.muted)
    text.tag_configure(
        "mention", background=palette.mention_soft, lmargincolor=palette.mention_soft, rmargincolor=palette.mention_soft
    )
    text.tag_configure("code", font=theme.mono, background=palette.code_ground)
    text.tag_configure(
        "block", font=theme.mono, background=palette.code_ground, lmargincolor=palette.code_ground,
        rmargincolor=palette.code_ground, lmargin1=side + px(8), lmargin2=side + px(8),
    )  # fmt: skip
    text.tag_configure("naming", font=theme.bold)
    text.tag_configure("naming_us", background=palette.mention_soft)
    text.tag_configure("link", foreground=palette.accent, underline=True)
    text.tag_configure("offer", font=theme.small, foreground=palette.accent, underline=True)
    text.tag_configure("found_soft", background=palette.found_soft, foreground=palette.ink)
    text.tag_configure("found", background=palette.found, foreground=palette.found_ink)
    text.tag_configure("chosen", background=palette.accent, foreground=palette.accent_ink)
    for tag in ("link", "offer", "found_soft", "found", "chosen", "sel"):  # the links exist since they are bound
        text.tag_raise(tag)


def line_pieces(
    line: Line, own_name: str, colour_of: Callable[[str], int], *, begins_unread: bool = False
) -> list[Piece]:
    """Draw a line, with what stands above it; the last piece ends with a line end."""
    pieces = []
    if line.begins_day:
        hairline = Piece(_HAIRLINE, ("day", "hairline"))
        pieces += [hairline, Piece(f"  {line.day}  ", ("day",)), hairline, Piece("\n", ("day",))]
    if begins_unread:
        hairline = Piece(_HAIRLINE, ("unread", "unread_hairline"))
        pieces += [hairline, Piece("  " + _("New messages") + "  ", ("unread",)), hairline, Piece("\n", ("unread",))]
    if line.begins_group:
        pieces += _name_pieces(line.sender, line.clock, colour_of, is_own=line.is_own)
    base: tuple[str, ...] = (line.kind.value, "mention") if line.is_mention else (line.kind.value,)
    if line.kind is LineKind.ACTION:
        colour = "own" if line.is_own else f"name{colour_of(line.sender)}"
        pieces += [Piece(line.sender, (*base, colour)), Piece(" ", base)]
    marked = line.kind in (LineKind.MESSAGE, LineKind.ACTION)
    body = _marked(line.text, base, "" if line.is_own else own_name) if marked else [Piece(line.text, base)]
    pieces += _kept_short(body, line.text, base, is_unfolded=line.is_unfolded)
    if line.kind is not LineKind.MESSAGE:
        pieces.append(Piece(f"  {line.clock}", (*base, "time")))
    pieces.append(_last_row_end(pieces, base))
    return pieces


def _name_pieces(name: str, clock: str, colour_of: Callable[[str], int], *, is_own: bool) -> list[Piece]:
    colour = "own" if is_own else f"name{colour_of(name)}"
    you = [Piece("  " + _("you"), ("name", "you"))] if is_own else []
    return [Piece(name, ("name", colour)), *you, Piece(f"  {clock}\n", ("name", "time"))]


def pending_pieces(
    pending: Pending, own_name: str, colour_of: Callable[[str], int], *, begins_group: bool
) -> list[Piece]:
    """Draw an own message that is not in the conversation yet, with what can be done about it."""
    state = pending.state
    base = ({PendingState.WAITING: "waiting", PendingState.REFUSED: "refused"}.get(state, "message"),)
    pieces = _name_pieces(own_name, pending.clock, colour_of, is_own=True) if begins_group else []
    if pending.kind is LineKind.ACTION:
        pieces += [Piece(own_name, (*base, "own")), Piece(" ", base)]
    body = _marked(pending.text, base, "")
    pieces += _kept_short(body, pending.text, base, is_unfolded=False, can_unfold=False)
    if state is PendingState.WAITING:
        pieces.append(Piece("  " + _("waiting…"), (*base, "time")))
    pieces.append(_last_row_end(pieces, base))
    if state is PendingState.REFUSED:
        sentence = _("Not sent: {reason}").format(reason=" ".join(filter(None, (pending.reason, pending.advice))))
        offers = (("again", _("Send again")), ("edit", _("Edit")), ("discard", _("Discard")))
        pieces.append(Piece(sentence + "\n", ("aside",)))
        for offer, words in offers:
            pieces += [Piece(words.replace(" ", "\u00a0"), ("aside", "offer", offer)), Piece("    ", ("aside",))]
        pieces.append(Piece("\n", ("aside",)))
    return pieces


def _marked(text: str, base: tuple[str, ...], own_name: str) -> list[Piece]:
    pieces: list[Piece] = []
    for span in spans(text, own_name):
        said = span.text
        if pieces and "block" in pieces[-1].tags and said.startswith("\n"):
            pieces.append(Piece("\n", pieces[-1].tags))  # so that its ground reaches the margin
            said = said[1:]
        pieces.append(Piece(said, base + _STYLE_TAGS[span.style], span.target))
    return pieces


def _last_row_end(body: list[Piece], base: tuple[str, ...]) -> Piece:
    """End the last row, for a block of code with its look too."""
    return Piece("\n", body[-1].tags if body and "block" in body[-1].tags else base)


def _kept_short(
    body: list[Piece], text: str, base: tuple[str, ...], *, is_unfolded: bool, can_unfold: bool = True
) -> list[Piece]:
    """Break rows that are too long, and cut off the rows that are too many, with an offer to show them."""
    if len(text) > _UNBROKEN_CHARS_MAX:
        body = list(_broken(body))
    rows = text.count("\n") + 1
    if is_unfolded or rows <= _UNFOLDED_ROWS_MAX:
        return body
    folded = [*_first_rows(body, _FOLDED_ROWS), Piece("\n", base)]
    if can_unfold:
        offer = _("Show all {count} lines").format(count=rows)
        return [*folded, Piece(offer, ("aside", "offer", "unfold"))]
    return [*folded, Piece(_("… {count} lines in all").format(count=rows), ("aside",))]


def _broken(pieces: Iterable[Piece]) -> Iterator[Piece]:
    room = _UNBROKEN_CHARS_MAX
    for piece in pieces:
        for number, row in enumerate(piece.text.split("\n")):
            if number:
                yield Piece("\n", piece.tags, piece.target)
                room = _UNBROKEN_CHARS_MAX
            while len(row) > room:
                yield Piece(row[:room], piece.tags, piece.target)
                yield Piece("\n", (*piece.tags, "break"))
                row, room = row[room:], _UNBROKEN_CHARS_MAX  # noqa: PLW2901 - what is left of it
            yield Piece(row, piece.tags, piece.target)
            room -= len(row)


def _first_rows(pieces: Iterable[Piece], count: int) -> Iterator[Piece]:
    for piece in pieces:
        rows = piece.text.split("\n", count)
        if len(rows) > count:
            yield piece._replace(text="\n".join(rows[:count]))
            return
        count -= len(rows) - 1
        yield piece


def selected_text(pieces: Iterable[Piece], first: int, last: int) -> str:
    """Return what was said between two places in the pieces, counted in characters, as it was before it was drawn.

    Names, times and offers are left out, and so are the breaks that only showing needs.
    """
    said = []
    place = 0
    for text, tags, _target in pieces:
        if tags[0] in BODY and tags[-1] not in ("break", "time"):
            said.append(text[max(0, first - place) : max(0, last - place)])
        place += len(text)
    return "".join(said)
