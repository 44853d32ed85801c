"""Which phrases writers are asked to look at again, and which words are left alone."""

import pytest

from portal.accounts.vocabulary import default_language
from portal.common.language import LONGEST_PART, prompts, read

LIST = """
abscond* / ran off | It sounds like an offence | was missing
won't engage | It ends our search | we have not yet found a way
mature for * age | It adds years | leave it out
"""
OURS = read(default_language())


def found(text: str, entries=None) -> list[str]:
    known = read(LIST) if entries is None else entries
    return [each.phrase for each in prompts([("/here", "What you saw", text)], known)]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("She absconded on Monday.", ["absconded"]),
        ("She ABSCONDS.", ["ABSCONDS"]),
        ("He ran\n   off again", ["ran off"]),
        ("He won\u2019t engage with us", ["won't engage"]),
        ("She is mature for her age", ["mature for her age"]),
        ("The van drove off. He ran offers.", []),
        ("Unabsconded", []),
        ("", []),
    ],
)
def test_a_phrase_is_found_as_words_in_any_letters_and_spaces(text, phrases):
    assert found(text) == phrases


@pytest.mark.parametrize(
    "text",
    [
        'She said "I ran off" to me.',
        "She said “I ran off” to me.",
        "She said \u2018I can\u2019t stay, I ran off\u2019 to me.",
        "She said 'I can't stay, I ran off' to me.",
    ],
)
def test_what_stands_in_quotation_marks_is_left_alone(text):
    assert found(text) == []
    assert found(f"{text} Then she ran off.") == ["ran off"]


def test_the_girls_school_is_no_quotation():
    assert found("At the girls' school she ran off, and the boys' school rang.") == ["ran off"]


def test_a_phrase_is_shown_once_for_each_answer_with_reason_and_place():
    answers = [("/a", "First", "ran off, ran off"), ("/b", "Second", "She absconded.")]

    first, second = prompts(answers, read(LIST))

    assert (first.phrase, first.where, first.href) == ("ran off", "First", "/a")
    assert (second.phrase, second.where, second.href) == ("absconded", "Second", "/b")
    assert (second.why, second.instead) == ("It sounds like an offence", "was missing")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a phrase | a reason", "Line 1 must have a phrase, a reason"),
        ("a phrase | | another way", "Line 1 must have a phrase, a reason"),
        ("one | two | three | four", "Line 1 must have a phrase, a reason"),
        ("c.t | why | way", "The phrase in line 1 must be words"),
        ("(a+)+ | why | way", "The phrase in line 1 must be words"),
        ("* | why | way", "The phrase in line 1 must be words"),
        ("one / | why | way", "The phrase in line 1 must be words"),
        (f"one | {'y' * (LONGEST_PART + 1)} | way", "Each part of line 1"),
    ],
)
def test_a_list_that_cannot_be_read_says_which_line_to_mend(line, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        read(line)


def test_a_list_is_not_endless():
    with pytest.raises(ValueError, match="200 lines or fewer"):
        read("one | why | way\n" * 201)


@pytest.mark.parametrize(
    "piece", ["'", '"', "“", "\u2018a", "'a ", "a'", "put ", "ran ", "abscon", "\n"]
)
def test_a_hostile_text_is_searched_to_its_end(piece):
    # Each step back over a text of this length would take longer than the suite may.
    assert "ran off" in found(f"{piece * (200_000 // len(piece))}\nShe ran off.", OURS)


def test_the_list_that_we_begin_with_is_whole():
    assert 25 <= len(OURS) <= 40
    for entry in OURS:
        for form in entry.forms:
            sample = form.replace("*", "") if form.endswith("*") else form.replace("*", "her")
            assert found(f"We think {sample} here.", OURS), form


@pytest.mark.parametrize(
    "said",
    [
        "He put himself at risk.",
        "She has an older boyfriend.",
        "The child is hard to reach.",
        "She makes lifestyle choices.",
        "He was sexually active.",
        "She refuses to engage.",
        "The alleged assault.",
    ],
)
def test_words_that_blame_a_child_are_in_the_list_that_we_begin_with(said):
    assert found(said, OURS)


def test_another_way_to_say_it_holds_no_phrase_of_the_list():
    for entry in OURS:
        assert not found(entry.instead, OURS), entry.instead
