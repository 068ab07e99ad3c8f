"""The example in docs/centre, which is the manual too: it is a centre, and there is no word that it leaves out."""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from acd.centre.file import Centre, load_files
from acd.core.ids import NodeId
from cti_api.asyncapi import names_of_events
from cti_api.users import hash_password
from ivr.loader import KINDS
from ivr.plain_yaml import Reader

OF_MANY = re.compile(r"(?<=^disposition) .*|(?<=^queue) .*")  # Each is called by its name.
EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "centre"


def load() -> Centre:
    return load_files(
        EXAMPLE / "centre.yaml",
        menus=EXAMPLE / "menus",
        webhooks=EXAMPLE / "webhooks.yaml",
        pay_rule=EXAMPLE / "pay.yaml",
        events=names_of_events(),
        node=NodeId("pbx1"),
    )


def test_every_word_that_can_be_said_is_said_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    can: dict[str, dict[str, None]] = {}
    said: dict[str, dict[str, None]] = {}
    known_words = Reader.known_words

    def watch(
        self: Reader,
        entries: Mapping[str, tuple[yaml.Node, yaml.Node]],
        known: tuple[str, ...],
        what: str,
    ) -> None:
        group = "range" if known == ("from", "to") else OF_MANY.sub("", what)
        can.setdefault(group, {}).update(dict.fromkeys(known))
        said.setdefault(group, {}).update(dict.fromkeys(entries))
        known_words(self, entries, known, what)

    monkeypatch.setattr(Reader, "known_words", watch)
    centre = load()
    left_out = {what: sorted(can[what].keys() - said[what].keys()) for what in can}
    assert {what: words for what, words in left_out.items() if words} == {}
    assert {f"a step with {kind!r}" for kind in KINDS} <= can.keys()
    assert centre.reminders and centre.webhooks and centre.pay_rule and centre.follow_ups


def test_every_strategy_and_role_is_named_in_it() -> None:
    from acd.centre.file import ROLES
    from acd.core.strategies import STRATEGIES

    text = (EXAMPLE / "centre.yaml").read_text()
    assert [name for name in STRATEGIES if name not in text] == []
    assert {user.role for user in load().users.values()} == set(ROLES)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_centre_on_the_first_page_is_one_with_the_menus_that_come_along(
    page: str, tmp_path: Path
) -> None:
    text = (EXAMPLE.parent.parent / page).read_text()
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "centre.yaml"
    file.write_text(textwrap.dedent(block).replace("…", hash_password("a long enough password")))
    centre = load_files(file, node=NodeId("pbx1"))
    assert "ana" in centre.configuration.agents
