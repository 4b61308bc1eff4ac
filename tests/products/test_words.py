"""Words: whatever people type, and how far apart two are."""

from hypothesis import given
from hypothesis import strategies as st

from mixillo.blueprints.products.services.search.words import is_one_error, near, plain, words

LETTERS = st.text("abc", min_size=4, max_size=8)


@given(LETTERS, LETTERS)
def test_words_one_error_apart_share_a_near_form(one: str, other: str) -> None:
    if is_one_error(one, other):
        assert set(near(one)) & set(near(other))


@given(LETTERS, st.data())
def test_one_error_of_each_kind_is_recognised(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    wrong = [
        word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]  # fmt: skip
    for typed in wrong:
        assert typed == word or is_one_error(typed, word), (typed, word)
        assert not is_one_error(typed + "yy", word)


@given(st.text(max_size=60))
def test_any_text_is_some_words(text: str) -> None:
    assert words(text) == words(" ".join(words(text)))
    assert all(word and word == word.strip() for word in words(text))


@given(st.text(st.characters(max_codepoint=127)))
def test_simple_letters_are_spelt_as_any_others(text: str) -> None:
    assert plain(text) == plain(text + "é")[:-1]
