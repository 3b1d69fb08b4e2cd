from __future__ import annotations

import dataclasses
import itertools
import re
import unittest

from chat_core.ui.model.palette import CONTRAST, DARK, LIGHT, PALETTES, contrast, mixed, palette_of

#: Every ground that text stands on, by what text that is.
PLAIN_GROUNDS = ("ground", "side", "surface")
TEXT_ON = {
    "ink": (*PLAIN_GROUNDS, "accent_soft", "hover", "bad_soft", "mention_soft", "found_soft", "code_ground"),
    "muted": (*PLAIN_GROUNDS, "accent_soft", "hover", "bad_soft", "mention_soft", "code_ground"),
    "accent": (*PLAIN_GROUNDS, "accent_soft", "hover", "mention_soft", "found_soft", "code_ground"),
    "accent_ink": ("accent", "accent_dark"),
    "found_ink": ("found",),
    "good": (*PLAIN_GROUNDS, "accent_soft"),
    "busy": PLAIN_GROUNDS,
    "bad": (*PLAIN_GROUNDS, "accent_soft", "hover", "bad_soft", "mention_soft"),
    "surface": ("ink",),  # a tooltip
}
NAME_GROUNDS = (*PLAIN_GROUNDS, "accent_soft", "hover", "mention_soft")
#: What is seen and not read: a ring, the frame of a field, the mark of a selected row.
MARK_ON = {
    "accent": (*PLAIN_GROUNDS, "accent_soft"),
    "edge": PLAIN_GROUNDS,
    "good": PLAIN_GROUNDS,
    "accent_dark": PLAIN_GROUNDS,
}


class TestContrast(unittest.TestCase):
    def test_known_ratios(self) -> None:
        # The ends of the scale, and the grey that is known as the lightest with 4.5:1 on white.
        for one, other, ratio in (
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.48),
            ("#123456", "#123456", 1.0),
        ):
            with self.subTest(one=one, other=other):
                self.assertAlmostEqual(contrast(one, other), ratio, places=2)
                self.assertEqual(contrast(one, other), contrast(other, one))

    def test_text_can_be_read_on_every_ground_it_stands_on(self) -> None:
        for palette in PALETTES:
            least = 7.0 if palette is CONTRAST else 4.5
            for role, grounds in TEXT_ON.items():
                for ground in grounds:
                    with self.subTest(palette=palette.name, role=role, ground=ground):
                        ratio = contrast(getattr(palette, role), getattr(palette, ground))
                        self.assertGreaterEqual(ratio, least)

    def test_names_can_be_read_on_every_ground_they_stand_on(self) -> None:
        for palette in PALETTES:
            least = 7.0 if palette is CONTRAST else 4.5
            for colour, ground in itertools.product(palette.names, NAME_GROUNDS):
                with self.subTest(palette=palette.name, colour=colour, ground=ground):
                    self.assertGreaterEqual(contrast(colour, getattr(palette, ground)), least)

    def test_marks_can_be_seen(self) -> None:
        for palette in PALETTES:
            for role, grounds in MARK_ON.items():
                for ground in grounds:
                    with self.subTest(palette=palette.name, role=role, ground=ground):
                        ratio = contrast(getattr(palette, role), getattr(palette, ground))
                        self.assertGreaterEqual(ratio, 3.0)


class TestPalettes(unittest.TestCase):
    def test_every_colour_is_one(self) -> None:
        for palette in PALETTES:
            colours = dataclasses.asdict(palette)
            name, names = colours.pop("name"), colours.pop("names")
            self.assertIs(palette_of(name), palette)
            for colour in (*colours.values(), *names):
                self.assertTrue(re.fullmatch("#[0-9a-f]{6}", colour), colour)

    def test_an_unknown_name_is_light(self) -> None:
        self.assertIs(palette_of("sepia"), LIGHT)

    def test_dark_is_dark(self) -> None:
        self.assertGreater(contrast("#ffffff", DARK.surface), contrast("#ffffff", LIGHT.surface))

    def test_people_keep_the_number_of_their_colour_in_every_theme(self) -> None:
        self.assertEqual({len(palette.names) for palette in PALETTES}, {12})

    def test_people_can_be_told_apart(self) -> None:
        # From each other, and from what is not a name or is our own. 0.02 is about what can just be seen.
        for palette in PALETTES:
            colours = (*palette.names, palette.ink, palette.muted, palette.accent)
            for one, other in itertools.combinations(colours, 2):
                if one in palette.names:
                    with self.subTest(palette=palette.name, one=one, other=other):
                        self.assertGreater(distance(one, other), 0.08)

    def test_mixing(self) -> None:
        self.assertEqual(mixed("#000000", "#ffffff", 0.0), "#000000")
        self.assertEqual(mixed("#000000", "#ffffff", 1.0), "#ffffff")
        self.assertEqual(mixed("#102030", "#304050", 0.5), "#203040")


def distance(one: str, other: str) -> float:
    """Tell how different two colours look: the distance in Oklab (B. Ottosson, 2020), where black to white is 1."""
    return float(sum((a - b) ** 2 for a, b in zip(oklab(one), oklab(other))) ** 0.5)


def oklab(colour: str) -> tuple[float, float, float]:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    )
    long, middle, short = (
        (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3),
        (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3),
        (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3),
    )
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


if __name__ == "__main__":
    unittest.main()
