from __future__ import annotations

import unittest

from chat_core.ui.model.details import Details, Problems, Recent, check_details, split_address


class TestSplitAddress(unittest.TestCase):
    def test_a_port_behind_the_address_is_taken_off(self) -> None:
        for typed, parts in (
            (" chat.example ", ("chat.example", "")),
            ("chat.example:99", ("chat.example", "99")),
            ("10.0.0.1:", ("10.0.0.1", "")),
            ("::1", ("::1", "")),
            ("[::1]", ("::1", "")),
            ("[::1]:99", ("::1", "99")),
            ("[::1", ("[::1", "")),
            ("[::1]x", ("[::1]x", "")),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(split_address(typed), parts)


class TestCheckDetails(unittest.TestCase):
    def problems(self, host: str, port: str, name: str) -> Problems:
        checked = check_details(host, port, name)
        assert isinstance(checked, Problems)
        return checked

    def test_what_is_right_is_taken_as_it_is_meant(self) -> None:
        self.assertEqual(check_details(" host ", " 2428 ", " Ann "), Details("host", 2428, "Ann"))
        self.assertEqual(check_details("host:1", "2428", "Ann"), Details("host", 1, "Ann"))
        self.assertEqual(check_details("::1", "65535", "Ann"), Details("::1", 65_535, "Ann"))

    def test_every_field_says_what_is_wrong_with_it(self) -> None:
        problems = self.problems("", "", "")
        self.assertIn("where the server is", problems.host)
        self.assertIn("1 to 65535", problems.port)
        self.assertIn("what you want to be called", problems.name)

    def test_a_right_field_says_nothing(self) -> None:
        self.assertEqual(self.problems("host", "0", "Ann"), Problems(port="A port is a number from 1 to 65535."))

    def test_ports_that_are_none(self) -> None:
        for port in ("0", "65536", "-1", "1.5", "x", "٣", "9" * 5_000):
            with self.subTest(port=port[:9]):
                self.assertTrue(self.problems("host", port, "Ann").port)

    def test_addresses_that_are_none(self) -> None:
        for host in ("a b", "http://host", "x" * 254, "a\x1bb", "me@host"):
            with self.subTest(host=host[:9]):
                self.assertIn("no address", self.problems(host, "1", "Ann").host)

    def test_a_bad_name_is_explained_by_the_rule_it_breaks(self) -> None:
        self.assertIn("letters, digits", self.problems("host", "1", "a!b").name)

    def test_whether_to_remember_goes_with_the_answers(self) -> None:
        self.assertEqual(
            check_details("host", "1", "Ann", wants_remembering=False),
            Details("host", 1, "Ann", wants_remembering=False),
        )


class TestRecent(unittest.TestCase):
    def test_it_is_shown_as_it_is_typed_and_safely(self) -> None:
        recent = Recent("fe80::1", 2428, "A\x1bnn")
        self.assertEqual((recent.shown_address, recent.shown_name), ("[fe80::1]:2428", "A\\x1bnn"))


if __name__ == "__main__":
    unittest.main()
