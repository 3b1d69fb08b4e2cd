from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path

from chat_core.ui.desktop.appearance import Appearance

#: For one script of two lines; nothing depends on it when all is well.
_PATIENCE_S = 60.0


@unittest.skipIf(os.name == "nt", "Windows runs no scripts by their first line")
class AppearanceCase(unittest.TestCase):
    """The desktop's programs are scripts in a folder of their own, which is all of PATH."""

    platform = "linux"

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.environment = {"PATH": str(self.folder), "HOME": str(self.folder)}

    def program(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\necho \"$@\" >> '{self.folder}/asked'\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def answer(self) -> str:
        appearance = Appearance(self.platform, self.environment)
        self.addCleanup(appearance.close)
        appearance.start()
        answer = appearance.poll()
        while answer is None:
            appearance.wait(_PATIENCE_S)
            answer = appearance.poll()
        self.assertIsNone(appearance.poll(), "told twice")
        return answer

    def asked(self) -> list[str]:
        try:
            return (self.folder / "asked").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []


class TestLinux(AppearanceCase):
    def test_nobody_knows(self) -> None:
        self.assertEqual((self.answer(), self.asked()), ("light", []))

    def test_gnome(self) -> None:
        for said, answer in (
            ("'prefer-dark'", "dark"),
            ("'prefer-light'", "light"),
            ("'default'", "light"),
            ("", "light"),
        ):
            with self.subTest(said=said):
                self.program("gsettings", f'[ "$3" = color-scheme ] && echo "{said}" || echo false')
                self.assertEqual(self.answer(), answer)

    def test_gnome_before_it_had_color_schemes(self) -> None:
        for theme, answer in (("Yaru-dark", "dark"), ("Adwaita", "light"), ("HighContrastInverse", "contrast")):
            with self.subTest(theme=theme):
                self.program("gsettings", f'[ "$3" = gtk-theme ] && echo "\'{theme}\'" || exit 1')
                self.assertEqual(self.answer(), answer)

    def test_high_contrast_comes_first(self) -> None:
        self.program("gsettings", '[ "$3" = high-contrast ] && echo true || echo "\'prefer-dark\'"')
        self.assertEqual(self.answer(), "contrast")

    def test_the_portal(self) -> None:
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
        for said, answer in (
            ("'color-scheme': <uint32 1>", "dark"), ("'color-scheme': <uint32 2>", "light"),
            ("'contrast': <uint32 1>, 'color-scheme': <uint32 1>", "contrast"), ("'color-scheme': <uint32 0>", "light"),
            ("nonsense \\377", "light"),
        ):  # fmt: skip
            with self.subTest(said=said):
                self.program("gdbus", f"printf \"({{'org.freedesktop.appearance': {{{said}}}}},)\"")
                self.assertEqual(self.answer(), answer)

    def test_without_a_bus_none_is_started(self) -> None:
        self.program("gdbus", "echo \"'color-scheme': <uint32 1>\"")
        self.assertEqual((self.answer(), self.asked()), ("light", []))

    def test_the_environment_decides_without_asking(self) -> None:
        self.program("gsettings", "echo \"'prefer-light'\"")
        for theme, answer in (("Adwaita:dark", "dark"), ("HighContrast", "contrast")):
            self.environment["GTK_THEME"] = theme
            self.assertEqual((self.answer(), self.asked()), (answer, []))

    def test_kde(self) -> None:
        self.environment["XDG_CURRENT_DESKTOP"] = "KDE"
        (self.folder / ".config").mkdir()
        for text, answer in (
            ("[Colors:View]\nBackgroundNormal=255,255,255\n[Colors:Window]\nBackgroundNormal=42,46,50\n", "dark"),
            ("[Colors:Window]\nBackgroundNormal=239,240,241\n[General]\nColorScheme=BreezeDark\n", "light"),
            ("[General]\nColorScheme=BreezeDark\n", "dark"), ("[General]\nColorScheme=BreezeLight\n", "light"),
            ("[Colors:Window]\nBackgroundNormal=what\n", "light"), ("", "light"),
        ):  # fmt: skip
            with self.subTest(text=text):
                (self.folder / ".config" / "kdeglobals").write_text(text, encoding="utf-8")
                self.assertEqual(self.answer(), answer)
        (self.folder / ".config" / "kdeglobals").unlink()
        self.assertEqual(self.answer(), "light")

    def test_a_program_that_cannot_be_run_is_passed_over(self) -> None:
        (self.folder / "gsettings").write_bytes(b"\x7fELF")
        (self.folder / "gsettings").chmod(0o755)
        self.assertEqual(self.answer(), "light")

    def test_one_wait_is_for_all_who_are_asked(self) -> None:
        self.program("gsettings", '[ "$3" = gtk-theme ] && echo "\'Yaru-dark\'" || echo false')
        appearance = Appearance(self.platform, self.environment)
        self.addCleanup(appearance.close)
        appearance.start()
        appearance.wait(_PATIENCE_S)
        self.assertEqual((appearance.poll(), len(self.asked())), ("dark", 3))

    def test_closing_ends_a_program_that_hangs(self) -> None:
        self.program("gsettings", f"exec '{sys.executable}' -c 'import time; time.sleep(600)'")
        appearance = Appearance(self.platform, self.environment)
        appearance.start()
        appearance.start()
        appearance.wait(0.0)
        self.assertIsNone(appearance.poll())
        appearance.close()
        self.assertIsNone(appearance.poll())

    def test_it_can_be_asked_again(self) -> None:
        appearance = Appearance(self.platform, {**self.environment, "GTK_THEME": "x-dark"})
        for _ in range(2):
            appearance.start()
            self.assertEqual((appearance.poll(), appearance.poll()), ("dark", None))


class TestMac(AppearanceCase):
    platform = "darwin"

    def test_dark(self) -> None:
        self.program("defaults", '[ "$3" = AppleInterfaceStyle ] && echo Dark || exit 1')
        self.assertEqual(self.answer(), "dark")
        self.assertEqual(
            self.asked(), ["read com.apple.universalaccess increaseContrast", "read -g AppleInterfaceStyle"]
        )

    def test_light_is_when_there_is_no_such_key(self) -> None:
        self.program("defaults", "exit 1")
        self.assertEqual(self.answer(), "light")

    def test_contrast(self) -> None:
        self.program("defaults", '[ "$3" = increaseContrast ] && echo 1 || echo Dark')
        self.assertEqual(self.answer(), "contrast")


class TestThisComputer(unittest.TestCase):
    def test_it_answers_with_one_of_three_words(self) -> None:
        appearance = Appearance(environment={"PATH": ""})
        self.addCleanup(appearance.close)
        appearance.start()
        self.assertIn(appearance.poll(), ("light", "dark", "contrast"))


if __name__ == "__main__":
    unittest.main()
