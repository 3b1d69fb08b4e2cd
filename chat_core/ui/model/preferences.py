"""What the person can choose about the window: the choices in words, and what choosing does to the settings.

Pure. Where the settings are kept is `client.settings`, how the choices look `view.preferences`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Mapping

from chat_core.language import N_, _

if TYPE_CHECKING:
    from chat_core.client.settings import Settings

__all__ = ["SWITCHES", "Switch", "language_choices", "switched", "theme_choices", "with_choice"]


@dataclass(frozen=True)
class Switch:
    """Something that is on or off: the field of the settings, its group, and English sentences to be looked up."""

    field: str
    group: str
    label: str
    hint: str = ""


_TELL_ME = N_("Tell me")
_TELL_OTHERS = N_("Tell the others")
_THIS_COMPUTER = N_("This computer")

SWITCHES = (
    Switch("rings", _TELL_ME, N_("Ring when I am mentioned")),
    Switch("notifies", _TELL_ME, N_("Show notifications"), N_("While this window is not in front.")),
    Switch("tells_typing", _TELL_OTHERS, N_("That I am typing")),
    Switch("tells_away", _TELL_OTHERS, N_("That I am away"), N_("After a while without a key or a mouse movement.")),
    Switch(
        "remembers", _THIS_COMPUTER, N_("Remember servers, rooms and drafts"),
        N_("Switching this off deletes them. Your names stay yours."),
    ),
)  # fmt: skip
_THEMES = (
    ("system", N_("Like the system")),
    ("light", N_("Light")),
    ("dark", N_("Dark")),
    ("contrast", N_("High contrast")),
)


def theme_choices() -> list[tuple[str, str]]:
    """List the themes: each value of `Settings.theme`, and what it is called."""
    return [(value, _(label)) for value, label in _THEMES]


def language_choices(spoken: Mapping[str, str]) -> list[tuple[str, str]]:
    """List the languages, given as codes with their own names: each value of `Settings.language` and its name."""
    return [("", _("Like the system")), *spoken.items()]


def switched(settings: Settings, field: str, *, is_on: bool) -> Settings:
    """Switch something on or off. Who does not want to be remembered is forgotten at once."""
    if field == "remembers" and not is_on:
        return replace(settings, remembers=False, servers=())
    return with_choice(settings, field, value=is_on)


def with_choice(settings: Settings, field: str, *, value: Any) -> Settings:
    """Take over what was chosen for a field, by its name."""
    return replace(settings, **{field: value})
