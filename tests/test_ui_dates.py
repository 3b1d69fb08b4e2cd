"""Times and days in words: of the language in use, never of the locale, and for any number a server may send."""

from __future__ import annotations

import unittest
from datetime import datetime

from chat_core.language import speak
from chat_core.ui.model.dates import clock_of, day_of, moment_of


def unix_ms(*moment: int) -> int:
    """Return a local time as it comes over the wire."""
    return int(datetime(*moment).timestamp() * 1000)  # type: ignore[arg-type]  # year, month, day, hour, ...


class Dates(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(speak, "en")

    def test_in_english(self) -> None:
        moment = unix_ms(2024, 8, 5, 14, 3, 22)
        self.assertEqual(clock_of(moment), "14:03")
        self.assertEqual(day_of(moment), "Monday, 5 August 2024")
        self.assertEqual(moment_of(moment), "Monday, 5 August 2024, 14:03:22")

    def test_in_italian(self) -> None:
        speak("it")
        moment = unix_ms(2024, 8, 5, 4, 3, 2)
        self.assertEqual((clock_of(moment), day_of(moment)), ("04:03", "Lunedì 5 agosto 2024"))
        self.assertEqual(moment_of(moment), "Lunedì 5 agosto 2024, 04:03:02")

    def test_every_day_and_month_has_a_name(self) -> None:
        speak("it")
        days = {day_of(unix_ms(2024, 1, day, 12)).split()[0] for day in range(1, 8)}
        months = {day_of(unix_ms(2024, month, 1, 12)).split()[2] for month in range(1, 13)}
        self.assertEqual((len(days), len(months)), (7, 12))
        self.assertIn("dicembre", months)

    def test_a_time_that_no_calendar_holds(self) -> None:
        for number in (2**53, -(2**53), 10**18):
            with self.subTest(number):
                self.assertEqual(
                    (clock_of(number), day_of(number), moment_of(number)), ("--:--", "Some day", "Some day")
                )


if __name__ == "__main__":
    unittest.main()
