from __future__ import annotations

import struct
import unittest
import zlib

from chat_core.ui.model.raster import Mask, arc, panel_png, png


def pixels_of(data: bytes) -> list[list[tuple[int, ...]]]:
    """Read what `raster` writes: RGBA, 8 bits, no filter."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + body),)
        chunks[kind] = body
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    assert chunks[b"IHDR"][8:] == b"\x08\x06\0\0\0"
    raw = zlib.decompress(chunks[b"IDAT"])
    rows = [raw[y * (4 * width + 1) : (y + 1) * (4 * width + 1)] for y in range(height)]
    assert all(row[0] == 0 for row in rows)
    return [[tuple(row[1 + 4 * x : 5 + 4 * x]) for x in range(width)] for row in rows]


def area(mask: Mask) -> float:
    return sum(map(sum, mask.rows))


class TestMask(unittest.TestCase):
    def test_shapes_cover_their_area(self) -> None:
        for name, mask, size in (
            ("disc", Mask(20, 20).disc((10, 10), 6), 113.1), ("box", Mask(20, 20).box((2, 3), (12, 9), 0), 60.0),
            ("round box", Mask(20, 20).box((2, 2), (18, 18), 4), 242.3),
            ("triangle", Mask(20, 20).polygon([(2, 2), (18, 2), (2, 18)]), 128.0),
            ("stroke", Mask(20, 20).stroke([(4, 10), (16, 10)], 4), 60.6),
        ):  # fmt: skip
            with self.subTest(name):
                self.assertAlmostEqual(area(mask), size, delta=0.03 * size)

    def test_what_lies_outside_is_cut_off(self) -> None:
        mask = Mask(4, 4).disc((0, 0), 100).stroke([(-50, 2), (50, 2)], 3).polygon([(-9, -9), (9, -9), (9, 9), (-9, 9)])
        self.assertEqual(area(mask), 16.0)

    def test_an_even_number_of_lines_around_is_outside(self) -> None:
        frame = [(1, 1), (9, 1), (9, 9), (1, 9), (1, 1), (3, 3), (7, 3), (7, 7), (3, 7), (3, 3)]
        self.assertAlmostEqual(area(Mask(10, 10).polygon([(float(x), float(y)) for x, y in frame])), 48.0)

    def test_taking_away(self) -> None:
        self.assertEqual(area(Mask(6, 6).box((0, 0), (6, 6), 0).without(Mask(6, 6).box((0, 0), (6, 2), 0))), 24.0)

    def test_an_arc_goes_clockwise_from_three_o_clock(self) -> None:
        points = arc((10, 10), 5, 0, 90)
        for (x, y), (wanted_x, wanted_y) in ((points[0], (15, 10)), (points[-1], (10, 15))):
            self.assertAlmostEqual(x, wanted_x)
            self.assertAlmostEqual(y, wanted_y)


class TestPng(unittest.TestCase):
    def test_layers_cover_each_other(self) -> None:
        low, high = Mask(3, 1).box((0, 0), (2, 1), 0), Mask(3, 1).box((1, 0), (1.5, 1), 0)
        left, middle, right = pixels_of(png([(low, "#ff0000"), (high, "#0000ff")]))[0]
        self.assertEqual((left, right), ((255, 0, 0, 255), (0, 0, 0, 0)))
        self.assertEqual(middle[3], 255)
        self.assertTrue(0 < middle[2] < 255 and 0 < middle[0] < 255, middle)

    def test_what_is_half_covered_is_half_opaque_and_keeps_its_colour(self) -> None:
        mask = Mask(1, 1)
        mask.rows[0][0] = 0.5
        self.assertEqual(pixels_of(png([(mask, "#204060")])), [[(32, 64, 96, 128)]])


class TestPanel(unittest.TestCase):
    def test_it_is_its_own_mirror(self) -> None:
        rows = pixels_of(panel_png(5, fill="#ffffff", edge="#204060", edge_px=2, wide=4, high=3))
        self.assertEqual((len(rows[0]), len(rows)), (14, 13))
        self.assertEqual(rows, rows[::-1])
        self.assertEqual(rows, [row[::-1] for row in rows])

    def test_edge_gap_and_fill_from_outside_in(self) -> None:
        rows = pixels_of(panel_png(4, fill="#0000ff", edge="#ff0000", gap="#00ff00", gap_px=1, wide=2, high=2))
        middle = [pixel[:3] for pixel in rows[len(rows) // 2][:3]]
        self.assertEqual(middle, [(255, 0, 0), (0, 255, 0), (0, 0, 255)])
        self.assertEqual(rows[0][0][3], 0)

    def test_without_a_fill_the_ground_is_seen(self) -> None:
        rows = pixels_of(panel_png(4, edge="#ff0000", edge_px=1))
        self.assertEqual((rows[8][0], rows[8][8][3]), ((255, 0, 0, 255), 0))
        self.assertTrue(all(pixel[3] == 0 for row in pixels_of(panel_png(3)) for pixel in row))

    def test_on_a_known_ground_no_pixel_is_opaque_in_part(self) -> None:
        for fill, edge, gap in (("#0000ff", "#ff0000", ""), ("#0000ff", "", ""), ("", "#ff0000", "#00ff00")):
            with self.subTest(fill=fill, edge=edge, gap=gap):
                panels = (
                    panel_png(6, fill=fill, edge=edge, gap=gap, gap_px=1, ground=ground) for ground in ("", "#808080")
                )
                free, mixed = ([pixel for row in pixels_of(panel) for pixel in row] for panel in panels)
                self.assertEqual([pixel[3] for pixel in mixed], [255 if pixel[3] else 0 for pixel in free])
                for before, after in zip(free, mixed):
                    share = before[3] / 255
                    for channel in range(3 if share else 0):
                        wanted = before[channel] * share + 128 * (1 - share)
                        self.assertAlmostEqual(after[channel], wanted, delta=1.5)


if __name__ == "__main__":
    unittest.main()
