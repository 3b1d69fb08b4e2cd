"""Every sentence for people is marked, and translated into every language there is; and the tools that see to it.

What fails here is mended with `python3 -m tests.languages`; docs/translating.md says how.
"""

from __future__ import annotations

import gettext
import io
import re
import unittest
from dataclasses import replace

from chat_core.language import languages
from tests.languages.catalogue import Catalogue, Entry, compile_mo, new_catalogue, read_po, update, write_po
from tests.languages.checking import faults_of_catalogue, faults_of_entries, faults_of_sources, po_paths
from tests.languages.collecting import Sentence, collect, marks_that_cannot_be, sentences_of, unmarked

SPEAKING = "chat_core/ui/view/door.py"


def said(source: str) -> list[str]:
    """Return what looks like said to people and is not marked."""
    return [text for _place, text in unmarked(SPEAKING, source)]


class Sources(unittest.TestCase):
    def test_every_sentence_for_people_is_marked(self) -> None:
        self.assertEqual("\n".join(faults_of_sources()), "")


class Catalogues(unittest.TestCase):
    def test_everything_is_translated_and_compiled(self) -> None:
        self.assertEqual([po.parent.parent.name for po in po_paths()], [code for code in languages() if code != "en"])
        for po in po_paths():
            self.assertEqual("\n".join(faults_of_catalogue(po)), "")

    def test_they_are_written_as_the_tool_writes_them(self) -> None:
        for po in po_paths():
            text = po.read_text(encoding="utf-8")
            self.assertEqual(write_po(read_po(text)), text, "python3 -m tests.languages update")

    def test_every_language_says_its_own_name(self) -> None:
        names = languages()
        self.assertEqual((names["en"], names["it"]), ("English", "Italiano"))
        self.assertEqual(len(set(names.values())), len(names))


class Collecting(unittest.TestCase):
    def test_what_is_marked(self) -> None:
        source = (
            "# Translators: a greeting,\n"
            "# short.\n"
            "a = _('Hello.')\n"
            "b = N_('Two ' 'parts.')\n"
            "c = ngettext('{count} hat', '{count} hats', n).format(count=_(name))\n"
            "d = other('Not this one.')\n"
        )
        self.assertEqual(
            sentences_of("x.py", source),
            [
                Sentence("Hello.", "", ["x.py:3"], ["Translators: a greeting, short."]),
                Sentence("Two parts.", "", ["x.py:4"]),
                Sentence("{count} hat", "{count} hats", ["x.py:5"]),
            ],
        )

    def test_what_stands_in_several_places_is_one_sentence(self) -> None:
        texts = [(sentence.text, sentence.plural) for sentence in collect()]
        self.assertEqual(len(texts), len(set(texts)))
        self.assertIn(
            ("expected %s argument", "expected %s arguments"), texts, "argparse's words are ours to translate"
        )

    def test_what_is_put_together_cannot_be_looked_up(self) -> None:
        for bad in ("_(f'{n} hats')", "_('a' + b)", "_('a %s' % b)", "N_(f'{n}')", "ngettext(f'{n} hat', 'hats', n)"):
            with self.subTest(bad):
                self.assertEqual(len(marks_that_cannot_be("x.py", bad)), 1)
        for good in ("_('{n} hats').format(n=f'{n}')", "_(text)", "ngettext('a', 'b', len(a + b))"):
            with self.subTest(good):
                self.assertEqual(marks_that_cannot_be("x.py", good), [])

    def test_sentences_that_are_not_marked(self) -> None:
        for bad, text in [
            ("label.configure(text='Send')", "Send"),
            ("add('--lang', help=f'{x} language')", "{} language"),
            ("print('Good bye.')", "Good bye."),
            ("TITLE = 'Who is here'", "Who is here"),
            ("raise ValueError(f'That is {x}.')", "That is {}."),
        ]:
            with self.subTest(bad):
                self.assertEqual(said(bad), [text])

    def test_strings_that_are_no_sentences(self) -> None:
        for good in [
            "'''A docstring is for programmers.'''",
            "def f():\n    '''So is this one.'''",
            "_('This one is marked.')",
            "label.configure(text=_('Send'))",
            "label.configure(text='↓', anchor='center')",
            "_log.warning('What is logged stays English: %s', x)",
            "assert x, 'our own mistake'",
            "text.index('insert linestart')",
            "text.index(f'{row}.0 lineend')",
            "run('SELECT name FROM room')",
            "label.bind('<<ThemeChanged>>', paint)",
        ]:
            with self.subTest(good):
                self.assertEqual(said(good), [])

    def test_modules_that_speak_to_programs_alone_may_say_what_they_like(self) -> None:
        self.assertEqual(unmarked("chat_core/names.py", "print('Hello, world.')"), [])


HAT = Sentence("{count} hat", "{count} hats", ["x.py:1"])
HELLO = Sentence('Say "hello",\n\tor \\n.', "", ["x.py:2", "y.py:3"], ["Translators: of a person."])


