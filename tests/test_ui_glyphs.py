from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

from chat_core.ui.desktop.glyphs import GlyphProbe, drawn_by


class TestGlyphProbe(unittest.TestCase):
    def probe(self, script: str) -> GlyphProbe:
        probe = GlyphProbe(is_at_risk=True, script=script)
        self.addCleanup(probe.close)
        return probe

    def test_plain_text_needs_no_answer(self) -> None:
        probe = self.probe("raise SystemExit(1)")
        self.assertEqual((probe.fit("é"), probe.must_replace("é"), probe.became_safe()), ("é", False, False))

    def test_without_risk_nothing_is_replaced(self) -> None:
        probe = GlyphProbe(is_at_risk=False)
        self.assertEqual((probe.fit("\U0001f600"), probe.must_replace("\U0001f600")), ("\U0001f600", False))

    def test_a_child_that_comes_back_well_ends_the_replacing(self) -> None:
        probe = self.probe("pass")
        self.assertEqual(probe.fit("a\U0001f600"), "a\ufffd")
        self.assertFalse(probe.must_replace("\U0001f600"))
        self.assertEqual((probe.became_safe(), probe.became_safe()), (True, False))
        self.assertEqual(probe.fit("a\U0001f600"), "a\U0001f600")

    def test_a_child_that_dies_leaves_it_replaced(self) -> None:
        probe = self.probe("import os; os.abort()")
        self.assertTrue(probe.must_replace("\U0001f600"))
        self.assertEqual(probe.fit("a\U0001f600"), "a\ufffd")
        self.assertTrue(probe.must_replace("\U0001f600"))

    def test_an_answer_is_kept_for_what_draws_and_not_asked_for_again(self) -> None:
        for script, is_safe in (("pass", True), ("import os; os.abort()", False)):
            with self.subTest(script):
                first = GlyphProbe(is_at_risk=True, drawn_by="8.6.13/1", script=script)
                self.addCleanup(first.close)
                self.assertEqual(first.kept, "")
                first.must_replace("\U0001f600")
                never = "raise SystemExit('asked again')"
                again = GlyphProbe(is_at_risk=True, drawn_by="8.6.13/1", remembered=first.kept, script=never)
                self.assertEqual((again.is_safe, again.kept), (is_safe, first.kept))
                self.assertIs(again.must_replace("\U0001f600"), not is_safe)
                self.assertIs(again.is_safe, is_safe)
                other = GlyphProbe(is_at_risk=True, drawn_by="8.6.13/2", remembered=first.kept, script=script)
                self.addCleanup(other.close)
                self.assertEqual((other.is_safe, other.kept), (False, ""))

    def test_another_font_is_another_word_for_what_draws(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            fonts = Path(folder) / "truetype" / "colour"
            fonts.mkdir(parents=True)
            before = drawn_by("8.6.13", [folder])
            self.assertEqual(drawn_by("8.6.13", [folder]), before)
            self.assertNotEqual(drawn_by("8.6.14", [folder]), before)
            latest = max(each.stat().st_mtime_ns for each in (Path(folder), Path("/usr/lib")))
            os.utime(fonts, ns=(latest, latest + 10**12))
            self.assertNotEqual(drawn_by("8.6.13", [folder]), before)
        self.assertTrue(drawn_by("8.6.13", [folder]), "a folder that is not there is no failure")

    def test_closing_ends_a_child_that_hangs(self) -> None:
        probe = self.probe("import time; time.sleep(600)")
        probe.fit("\U0001f600")
        self.assertFalse(probe.became_safe())
        probe.close()
        self.assertFalse(probe.became_safe())


if __name__ == "__main__":
    unittest.main()
