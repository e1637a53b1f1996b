"""E-mail addresses as mail programs copy them: what is read, and what is refused by name."""

import pytest
from django.core.exceptions import ValidationError

from backlog.forms.addresses import addresses_in

GOOD = {
    "a@x.org": ["a@x.org"],
    "a@x.org,": ["a@x.org"],
    "a@x.org; b@x.org;": ["a@x.org", "b@x.org"],
    "a@x.org b@x.org\nA@x.org": ["a@x.org", "b@x.org"],
    "Ana <ana@x.org>, ben@x.org": ["ana@x.org", "ben@x.org"],
    "Ruiz, Ana <ana@x.org>; Ode, Ben <ben@x.org>": ["ana@x.org", "ben@x.org"],
    '"Ruiz, Ana" <ana@x.org>, "Ode, Ben" <ben@x.org>': ["ana@x.org", "ben@x.org"],
    "<mailto:ana@x.org>": ["ana@x.org"],
}
BAD = {
    "": "Enter at least one",
    " ;, ": "Enter at least one",
    "Ana <ana@x.org>, bobx.org": "“bobx.org” is not",
    "ana@x.org, ben": "“ben” is not",
    f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org": "is not an e-mail address",
}


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_read_with_and_without_its_name(text):
    assert addresses_in(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_a_word_that_is_no_address_is_named_and_never_left_out(text):
    with pytest.raises(ValidationError, match=BAD[text]):
        addresses_in(text)
