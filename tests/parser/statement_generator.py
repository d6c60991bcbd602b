"""Statements from a grammar of our own, with a seed: what MySQL's manual allows, in odd combinations.

The grammar is text: `name: alternatives`, one rule a paragraph, its tokens parted by spaces: <name> stands for a rule,
<name>* and ( x )* for lists with commas, [ x ] for something that may be missing, ( x | y ) for a choice; everything
else is a word of the statement, with a backslash before what has a meaning here. A word that ends in ~ is joined with the
next one. Beyond a depth the shortest alternative is taken, so that a statement ends.
"""
import re
from pathlib import Path

RULE = re.compile(r"<(\w+)>(\*?)")
ENDS = ("]", ")", ")*", ")~")
DEEPEST = 9


def read_grammar(text):
    """Rules by name; a rule is a node: ("word", s), ("rule", s), ("maybe", node), ("list", node), ("any", nodes), ("all", nodes)."""
    rules = {}
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        name, _, body = "\n".join(lines).partition(":")
        tokens = body.split()
        node, at = read_choice(tokens, 0)
        if at != len(tokens):
            raise ValueError(f"rule {name}: stray {tokens[at]!r}")
        rules[name.strip()] = node
    return rules


def read_choice(tokens, at):
    alternatives, sequence = [], []
    while at < len(tokens) and tokens[at] not in ENDS:
        token = tokens[at]
        at += 1
        rule = RULE.fullmatch(token)
        if token == "|":
            alternatives.append(("all", sequence))
            sequence = []
        elif token in ("[", "("):
            node, at = read_choice(tokens, at)
            end = tokens[at]
            at += 1
            sequence.append(("maybe", node) if token == "[" else ("list", node) if end == ")*" else node)
            if end == ")~":
                sequence.append(("word", "~"))
        elif rule:
            node = ("rule", rule.group(1))
            sequence.append(("list", node) if rule.group(2) else node)
        else:
            sequence.append(("word", token.removeprefix("\\")))
    alternatives.append(("all", sequence))
    return (("any", alternatives) if len(alternatives) > 1 else alternatives[0]), at


class Generator:
    def __init__(self, chance, grammar=Path(__file__).with_name("mysql.grammar")):
        self.chance = chance
        self.rules = read_grammar(grammar.read_text(encoding="utf-8"))
        self.heights = {}
        for name in self.rules:
            self.height_of_rule(name)

    def height_of_rule(self, name):
        """How many rules stand above the nearest words; a rule within itself counts as very high."""
        if name not in self.heights:
            self.heights[name] = 1000
            self.heights[name] = 1 + self.height(self.rules[name])
        return self.heights[name]

    def height(self, node):
        kind, inner = node
        if kind == "word" or kind == "maybe":
            return 0
        if kind == "rule":
            return self.height_of_rule(inner)
        if kind == "list":
            return self.height(inner)
        heights = [self.height(one) for one in inner] or [0]
        return min(heights) if kind == "any" else max(heights)

    def statement(self, start="statement"):
        words = []
        self.expand(("rule", start), 0, words)
        text = " ".join(words)
        return re.sub(r"(?<=\w|`) \. (?=\w|`|\*)", ".", text.replace(" ~ ", "").replace("~ ", ""))

    def expand(self, node, depth, words):
        kind, inner = node
        if kind == "word":
            words.append(inner)
        elif kind == "rule":
            self.expand(self.rules[inner], depth + 1, words)
        elif kind == "maybe":
            if self.chance.random() < (0.35 if depth < DEEPEST else 0.05):
                self.expand(inner, depth, words)
        elif kind == "list":
            for index in range(self.chance.choice((1, 1, 1, 2, 2, 3)) if depth < DEEPEST else 1):
                if index:
                    words.append(",")
                self.expand(inner, depth, words)
        elif kind == "all":
            for one in inner:
                self.expand(one, depth, words)
        elif depth < DEEPEST:
            self.expand(self.chance.choice(inner), depth, words)
        else:
            most = min(self.height(one) for one in inner) + 1
            self.expand(self.chance.choice([one for one in inner if self.height(one) <= most]), depth, words)
