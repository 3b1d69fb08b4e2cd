"""How the window looks: by the settings, the system, and the keys; remembered."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.client.settings import Settings
from tests.display import CAN_OPEN_WINDOWS
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.preferences import Preferences


class TestSystem(WindowCase):
    comes_in = True

    def test_a_dark_desktop_has_a_dark_window_from_the_first_moment(self) -> None:
        self.app.close()
        self.start(appearance="dark")
        self.assertEqual(self.app.theme.palette.name, "dark")
        self.assertEqual(str(self.page.conversation.text.cget("background")), self.app.theme.palette.surface)
        self.assertEqual(self.appearance.asked, 1)

    def test_it_is_asked_again_every_minute(self) -> None:
        self.assertEqual((self.app.theme.palette.name, self.appearance.asked), ("light", 1))
        self.appearance.answer = "contrast"
        self.pass_time(59)
        self.assertEqual((self.app.theme.palette.name, self.appearance.asked), ("light", 1))
        self.pass_time(1)
        self.assertEqual((self.app.theme.palette.name, self.appearance.asked), ("contrast", 2))

    def test_keys_change_the_size_which_is_remembered(self) -> None:
        size = self.app.theme.zoom
        self.press("<Control-plus>", at=self.page.composer.input)
        larger = self.app.theme.zoom
        self.assertGreater(larger, size)
        self.restart()
        self.assertEqual(self.app.theme.zoom, larger)
        self.press("<Control-minus>", "<Control-minus>", at=self.page.composer.input)
        self.assertLess(self.app.theme.zoom, size)
        self.press("<Control-Key-0>")
        self.assertEqual((self.app.theme.zoom, self.memory.settings.zoom), (100, 100))


class TestChosen(WindowCase):
    settings = Settings(theme="dark")
    comes_in = True

    def choose(self, control: str) -> None:  # type: ignore[override]
        self.press("<Control-comma>", at=self.page.composer.input)
        chosen = self.widget(Preferences).controls[control]
        chosen.invoke()  # type: ignore[attr-defined]
        self.take()
        self.press("<Escape>")

    def test_what_is_chosen_goes_before_what_the_system_wants(self) -> None:
        self.assertEqual((self.app.theme.palette.name, self.appearance.asked), ("dark", 0))
        self.pass_time(120)
        self.assertEqual((self.app.theme.palette.name, self.appearance.asked), ("dark", 0))
        self.choose("theme contrast")
        self.assertEqual(self.app.theme.palette.name, "contrast")
        self.restart()
        self.assertEqual(self.app.theme.palette.name, "contrast")

    def test_like_the_system_again_asks_it_at_once(self) -> None:
        self.appearance.answer = "contrast"
        self.choose("theme system")
        self.assertEqual((self.app.theme.palette.name, self.memory.settings.theme), ("contrast", "system"))

    def test_the_size_is_a_setting_too(self) -> None:
        self.choose("larger")
        self.assertGreater(self.memory.settings.zoom, 100)
        self.assertEqual(self.memory.settings.zoom, self.app.theme.zoom)


if __name__ == "__main__":
    unittest.main()
