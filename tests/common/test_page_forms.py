"""The page form, its renderer and its widgets."""

from datetime import date

import pytest
from django import forms
from django.template import engines

from portal.common.forms import Choices, KnownDateField, ManyChoices, PageForm, Words


class Concern(PageForm):
    heading_field = "safe"
    safe = forms.ChoiceField(
        label="Is the child safe?",
        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "I do not know")],
        widget=Choices(hints={"no": "We will ask more."}, divider={"unknown": "or"}),
        error_messages={"required": "Select whether the child is safe"},
    )
    said = forms.CharField(label="What was said", max_length=40, widget=Words, required=False)
    phone = forms.CharField(
        required=False, widget=forms.TextInput({"autocomplete": "tel", "placeholder": "01632"})
    )
    born = KnownDateField(label="Date of birth", required=False)
    told = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=ManyChoices)
    sure = forms.BooleanField(label="I have checked this", required=False)


def in_page(form):
    """The form as a page shows it: with its summary above."""
    page = engines["django"].from_string("{% load govuk %}{% error_summary form %}|{{ form }}")
    return page.render({"form": form})


def test_browser_checks_and_memory_are_off():
    page = str(Concern())
    assert " required" not in page
    assert " maxlength" not in page
    assert "placeholder" not in page
    assert page.count('autocomplete="off"') >= 3
    assert 'autocomplete="tel"' in page
    assert page.count('spellcheck="false"') == 5  # two boxes for words, three for a date


def test_nothing_is_chosen_for_anybody():
    assert " checked>" not in str(Concern())


def test_heading_is_the_legend_of_the_field_that_says_so():
    page = str(Concern())
    assert page.count("<h1") == 1
    assert '<h1 class="govuk-fieldset__heading">Is the child safe?</h1>' in page


def test_summary_leads_to_each_answer_and_is_shown_once():
    form = Concern({"born-day": "31", "born-month": "feb", "born-year": "2012"})
    above, below = in_page(form).split("|")
    assert '<a href="#id_safe">Select whether the child is safe</a>' in above
    assert '<a href="#id_born-day">Date of birth must be a real date</a>' in above
    assert 'id="id_safe"' in below
    assert 'id="id_born-day"' in below
    assert "There is a problem" not in below
    assert "There is a problem" in str(Concern({}))


def test_hint_error_and_count_describe_the_control():
    form = Concern({"said": "x" * 41})
    assert 'aria-describedby="id_said-info id_said-error"' in str(form["said"].as_field_group())
    assert 'data-maxlength="40"' in str(form["said"].as_field_group())


def test_choice_may_have_a_hint_and_stand_apart():
    page = str(Concern())
    assert 'aria-describedby="id_safe-2-item-hint"' in page
    assert '<div class="govuk-radios__divider">or</div>' in page


def test_single_checkbox_is_labelled():
    page = str(Concern()["sure"].as_field_group())
    assert '<label class="govuk-label govuk-checkboxes__label" for="id_sure">' in page
    assert 'class="govuk-checkboxes__input"' in page


def test_line_ends_count_once():
    form = Concern({"safe": "yes", "told": ["a"], "said": "\r\n".join("x" * 20)})
    assert form.is_valid()
    assert len(form.cleaned_data["said"]) == 39


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("27", "3", "2012"), date(2012, 3, 27)),
        (("1", "March", "2012"), date(2012, 3, 1)),
        (("1", "sept", "2012"), date(2012, 9, 1)),
        (("", "", ""), None),
    ],
)
def test_known_date_is_read(parts, found):
    field = KnownDateField(label="Date of birth", required=False)
    assert field.clean(dict(zip(("day", "month", "year"), parts, strict=True))) == found


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (("27", "3", ""), "Date of birth must include a year"),
        (("", "", "2012"), "Date of birth must include a day and a month"),
        (("31", "2", "2012"), "Date of birth must be a real date"),
        (("1", "ju", "2012"), "Date of birth must be a real date"),
        (("x", "1", "2012"), "Date of birth must be a real date"),
    ],
)
def test_known_date_says_what_is_wrong(parts, says):
    field = KnownDateField(label="Date of birth", required=False)
    with pytest.raises(forms.ValidationError, match=says):
        field.clean(dict(zip(("day", "month", "year"), parts, strict=True)))
