"""Our own tags and filters: times, deadlines, answers that are not shown."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.paginator import Paginator
from django.template import engines

from portal.common.moments import day, deadline_words, london, time_of_day
from portal.common.templatetags.govuk.components import tel

# A Tuesday in winter: London keeps UTC.
NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


def render(source, **values):
    return engines["django"].from_string("{% load govuk %}" + source).render(values)


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [
        (NOW - timedelta(seconds=5), "Overdue by 1 minute", "red"),
        (NOW - timedelta(minutes=59), "Overdue by 59 minutes", "red"),
        (NOW - timedelta(hours=2, minutes=40), "Overdue by 2 hours", "red"),
        (NOW - timedelta(days=1), "Overdue by 1 day", "red"),
        (NOW - timedelta(days=9), "Overdue by 9 days", "red"),
        (NOW, "Due today at 10am", "orange"),
        (datetime(2026, 12, 1, 16, 30, tzinfo=UTC), "Due today at 4:30pm", "orange"),
        (datetime(2026, 12, 2, 11, 0, tzinfo=UTC), "Due tomorrow at 11am", "blue"),
        (datetime(2026, 12, 4, 11, 0, tzinfo=UTC), "Due Friday 4 December", ""),
        (datetime(2027, 1, 4, 11, 0, tzinfo=UTC), "Due Monday 4 January 2027", ""),
    ],
)
def test_deadline_is_a_sentence(due, words, tone):
    assert deadline_words(due, NOW) == (words, tone)


def test_days_of_a_deadline_are_those_of_london():
    late_evening = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)  # 00:30 on 2 June in London
    assert deadline_words(late_evening, late_evening - timedelta(hours=2))[0] == (
        "Due tomorrow at 12:30am"
    )


def test_times_are_said_as_people_say_them():
    assert time_of_day(datetime(2026, 12, 4, 16, 30, tzinfo=UTC)) == "4:30pm"
    assert time_of_day(datetime(2026, 12, 4, 12, 0, tzinfo=UTC)) == "midday"
    assert time_of_day(datetime(2026, 12, 4, 0, 0, tzinfo=UTC)) == "midnight"
    assert time_of_day(datetime(2026, 7, 4, 12, 5, tzinfo=UTC)) == "1:05pm"
    assert london(datetime(2026, 12, 4, 16, 30, tzinfo=UTC)) == "4 December 2026 at 4:30pm"
    assert day(date(2026, 12, 4)) == "4 December 2026"
    assert day(None) == london(None) == ""
    assert tel("020 7946 0000") == "tel:02079460000"


@dataclass(frozen=True)
class Item:
    """An answer, as a reading gives it."""

    state: str
    text: str
    label: str = "Where the child lives"
    source: str = ""
    owner: str = ""
    why_url: str = "/why/"


@pytest.mark.parametrize("state", ["withheld", "not_shared", "removed"])
def test_answer_that_is_not_shown_says_so_in_a_box(state):
    page = render("{% item i %}", i=Item(state, "Withheld: police-sensitive"))
    assert "portal-withheld" in page
    assert "<strong>Withheld: police-sensitive</strong>" in page


def test_question_about_a_withheld_answer_is_whole_without_the_page_around_it():
    page = render("{% item i %}", i=Item("withheld", "Withheld: police-sensitive"))
    link = page[page.index("<a ") : page.index("</a>")]
    hidden = '<span class="govuk-visually-hidden"> is where the child lives withheld</span>?'
    assert link.endswith(f'href="/why/">Why{hidden}')


def test_words_taken_out_are_boxed_and_the_rest_is_escaped():
    text = "<b>Seen</b> by [6 words withheld: identifies a source] on Monday"
    page = render("{% item i %}", i=Item("partly_withheld", text))
    assert (
        '<span class="portal-masked">[6 words withheld: identifies a source]</span> on Monday'
        in page
    )
    assert "&lt;b&gt;Seen&lt;/b&gt; by" in page


@pytest.mark.parametrize("state", ["shown", "not_known", "not_provided"])
def test_answer_without_a_secret_has_no_box_and_asks_nothing(state):
    page = render("{% item i %}", i=Item(state, "<i>14</i>"))
    assert "portal-withheld" not in page
    assert "<a " not in page
    assert "&lt;i&gt;14&lt;/i&gt;" in page


def test_list_of_answers_is_a_summary_list():
    page = render("{% item_list i %}", i=[Item("withheld", "Withheld", why_url="/x/")])
    assert '<dt class="govuk-summary-list__key">Where the child lives</dt>' in page
    assert 'href="/x/"' in page


def test_progress_says_in_words_what_its_colours_repeat():
    words = {"Sent": "Done", "Acknowledged": "Now", "Decided": "Next"}
    steps = [{"label": label, "word": word} for label, word in words.items()]
    page = render("{% progress s %}", s=steps)
    words = ("Done:", "Now:", "Next:")
    assert [word in page for word in words] == [True] * 3
    assert page.count('aria-current="step"') == 1


def test_single_page_is_not_numbered():
    assert not render("{% pagination p %}", p=Paginator([1], 25).page(1)).strip()


def test_live_passage_asks_again_only_while_it_has_an_address():
    assert 'data-poll="/x/"' in render("{% live 'pdf' poll='/x/' %}Soon{% endlive %}")
    still = render("{% live 'pdf' %}Ready{% endlive %}")
    assert 'role="status"' in still
    assert "data-poll" not in still


def test_messages_share_one_banner():
    class Message:
        def __init__(self, message, level):
            self.message, self.level = message, level

    both = [Message("Sent", 25), Message("<b>", 30)]
    page = render("{% message_banner m %}", m=both)
    assert page.count('role="region"') == 1
    assert "&lt;b&gt;" in page
    assert 'role="alert"' in render("{% message_banner m %}", m=both[:1])
