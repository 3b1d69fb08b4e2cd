"""The list of messages, the people and the input line, in the window of `test_ui_window`."""

from __future__ import annotations

import unittest

from chat_core.client.events import (
    HistoryArrived,
    MessageArrived,
    PostRefused,
    PostStored,
    PresenceChanged,
    RoomLive,
)  # fmt: skip
from chat_core.ui.desktop.glyphs import GlyphProbe
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
        self.assertEqual(self.page.people.names.get(0, "end"), ("Ann (you)", "Bob"))
        self.assertEqual(self.page.people.count.cget("text"), "Online  2")
        self.take(PresenceChanged("lobby", 900, ("Ann", "Cid"), ("Cid",), ("Bob",), ()))
        self.assertEqual(self.page.people.names.get(0, "end"), ("Ann (you)", "Cid", "and 898 more"))
        self.assertIn("Cid came in.", self.list_text())
        self.assertIn("Bob left.", self.list_text())

    def test_a_long_roster_can_be_scrolled(self) -> None:
        names = tuple(f"person {number:03}" for number in range(200))
        self.take(PresenceChanged("lobby", 200, names, (), (), ()))
        self.page.people.names.yview_moveto(1.0)
        self.settle()
        self.assertGreater(self.page.people.names.yview()[0], 0.5)

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


