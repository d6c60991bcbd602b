"""Finds strings whose weights are not those of their characters: contractions, and characters that weigh by their predecessor.

Candidates are pairs of letters and marks of one script; longer ones are built of the letters that occur in pairs.
"""
import itertools
import unicodedata

LATIN = [(0x41, 0x250), (0x1E00, 0x1F00), (0x300, 0x346)]
GROUPS = [LATIN, [(0x370, 0x530), (0x300, 0x346)], [(0x590, 0x800)], [(0x3041, 0x3100), (0xFF66, 0xFFA0)], [(0x1100, 0x1200)],
          *([(start, start + 0x80)] for start in range(0x900, 0x1100, 0x80)), [(0x1780, 0x1800), (0x1980, 0x19E0)],
          [(0x1A20, 0x1AB0)], [(0xAA80, 0xAAE0)]]
# What no group has: three words of CLDR's pinyin order, and letters with two marks.
OTHERS = ["\u91cd\u5e86", "\u85cf\u6587", "\u6c88\u9633", *(
    letter + one + two for letter in "AEIOUaeiou" for one in map(chr, range(0x300, 0x30D)) for two in map(chr, range(0x300, 0x30D)))]
LONG_ALPHABET = 22  # letters in sequences of four and more


def candidates(group):
    return [n for first, last in group for n in range(first, last) if unicodedata.category(chr(n))[0] in "LM"]


def make_pairs(server):
    server.rows("DROP TABLE IF EXISTS pairs")
    server.rows("CREATE TABLE pairs (n INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, a VARCHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin, "
                "b VARCHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin)")
    for group in GROUPS:
        chosen = ",".join(str(n) for n in candidates(group))
        server.rows(f"INSERT INTO pairs (a, b) SELECT x.c, y.c FROM points x JOIN points y WHERE x.n IN ({chosen}) AND y.n IN ({chosen})")


def single_level_pairs(server, name):
    pair, first, second = (f"WEIGHT_STRING({text} COLLATE {name})" for text in ("CONCAT(a, b)", "a", "b"))
    return {row[0] for row in server.rows(f"SELECT CONCAT(a, b) FROM pairs WHERE {pair} <> CONCAT({first}, {second})")}


def several_level_pairs(server, name, count):
    """All pairs are fetched: a contraction may be as long as its characters' weights."""
    characters = [row[0] for row in server.rows("SELECT DISTINCT a FROM pairs UNION SELECT DISTINCT b FROM pairs")]
    single = {c: [words(level) for level in levels(weight, count)] for c, weight in weigh(server, name, characters).items()}
    found = set()
    for first, second, weight in server.rows(f"SELECT a, b, HEX(WEIGHT_STRING(CONCAT(a, b) COLLATE {name})) FROM pairs"):
        expected = [x + y for x, y in zip(single[first], single[second])]
        if count == 4 and not expected[3]:
            expected.pop()
        if weight != "0000".join(expected):
            found.add(first + second)
    return found


def words(level):
    return "".join(f"{weight:04X}" for weight in level)


def level_count(name):
    return 4 if name.endswith("_ks") else 3 if name.endswith("_as_cs") else 2 if name.endswith("_as_ci") else 1


def contexts(server, name, known):
    """Marks that weigh by the character before them: {pair: (its levels, the first character's)}. Pairs that begin with a mark differ,
    too, but only in later levels: there MySQL takes the text's last character for the one before the first."""
    count = level_count(name)
    single = {c: levels(weight, count) for c, weight in weigh(server, name, {c for text in known for c in text}).items()}
    marks = {text[1] for text, found in known.items() if found[0] != single[text[0]][0] + single[text[1]][0]}
    return {text: (found, single[text[0]]) for text, found in known.items() if text[1] in marks}


def weigh(server, name, texts):
    """{text: hex}, asked in blocks."""
    found = {}
    texts = list(texts)
    for start in range(0, len(texts), 20000):
        block = texts[start:start + 20000]
        rows = ",".join(f"ROW(_utf8mb4 x'{text.encode().hex()}')" for text in block)
        for text, weight in server.rows(f"SELECT column_0, HEX(WEIGHT_STRING(column_0 COLLATE {name})) FROM (VALUES {rows}) t"):
            found[text] = weight
    return found


def levels(weight, count):
    """The weights of each level of a weight string (hex). Zeros stand between; the fourth level is absent with its zero if it is
    empty. Some contractions of utf8mb4_lt_0900_* have weights of zero in their first level, so the levels are cut from the end."""
    values = [int(weight[at:at + 4], 16) for at in range(0, len(weight), 4)]
    found = [[]]
    absent = count == 4 and values.count(0) < 3
    for value in reversed(values):
        if value == 0 and len(found) < count - absent:
            found.append([])
        else:
            found[-1].append(value)
    assert len(found) == count - absent, (weight, count)
    return [level[::-1] for level in reversed(found)] + [[]] * absent


def joined(parts):
    return [sum(level, []) for level in zip(*parts)]


def explain(text, known):
    """The levels of a text by the longest known sequences."""
    parts, at = [], 0
    while at < len(text):
        width = max((n for n in range(2, len(text) - at + 1) if text[at:at + n] in known), default=1)
        parts.append(known[text[at:at + width]])
        at += width
    return joined(parts)


def longer(server, name, known):
    """Adds sequences of three to six: of ASCII and the pairs' letters, then only of letters in known sequences."""
    letters = sorted({c for text in known for c in text})
    for length in range(3, 7):
        if length == 3:
            alphabet = sorted(set(letters) | set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) if len(letters) < 60 else letters[:60]
        else:
            alphabet = sorted({c for text in known if len(text) == length - 1 for c in text})[:LONG_ALPHABET]
        if not alphabet:
            return
        single = {c: levels(w, level_count(name)) for c, w in weigh(server, name, alphabet).items()}
        texts = ("".join(t) for t in itertools.product(alphabet, repeat=length))
        for text, weight in weigh(server, name, texts).items():
            found = levels(weight, level_count(name))
            if found != explain(text, {**single, **known}):
                known[text] = found
        print(name, length, len(alphabet), len(known), flush=True)


def contractions(server):
    """{collation: {text: levels}}"""
    make_pairs(server)
    names = [row[0] for row in server.rows("SELECT collation_name FROM information_schema.collations WHERE character_set_name = 'utf8mb4'")]
    pairs = {}
    for name in names:
        if name.endswith("_bin") or "general" in name:
            continue
        count = level_count(name)
        pairs[name] = single_level_pairs(server, name) if count == 1 else several_level_pairs(server, name, count)
        print(name, len(pairs[name]), sorted(pairs[name])[:8], flush=True)
    return {name: lists(server, name, texts) for name, texts in pairs.items()}


def lists(server, name, texts):
    count = level_count(name)
    known = {text: levels(weight, count) for text, weight in weigh(server, name, texts).items()}
    if "_ja_" in name:
        return contexts(server, name, known)
    if texts:
        longer(server, name, known)
    single = {c: levels(weight, count) for c, weight in weigh(server, name, {c for text in OTHERS for c in text}).items()}
    for text, weight in weigh(server, name, OTHERS).items():
        if levels(weight, count) != explain(text, {**single, **known}):
            known[text] = levels(weight, count)
    return known
