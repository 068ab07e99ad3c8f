"""The loader: what an integrator may write, and what is said to one who wrote something else."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import ivr
from ivr.loader import MAX_BYTES, load_menu, load_menus, parse_menu
from ivr.plain_yaml import MAX_PROBLEMS, BrokenFile
from ivr.steps import Ask, Branch, Choose, Condition, Dialplan, Enqueue, Facts, HangUp, Menu, Say
from ivr.walk import Play, enter

BUNDLED = Path(ivr.__file__).parent / "menus"

EVERY_WORD = """\
menu: main
start: hello
steps:
  hello:
    branch:
      - when: {repeat_count_at_least: 3, known_customer: yes}
        go: desk
      - {when: {segment: vip, language: no}, go: thanks}
      - otherwise: welcome
  welcome: {say: hello-world, then: thanks}
  thanks: {say: [], then: choose}
  choose:
    choose:
      prompts: [vm-press, digits/1]
      keys: {1: support, "*": choose, "#": bye, 0: slam, 9: pleased}
      timeout_s: 7
      attempts: 3
      otherwise: support
  support: {queue: 0800, priority: 5}
  pleased:
    survey: {scale: nps, question: would-tell, prompts: [vm-press], then: bye, otherwise: slam, timeout_s: 9}
  desk: {dialplan: front_desk}
  bye: {hang_up: [vm-goodbye]}
  slam: {hang_up: }
