"""What the system is set to: light, dark or high contrast. Asked of its own programs, without waiting for them.

On Windows the registry answers at once, on macOS `defaults`, elsewhere the settings portal of the desktop, GNOME's
`gsettings` and the file of KDE. Whether the window follows is for the person to say; here is only the answer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator, Mapping, NamedTuple

__all__ = ["CONTRAST", "DARK", "LIGHT", "Appearance"]

#: Names of palettes, too.
LIGHT, DARK, CONTRAST = "light", "dark", "contrast"

#: An answer is a word or two.
_ANSWER_BYTES_MAX = 4096
_SPI_GETHIGHCONTRAST = 0x0042
_HCF_HIGHCONTRASTON = 1
_WINDOWS_KEY = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
#: Below this mean of red, green and blue a ground is dark.
_MIDDLE_GREY = 128


class _Question(NamedTuple):
    """A program to ask, and how to read what it says: one of the three words, or empty if that says nothing."""

    argv: tuple[str, ...]
    read: Callable[[str], str]


class Appearance:
    """Call `start`, then `poll` now and then until it answers; `start` again to ask anew. Call `close` at the end."""

    def __init__(
        self, platform: str = sys.platform, environment: Mapping[str, str] = os.environ, home: Path | None = None
    ) -> None:
        self._platform = platform
        self._environment = environment
        self._home = home
        self._questions: Iterator[_Question] = iter(())
        self._question: _Question | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._answer = ""

    def start(self) -> None:
        """Begin to ask. Does nothing while a question is open."""
        if self._child is not None:
            return
        self._answer = self._known_at_once()
        self._questions = iter(() if self._answer else _questions(self._platform, self._environment))
        if not self._answer:
            self._ask_next()

    def poll(self) -> str | None:
        """Return "light", "dark" or "contrast" once for each `start`, as soon as it is known; until then None."""
        if self._child is not None and self._child.poll() is not None:
            self._take_answer(self._child)
        answer, self._answer = self._answer, ""
        return answer or None

    def wait(self, timeout_s: float) -> None:
        """Wait until somebody has answered, at most so long; for before there is a window, never after."""
        wait_until = time.monotonic() + timeout_s
        while self._child is not None:
            try:
                self._child.wait(max(0.0, wait_until - time.monotonic()))
            except subprocess.TimeoutExpired:
                return  # `poll` will tell
            self._take_answer(self._child)

    def close(self) -> None:
        """End the program that is being asked, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _take_answer(self, child: subprocess.Popen[bytes]) -> None:
        assert self._question is not None
        said = child.communicate()[0][:_ANSWER_BYTES_MAX].decode("utf-8", "replace")
        self._child = None
        self._answer = self._question.read(said) if child.returncode == 0 else ""
        if not self._answer:
            self._ask_next()

    def _ask_next(self) -> None:
        for question in self._questions:
            program = shutil.which(question.argv[0], path=self._environment.get("PATH"))
            if program is None:
                continue
            try:
                self._child = subprocess.Popen(  # noqa: S603 - the desktop's own programs, with words of ours
                    [program, *question.argv[1:]],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=dict(self._environment),
                )  # fmt: skip
            except OSError:
                continue  # it cannot be run: the next one may know
            self._question = question
            return
        self._answer = LIGHT  # nobody knows

    def _known_at_once(self) -> str:
        if self._platform == "win32":
            return _of_windows()
        if self._platform == "darwin":
            return ""
        return _of_gtk_theme(self._environment.get("GTK_THEME", "")) or self._of_kde()

    def _of_kde(self) -> str:
        """Read KDE's file of colours, where KDE runs."""
        if "KDE" not in self._environment.get("XDG_CURRENT_DESKTOP", "").split(":"):
            return ""
        home = self._home or Path(self._environment.get("HOME", "/"))
        folder = self._environment.get("XDG_CONFIG_HOME") or str(home / ".config")
        try:
            return _of_kdeglobals(Path(folder, "kdeglobals").read_text("utf-8", "replace"))
        except OSError:
            return ""


