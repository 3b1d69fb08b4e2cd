from __future__ import annotations

import unittest

from chat_core.ui.desktop.glyphs import GlyphProbe


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

    def test_closing_ends_a_child_that_hangs(self) -> None:
        probe = self.probe("import time; time.sleep(600)")
        probe.fit("\U0001f600")
        self.assertFalse(probe.became_safe())
        probe.close()
        self.assertFalse(probe.became_safe())


if __name__ == "__main__":
    unittest.main()
