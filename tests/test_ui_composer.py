"""The input line with real keys: what is sent, completed, brought back, asked about and left to the window."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.ui.desktop.glyphs import GlyphProbe
from chat_core.ui.model.palette import DARK
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.view.composer import Composer

LINES = "\n".join(f"    line {number}" for number in range(37)) + "\n"


class ComposerCase(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.root.geometry("480x200")  # a small one is drawn sooner
        self.sent: list[str] = []
        self.typing = 0
        self.takes = True
        self.glyphs = GlyphProbe(is_at_risk=False)
        self.composer = Composer(
            self.root, self.theme, self.glyphs, self.send,
            on_typing=self.count_typing, names=lambda: ["Ann", "Anna Maria", "\U00010428x"], rooms=lambda: ["lobby"],
        )  # fmt: skip
        self.composer.pack(side="bottom", fill="x")
        self.input = self.composer.input
        self.input.focus_force()
        self.settle()

    def send(self) -> None:
        self.sent.append(self.composer.typed)
        if self.takes:
            self.composer.clear()

    def count_typing(self) -> None:
        self.typing += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            focused = self.root.focus_get()
            assert focused is not None
            focused.event_generate(key)
            self.settle()

    def write(self, text: str) -> None:
        self.press(*({" ": "<space>", "@": "<at>", "/": "<slash>"}.get(letter, letter) for letter in text))

    def put_on(self, selection: str, text: str) -> None:
        self.root.clipboard_clear()
        if selection == "CLIPBOARD":
            self.root.clipboard_append(text)
        else:
            holder = tk.Text(self.root)
            holder.insert("1.0", text)
            holder.tag_add("sel", "1.0", "end-1c")


class TestSending(ComposerCase):
    def test_enter_and_the_button_send(self) -> None:
        self.write("one")
        self.press("<Return>")
        self.write("two")
        self.composer.button.invoke()
        self.assertEqual((self.sent, self.composer.typed), (["one", "two"], ""))

    def test_enter_with_a_modifier_breaks_the_line(self) -> None:
        self.write("a")
        self.press("<Shift-Return>", "<Control-Return>", "<Alt-KP_Enter>")
        self.assertEqual((self.sent, self.composer.typed), ([], "a\n\n\n"))

    def test_the_button_can_be_used_when_there_is_something_to_send(self) -> None:
        for text, is_disabled in (("", True), (" \n", True), ("x", False)):
            self.composer.set_draft(text)
            self.assertEqual(self.composer.button.instate(["disabled"]), is_disabled, text)
        self.press("<BackSpace>")
        self.assertTrue(self.composer.button.instate(["disabled"]))

    def test_the_counter_speaks_near_the_limit(self) -> None:
        for chars, said, style in (
            (6_000, "", "Muted.TLabel"), (7_900, "100 left", "Muted.TLabel"), (8_001, "1 too many", "Bad.TLabel"),
        ):  # fmt: skip
            self.composer.set_draft("x" * chars)
            counter = self.composer.counter
            self.assertEqual((counter.cget("text"), str(counter.cget("style"))), (said, style))

    def test_who_types_for_others_is_told_and_nobody_else(self) -> None:
        self.write("/jo")
        self.composer.set_draft("a draft")
        self.settle()
        self.assertEqual(self.typing, 0)
        self.write("ab")
        self.assertEqual(self.typing, 2)
        self.press("<Return>")
        self.assertEqual(self.typing, 2)


class TestHistory(ComposerCase):
    def setUp(self) -> None:
        super().setUp()
        for text in ("one", "two"):
            self.write(text)
            self.press("<Return>")

    def test_the_arrows_bring_back_what_was_sent_and_then_the_draft(self) -> None:
        self.write("draft")
        walked = []
        for key in ("<Up>", "<Up>", "<Up>", "<Down>", "<Down>", "<Down>"):
            self.press(key)
            walked.append(self.composer.typed)
        self.assertEqual(walked, ["two", "one", "one", "two", "draft", "draft"])

    def test_within_several_rows_the_arrows_move_the_cursor(self) -> None:
        self.composer.set_draft("first\nsecond")
        self.press("<Up>")
        self.assertEqual((self.composer.typed, self.input.index("insert")), ("first\nsecond", "1.5"))
        self.press("<Up>")
        self.assertEqual(self.composer.typed, "two")

    def test_wrapped_rows_are_rows(self) -> None:
        long = "word " * 60
        self.composer.set_draft(long)
        self.settle()
        self.press("<Up>")
        self.assertEqual(self.composer.typed, long)

    def test_with_a_modifier_they_are_left_to_others(self) -> None:
        seen: list[str] = []
        self.root.bind("<Alt-Up>", lambda _event: seen.append("alt"))
        self.press("<Alt-Up>", "<Shift-Up>", "<Control-Up>")
        self.assertEqual((self.composer.typed, seen), ("", ["alt"]))

    def test_what_was_not_taken_is_not_history(self) -> None:
        self.takes = False
        self.write("bad")
        self.press("<Return>")
        self.composer.set_draft("")
        self.press("<Up>")
        self.assertEqual(self.composer.typed, "two")

    def test_what_was_sent_cannot_be_undone_into_the_line(self) -> None:
        self.press("<<Undo>>")
        self.assertEqual(self.composer.typed, "")


class TestTab(ComposerCase):
    def test_it_completes_and_goes_round(self) -> None:
        self.write("an")
        walked = []
        for key in ("<Tab>", "<Tab>", "<Tab>", "<<PrevWindow>>"):
            self.press(key)
            walked.append(self.composer.typed)
        self.assertEqual(walked, ["Ann: ", "Anna Maria: ", "Ann: ", "Anna Maria: "])
        self.assertIs(self.root.focus_get(), self.input)

    def test_commands_rooms_and_names_in_the_middle(self) -> None:
        for typed, completed in (("/jo", "/join "), ("/join l", "/join lobby"), ("hi @anna", "hi @Anna Maria ")):
            self.composer.set_draft("")
            self.write(typed)
            self.press("<Tab>")
            self.assertEqual(self.composer.typed, completed)

    def test_what_follows_the_cursor_stays(self) -> None:
        self.composer.set_draft("say an!")
        self.input.mark_set("insert", "1.6")
        self.press("<Tab>")
        self.assertEqual(self.composer.typed, "say Ann !")

    def test_characters_that_tk_counts_twice_are_replaced_whole(self) -> None:
        self.composer.set_draft("\U0001f600 \U00010428")
        self.press("<Tab>")
        self.assertEqual(self.composer.typed, "\U0001f600 \U00010428x ")

    def test_an_undo_takes_it_back_at_once(self) -> None:
        self.write("an")
        self.input.edit_separator()
        self.press("<Tab>", "<<Undo>>")
        self.assertEqual(self.composer.typed, "an")

    def test_where_there_is_nothing_to_complete_it_leads_on(self) -> None:
        self.write("x")
        self.press("<Tab>")
        self.assertIs(self.root.focus_get(), self.composer.button)
        self.press("<<PrevWindow>>")
        self.assertIs(self.root.focus_get(), self.input)


class TestPasting(ComposerCase):
    def ask(self) -> None:
        self.put_on("CLIPBOARD", LINES)
        self.press("<<Paste>>")

    def test_a_little_is_pasted_over_what_is_selected(self) -> None:
        self.composer.set_draft("old text")
        self.input.tag_add("sel", "1.0", "1.3")
        self.put_on("CLIPBOARD", "a\r\nnew")
        self.press("<<Paste>>")
        self.assertEqual(self.composer.typed, "a\nnew text")
        self.assertFalse(self.composer.paste_bar.winfo_ismapped())

    def test_much_is_asked_about_and_enter_pastes_it(self) -> None:
        self.write("x")
        self.ask()
        self.assertEqual(self.composer.typed, "x")
        self.assertEqual(self.composer.paste_bar.question.cget("text"), "Paste 37 lines?")
        self.assertTrue(self.composer.paste_bar.winfo_ismapped())
        self.press("<Return>")
        self.assertEqual((self.composer.typed, self.sent), ("x" + LINES, []))
        self.assertFalse(self.composer.paste_bar.winfo_ismapped())
        self.assertIs(self.root.focus_get(), self.input)

    def test_as_code(self) -> None:
        self.ask()
        self.press("<Tab>", "<space>")
        self.assertEqual(self.composer.typed, "```\n" + LINES + "```\n")

    def test_code_begins_on_a_line_of_its_own(self) -> None:
        self.write("x")
        self.ask()
        self.composer.paste_bar.code.invoke()
        self.assertTrue(self.composer.typed.startswith("x\n```\n    line 0\n"))

    def test_escape_takes_the_question_back_from_everywhere(self) -> None:
        self.ask()
        self.press("<Escape>")
        self.assertEqual((self.composer.typed, self.root.focus_get()), ("", self.input))
        self.ask()
        self.input.focus_force()
        self.press("<Escape>")
        self.assertFalse(self.composer.paste_bar.winfo_ismapped())

    def test_another_room_takes_it_back_too(self) -> None:
        self.ask()
        self.composer.set_draft("of another room")
        self.settle()
        self.assertFalse(self.composer.paste_bar.winfo_ismapped())

    def test_an_empty_clipboard_pastes_nothing(self) -> None:
        self.root.clipboard_clear()
        self.press("<<Paste>>")
        self.assertEqual(self.composer.typed, "")

    def test_the_middle_button_asks_too(self) -> None:
        self.put_on("PRIMARY", LINES)
        self.input.event_generate("<<PasteSelection>>", x=5, y=5)
        self.settle()
        self.assertTrue(self.composer.paste_bar.winfo_ismapped())

    def test_what_could_never_be_sent_is_not_pasted(self) -> None:
        self.put_on("CLIPBOARD", "x" * 64_001)
        self.press("<<Paste>>")
        self.assertEqual(self.composer.typed, "")
        self.assertIn("at most 8000", self.composer.hint.cget("text"))

    def test_in_a_narrow_window_the_question_stands_above_the_buttons(self) -> None:
        self.theme.set_zoom(150)
        self.root.geometry("480x400")
        self.settle()
        self.input.focus_force()
        self.ask()
        bar = self.composer.paste_bar
        self.assertLess(bar.question.winfo_y() + bar.question.winfo_height(), bar.paste.winfo_y() + 1)
        self.assertGreaterEqual(bar.question.winfo_width(), self.theme.font.measure("Paste 37 lines?"))


class TestOnABadScreen(ComposerCase):
    """Where characters beyond the BMP cannot be shown: what is kept is what was typed."""

    def setUp(self) -> None:
        super().setUp()
        self.glyphs.is_safe = False

    def test_they_are_replaced_on_the_screen_alone(self) -> None:
        self.composer.put("a\U0001f600b")
        self.assertEqual(self.input.seen, "a\ufffdb")
        self.assertIn("cannot show every character", self.composer.hint.cget("text"))
        self.press("<Return>")
        self.assertEqual(self.sent, ["a\U0001f600b"])

    def test_history_brings_them_back(self) -> None:
        self.composer.put("\U0001f600")
        self.press("<Return>", "<Up>")
        self.assertEqual((self.input.seen, self.composer.typed), ("\ufffd", "\U0001f600"))
        self.press("<Down>")
        self.assertEqual(self.composer.typed, "")

    def test_a_completed_name_holds_what_it_holds(self) -> None:
        self.write("@")
        self.press("<Tab>", "<Tab>", "<Tab>")
        self.assertEqual((self.input.seen, self.composer.typed), ("@\ufffdx ", "@\U00010428x "))

    def test_words_of_others_are_made_fit(self) -> None:
        self.composer.show_room("\U0001f600")
        self.composer.show_typing(["\U00010428"])
        self.assertEqual(self.composer.typing.cget("text"), "\ufffd is typing…")
        self.assertEqual(self.input.winfo_children()[0].cget("text"), "Write to \ufffd")


class TestKeys(ComposerCase):
    def test_the_window_s_keys_edit_nothing_and_reach_the_window(self) -> None:
        if self.root.tk.call("tk", "windowingsystem") == "aqua":
            self.skipTest("there every field has those keys")
        keys = [f"<Control-{key}>" for key in ("b", "d", "f", "h", "i", "k", "n", "o", "p", "t", "plus", "minus", "0")]
        keys += ["<Alt-Up>", "<Alt-Down>", "<Alt-a>", "<Alt-d>", "<F1>", "<F6>", "<Escape>"]
        heard: list[str] = []
        for key in keys:
            self.root.bind(key, lambda _event, key=key: heard.append(key))  # type: ignore[misc]
        self.composer.set_draft("one two\nthree four\nfive")
        self.input.mark_set("insert", "2.5")
        self.press(*keys)
        self.assertEqual(heard, keys)
        self.assertEqual(self.composer.typed, "one two\nthree four\nfive")
        self.assertEqual(self.input.index("insert"), "2.5")

    def test_the_usual_keys_still_edit(self) -> None:
        self.write("abc")
        self.press("<Left>", "<BackSpace>", "<<SelectAll>>", "<<Cut>>")
        self.assertEqual(self.composer.typed, "")
        self.press("<<Paste>>")
        self.assertEqual(self.composer.typed.strip(), "ac")
        self.press("<<Undo>>", "<<Redo>>")
        self.assertEqual(self.composer.typed.strip(), "ac")


class TestWords(ComposerCase):
    def hint(self) -> tk.Label:
        (hint,) = (child for child in self.input.winfo_children() if isinstance(child, tk.Label))
        return hint

    def test_an_empty_line_says_where_it_leads(self) -> None:
        self.composer.show_room("lobby\u202e")
        self.settle()
        self.assertEqual((self.hint().cget("text"), self.hint().winfo_ismapped()), ("Write to lobby\\u202e", 1))
        self.write("x")
        self.assertFalse(self.hint().winfo_ismapped())
        self.press("<BackSpace>")
        self.assertTrue(self.hint().winfo_ismapped())

    def test_who_is_typing_moves_nothing(self) -> None:
        width, height = self.composer.winfo_reqwidth(), self.composer.winfo_reqheight()
        self.composer.show_typing(["Ann" * 10, "Bob" * 10])
        self.settle()
        self.assertRegex(self.composer.typing.cget("text"), "^Ann.* and Bob.* are typing…$")
        self.assertEqual((self.composer.winfo_reqwidth(), self.composer.winfo_reqheight()), (width, height))
        self.composer.show_typing([])
        self.assertEqual(self.composer.typing.cget("text"), "")

    def test_a_mention_is_put_where_the_cursor_is(self) -> None:
        self.composer.insert_mention("Ann")
        self.write("and")
        self.composer.insert_mention("Anna Maria")
        self.assertEqual(self.composer.typed, "@Ann and @Anna Maria ")

    def test_putting_back_keeps_what_is_being_written(self) -> None:
        self.composer.set_draft("draft")
        self.composer.put("refused")
        self.assertEqual(self.composer.typed, "draft\nrefused")

    def test_another_theme_and_zoom_are_followed(self) -> None:
        self.composer.show_room("lobby")
        height = self.input.winfo_height()
        self.theme.use(DARK)
        self.theme.set_zoom(200)
        self.settle()
        self.assertEqual(str(self.input.cget("background")), DARK.surface)
        self.assertEqual(str(self.hint().cget("background")), DARK.surface)
        self.assertGreater(self.input.winfo_height(), height)

    def test_the_menu_offers_what_is_possible(self) -> None:
        self.composer.set_draft("text")
        self.press("<Shift-F10>")
        (menu,) = (child for child in self.input.winfo_children() if isinstance(child, tk.Menu))
        self.assertTrue(menu.winfo_ismapped())
        states = [str(menu.entrycget(entry, "state")) for entry in range(4)]
        self.assertEqual(states, ["disabled", "disabled", "normal", "normal"])
        menu.invoke(3)
        menu.unpost()
        self.settle()
        self.assertEqual(self.input.get("sel.first", "sel.last").strip(), "text")


if __name__ == "__main__":
    unittest.main()
