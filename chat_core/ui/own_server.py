"""The server on this computer, as far as the window is concerned: its sheet, and what becomes of it at the end.

The process itself is `desktop.hosting`, what is shown of it `view.hosting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from chat_core.ui.model.hosted import ClosingChoice, HostPlan, HostState
from chat_core.ui.view.hosting import ClosingQuestion, HostSheet

if TYPE_CHECKING:
    from chat_core.ui.app import App

__all__ = ["OwnServer"]


class OwnServer:
    """Belongs to `app`. `poll` returns whether how the server stands has changed."""

    def __init__(self, app: App, now: Callable[[], float]) -> None:
        self._app = app
        self._now = now
        self._hosting = app.desktop.hosting
        self._sheet: HostSheet | None = None
        self._question: ClosingQuestion | None = None
        self._has_chosen = False
        self._hosting.find()

    @property
    def is_there(self) -> bool:
        """Whether there is one, whoever has started it."""
        return self._hosting.hosted.is_there

    def open(self) -> None:
        """Show how it stands, or what one is started with."""
        if self._sheet is None:
            fit = self._app.desktop.glyphs.fit
            self._sheet = HostSheet(
                self._app.root, self._app.theme, fit, start=self._start, stop=self._stop, join=self._app.join_own_server
            )
        self._draw()
        self._sheet.open()

    def poll(self, now: float) -> bool:
        """See what has become of it, and draw it."""
        has_changed = self._hosting.poll(now)
        if has_changed or (self._sheet is not None and self._sheet.is_open):
            self._draw()
        return has_changed

    def may_close(self) -> bool:
        """Whether the window may close now. If not, the person is asked what becomes of the server."""
        hosted = self._hosting.hosted
        is_serving = hosted.state in (HostState.STARTING, HostState.RUNNING)
        if self._has_chosen or not (is_serving and hosted.is_own):
            return True
        if self._question is None:
            self._question = ClosingQuestion(self._app.root, self._app.theme, self._chosen)
        self._question.open(self._others())
        return False

    def forget_choice(self) -> None:
        """Ask again at the next closing: the window has stayed."""
        self._has_chosen = False

    def stop(self) -> None:
        """Ask the server to end."""
        self._hosting.stop(self._now())

    def _chosen(self, choice: ClosingChoice) -> None:
        if choice is ClosingChoice.STAY:
            return
        self._has_chosen = True
        self._app.leave_with_server(stops=choice is ClosingChoice.STOP)

    def _start(self, plan: HostPlan) -> None:
        self._hosting.start(plan)
        self._draw()

    def _stop(self) -> None:
        self.stop()
        self._draw()

    def _draw(self) -> None:
        if self._sheet is not None:
            self._sheet.draw(self._hosting.hosted, self._others())

    def _others(self) -> int | None:
        """Count who else is there, as far as our own chat tells: None when it does not."""
        return self._app.others_at(self._hosting.hosted)
