"""How the lines of a conversation look when they are drawn: what is where, and which tags it has."""

from __future__ import annotations

import unittest

from chat_core.ui.model.conversation import LineKind
from chat_core.ui.model.palette import DARK
from tests.conversation_case import GRIN, ConversationViewCase
from tests.test_ui_conversation_model import NOON_MS, message


class TestLook(ConversationViewCase):
    def test_a_message_stands_under_its_day_and_author(self) -> None:
        self.say("hello {there} [exit] $x", "and more")
        self.say("mine", sender="Ann")
        self.draw()
        self.assertEqual(
            self.shown(),
            "  Monday, 2 March 2026  \nBob  12:00\nhello {there} [exit] $x\nand more\nAnn  you  12:00\nmine\n",
        )

    def test_hostile_text_is_shown_as_it_is(self) -> None:
        hostile = ("[exit]", "$env(HOME)", "{", "}", "\\", '"; destroy .', "%W", "a\x1b[2Jb\u202ec", "x" * 8_000)
        self.say(*hostile)
        self.say("hello", sender="[exit]\n%W")
        self.draw()
        for text in ("[exit]\n", "$env(HOME)", '"; destroy .', "%W", "a\\x1b[2Jb\\u202ec", "x" * 2_000 + "\n"):
            self.assertIn(text, self.shown())
        self.assertIn("[exit]\\n%W  12:00\n", self.shown())

    def test_no_remote_text_becomes_a_tag(self) -> None:
        self.room.pending_refused("m1", "text", "No.", NOON_MS)
        self.draw()
        before = set(self.text.tag_names())
        self.say("see https://evil.example/[exit] and `x` @{destroy}", sender="{[exit]}")
        self.room.pending_refused("[exit]", "text", "No.", NOON_MS)
        self.draw()
        self.assertEqual(set(self.text.tag_names()), before)

    def test_an_action_a_note_and_an_error_have_their_time_beside_them(self) -> None:
        self.say("/me waves")
        self.room.add_note("Cid came in.", NOON_MS)
        self.room.add_note("It failed.", NOON_MS, LineKind.ERROR)
        self.draw()
        self.assertIn("Bob waves  12:00\nCid came in.  12:00\nIt failed.  12:00\n", self.shown())
        self.assertIn("action", self.tags_of("waves"))
        self.assertIn("error", self.tags_of("It failed."))

    def test_what_is_marked_up_looks_so(self) -> None:
        self.say("see `code` at https://example.org/x, @Cid\n```\nfor x in y:\n    pass\n```\nthat is all")
        self.draw()
        for words, tag in (("code", "code"), ("https", "link"), ("@Cid", "naming"), ("for x", "block")):
            self.assertIn(tag, self.tags_of(words))
        self.assertIn("see code at https://example.org/x, @Cid\nfor x in y:\n    pass\nthat is all\n", self.shown())
        self.assertNotIn("block", self.tags_of("that is all"))

    def test_a_message_that_names_us_is_tinted(self) -> None:
        self.room.add_message(message(1, text="@Ann come"), is_own=False, is_mention=True)
        self.draw()
        self.assertIn("mention", self.tags_of(" come"))
        self.assertIn("naming_us", self.tags_of("@Ann"))

    def test_a_word_longer_than_a_row_is_wrapped(self) -> None:
        self.say("x" * 300, "and")
        self.draw()
        self.assertGreater(self.y_of("and") - self.y_of("xxx"), 30)

    def test_characters_beyond_the_bmp_do_not_shift_what_follows(self) -> None:
        self.say(GRIN * 50)
        self.room.add_pending("m2", f"mine {GRIN}", NOON_MS)
        self.draw()
        self.say("after")
        self.draw()
        self.assertTrue(self.shown().endswith(f"{GRIN}\nafter\nAnn  you  12:00\nmine {GRIN}  waiting…\n"))

    def test_what_could_not_be_shown_is_drawn_again_when_it_can(self) -> None:
        self.unfit = GRIN
        self.say_many(200)
        self.say(f"a{GRIN}")
        self.draw()
        self.assertIn("a?\n", self.shown())
        self.until_all_is_ready()
        self.view.scroll_to(99)
        y = self.y_of("text 100")
        self.unfit = ""
        self.draw(everything=True)
        self.until_all_is_ready()
        self.assertIn(f"a{GRIN}\n", self.shown())
        self.assertEqual(self.y_of("text 100"), y)

    def test_it_follows_theme_and_zoom(self) -> None:
        self.say_many(100)
        self.draw()
        self.theme.use(DARK)
        self.theme.set_zoom(150)
        self.settle()
        self.assertEqual(str(self.text.cget("background")), DARK.surface)
        self.assertEqual(str(self.text.tag_cget("message", "foreground")), DARK.ink)
        self.assertTrue(self.is_at_end())


