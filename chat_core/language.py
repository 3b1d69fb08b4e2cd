"""The language that people are spoken to in: sentences are written in English and looked up here when they are shown.

One catalogue holds for the whole program, as in `gettext` of the standard library, which reads it. Translations are in
`languages/`, as `.po` sources and compiled `.mo` files; how they are made says docs/translating.md. What goes over the
wire or into a log file stays English. Which flag asks for a language is `command_line`.
"""

from __future__ import annotations

import gettext as _gettext
import locale
import os
import sys
from pathlib import Path
from typing import Iterable, Mapping

__all__ = [
    "CATALOGUES",
    "DOMAIN",
    "N_",
    "_",
    "known_language",
    "languages",
    "ngettext",
    "speak",
    "spoken",
    "system_language",
]

#: Of the catalogues, as gettext calls it: their files are CATALOGUES/<language>/LC_MESSAGES/DOMAIN.mo.
DOMAIN = "chat_core"
CATALOGUES = Path(__file__).with_name("languages")
#: What the sources are written in needs no catalogue. C and POSIX are what a system without a language calls it.
_SOURCE = "en"
_SOURCE_TOO = ("C", "POSIX")
#: Where a system says what its person speaks, the first that is set; as gettext asks.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class _Spoken:
    """The catalogue in use."""

    def __init__(self) -> None:
        self.language = _SOURCE
        self.catalogue = _gettext.NullTranslations()


_spoken = _Spoken()


def _(text: str) -> str:
    """Return a sentence in the language in use."""
    return _spoken.catalogue.gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form that goes with a count, in the language in use."""
    return _spoken.catalogue.ngettext(singular, plural, count)


def N_(text: str) -> str:  # noqa: N802 - the name that tools for translators know
    """Mark a sentence for translation where it stands; it is looked up with `_` when it is shown."""
    return text


# Translators: the name of your language, in your language.
_OWN_NAME = N_("English")


def speak(language: str) -> None:
    """Speak this language ("it", or "it_IT") from now on; English where there is no translation."""
    _spoken.language = known_language(language) or _SOURCE
    _spoken.catalogue = _catalogue(_spoken.language)


def spoken() -> str:
    """Return the code of the language in use."""
    return _spoken.language


def languages() -> dict[str, str]:
    """Return what can be spoken: codes, each with the language's own name, English first."""
    files = sorted(CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    translated = [path.parent.parent.name for path in files]
    return {code: _catalogue(code).gettext(_OWN_NAME) for code in (_SOURCE, *translated)}


def known_language(wanted: str) -> str:
    """Return which of our languages is meant by "it", "it_IT.UTF-8" or "it-CH"; empty when it is none of them.

    A country's own translation ("pt_BR") comes before that of the language ("pt").
    """
    code = wanted.strip().split(".")[0].split("@")[0].replace("-", "_")
    if code in _SOURCE_TOO:
        return _SOURCE
    ours = {known.lower(): known for known in languages()}
    return ours.get(code.lower()) or ours.get(code.lower().split("_")[0], "")


def system_language(environ: Mapping[str, str] = os.environ) -> str:
    """Return the first language that this person's system asks for and that we have; English when there is none."""
    for variable in _VARIABLES:
        if environ.get(variable):
            return _first_known(environ[variable].split(":"))  # LANGUAGE is a list, best first
    return _first_known([_language_of_desktop()])


def _first_known(wanted: Iterable[str]) -> str:
    return next(filter(None, map(known_language, wanted)), _SOURCE)


def _language_of_desktop() -> str:
    """Ask what has no environment: Windows, and a Mac's Finder.

    A Mac tells it only to a child process (`defaults read -g AppleLocale`), for which no window should wait. Its
    Terminal sets LANG; otherwise what Python found by itself is enough.
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - for Windows alone

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    if sys.platform == "darwin":
        try:
            return locale.getlocale()[0] or ""
        except ValueError:
            return ""  # such as LC_CTYPE=UTF-8, which names no language
    return ""


def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(DOMAIN, str(CATALOGUES), [language], fallback=True)
