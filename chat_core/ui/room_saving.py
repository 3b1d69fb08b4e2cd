"""A conversation saved to a file, from the sheet that asks how to the last byte: loading first what is not loaded yet.

The sheet is `view.exporting`, the formats are `model.export`, the file is `desktop.saving`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import SystemFailure
from chat_core.language import _
from chat_core.ui.desktop.saving import Saving, begin_saving, shown_address
from chat_core.ui.model.export import Entry
from chat_core.ui.model.loading import WholeRoom
from chat_core.ui.model.refusals import sentence_of_failure
from chat_core.ui.view.exporting import Exporting, Wish

if TYPE_CHECKING:
    import tkinter as tk
    from pathlib import Path

    from chat_core.ui.app import App
    from chat_core.ui.model.conversation import Conversation
    from chat_core.ui.model.presenter import Presenter

__all__ = ["RoomSaving"]

#: Of the bar, while the room is loaded; the rest is for the writing.
_LOADING_SHARE = 0.5


class RoomSaving:
    """Saves one conversation at a time. Call `step` at every poll: it returns whether there is more to do soon.

    The sheet lies over `page`, and goes with it.
    """

    def __init__(self, app: App, presenter: Presenter, page: tk.Misc) -> None:
        self._app = app
        self._presenter = presenter
        self._conversation: Conversation | None = None
        self._wish: Wish | None = None
        self._whole: WholeRoom | None = None
        self._saving: Saving | None = None
        self.sheet = Exporting(
            page, app.theme, app.desktop.glyphs.fit, save=self._begin, cancel=self.cancel,
            show=self._show,
        )  # fmt: skip

    def _show(self, path: Path) -> None:
        self._app.desktop.browse(shown_address(path))

    def open(self, conversation: Conversation) -> None:
        """Ask how a conversation is to be saved; while one is being saved, show how far that is."""
        if self._whole is None and self._saving is None:
            self._conversation = conversation
        loaded = sum(1 for line in conversation.lines if line.seq)
        self.sheet.open(conversation.title, self._app.unix_ms(), loaded, has_older=conversation.has_older)

    def step(self) -> bool:
        """Load or write some more, if something is being saved."""
        if self._whole is not None:
            self._load(self._whole)
        elif self._saving is not None:
            self._write(self._saving)
        return self._whole is not None or self._saving is not None

    def cancel(self) -> None:
        """Save no more; nothing half-written is left."""
        self._release()
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None

    def _release(self) -> None:
        if self._whole is not None:
            self._whole.release()
            self._whole = None

    def _begin(self, wish: Wish) -> None:
        assert self._conversation is not None
        self._wish = wish
        self._whole = WholeRoom(self._presenter, self._conversation) if wish.is_whole else None
        if self._whole is None:
            self._begin_writing(wish, self._conversation)

    def _load(self, whole: WholeRoom) -> None:
        whole.step()
        self.sheet.show_progress(whole.fraction * _LOADING_SHARE, _("Loading older messages…"))
        if not whole.is_done:
            return
        if whole.is_complete:
            assert self._wish is not None
            self._begin_writing(self._wish, whole.conversation)
        elif whole.conversation.is_full:
            self.sheet.show_trouble(_("The room is too long to be loaded whole. Save what is loaded instead."))
        else:
            self.sheet.show_trouble(_("The older messages could not be loaded. Try again when you are online."))
        self._release()

    def _begin_writing(self, wish: Wish, conversation: Conversation) -> None:
        lines = [line for line in conversation.lines if line.seq]
        entries = (Entry(line.unix_ms, line.sender, line.original, line.is_own, line.seq) for line in lines)
        title, own_name = conversation.title, self._presenter.name
        self._saving = begin_saving(wish.path, wish.kind, entries, len(lines), title=title, own_name=own_name)

    def _write(self, saving: Saving) -> None:
        try:
            has_more = saving.step()
        except SystemFailure as failure:
            self._saving = None
            sentence, advice = sentence_of_failure(failure)
            self.sheet.show_trouble(" ".join(filter(None, (sentence, advice, f"({failure.detail})"))))
            return
        if has_more:
            self.sheet.show_progress(_LOADING_SHARE + saving.fraction * (1 - _LOADING_SHARE), _("Saving…"))
        else:
            self._saving = None
            self.sheet.show_saved(saving.path)