class TestPending(ConversationViewCase):
    def test_waiting_stored_and_in_its_place(self) -> None:
        self.room.add_pending("m2", "mine", NOON_MS)
        self.draw()
        self.assertIn("mine  waiting…\n", self.shown())
        self.room.pending_stored("m2", 2)
        self.draw()
        self.assertIn("message", self.tags_of("mine"))
        self.assertNotIn("waiting", self.shown())
        self.say("before")
        self.say("mine", sender="Ann")
        self.draw()
        self.assertTrue(self.shown().endswith("before\nAnn  you  12:00\nmine\n"))

    def test_it_joins_the_group_above(self) -> None:
        self.say("first", sender="Ann")
        self.room.add_pending("m2", "second", NOON_MS)
        self.room.add_pending("m3", "/me waves", NOON_MS)
        self.draw()
        self.assertTrue(self.shown().endswith("first\nsecond  waiting…\nAnn waves  waiting…\n"))

    def test_a_refused_one_says_why_and_offers_what_can_be_done(self) -> None:
        for mid in ("m1", "m2"):
            self.room.add_pending(mid, f"text of {mid}", NOON_MS)
            self.room.pending_refused(mid, f"text of {mid}", "You write too fast.", NOON_MS, "Wait a little.")
        self.draw()
        self.assertIn("text of m2\nNot sent: You write too fast. Wait a little.\nSend\u00a0again", self.shown())
        self.click("Edit")
        self.click("Discard")
        self.click("Send\u00a0again")
        self.assertEqual(self.asked, [("edit", "m1"), ("discard", "m1"), ("send again", "m1")])
        self.room.discard("m1")
        self.draw()
        self.click("Edit")
        self.assertEqual(self.asked[-1], ("edit", "m2"))

    def test_many_rows_are_cut(self) -> None:
        self.room.add_pending("m1", "row\n" * 99 + "row", NOON_MS)
        self.draw()
        self.assertEqual(self.shown().count("row\n"), 25)
        self.assertIn("… 100 lines in all", self.shown())


class TestFolding(ConversationViewCase):
    def test_a_text_of_many_lines_is_folded_until_clicked(self) -> None:
        text = "\n".join(f"line {number}." for number in range(100))
        self.say("before", text, "after", "end")
        self.draw()
        self.assertIn("line 24.\nShow all 100 lines\n", self.shown())
        self.assertNotIn("line 25.", self.shown())
        self.text.see(self.place("Show all"))
        self.settle()
        y = self.y_of("line 20.")
        self.click("Show all")
        self.draw()
        self.assertIn(f"\n{text}\nafter\n", self.shown())
        self.assertEqual(self.y_of("line 20."), y)
        self.assertFalse(self.view.follows_end)
        self.view.unfold(0)
        self.view.unfold(77)

    def test_one_of_thirty_rows_is_shown_whole(self) -> None:
        self.say("x" + "\ny" * 29, "x" + "\ny" * 30)
        self.draw()
        self.assertEqual(self.shown().count("Show all"), 1)

    def test_a_block_of_code_is_folded_too(self) -> None:
        self.say("```\n" + "code\n" * 50 + "```")
        self.draw()
        self.assertEqual(self.shown().count("code\n"), 25)
        self.assertIn("block", self.tags_of("code"))


if __name__ == "__main__":
    unittest.main()
