from __future__ import annotations

import unittest
from typing import Sequence

from chat_core.ui.model.rooms import RoomRow
from chat_core.ui.model.switching import Choice, Kind, Switching

ROOMS = (
    RoomRow("lobby", "lobby", is_shown=True),
    RoomRow("quiet", "quiet"),
    RoomRow("lab", "lab", unread=2),
    RoomRow("busy", "busy", unread=5, mentions=1),
)


def names(choices: Sequence[Choice]) -> list[str]:
    return [f"{choice.kind.value}{choice.title}" for choice in choices]


class TestNothingTyped(unittest.TestCase):
    def test_what_calls_goes_first_and_where_one_is_last_of_the_rooms(self) -> None:
        found = Switching(ROOMS, ["Bob", "ann"]).matches("")
        self.assertEqual(names(found), ["#busy", "#lab", "#quiet", "#lobby", "@ann", "@Bob"])
        self.assertEqual((found[0].unread, found[0].mentions), (5, 1))

    def test_there_is_an_end_to_it(self) -> None:
        found = Switching((), [f"person {number:05}" for number in range(10_000)]).matches("  ")
        self.assertEqual(len(found), 50)
        self.assertEqual(found[49].name, "person 00049")


class TestMatching(unittest.TestCase):
    def test_beginnings_then_insides_then_letters_in_order(self) -> None:
        rooms = [RoomRow(name, name) for name in ("alpha b", "bar", "the bar", "b-a-r", "b a room", "rab")]
        found = Switching(rooms, ()).matches("BAR")
        self.assertEqual(names(found), ["#bar", "#the bar", "#b a room", "#b-a-r"])

    def test_rooms_before_people_that_fit_as_well(self) -> None:
        found = Switching([RoomRow("annex", "annex"), RoomRow("the annals", "the annals")], ["Ann", "Joann"]).matches(
            "ann"
        )
        self.assertEqual(names(found), ["#annex", "@Ann", "#the annals", "@Joann"])

    def test_of_equals_those_that_wait_first(self) -> None:
        rooms = [RoomRow("la1", "la1"), RoomRow("la2", "la2", unread=1), RoomRow("la3", "la3", unread=1, mentions=1)]
        self.assertEqual(names(Switching(rooms, ()).matches("la")), ["#la3", "#la2", "#la1"])

    def test_a_sign_limits_it_to_rooms_or_people(self) -> None:
        switching = Switching(ROOMS, ["Lars", "Bob"])
        self.assertEqual(names(switching.matches("@l")), ["@Lars"])
        self.assertEqual(names(switching.matches("# la")), ["#lab"])
        self.assertEqual(names(switching.matches("@")), ["@Bob", "@Lars"])

    def test_case_and_composed_letters_do_not_matter(self) -> None:
        self.assertEqual(names(Switching((), ["Zoë Straße"]).matches("ZOE\u0308 STRASSE")), ["@Zoë Straße"])

    def test_nothing_fits(self) -> None:
        self.assertEqual(Switching(ROOMS, ["Ann"]).matches("xyz"), ())


class TestChoice(unittest.TestCase):
    def test_a_person_is_shown_escaped_and_chosen_as_they_are(self) -> None:
        found = Switching((), ["An\u202en"]).matches("an")
        self.assertEqual(found, (Choice(Kind.PERSON, "An\u202en", "An\\u202en"),))

    def test_a_room_is_chosen_by_its_name(self) -> None:
        found = Switching([RoomRow("r\x1b", "r\\x1b")], ()).matches("r")
        self.assertEqual(found, (Choice(Kind.ROOM, "r\x1b", "r\\x1b"),))


if __name__ == "__main__":
    unittest.main()
