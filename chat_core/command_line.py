"""What the command lines of the programs have in common: `--lang`, and argparse's own words in that language.

The language must be known before a parser is made, for its help is spoken too. So `speak_as_asked` comes first, and
looks for nothing but that flag; whether its value makes sense says the parser, which has it from `add_language_flag`.
"""

from __future__ import annotations

import argparse
from typing import Sequence

from chat_core.language import _, known_language, languages, ngettext, speak, system_language

__all__ = ["add_language_flag", "speak_as_asked"]


def speak_as_asked(argv: Sequence[str] | None, preferred: str = "") -> None:
    """Speak what `--lang` asks for, or else the `preferred` language, or else that of the system.

    The environment stays as it is: a browser that is opened from here speaks as its person's system does.
    """
    asking = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    asking.add_argument("--lang", nargs="?", default="")
    asked = asking.parse_known_args(argv)[0].lang or ""
    speak(known_language(asked) or known_language(preferred) or system_language())
    # argparse looks its words up by these two names. The other way, a domain of gettext, would take the language from
    # the environment, which every program that is started from here inherits.
    argparse._ = _  # type: ignore[attr-defined]
    argparse.ngettext = ngettext  # type: ignore[attr-defined]


def add_language_flag(parser: argparse.ArgumentParser) -> None:
    """Give a parser the flag that `speak_as_asked` has looked for."""
    parser.add_argument(
        "--lang", choices=tuple(languages()), help=_("language to speak (default: that of this system)")
    )
