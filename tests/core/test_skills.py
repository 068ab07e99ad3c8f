"""Requirements: what they mean, how they are told, and that no text breaks the reader."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.skill_parser import MAX_DEPTH, MAX_LENGTH, BadRequirement, parse
from acd.core.skills import (
    And,
    Anything,
    Has,
    Not,
    Op,
    Or,
    both,
    can_ever_match,
    compiled,
    fits,
    is_skill_id,
    skills_named,
    why_not,
    written,
)

KNOWN = ("chinese", "fridge", "washer", "trainee")
APPLIANCES = "chinese and (fridge >= 60 or washer > 40) and not trainee"


# What a text means.


def test_a_text_becomes_a_tree():
    assert parse(APPLIANCES, KNOWN) == And(
        parts=(
            Has(skill="chinese"),
            Or(
                parts=(
                    Has(skill="fridge", op=Op.AT_LEAST, level=60),
                    Has(skill="washer", op=Op.MORE, level=40),
                )
            ),
            Not(part=Has(skill="trainee")),
        )
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a&b|!c", "a and b or not c"),
        ("a or b and c", "a or (b and c)"),
        ("not a and b", "(not a) and b"),
        ("not a > 5", "!(a>5)"),
        ("(a and b) and (c and a)", "a and b and c"),
        ("((a))", "a"),
        ("a > 0", "a"),
        ("a\n  and\tb", "a and b"),
        ("a　and　b", "a and b"),
        ("a >= 007", "a >= 7"),
        ("a or a", "a"),
        ("", "  \n"),
    ],
)
def test_these_are_two_ways_to_write_one_requirement(text: str, same: str):
    assert parse(text) == parse(same)


@pytest.mark.parametrize(
    ("skills", "fit"),
    [
        ({"chinese": 1, "fridge": 60}, True),
        ({"chinese": 1, "washer": 41, "trainee": 0}, True),
        ({"chinese": 1, "fridge": 59, "washer": 40}, False),
        ({"chinese": 0, "fridge": 60}, False),
        ({"chinese": 1, "fridge": 60, "trainee": 1}, False),
        ({}, False),
    ],
)
def test_who_fits(skills: dict[str, int], fit: bool):
    assert fits(parse(APPLIANCES), skills) is fit


@pytest.mark.parametrize(
    ("op", "levels"),
    [
        ("=", {50}),
        ("!=", {49, 51}),
        ("<", {49}),
        ("<=", {49, 50}),
        (">", {51}),
        (">=", {50, 51}),
    ],
)
def test_each_comparison(op: str, levels: set[int]):
    test = compiled(parse(f"a {op} 50"))
    assert {level for level in (49, 50, 51) if test({"a": level})} == levels


def test_an_agent_without_the_skill_has_it_at_level_0():
    assert fits(parse("a < 10 and b = 0 and not c"), {})


def test_no_requirement_is_met_by_everybody():
    assert fits(Anything(), {})
    assert why_not(Anything(), {}) is None
    assert written(Anything()) == ""
    assert skills_named(Anything()) == ()
    assert can_ever_match(Anything())


def test_ids():
    assert all(map(is_skill_id, ("a", "fridge-2_eu", "x" * 32)))
    assert not any(
        map(is_skill_id, ("", "A", "2a", "-a", "x" * 33, "and", "or", "not", "冰箱", "a\n"))
    )


# What is told about an agent who does not fit.


@pytest.mark.parametrize(
    ("skills", "reason"),
    [
        ({"chinese": 1, "fridge": 40}, "fridge >= 60 or washer > 40: has fridge 40, no washer"),
        ({"chinese": 1, "fridge": 60, "trainee": 5}, "not trainee: has 5"),
        ({"fridge": 60}, "chinese: has none"),
        ({"chinese": 1, "fridge": 60}, None),
    ],
)
def test_the_first_part_that_is_not_met_is_told(skills: dict[str, int], reason: str | None):
    assert why_not(parse(APPLIANCES), skills) == reason


def test_a_level_too_low_is_told():
    assert why_not(parse("fridge >= 60"), {"fridge": 40}) == "fridge >= 60: has 40"


# What is known before any agent is looked at.


def test_every_skill_that_is_mentioned():
    assert skills_named(parse(APPLIANCES)) == ("chinese", "fridge", "trainee", "washer")


@pytest.mark.parametrize(
    "text",
    [
        "a > 50 and a < 40",
        "a and not a",
        "a > 100",
        "a < 0",
        "a > 4 and a < 6 and a != 5",
        "not (a or not a)",
        "(a or b) and (a or not b) and (not a or b) and (not a or not b)",
    ],
)
def test_what_nobody_can_ever_meet(text: str):
    assert not can_ever_match(parse(text))


def test_a_search_without_end_is_given_up_in_favour_of_the_writer():
    doors = "&".join(f"(a{door}|b{door})" for door in range(25))
    contradiction = parse(doors + "&(x|y)&(x|!y)&(!x|y)&(!x|!y)")
    assert can_ever_match(contradiction), "it is false, and that takes 2²⁵ steps to see"


# What is told about a text that is no requirement.


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("chinese fridge", 9, "expected 'and', 'or' or the end, found 'fridge'"),
        ("chinese, fridge", 8, "expected 'and', 'or' or the end, found ','"),
        ("chinese and ", 12, "expected a skill, 'not' or '(', found the end"),
        ("or chinese", 1, "expected a skill, 'not' or '(', found 'or'"),
        ("not", 4, "expected a skill, 'not' or '(', found the end"),
        ("()", 2, "expected a skill, 'not' or '(', found ')'"),
        ("not (chinese", 13, "or the ')' for the '(' at column 5, found the end"),
        ("chinese)", 8, "this ')' closes no '('"),
        ("frigde > 4", 1, "there is no skill 'frigde'; did you mean 'fridge'?"),
        ("x > 4", 1, "there is no skill 'x'; skills here: chinese, fridge, trainee, washer"),
        ("Fridge", 1, "did you mean 'fridge'?"),
        ("冰箱 > 4", 1, "'冰箱' is no skill's id"),
        ("fridge >", 9, "expected a level, a whole number from 0 to 100, found the end"),
        ("fridge > 101", 10, "from 0 to 100, found '101'"),
        ("fridge > -1", 10, "found '-1'"),
        ("fridge > 60.5", 10, "found '60.5'"),
        ("fridge > 60%", 10, "found '60%'"),
        ("fridge > ６０", 10, "found '６０'"),
        ("fridge > washer", 10, "found 'washer'"),
        ("40 < fridge", 1, "since the level comes last, as in fridge >= 60, found '40'"),
        ("fridge > 4 < 6", 12, "found '<'"),
        ("fridge == 4", 8, "found '=='; write '='"),
        ("fridge => 4", 8, "found '=>'; write '>='"),
        ("fridge && washer", 8, "found '&&'; write '&'"),
        ("fridge AND washer", 8, "found 'AND'; write 'and' in small letters"),
        ("NOT fridge", 1, "found 'NOT'; write 'not' in small letters"),
        ("（fridge)", 1, "found '（'; write '(', this one is full-width"),
        ("!" * (MAX_DEPTH + 1) + "fridge", MAX_DEPTH + 2, f"nested deeper than {MAX_DEPTH}"),
        ("(" * MAX_LENGTH, MAX_DEPTH + 2, f"nested deeper than {MAX_DEPTH}"),
        ("x" * 501, 501, "longer than 500 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, column: int, message: str):
    with pytest.raises(BadRequirement, match=re.escape(message)) as refused:
        parse(text, KNOWN)
    assert refused.value.column == column
    assert refused.value.text == text
    assert str(refused.value).startswith(f"column {column}: ")


def test_an_unknown_skill_where_there_are_none():
    with pytest.raises(BadRequirement, match="skills here: none"):
        parse("fridge", ())


def test_the_deepest_text_there_may_be():
    deepest = "!" * MAX_DEPTH + "a"
    assert written(parse(deepest)) == "not " * MAX_DEPTH + "a"


def test_a_text_that_grows_too_long_when_written_is_refused_at_once():
    short = "&".join(f"s{number}" for number in range(80))
    assert len(short) < MAX_LENGTH
    with pytest.raises(BadRequirement, match="when its signs are written as words"):
        parse(short)


def test_a_tree_that_has_no_text_cannot_be_made():
    a, b = Has(skill="a"), Has(skill="b")
    for broken in (
        lambda: Has(skill="and"),
        lambda: Has(skill="a", level=101),
        lambda: And(parts=(a,)),
        lambda: Or(parts=(a, a)),
        lambda: And(parts=(And(parts=(a, b)), a)),
    ):
        with pytest.raises(AssertionError):
            broken()


# Properties. Python reads the same words with the same precedence: it is the second opinion.

LEVELS = (0, 40, 50, 100)
AGENTS = st.dictionaries(st.sampled_from("abc"), st.sampled_from((0, 1, 39, 40, 41, 50, 99, 100)))
COMPARISONS = st.builds(
    lambda skill, op, level: f"{skill} {op} {level}",
    st.sampled_from("abc"),
    st.sampled_from([op.value for op in Op]),
    st.sampled_from(LEVELS),
)
TEXTS = st.recursive(
    st.sampled_from("abc") | COMPARISONS,
    lambda inner: (
        st.builds("not {}".format, inner)
        | st.builds("({})".format, inner)
        | st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or"]), inner)
    ),
    max_leaves=8,
)
thorough = settings(max_examples=3 * settings.default.max_examples)


def as_python(text: str) -> str:
    text = re.sub(r"(?<![!<>])=", "==", text)
    return re.sub(r"\b([abc])\b(?! [!<>=])", r"\1 > 0", text)


def python_says(text: str, skills: dict[str, int]) -> bool:
    return bool(eval(as_python(text), {}, {name: skills.get(name, 0) for name in "abc"}))


def test_the_second_opinion():
    assert as_python("not a = 5 and (b or c >= 3)") == "not a == 5 and (b > 0 or c >= 3)"
    assert as_python("a != 0 or b <= 3") == "a != 0 or b <= 3"


@thorough
@given(TEXTS, AGENTS)
def test_it_means_what_python_says(text: str, skills: dict[str, int]):
    assert fits(parse(text), skills) is python_says(text, skills)


@thorough
@given(TEXTS)
def test_what_is_written_parses_back(text: str):
    requirement = parse(text)
    assert parse(written(requirement)) == requirement


@thorough
@given(TEXTS, AGENTS)
def test_there_is_a_reason_exactly_when_he_does_not_fit(text: str, skills: dict[str, int]):
    requirement = parse(text)
    reason = why_not(requirement, skills)
    assert (reason is None) is fits(requirement, skills)
    if reason is not None:
        part = parse(reason.partition(":")[0])
        assert not fits(part, skills), "what is told is a requirement, and it is not met"


@thorough
@given(TEXTS)
def test_whether_anybody_can_match_is_exact(text: str):
    # Between two levels that are named all levels are alike, so these agents are all there can be.
    near = sorted(
        {near for level in LEVELS for near in (level - 1, level, level + 1)} & {*range(101)}
    )
    named = skills_named(parse(text))
    test = compiled(parse(text))
    anybody = any(
        test(dict(zip(named, levels, strict=True))) for levels in product(near, repeat=len(named))
    )
    assert can_ever_match(parse(text)) is anybody


@thorough
@given(TEXTS, TEXTS, TEXTS, AGENTS)
def test_both(a: str, b: str, c: str, skills: dict[str, int]):
    x, y, z = parse(a), parse(b), parse(c)
    assert fits(both(x, y), skills) is (fits(x, skills) and fits(y, skills))
    assert both(x, Anything()) == both(Anything(), x) == both(x, x) == x
    assert both(x, both(y, z)) == both(both(x, y), z)


WORDS = st.sampled_from(
    [
        "a",
        "chinese",
        "and",
        "or",
        "not",
        "(",
        ")",
        "&",
        "|",
        "!",
        "<",
        ">=",
        "=",
        "5",
        "999",
        " ",
        "（",
    ]
)


@thorough
@given(st.text(max_size=600) | st.lists(WORDS, max_size=300).map("".join), st.booleans())
def test_no_text_breaks_the_reader(text: str, known: bool):
    try:
        requirement = parse(text, KNOWN if known else None)
    except BadRequirement as refused:
        assert 1 <= refused.column <= len(text) + 1
        assert str(refused).isprintable()
    else:
        assert parse(written(requirement)) == requirement