class TestLayout(WindowCase):
    def setUp(self) -> None:
        super().setUp()
        self.go_online()
        self.text = self.page.conversation.text

    def y_of(self, index: str) -> int:
        box = self.text.bbox(index)
        assert box is not None, index
        return box[1] + box[3] // 2

    def is_beside_the_clock(self, row: int) -> bool:
        """Whether the text of a row in the list begins in the same display row as its clock ("12:00" and a tab)."""
        return abs(self.y_of(f"{row}.0") - self.y_of(f"{row}.6")) < 5

    def test_a_word_longer_than_a_row_begins_beside_the_clock(self) -> None:
        self.take(arrived(1, "x" * 300), arrived(2, "https://example.org/" + "y" * 300 + " and more"))
        self.write("z" * 300)
        self.page.send_typed()
        self.settle()
        self.assertEqual([self.is_beside_the_clock(row) for row in (3, 4, 5)], [True] * 3)
        self.assertIn("x" * 300 + "\n", self.list_text())

    def test_a_word_that_fits_only_in_the_wide_window_does_too_and_words_stay_whole_where_they_can(self) -> None:
        self.take(arrived(1, "w" * 30 + " " + "seventeen-letters " * 30))
        for size in ("900x640", "480x400", "900x640"):
            with self.subTest(size=size):
                self.root.geometry(size)
                self.settle()
                self.text.see("1.0")
                self.settle()
                self.assertTrue(self.is_beside_the_clock(3))
                box = self.text.bbox("3.6")
                assert box is not None
                second_row = self.text.index(f"@{box[0]},{box[1] + box[3] * 3 // 2}")
                self.assertEqual(self.text.get(f"{second_row} - 1 chars"), " ", second_row)

    def test_a_text_of_many_lines_is_folded_until_clicked(self) -> None:
        text = "\n".join(f"line {number}." for number in range(100))
        self.take(arrived(1), arrived(2, text), *map(arrived, range(3, 6)))
        self.assertIn("line 24.\nShow all 100 lines\n", self.list_text())
        self.assertNotIn("line 25.", self.list_text())
        place = self.text.search("Show all", "1.0")
        self.text.see(place)
        self.settle()
        above = self.text.search("line 20.", "1.0")
        y_above = self.y_of(above)
        box = self.text.bbox(place)
        assert box is not None
        self.text.event_generate("<Motion>", x=box[0] + 3, y=box[1] + 3)
        self.text.event_generate("<Button-1>", x=box[0] + 3, y=box[1] + 3)
        self.take()
        self.assertIn(f"\t{text}\n12:00\ttext 3\n", self.list_text())
        self.assertNotIn("Show all", self.list_text())
        self.assertEqual(self.y_of(above), y_above)
        self.take(arrived(6))
        self.assertTrue(self.list_text().endswith("text 5\n12:00\ttext 6\n\n"))

    def test_what_is_unfolded_stays_so_in_another_room_and_is_dropped_as_a_whole(self) -> None:
        self.take(arrived(1, "\n".join("abcdefghij" * 10)), arrived(2))
        self.page.conversation.unfold(self.app.presenter.rooms["lobby"].start)  # type: ignore[union-attr]
        self.page.conversation.unfold(self.app.presenter.rooms["lobby"].start)  # type: ignore[union-attr]
        self.take(joined("den"))
        self.page.menu.invoke(1)
        self.page.menu.invoke(0)
        self.assertNotIn("Show all", self.list_text())
        self.page.conversation.follow()
        self.take(*map(arrived, range(3, 3_500)))
        room = self.app.presenter.rooms["lobby"]  # type: ignore[union-attr]
        self.assertEqual(self.text.get("2.0", "3.end"), f"Bob\n12:00\ttext {room.first_seq}")

    def test_the_hint_is_wrapped_in_a_narrow_window(self) -> None:
        self.root.geometry("480x400")
        self.settle()
        self.page.composer.explain("There is no command /foo. Type /help to see them all; " * 2)
        self.settle()
        hint = self.page.composer.hint
        self.assertLessEqual(hint.winfo_reqwidth(), self.page.composer.winfo_width())
        self.assertGreater(hint.winfo_reqheight(), 20)

    def test_ctrl_and_a_selects_everything_in_the_input_line(self) -> None:
        if self.root.tk.call("tk", "windowingsystem") != "x11":
            self.skipTest("elsewhere the keys are the system's own")
        self.write("hello\nthere")
        self.press(self.page.composer.input, "<Control-a>")
        self.assertEqual(self.page.composer.input.get("sel.first", "sel.last").strip(), "hello\nthere")


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

    def setUp(self) -> None:
        super().setUp()
        self.go_online()
        self.composer = self.page.composer

    def shown(self) -> str:
        return str(self.composer.input.get("1.0", "end-1c"))

    def test_the_input_line_says_what_it_cannot_show_and_sends_what_was_typed(self) -> None:
        self.composer.put("a\U0001f600b\U0001f600\U0001f601 \ufffd")
        self.settle()
        self.assertEqual(self.shown(), "a\ufffdb\ufffd\ufffd \ufffd")
        self.assertIn("cannot show every character", self.composer.hint.cget("text"))
        self.press(self.composer.input, "<Return>")
        self.assertEqual(self.link.asked[-1], ("post", "lobby", "a\U0001f600b\U0001f600\U0001f601 \ufffd"))
        self.assertIn("a\ufffdb\ufffd\ufffd", self.list_text())

    def test_what_is_written_around_and_between_them_stays_what_it_is(self) -> None:
        self.composer.put("\U0001f600\U0001f600 end")
        self.settle()
        self.composer.input.insert("1.1", "x")
        self.composer.input.insert("1.0", "y")
        self.composer.input.mark_set("insert", "1.2")
        self.composer.input.insert("insert", "\U0001f602")
        self.settle()
        self.assertEqual(self.shown(), "y\ufffd\ufffdx\ufffd end")
        self.assertEqual(self.composer.typed, "y\U0001f600\U0001f602x\U0001f600 end")
        self.assertEqual(self.composer.input.index("insert"), "1.3")
        self.composer.input.delete("1.1")
        self.settle()
        self.assertEqual(self.composer.typed, "y\U0001f602x\U0001f600 end")

    def test_two_names_that_it_shows_alike_are_two_rows(self) -> None:
        self.take(PresenceChanged("lobby", 2, ("\U00020000", "\U00020001"), (), (), ()))
        self.assertEqual(self.page.people.names.get(0, "end"), ("\ufffd", "\ufffd"))

    def test_a_draft_keeps_them_while_another_room_is_shown(self) -> None:
        self.take(joined("den"))
        self.composer.put("half \U0001f600")
        self.page.menu.invoke(1)
        self.assertEqual(self.composer.typed, "")
        self.page.menu.invoke(0)
        self.assertEqual((self.shown(), self.composer.typed), ("half \ufffd", "half \U0001f600"))

    def test_an_undo_cannot_bring_one_back_without_what_it_stands_for(self) -> None:
        self.composer.put("a\U0001f600")
        self.settle()
        self.composer.input.delete("1.1")
        self.press(self.composer.input, "<<Undo>>")
        self.assertNotIn("\ufffd", self.composer.typed)
        self.composer.clear()
        self.write("plain")
        self.composer.input.edit_separator()
        self.composer.input.delete("1.0", "end")
        self.press(self.composer.input, "<<Undo>>")
        self.assertEqual(self.composer.typed, "plain")


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