"""


def test_every_word_of_a_menu() -> None:
    assert parse_menu(EVERY_WORD) == Menu(
        id="main",
        start="hello",
        steps={
            "hello": Branch(
                cases=(
                    (Condition(repeat_count_at_least=3, known_customer=True), "desk"),
                    (Condition(segment="vip", language="no"), "thanks"),
                ),
                otherwise="welcome",
            ),
            "welcome": Say(prompts=("hello-world",), then="thanks"),
            "thanks": Say(prompts=(), then="choose"),
            "choose": Choose(
                prompts=("vm-press", "digits/1"),
                keys={"1": "support", "*": "choose", "#": "bye", "0": "slam", "9": "pleased"},
                otherwise="support",
                timeout_ms=7_000,
                attempts=3,
            ),
            "support": Enqueue(queue="0800", priority=5),
            "pleased": Ask(
                scale="nps",
                question="would-tell",
                prompts=("vm-press",),
                then="bye",
                otherwise="slam",
                timeout_ms=9_000,
            ),
            "desk": Dialplan(result="front_desk"),
            "bye": HangUp(prompts=("vm-goodbye",)),
            "slam": HangUp(),
        },
    )


def test_the_menu_of_the_demo() -> None:
    menu = load_menus(BUNDLED, known_queues={"support", "sales"})["main"]
    first = enter(menu, Facts(repeat_count=0)).actions
    second = enter(menu, Facts(repeat_count=1)).actions
    assert (first, second) == (
        (Play(prompts=("hello-world",)),),
        (Play(prompts=("queue-thankyou",)),),
    )


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "menu.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + EVERY_WORD.replace("\n", "\r\n").encode())
    assert load_menu(path) == parse_menu(EVERY_WORD)


# --- broken menus: each with all that is said about it ------------------------------------------

HEAD = "menu: m\nstart: a\nsteps:\n"  # so the first step stands on line 4
STEPS_ARE = (
    "A step is one of: say, choose, survey, number, call_back, branch, queue, hang_up, dialplan"
)
ENDS_ARE = "let one of these steps go to an end (queue, hang_up, dialplan)"


def choose(words: str) -> str:
    """A menu whose only fault is in the words of a choice; they stand on line 6."""
    return f"{HEAD}  a:\n    choose: {{\n      {words}}}\n  q: {{queue: q}}\n"


def ask(words: str) -> str:
    """A menu whose only fault is in a question about the caller, on line 4."""
    return (
        f"{HEAD}  a: {{branch: [{{when: {words}, go: q}}, {{otherwise: q}}]}}\n  q: {{queue: q}}\n"
    )


BROKEN: list[tuple[str, str, list[str]]] = [
    # YAML itself
    ("no end of a list", HEAD + "  a: {say: [x", [
        "4: while parsing a flow sequence: expected ',' or ']', but got '<stream end>'",
    ]),
    ("a tab", HEAD + "\ta: {queue: q}\n", [
        "4: while scanning for the next token: found character '\\t' that cannot start any token",
    ]),
    ("two documents", HEAD + "  a: {queue: q}\n---\n", [
        "5: expected a single document in the stream: but found another document",
    ]),
    ("an unseen character", HEAD + "  a: {queue: q\x07}\n", [
        "4: has a character that nobody can see; remove it",
    ]),
    ("an escape beyond Unicode", HEAD + '  a: {queue: "\\Uffffffff"}\n', [
        " is not YAML: a \\U escape or a %YAML line means nothing",
    ]),
    ("an unseen escape", HEAD + '  a: {queue: "q\\a"}\n', [
        "4: step 'a': 'queue' has characters that nobody can see; remove them",
    ]),
    ("an alias", HEAD + "  a: {say: &x [y], then: b}\n  b: {hang_up: *x}\n", [
        "5: this file takes no aliases; write the words out",
    ]),
    ("a bare star", choose("prompts: p, keys: {*: q}, otherwise: q"), [
        '6: a bare * is an alias in YAML; write the key "*" in quotes',
    ]),
    ("a bare hash", choose("prompts: p, keys: {\n 1: q,\n #: q\n}, otherwise: q"), [
        '8: a bare # begins a comment in YAML; write the key "#" in quotes',
    ]),
    ("a tag", HEAD + "  a: {queue: !!python/name:os.system q}\n", [
        "4: this file takes no tags; remove 'tag:yaml.org,2002:python/name:os.system'",
    ]),
    ("deep", HEAD + "  a: " + "[" * 9 + "\n", [
        "4: too many levels inside each other; no file of ours needs that",
    ]),
    ("a word twice", HEAD + "  a: {queue: q}\nstart: b\n", [
        "5: 'start' is already given on line 2; remove one of the two",
    ]),
    ("a step twice", HEAD + "  a: {queue: q}\n  a: {queue: r}\n", [
        "5: 'a' is already given on line 4; remove one of the two",
    ]),
    ("a key twice", choose("prompts: p, keys: {1: q,\n '1': q}, otherwise: q"), [
        "7: step 'a': '1' is already given on line 6; remove one of the two",
    ]),
    ("an unseen word", HEAD + '  "a\\ud800": {queue: q}\n  a: {queue: q}\n', [
        "4: 'steps' takes no word with characters that nobody can see",
    ]),
    # the menu
    ("empty", "", ["1: the file is empty; a menu has the words: menu, start, steps"]),
    ("a list", "- a\n", ["1: a menu takes 'word: value' lines, not a list"]),
    ("a text", "hello\n", ["1: a menu takes 'word: value' lines, not the text 'hello'"]),
    ("an unknown word", HEAD + "  a: {queue: q}\nstrat: a\n", [
        "5: a menu has no word 'strat'; did you mean 'start'? Its words: menu, start, steps",
    ]),
    ("no start", "menu: m\nsteps:\n  a: {queue: q}\n", [
        "1: a menu needs 'start': the step where callers start",
    ]),
    ("no name", "start: a\nsteps:\n  a: {queue: q}\n", ["1: a menu needs 'menu': the menu's name"]),
    ("a bad name", "menu: ../m\nstart: a\nsteps:\n  a: {queue: q}\n", [
        "1: a menu's name takes letters, digits, - and _ (at most 64)",
    ]),
    ("no steps", "menu: m\nstart: a\n", ["1: a menu needs 'steps': the steps by name"]),
    ("empty steps", "menu: m\nstart: a\nsteps:\n", [
        "3: 'steps' takes 'word: value' lines, not nothing",
    ]),
    ("an unknown start", "menu: m\nstart: b\nsteps:\n  a: {queue: q}\n", [
        "2: 'start' goes to 'b', which is no step. Steps here: a",
    ]),
    ("a list as a step's name", HEAD + "  a: {queue: q}\n  [b]: {queue: q}\n", [
        "5: 'steps' takes one word before the colon, not a list",
    ]),
    # steps
    ("a bad step name", "menu: m\nstart: a b\nsteps:\n  a b: {queue: q}\n", [
        "4: step 'a b': a step's name takes letters, digits, - and _ (at most 64)",
    ]),
    ("a step of nothing", HEAD + "  a:\n", [
        "4: step 'a': a step takes 'word: value' lines, not nothing",
    ]),
    ("a misspelt step", HEAD + "  a: {sya: p, then: a}\n", [
        f"4: step 'a': 'sya', 'then' makes no step; did you mean 'say'? {STEPS_ARE}",
    ]),
    ("two in one", HEAD + "  a: {say: p, queue: q}\n", [
        "4: step 'a': is say and queue at once; make it 2 steps",
    ]),
    ("a word too many", HEAD + "  a: {queue: q, then: a}\n", [
        "4: step 'a': a step with 'queue' has no word 'then'. Its words: queue, priority, requires, reason, consent",
    ]),
    ("a dead end", HEAD + "  a: {say: p}\n", [
        "4: step 'a': is a dead end; it needs 'then': the step that follows",
    ]),
    ("an unreachable step", HEAD + "  a: {queue: q}\n  b: {say: p, then: a}\n", [
        "5: step 'b': no caller gets here; let a step go here or remove it",
    ]),
    ("a typo", choose("prompts: p, keys: {1: quue}, otherwise: q").replace("q:", "queue:"), [
        "6: step 'a': key '1' goes to 'quue', which is no step; did you mean 'queue'? "
        "Steps here: a, queue",
        "6: step 'a': 'otherwise' goes to 'q', which is no step. Steps here: a, queue",
    ]),
    ("what a typo hides is not blamed",
     choose("prompts: p, keys: {1: bb}, otherwise: q") + "  b: {queue: q}\n", [
        "6: step 'a': key '1' goes to 'bb', which is no step; did you mean 'b'? Steps here: a, q, b",
    ]),
    ("nor what a repeated key hides",
     choose("prompts: p, keys: {1: q, 1: b}, otherwise: q") + "  b: {queue: q}\n", [
        "6: step 'a': '1' is already given on line 6; remove one of the two",
    ]),
    # circles
    ("a circle", HEAD + "  a: {say: p, then: b}\n  b: {say: [], then: a}\n", [
        f"4: a caller who presses nothing goes round forever: 'a' → 'b' → 'a'; {ENDS_ARE}",
    ]),
    ("a circle of one", HEAD + "  a: {say: p, then: a}\n", [
        f"4: a caller who presses nothing goes round forever: 'a' → 'a'; {ENDS_ARE}",
    ]),
    ("a circle through a branch",
     HEAD + "  a: {branch: [{when: {segment: vip}, go: a}, {otherwise: q}]}\n  q: {queue: q}\n", [
        f"4: a caller who presses nothing goes round forever: 'a' → 'a'; {ENDS_ARE}",
    ]),
    ("a circle of silence", choose("prompts: p, keys: {1: q}, otherwise: a"), [
        f"4: a caller who presses nothing goes round forever: 'a' → 'a'; {ENDS_ARE}",
    ]),
    # choose
    ("no prompts", choose("prompts: [], keys: {1: q}, otherwise: q"), [
        "6: step 'a': 'prompts' is empty; say which keys there are to press",
    ]),
    ("no keys", choose("prompts: p, keys: {}, otherwise: q"), [
        "6: step 'a': 'keys' takes 'word: value' lines, not nothing",
    ]),
    ("no otherwise", choose("prompts: p, keys: {1: q}"), [
        "5: step 'a': 'choose' needs 'otherwise': the step for everybody else",
    ]),
    ("no such key", choose("prompts: p, keys: {11: q}, otherwise: q"), [
        "6: step 'a': '11' is no key of a telephone; those are 0-9 * #",
    ]),
    ("no time", choose("prompts: p, keys: {1: q}, otherwise: q, timeout_s: 0"), [
        "6: step 'a': 'timeout_s' is '0'; it takes a whole number, 1 to 60",
    ]),
    ("negative time", choose("prompts: p, keys: {1: q}, otherwise: q, timeout_s: -5"), [
        "6: step 'a': 'timeout_s' is '-5'; it takes a whole number, 1 to 60",
    ]),
    ("milliseconds", choose("prompts: p, keys: {1: q}, otherwise: q, timeout_s: 5000"), [
        "6: step 'a': 'timeout_s' is '5000'; it takes a whole number, 1 to 60",
    ]),
    ("ten attempts", choose("prompts: p, keys: {1: q}, otherwise: q, attempts: 10"), [
        "6: step 'a': 'attempts' is '10'; it takes a whole number, 1 to 9",
    ]),
    ("a list for a number", choose("prompts: p, keys: {1: q}, otherwise: q, attempts: [2]"), [
        "6: step 'a': 'attempts' takes one word here, not a list",
    ]),
    # branch
    ("not a list", HEAD + "  a: {branch: {otherwise: q}}\n  q: {queue: q}\n", [
        "4: step 'a': 'branch' is a list: lines of '- {when: …, go: step}', "
        "and '- otherwise: step' as the last",
    ]),
    ("no otherwise at last",
     HEAD + "  a: {branch: [{when: {segment: x}, go: q}]}\n  q: {queue: q}\n", [
        "4: step 'a': a caller for whom no line fits has nowhere to go; a branch is "
        "lines of '- {when: …, go: step}', and '- otherwise: step' as the last",
    ]),
    ("only otherwise", HEAD + "  a: {branch: [{otherwise: q}]}\n  q: {queue: q}\n", [
        "4: step 'a': 'branch' asks nothing; it is "
        "lines of '- {when: …, go: step}', and '- otherwise: step' as the last",
    ]),
    ("nothing asked", ask("{}"), ["4: step 'a': 'when' takes 'word: value' lines, not nothing"]),
    ("an unknown question", ask("{vip: true}"), [
        "4: step 'a': 'when' has no word 'vip'. Its words: repeat_caller, repeat_count_at_least, "
        "known_customer, segment, language",
    ]),
    ("perhaps", ask("{repeat_caller: maybe}"), [
        "4: step 'a': 'repeat_caller' is 'maybe'; it takes true or false",
    ]),
    ("an empty segment", ask("{segment: }"), ["4: step 'a': 'segment' is empty"]),
    # values
    *[
        (f"prompt {prompt}", HEAD + f"  a: {{hang_up: ['{prompt}']}}\n", [
            f"4: step 'a': prompt '{prompt}' is no name of a sound: use A-Z a-z 0-9 _ - and / "
            "between folders, without 'sound:' and without the file's ending",
        ])
        for prompt in ["../x", "/etc/passwd", "sound:hello", "hello.wav", "a b", "a//b", "a/"]
    ],
    ("an unknown queue", HEAD + "  a: {queue: suport}\n", [
        "4: step 'a': there is no queue 'suport'; did you mean 'support'? "
        "Queues: q, sales, support",
    ]),
    ("a wild priority", HEAD + "  a: {queue: q, priority: 1e9}\n", [
        "4: step 'a': 'priority' is '1e9'; it takes a whole number, 0 to 100",
    ]),
    ("a result to interpret", HEAD + '  a: {dialplan: "${SHELL(id)}"}\n', [
        "4: step 'a': result '${SHELL(id)}' may have A-Z a-z 0-9 _ - (at most 64)",
    ]),
    # several at once, in the order of the lines
    ("everything at once",
     HEAD + "  a: {say: a b, then: c}\n  b: {queue: x}\n  c: {say: p, then: c}\n", [
        "4: step 'a': prompt 'a b' is no name of a sound: use A-Z a-z 0-9 _ - and / "
        "between folders, without 'sound:' and without the file's ending",
        "5: step 'b': there is no queue 'x'. Queues: q, sales, support",
        "5: step 'b': no caller gets here; let a step go here or remove it",
        f"6: a caller who presses nothing goes round forever: 'c' → 'c'; {ENDS_ARE}",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"), [pytest.param(text, said, id=name) for name, text, said in BROKEN]
)
def test_a_broken_menu_is_refused(text: str, said: list[str]) -> None:
    with pytest.raises(BrokenFile) as refusal:
        parse_menu(text, file="m.yaml", known_queues=["support", "sales", "q"])
    assert str(refusal.value).splitlines() == [f"m.yaml:{problem}" for problem in said]


def test_a_hopeless_file_is_not_read_to_its_end() -> None:
    text = HEAD + "".join(f"  s{n}: {{queue: q, then: x}}\n" for n in range(500))
    with pytest.raises(BrokenFile) as refusal:
        parse_menu(text, file="m.yaml")
    first, *others = refusal.value.problems
    assert str(first) == "m.yaml: has more problems than these 50, and is read no further"
    assert len(others) == MAX_PROBLEMS


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            b"#" * (MAX_BYTES + 1),
            "m.yaml: is larger than 256 kB; split it into several menus",
            id="large",
        ),
        pytest.param(
            "menu: m\nstart: café\n".encode("latin-1"),
            "m.yaml:2: is not UTF-8; save it with that encoding",
            id="latin-1",
        ),
    ],
)
def test_a_file_that_is_no_text_of_ours(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(content)
    with pytest.raises(BrokenFile) as refusal:
        load_menu(path)
    assert str(refusal.value) == said


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match=r"^m\.yaml: cannot be read: No such file"):
        load_menu(tmp_path / "m.yaml")


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_menus(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BrokenFile, match="no menu is here"):
        load_menus(tmp_path / folder)


def test_a_folder_tells_the_problems_of_all_its_files(tmp_path: Path) -> None:
    menu = "menu: {}\nstart: a\nsteps:\n  a: {{queue: q}}\n"
    (tmp_path / "a.yaml").write_text(menu.format("a"))
    (tmp_path / "b.yml").write_text(menu.format("a"))
    (tmp_path / "c.yaml").write_text(menu.format("c").replace("queue", "quue"))
    (tmp_path / "d.yaml").write_text("")
    (tmp_path / ".#a.yaml").write_text("an editor's")
    (tmp_path / "README.md").write_text("not a menu")
    with pytest.raises(BrokenFile) as refusal:
        load_menus(tmp_path)
    assert str(refusal.value).splitlines() == [
        "b.yml: menu 'a' is already in a.yaml; rename one of the two",
        f"c.yaml:4: step 'a': 'quue' makes no step; did you mean 'queue'? {STEPS_ARE}",
        "d.yaml:1: the file is empty; a menu has the words: menu, start, steps",
    ]


# --- whatever is in a file: a menu or a refusal ---------------------------------------------------

WORDS = "menu start steps say then choose prompts keys timeout_s attempts otherwise branch when go"
MARKS = """* # ! &x *x << ? | > % --- ' " : - { } [ ] , ~ a b 1 queue \\U"""
BLANKS = [" ", "\n", "\n  ", "\n    ", ": ", "- ", ", "]
pieces = st.sampled_from([*WORDS.split(), *MARKS.split(), *BLANKS])


@given(st.lists(pieces, max_size=60).map("".join) | st.text(max_size=200))
@example("%YAML 1." + "9" * 5000)
@example("[" * 100_000)
@example("- " * 20_000)
@example("? " * 20_000)
@example(HEAD + '  "\\ud800": {queue: q}\n')
@example("&a [*a]")
@example("menu: &a {*a : *a}")
def test_any_text_is_a_menu_or_refused(text: str) -> None:
    try:
        parse_menu(text)
    except BrokenFile as refusal:
        assert refusal.problems
        str(refusal).encode()  # can be printed


@st.composite
def mutilated(draw: st.DrawFn) -> str:
    """The demo's own words with a piece taken out, doubled or moved."""
    lines = EVERY_WORD.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "word"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case _:
                old, new, *_ = draw(st.permutations(["go", "hello", "thanks", "say", "1"]))
                lines[at] = lines[at].replace(old, new)
    return "".join(lines)


@given(mutilated())
def test_a_mutilated_menu_is_a_menu_or_refused(text: str) -> None:
    try:
        menu = parse_menu(text)
    except BrokenFile as refusal:
        assert refusal.problems
    else:
        assert enter(menu, Facts()).actions