def _questions(platform: str, environment: Mapping[str, str]) -> list[_Question]:
    """List whom to ask, in this order; the first that has something to say is believed."""
    if platform == "darwin":
        return [
            _Question(
                ("defaults", "read", "com.apple.universalaccess", "increaseContrast"),
                lambda said: CONTRAST if said.strip() == "1" else "",
            ),
            _Question(  # the key is there when it is dark, or by turns
                ("defaults", "read", "-g", "AppleInterfaceStyle"), lambda said: DARK if said.strip() == "Dark" else ""
            ),
        ]
    gnome = [
        _Question(
            ("gsettings", "get", "org.gnome.desktop.a11y.interface", "high-contrast"),
            lambda said: CONTRAST if said.strip() == "true" else "",
        ),
        _Question(("gsettings", "get", "org.gnome.desktop.interface", "color-scheme"), _of_color_scheme),
        _Question(
            ("gsettings", "get", "org.gnome.desktop.interface", "gtk-theme"),
            lambda said: _of_gtk_theme(said.strip().strip("'")),
        ),
    ]
    if not environment.get("DBUS_SESSION_BUS_ADDRESS"):
        return gnome  # without a bus, asking for one would start one
    return [*gnome[:1], _Question(_PORTAL, _of_portal), *gnome[1:]]


_PORTAL = (
    "gdbus", "call", "--session", "--timeout", "2", "--dest", "org.freedesktop.portal.Desktop",
    "--object-path", "/org/freedesktop/portal/desktop",
    "--method", "org.freedesktop.portal.Settings.ReadAll", "['org.freedesktop.appearance']",
)  # fmt: skip


def _of_portal(said: str) -> str:
    """Read the settings of org.freedesktop.appearance: contrast 1 is more, color-scheme 1 dark, 2 light, 0 either."""
    if "'contrast': <uint32 1>" in said:
        return CONTRAST
    if "'color-scheme': <uint32 1>" in said:
        return DARK
    return LIGHT if "'color-scheme': <uint32 2>" in said else ""


def _of_color_scheme(said: str) -> str:
    return {"'prefer-dark'": DARK, "'prefer-light'": LIGHT}.get(said.strip(), "")


def _of_gtk_theme(theme: str) -> str:
    """Read the name of a GTK theme, such as Adwaita-dark or Adwaita:dark."""
    if theme.startswith("HighContrast"):
        return CONTRAST
    return DARK if theme.lower().endswith(("-dark", ":dark")) else ""


def _of_kdeglobals(text: str) -> str:
    """Read the ground of KDE's windows: `BackgroundNormal=red,green,blue` in its section, or the scheme's name."""
    section, scheme = "", ""
    for line in text.splitlines():
        key, _equals, value = line.partition("=")
        if line.startswith("["):
            section = line.strip()
        elif section == "[Colors:Window]" and key == "BackgroundNormal":
            channels = [int(part) for part in value.split(",") if part.strip().isdecimal()]
            if len(channels) >= 3:
                return DARK if sum(channels[:3]) < 3 * _MIDDLE_GREY else LIGHT
        elif section == "[General]" and key == "ColorScheme":
            scheme = value.strip().lower()
    return DARK if "dark" in scheme else (LIGHT if scheme else "")


def _of_windows() -> str:
    """Ask Windows, which answers at once."""
    if sys.platform != "win32":
        return LIGHT
    import ctypes  # noqa: PLC0415 - of use on Windows alone, as is the next
    import winreg  # noqa: PLC0415

    class HighContrast(ctypes.Structure):
        """HIGHCONTRASTW of winuser.h."""

        _fields_ = (("size", ctypes.c_uint), ("flags", ctypes.c_uint), ("scheme", ctypes.c_wchar_p))

    setting = HighContrast(size=ctypes.sizeof(HighContrast))
    asked = ctypes.windll.user32.SystemParametersInfoW(_SPI_GETHIGHCONTRAST, setting.size, ctypes.byref(setting), 0)
    if asked and setting.flags & _HCF_HIGHCONTRASTON:
        return CONTRAST
    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _WINDOWS_KEY) as key:
            is_light, _kind = winreg.QueryValueEx(key, "AppsUseLightTheme")
    except OSError:
        return LIGHT  # before Windows 10
    return LIGHT if is_light else DARK
