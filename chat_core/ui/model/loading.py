"""A whole room, loaded page by page: what is asked for before a conversation is saved from its beginning.

Pure: it asks the presenter, which asks the server; how the pages are put in their place is `conversation`'s business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core import limits

if TYPE_CHECKING:
    from chat_core.ui.model.conversation import Conversation
    from chat_core.ui.model.presenter import Presenter

__all__ = ["WholeRoom"]


class WholeRoom:
    """Loads what is missing at the beginning of one room. Call `step` until `is_done`, as often as events are polled.

    It ends early where the server refuses, the connection is lost, or the model holds as many messages as it can;
    `is_complete` says whether the room's oldest message was reached. Call `release` when it was used, or is wanted no
    more: until then the conversation holds all of it.
    """

    def __init__(self, presenter: Presenter, conversation: Conversation) -> None:
        self._presenter = presenter
        self.conversation = conversation
        self._first_seq = conversation.first_seq
        conversation.is_held = True
        self.is_done = False

    @property
    def is_complete(self) -> bool:
        """Whether everything that the server keeps of the room is loaded."""
        return not self.conversation.has_older

    @property
    def fraction(self) -> float:
        """How much of what was missing is there: 0 to 1."""
        missing = max(1, self._first_seq - 1)
        return 1.0 if self.is_done else min(1.0, (self._first_seq - self.conversation.first_seq) / missing)

    def release(self) -> None:
        """Let the conversation drop again what is too much."""
        self.conversation.is_held = False

    def step(self) -> None:
        """Ask for the next page if none is on its way."""
        conversation = self.conversation
        if conversation.is_loading_older:
            return
        may_ask = conversation.has_older and not (conversation.is_older_refused or conversation.is_full)
        if not (may_ask and self._presenter.request_older(conversation, limits.HISTORY_LIMIT_MAX)):
            self.is_done = True
