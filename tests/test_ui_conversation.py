"""The list of messages, the people and the input line, in the window of `test_ui_window`."""

from __future__ import annotations

import unittest

from chat_core.client.events import HistoryArrived, MessageArrived, PostRefused, PostStored, PresenceChanged, RoomLive
from chat_core.ui.glyphs import GlyphProbe
from tests.test_ui_presenter import ONLINE, arrived, joined, message
from tests.test_ui_window import WindowCase


class TestConversation(WindowCase):
    def setUp(self) -> None:
        super().setUp()
        self.go_online()

    def is_at_end(self) -> bool:
        return self.page.conversation.text.dlineinfo("end-1c") is not None

    def test_the_state_and_the_people_are_shown(self) -> None:
        self.assertIn("Online as Ann", self.page.status.cget("text"))
        self.assertEqual(self.page.roster.names.get(0, "end"), ("Ann (you)", "Bob"))
        self.assertEqual(self.page.roster.count.cget("text"), "Online  2")
        self.take(PresenceChanged("lobby", 900, ("Ann", "Cid"), ("Cid",), ("Bob",), ()))
        self.assertEqual(self.page.roster.names.get(0, "end"), ("Ann (you)", "Cid", "and 898 more"))
        self.assertIn("Cid came in.", self.list_text())
        self.assertIn("Bob left.", self.list_text())

    def test_a_long_roster_can_be_scrolled(self) -> None:
        names = tuple(f"person {number:03}" for number in range(200))
        self.take(PresenceChanged("lobby", 200, names, (), (), ()))
        self.page.roster.names.yview_moveto(1.0)
        self.settle()
        self.assertGreater(self.page.roster.names.yview()[0], 0.5)

    def test_a_message_is_shown_with_name_time_and_day(self) -> None:
        self.take(arrived(1, "hello {there} [exit] $x"))
        self.assertEqual(self.list_text(), "Monday, 2 March 2026\nBob\n12:00\thello {there} [exit] $x\n\n")

    def test_enter_sends_and_empties_the_input_line(self) -> None:
        self.write("hello")
        self.press(self.page.composer.input, "<Return>")
        self.assertEqual(self.link.asked, [("start", 1_000.0), ("post", "lobby", "hello")])
        self.assertEqual(self.page.composer.typed, "")
        self.assertIn("waiting", self.tags_of("hello"))

    def test_shift_and_enter_breaks_the_line_and_the_input_grows(self) -> None:
        self.write("a")
        self.press(self.page.composer.input, *["<Shift-Return>"] * 9)
        self.assertEqual(self.page.composer.typed, "a" + "\n" * 9)
        self.assertEqual(int(self.page.composer.input.cget("height")), 6)
        self.page.composer.clear()
        self.assertEqual(int(self.page.composer.input.cget("height")), 1)

    def test_the_button_sends_and_tab_leads_to_it(self) -> None:
        self.write("hello")
        self.press(self.page.composer.input, "<Tab>")
        self.assertIs(self.root.focus_get(), self.page.composer.button)
        self.page.composer.button.invoke()
        self.assertIn(("post", "lobby", "hello"), self.link.asked)

    def test_what_cannot_be_sent_stays_and_is_explained_until_changed(self) -> None:
        self.write("/foo")
        self.press(self.page.composer.input, "<Return>")
        self.assertEqual(self.page.composer.typed, "/foo")
        self.assertIn("no command /foo", self.page.composer.hint.cget("text"))
        self.write("x")
        self.settle()
        self.assertEqual(self.page.composer.hint.cget("text"), "")

    def test_waiting_stored_and_in_its_place(self) -> None:
        self.write("mine")
        self.page.send_typed()
        self.assertIn("mine  · waiting", self.list_text())
        (mid,) = self.app.presenter.rooms["lobby"].pending  # type: ignore[union-attr]
        self.take(PostStored(mid, "lobby", 2))
        self.assertNotIn("waiting", self.list_text())
        self.assertIn("message", self.tags_of("mine"))
        self.take(arrived(1, "before"), arrived(2, "mine", sender="Ann", mid=mid))
        self.assertRegex(self.list_text(), r"before\nAnn\n12:00\tmine\n\n$")

    def test_a_refused_message_can_be_edited_again_and_nothing_typed_is_lost(self) -> None:
        for text in ("first", "second"):
            self.write(text)
            self.page.send_typed()
        mids = list(self.app.presenter.rooms["lobby"].pending)  # type: ignore[union-attr]
        for mid, text in zip(mids, ("first", "second")):
            self.take(PostRefused(mid, "lobby", text, "not_in_room", "You are not in that room."))
        self.assertIn("Not sent: You are not in that room.", self.list_text())
        self.write("being written")
        text_widget = self.page.conversation.text
        text_widget.see("end")
        self.settle()
        at = text_widget.search("Edit again", text_widget.search("second", "1.0"))
        box = text_widget.bbox(at)
        assert box is not None
        x, y, width, height = box
        text_widget.event_generate("<Motion>", x=x + width // 2, y=y + height // 2)
        text_widget.event_generate("<Button-1>", x=x + width // 2, y=y + height // 2)
        self.settle()
        self.assertEqual(self.page.composer.typed, "being written\nsecond")
        self.assertNotIn("second", self.list_text())
        self.assertIn("first", self.list_text())

    def test_a_thousand_messages_are_one_insert_and_the_end_is_followed(self) -> None:
        self.take(arrived(1))
        before = self.page.conversation.inserts
        self.take(*map(arrived, range(2, 1_002)))
        self.assertEqual(self.page.conversation.inserts - before, 1)
        self.assertTrue(self.is_at_end())
        self.assertFalse(self.page.conversation.more.winfo_ismapped())

    def test_who_reads_further_up_is_left_there(self) -> None:
        self.take(*map(arrived, range(1, 301)))
        text = self.page.conversation.text
        text.yview_moveto(0.4)
        self.settle()
        top = text.index("@0,0")
        self.take(arrived(301))
        self.assertEqual(text.index("@0,0"), top)
        self.assertTrue(self.page.conversation.more.winfo_ismapped())
        self.page.conversation.more.invoke()
        self.settle()
        self.assertTrue(self.is_at_end())
        self.take(arrived(302))
        self.assertTrue(self.is_at_end())
        self.assertFalse(self.page.conversation.more.winfo_ismapped())

    def test_sending_leads_to_the_end(self) -> None:
        self.take(*map(arrived, range(1, 301)))
        self.page.conversation.text.yview_moveto(0.0)
        self.take()
        self.write("mine")
        self.page.send_typed()
        self.settle()
        self.assertTrue(self.is_at_end())

    def test_a_smaller_window_still_shows_the_end(self) -> None:
        self.take(*map(arrived, range(1, 101)))
        self.root.geometry("700x540")
        self.settle()
        self.assertTrue(self.is_at_end())

    def test_the_list_stays_small_and_says_what_it_should(self) -> None:
        for start in range(1, 8_001, 1_000):
            self.take(*map(arrived, range(start, start + 1_000)))
        text = self.page.conversation.text
        rows = int(text.index("end-1c").split(".")[0])
        self.assertLessEqual(rows, 3_010)
        room = self.app.presenter.rooms["lobby"]  # type: ignore[union-attr]
        self.assertEqual(text.get("1.0", "1.end"), "Monday, 2 March 2026")
        self.assertEqual(text.get("2.0", "3.end"), f"Bob\n12:00\ttext {room.first_seq}")
        self.assertEqual(text.get("end-2l", "end-1c"), "12:00\ttext 8000\n")

    def test_more_in_one_poll_than_the_list_holds(self) -> None:
        self.take(*map(arrived, range(1, 100)))
        self.take(*map(arrived, range(100, 9_000)))
        self.assertTrue(self.list_text().endswith("text 8999\n\n"))
        self.assertEqual(self.list_text().count("text 8999\n"), 1)

    def test_hostile_text_is_shown_as_it_is(self) -> None:
        for seq, text in enumerate(
            ("[exit]", "$env(HOME)", "{", "}", "\\", '"; destroy .', "%W", "a\x1b[2Jb\u202ec", "x" * 8_000), 1
        ):
            self.take(arrived(seq, text))
        shown = self.list_text()
        for text in ("[exit]", "$env(HOME)", '"; destroy .', "%W", "a\\x1b[2Jb\\u202ec", "x" * 2_000 + "\n"):
            self.assertIn(text, shown)

    def test_characters_beyond_the_bmp_do_not_shift_what_follows(self) -> None:
        self.take(arrived(1, "\U0001f600" * 50))
        self.write("mine \U0001f600")
        self.page.send_typed()
        self.take(arrived(2, "after"))
        self.assertEqual(self.list_text().count("mine"), 1)
        self.assertRegex(self.list_text(), r"after\n12:00\tmine .*waiting\n\n$")

    def test_another_room_keeps_its_own_draft(self) -> None:
        self.take(joined("den"), MessageArrived(message(1, "in the den", room="den"), is_own=False))
        self.assertIn("1 new elsewhere", self.page.room.cget("text"))
        self.write("half a thought")
        self.page.menu.invoke(1)
        self.settle()
        self.assertEqual(self.page.composer.typed, "")
        self.assertIn("in the den", self.list_text())
        self.page.menu.invoke(0)
        self.assertEqual(self.page.composer.typed, "half a thought")
        self.assertNotIn("in the den", self.list_text())


class LedProbe(GlyphProbe):
    """Does not know until it is told, and asks nobody."""

    def __init__(self) -> None:
        super().__init__(is_at_risk=False)
        self.is_safe = False
        self.has_news = False

    def became_safe(self) -> bool:
        has_news, self.has_news = self.has_news, False
        return has_news


class TestEmojiOnADoubtfulScreen(WindowCase):
    def make_glyphs(self) -> GlyphProbe:
        self.probe = LedProbe()
        return self.probe

    def test_what_was_replaced_is_drawn_again_once_the_child_is_back(self) -> None:
        self.go_online()
        self.take(*map(arrived, range(1, 200)))
        self.take(arrived(200, "a\U0001f600"))
        self.assertIn("a\ufffd", self.list_text())
        self.page.conversation.text.yview_moveto(0.4)
        self.take()
        top = self.page.conversation.text.index("@0,0").split(".")[0]
        self.probe.is_safe = self.probe.has_news = True
        self.take()
        self.assertIn("a\U0001f600", self.list_text())
        self.assertEqual(self.page.conversation.text.index("@0,0").split(".")[0], top)


class TestEmojiOnABadScreen(WindowCase):
    def make_glyphs(self) -> GlyphProbe:
        return GlyphProbe(is_at_risk=True, script="raise SystemExit(1)")

    def test_the_input_line_says_what_it_cannot_show(self) -> None:
        self.go_online()
        self.page.composer.put("a\U0001f600")
        self.settle()
        self.assertEqual(self.page.composer.typed, "a\ufffd")
        self.assertIn("cannot show every character", self.page.composer.hint.cget("text"))


class TestOlderMessages(WindowCase):
    def setUp(self) -> None:
        super().setUp()
        self.app.form.submit()
        self.take(*ONLINE[:3], joined(head=300, next_seq=201), *map(arrived, range(201, 301)), RoomLive("lobby", 300))
        self.text = self.page.conversation.text

    def test_the_beginning_asks_for_older_ones_and_the_view_does_not_jump(self) -> None:
        self.assertNotIn("history", str(self.link.asked))
        self.text.yview_moveto(0.0)
        self.settle()
        self.take()
        self.assertEqual(self.link.asked[-1], ("history", "lobby", 201, 50))
        place = self.text.bbox(self.text.search("text 201", "1.0"))
        self.take(HistoryArrived("lobby", tuple(map(message, range(151, 201))), more=True))
        self.assertEqual(self.text.bbox(self.text.search("text 201", "1.0")), place)
        self.assertLess(self.list_text().index("text 151"), self.list_text().index("text 201"))
        self.assertEqual(self.list_text().count("Monday, 2 March 2026"), 1)

    def test_a_short_conversation_fills_the_list_and_stays_at_the_end(self) -> None:
        self.take(joined("den", head=300, next_seq=299), *(arrived(seq, room="den") for seq in (299, 300)))
        self.assertEqual(self.link.asked[-1], ("history", "den", 299, 50))
        self.page.composer.put("/join den")
        self.page.send_typed()
        self.take(HistoryArrived("den", tuple(message(seq, room="den") for seq in range(249, 299)), more=True))
        self.assertIsNotNone(self.text.dlineinfo("end-1c"))
        self.assertIn("text 249", self.list_text())


if __name__ == "__main__":
    unittest.main()
