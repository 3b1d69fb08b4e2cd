"""What calls for attention, seen and heard: counts, the title, the icon, the bell, notices of the system."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING
from unittest import mock

from chat_core.client.events import RoomLive
from chat_core.client.settings import Settings
from chat_core.ui.model.attention import Level, Notice
from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import arrived, joined
from tests.view_case import ViewCase
from tests.window_case import FakeNotifier, WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.view.alerts import Alerts

DEN = (joined("den"), RoomLive("den", 0))


class TestCounts(WindowCase):
    comes_in = True

    def setUp(self) -> None:
        super().setUp()
        self.take(*DEN)
        self.icons: list[bool] = []
        put_on_window = self.app.icons.put_on_window

        def put(window: tk.Wm, *, is_unread: bool = False) -> None:
            self.icons.append(is_unread)
            put_on_window(window, is_unread=is_unread)

        self.app.icons.put_on_window = put  # type: ignore[method-assign]

    def drawn(self, number: int) -> list[str]:
        """Every text that is drawn in a row of the rooms."""
        listing = self.page.rooms.listing
        place, canvas = listing.place_of(number), listing.canvas
        assert place is not None
        items = canvas.find_enclosed(place.left, place.top - 2, place.right, place.bottom + 2)
        kinds = [(item, str(canvas.tk.call(canvas, "type", item))) for item in items]
        return [str(canvas.tk.call(canvas, "itemcget", item, "-text")) for item, kind in kinds if kind == "text"]

    def test_what_is_new_elsewhere_is_counted_in_the_list_the_title_and_the_icon(self) -> None:
        self.take(arrived(1, room="den"), arrived(2, "@Ann", room="den"))
        self.assertEqual(self.root.title(), "(2) Office - Ann")
        self.assertEqual(self.icons, [True])
        self.assertEqual(set(self.drawn(0)), {"#", "den", "2", "@"})
        self.assertIn("mention", " ".join(self.shown_in_den("@Ann")))
        self.assertEqual((self.root.title(), self.icons), ("Office - Ann", [True, False]))
        self.assertEqual(set(self.drawn(0)), {"#", "den"})

    def shown_in_den(self, words: str) -> tuple[str, ...]:
        self.page.show_room("den")
        self.take()
        return self.tags_of(words)

    def test_levels_are_chosen_in_the_menu_and_remembered(self) -> None:
        for label, level, title in (
            ("Notify me when I am mentioned", Level.MENTIONS, "(1) Office - Ann"),
            ("Do not notify me", Level.NOTHING, "Office - Ann"),
            ("Notify me of every message", Level.ALL, "(2) Office - Ann"),
            ("Do not notify me", Level.NOTHING, "Office - Ann"),
        ):
            self.click_row(self.page.rooms.listing, 0, button=3)
            self.choose(self.page.rooms.menu, label)
            if not self.chatting.presenter.rooms["den"].unread:
                self.take(arrived(1, room="den"), arrived(2, "@Ann", room="den"))
            self.take()
            self.assertEqual(self.root.title(), title)
            self.assertEqual(self.chatting.presenter.level_of("den"), level)
        self.restart()
        self.take(*DEN, arrived(1, "Ann!", room="den"))
        self.assertEqual((self.root.title(), self.bells), ("Office - Ann", 0))

    def test_back_on_the_form_nothing_calls(self) -> None:
        self.take(arrived(1, room="den"))
        self.app.back_to_form()
        self.assertEqual((self.root.title(), self.icons), ("Chat", [True, False]))


class TestBellAndNotices(WindowCase):
    comes_in = True

    def setUp(self) -> None:
        super().setUp()
        self.take(*DEN)

    def test_a_mention_rings_at_once_and_at_most_once_in_three_seconds(self) -> None:
        self.take(arrived(1, "hello", room="den"))
        self.assertEqual(self.bells, 0)
        self.take(arrived(2, "Ann?", room="den"))
        self.take(arrived(3, "Ann??", room="den"))
        self.assertEqual(self.bells, 1)
        self.clock.advance(3)
        self.take(arrived(4, "Ann???", room="den"))
        self.assertEqual((self.bells, self.notifier.shown), (2, []))

    def test_who_is_elsewhere_gets_a_notice(self) -> None:
        self.look_away()
        self.take(arrived(1, "hello"))
        self.assertEqual(self.notifier.shown, [])
        self.pass_time(0.8)
        self.assertEqual(self.notifier.shown, [("Bob in lobby", "hello")])
        self.take(arrived(2, "Ann?", room="den"))
        self.assertEqual(self.bells, 1)
        self.pass_time(5)
        self.assertEqual(self.notifier.shown[1:], [("Bob mentioned you in den", "Ann?")])
        self.assertEqual(self.root.title(), "(2) Office - Ann")
        self.look_back()
        self.assertEqual(self.root.title(), "(1) Office - Ann", "the lobby is seen, the den is not")

    def test_what_is_seen_before_it_is_due_is_no_news(self) -> None:
        self.look_away()
        self.take(arrived(1, "hello"))
        self.look_back()
        self.pass_time(9)
        self.assertEqual(self.notifier.shown, [])


class TestSwitchedOff(WindowCase):
    settings = Settings(rings=False, notifies=False)
    comes_in = True

    def test_nothing_rings_and_nothing_is_shown(self) -> None:
        self.look_away()
        self.take(arrived(1, "Ann?"))
        self.pass_time(9)
        self.assertEqual((self.bells, self.notifier.shown), (0, []))
        self.assertEqual(self.root.title(), "(1) Office - Ann")


class TestAlerts(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.notifier = FakeNotifier()
        self.alerts = Alerts(self.root, self.notifier)

    def test_a_notice_goes_to_the_program_of_the_system(self) -> None:
        if tk.TkVersion >= 8.7:
            self.skipTest("this Tk shows notices itself")
        self.alerts.show(Notice("Bob in lobby", "hello"))
        self.assertEqual(self.notifier.shown, [("Bob in lobby", "hello")])

    def test_where_tk_shows_notices_it_does_and_texts_are_only_texts(self) -> None:
        told: list[tuple[str, ...]] = []
        sysnotify = self.root.register(lambda *texts: told.append(texts))
        commands = self.root.tk.call("namespace", "ensemble", "configure", "tk", "-map")
        commands = self.root.tk.call("dict", "replace", commands, "sysnotify", sysnotify)
        self.root.tk.call("namespace", "ensemble", "configure", "tk", "-map", commands)
        with mock.patch.object(tk, "TkVersion", 8.7):
            self.alerts.show(Notice("[exit] in $lobby", '"; exit; {'))
        self.assertEqual((told, self.notifier.shown), ([("[exit] in $lobby", '"; exit; {')], []))

    def test_the_bell_is_that_of_the_system(self) -> None:
        rung: list[str] = []
        self.root.bell = lambda displayof=0: rung.append(str(displayof))  # type: ignore[method-assign]
        self.alerts.ring()
        self.assertEqual(rung, ["0"])


if __name__ == "__main__":
    unittest.main()