class Po(unittest.TestCase):
    def test_written_and_read_it_is_the_same(self) -> None:
        catalogue = replace(
            new_catalogue("it"),
            entries=(Entry(HAT, ("{count} cappello", "{count} cappelli")), Entry(HELLO, ('Ecco: "ciao",\n\to \\n.',))),
            comment="# Whoever wrote it\n",
        )
        text = write_po(catalogue)
        self.assertEqual(read_po(text), catalogue)
        self.assertIn('#. Translators: of a person.\n#: x.py:2\n#: y.py:3\nmsgid ""\n"Say \\"hello\\",\\n"\n', text)

    def test_an_update_keeps_what_is_translated_and_drops_what_is_not_there(self) -> None:
        before = replace(
            new_catalogue("it"),
            entries=(Entry(HAT, ("{count} cappello", "{count} cappelli")), Entry(Sentence("Old."), ("Vecchio.",))),
        )
        after = update(before, [HELLO, replace(HAT, places=["z.py:9"]), Sentence("{count} cat", "{count} cats")])
        self.assertEqual(
            [(entry.sentence.places, entry.translations) for entry in after.entries],
            [(HELLO.places, ("",)), (["z.py:9"], ("{count} cappello", "{count} cappelli")), ([], ("", ""))],
        )

    def test_an_update_gives_every_sentence_the_forms_of_its_language(self) -> None:
        catalogue = update(new_catalogue("sl"), [HAT])
        catalogue = replace(catalogue, header=catalogue.header.replace("nplurals=2", "nplurals=4"))
        self.assertEqual([entry.translations for entry in update(catalogue, [HAT]).entries], [("", "", "", "")])

    def test_what_is_marked_fuzzy_is_not_translated(self) -> None:
        text = (
            write_po(new_catalogue("it"))
            + '\n#, fuzzy\nmsgid "Hello."\nmsgstr "Ciao."\n\n#~ msgid "a"\n#~ msgstr "b"\n'
        )
        self.assertEqual([entry.translations for entry in read_po(text).entries], [("",)])

    def test_what_means_nothing_is_refused_with_its_line(self) -> None:
        for text in ('msgid "a"\nmsgstr b\n', 'msgid "a"\nmsgctxt "b"\n', '"a"\n', 'msgid "a"\n'):
            with self.subTest(text), self.assertRaisesRegex(ValueError, "line [12]"):
                read_po(text)


class Mo(unittest.TestCase):
    def setUp(self) -> None:
        self.catalogue = replace(
            new_catalogue("it"),
            entries=(
                Entry(HAT, ("{count} cappello", "{count} cappelli")),
                Entry(Sentence("Hello."), ("Ciao, è bello.",)),
                Entry(Sentence("Not yet."), ("",)),
            ),
        )

    def test_the_standard_library_reads_it(self) -> None:
        read = gettext.GNUTranslations(io.BytesIO(compile_mo(self.catalogue)))
        self.assertEqual(read.gettext("Hello."), "Ciao, è bello.")
        self.assertEqual(read.gettext("Not yet."), "Not yet.")
        self.assertEqual(
            [read.ngettext(HAT.text, HAT.plural, count) for count in (0, 1, 2)],
            ["{count} cappelli", "{count} cappello", "{count} cappelli"],
        )
        self.assertEqual(read.info()["language"], "it")

    def test_it_is_the_same_in_whatever_order_the_sentences_are(self) -> None:
        other = replace(self.catalogue, entries=self.catalogue.entries[::-1])
        self.assertEqual(compile_mo(other), compile_mo(self.catalogue))


class Checking(unittest.TestCase):
    def assert_fault(self, pattern: str, catalogue: Catalogue, *sentences: Sentence) -> None:
        faults = list(faults_of_entries(catalogue, list(sentences)))
        self.assertEqual(len(faults), 1, faults)
        self.assertRegex(faults[0], pattern)

    def catalogue(self, *entries: Entry) -> Catalogue:
        return replace(new_catalogue("it"), entries=entries)

    def test_each_fault_is_found(self) -> None:
        hats, cat = Entry(HAT, ("{count} cappello", "{count} cappelli")), Sentence("The {animal} sleeps.")
        right = Entry(cat, ("Il {animal} dorme.",))
        self.assertEqual(list(faults_of_entries(self.catalogue(hats, right), [HAT, cat])), [])
        self.assert_fault("not in the catalogue", self.catalogue(hats), HAT, cat)
        self.assert_fault("not used any more", self.catalogue(hats, right), HAT)
        self.assert_fault("in it twice", self.catalogue(hats, hats), HAT)
        self.assert_fault("not translated", self.catalogue(Entry(cat)), cat)
        self.assert_fault("not translated", self.catalogue(Entry(HAT, ("{count} cappello", ""))), HAT)
        self.assert_fault("1 forms and not 2", self.catalogue(Entry(HAT, ("{count} cappelli",))), HAT)

    def test_a_translation_that_fits_badly_is_found(self) -> None:
        for text, translation, pattern in [
            ("The {animal} sleeps.", "Il {animale} dorme.", "other placeholders"),
            ("The {animal} sleeps.", "Dorme.", "other placeholders"),
            ("The {animal!r} sleeps.", "Il {animal} dorme.", "other placeholders"),
            ("The {animal} sleeps.", "Il {animal dorme.", "other placeholders"),
            ("expected %(count)s", "ne servono %(conto)s", "other placeholders"),
            ("expected %s", "ne servono", "other placeholders"),
            ("usage: ", "uso:", "another beginning or end"),
            ("The end.", "La fine", "another beginning or end"),
            ("Wait…", "Aspetta.", "another beginning or end"),
            ("Wait", " Aspetta", "another beginning or end"),
        ]:
            with self.subTest(translation):
                sentence = Sentence(text)
                self.assert_fault(pattern, self.catalogue(Entry(sentence, (translation,))), sentence)

    def test_every_catalogue_that_is_shipped_can_be_filled_in(self) -> None:
        for po in po_paths():
            for entry in read_po(po.read_text(encoding="utf-8")).entries:
                names = set(re.findall(r"\{(\w+)", entry.sentence.text + entry.sentence.plural))
                for text in entry.translations:
                    filled = text.format(**dict.fromkeys(names, "x")) if names else text
                    self.assertNotRegex(filled, r"[{}]")


if __name__ == "__main__":
    unittest.main()
