"""Packs what is about bytes: the single-byte and the multi-byte character sets with their collations and case."""
from harvest import EIGHT_BIT, MULTIBYTE
from stream import Stream

UNMAPPED = 0x110000
WORDS, WHOLE, THAI = range(3)  # PassOrder::Rule
SEVERAL_PASSES = {"latin2_czech_cs": WORDS, "cp1250_czech_cs": WHOLE, "tis620_thai_ci": THAI}
OTHER, LATIN, CONSONANT, LEADING_VOWEL, FIRST_MARK = range(5)  # kinds of Thai bytes in detail/passes.h


def single_maps(answers, out):
    out.number(len(EIGHT_BIT))
    for name in EIGHT_BIT:
        characters, from_unicode = answers.charset_maps[name]
        out.text(name)
        codes = [characters[bytes([b])] for b in range(256)]
        for b, code in enumerate(codes):
            out.difference((UNMAPPED if code is None else code) - b)
        chosen = {code: from_unicode[code][0] for code in codes if codes.count(code) > 1 and code is not None}
        out.number(len(chosen))
        for code, b in sorted(chosen.items()):
            out.number(code)
            out.byte(b)


def single_collations(answers, out):
    found = {name: rows for name, rows in answers.native_weights.items() if name.split("_")[0] in EIGHT_BIT}
    out.number(len(found))
    for name, rows in found.items():
        out.text(name)
        ordered = [rows[bytes([b])] for b in range(256)]
        weights = [weight for weight, _, _ in ordered]
        if name in SEVERAL_PASSES:
            weights = answers.several_passes[name]["searched"]
        for b, weight in enumerate(weights):
            out.byte((weight[0] - b) % 256)
        for weight in weights:  # the second weight of German's expansions
            out.byte(weight[1] if len(weight) > 1 else 0)
        for column in (1, 2):
            for b, row in enumerate(ordered):
                out.byte((row[column][0] - b) % 256)


def passes(answers, out):
    """A text's weights for each pass; see src/collation/detail/passes.h."""
    out.number(len(SEVERAL_PASSES))
    for name, rule in SEVERAL_PASSES.items():
        one, two = (answers.several_passes[name][size] for size in ("one", "two"))
        made = thai_tables if rule == THAI else czech_tables
        tables, contractions = made(one, two, rule)
        out.text(name)
        out.byte(rule)
        out.byte(len(tables))
        for table in tables:
            for weight in table:
                out.byte(weight)
        out.byte(len(contractions))
        for pair, weights in contractions:
            for byte in (*pair, *weights):
                out.byte(byte)


def in_passes(weight, rule):
    """[the weights of each pass]"""
    return weight[:-1].split(b"\1") if rule == WORDS else [weight[:len(weight) // 2], weight[len(weight) // 2:]]


def czech_tables(one, two, rule):
    single = {b: in_passes(weight, rule) for b, weight in one.items()}
    divides = {b for b in one if rule == WORDS and two[b + b"0"].startswith(b"\2")}
    count = len(single[b"a"])
    tables = [[2 if bytes([b]) in divides else (single[bytes([b])][at] or b"\0")[0] for b in range(256)] for at in range(count)]
    contractions = []
    for pair, weight in two.items():
        joined = [first + second for first, second in zip(single[pair[:1]], single[pair[1:]])]
        if not divides & {pair[:1], pair[1:]} and in_passes(weight, rule) != joined and b"" not in joined:
            contractions.append((pair, [part[0] for part in in_passes(weight, rule)]))
    return tables, sorted(contractions)


def thai_tables(one, two, _):
    consonants = {b for b in range(256) if b != 0 and two[bytes([0xE0, b])] == bytes([b, 0xE0]) and b != 0xE0}
    vowels = {b for b in range(256) if two[bytes([b, 0xA1])] == bytes([0xA1, b]) and b != 0xA1}
    nearer = two[bytes([0xA1, 0xEC])][1]  # a mark behind something that counts
    lowered, kinds = [], []
    for b in range(256):
        weight = one[bytes([b])][0]
        is_mark = b >= 0x80 and weight != b
        lowered.append(b if is_mark or b == 0 else weight)
        counts = b == 0 or two[bytes([b, 0xEC])][1] == nearer
        kinds.append(FIRST_MARK + weight - 0xF9 if is_mark else CONSONANT if b in consonants else LEADING_VOWEL if b in vowels else LATIN if counts else OTHER)
    return [lowered, kinds], []


def key(text):
    return int.from_bytes(text, "big")


def multibyte_map(answers, name, out):
    characters, from_unicode = answers.charset_maps[name]
    # MySQL lets bytes of eucjpms that begin a character pass as characters.
    short = sorted((key(text), code) for text, code in characters.items() if len(text) < 4 and not (code is None and len(text) == 1))
    out.number(len(short))
    last_key, last_code = 0, 0
    for at, code in short:
        out.number(at - last_key)
        out.difference((UNMAPPED if code is None else code) - last_code)
        last_key, last_code = at, last_code if code is None else code
    usual = {}
    for at, code in short:
        usual.setdefault(code, at)
    chosen = {code: key(text) for code, text in from_unicode.items() if len(text) < 4 and usual.get(code) != key(text)}
    out.number(len(chosen))
    for code, at in sorted(chosen.items()):
        out.number(code)
        out.number(at)
    runs = four_byte_runs(characters)
    out.number(len(runs))
    for first, count, code in runs:
        out.number(first)
        out.number(count)
        out.number(code)


def linear(text):
    """The place of a character of four bytes of gb18030 in their order."""
    return ((text[0] - 0x81) * 10 + text[1] - 0x30) * 1260 + (text[2] - 0x81) * 10 + text[3] - 0x30


def four_byte_runs(characters):
    """[first place, count, first code]"""
    runs = []
    for place, code in sorted((linear(text), code) for text, code in characters.items() if len(text) == 4 and code is not None):
        if runs and runs[-1][0] + runs[-1][1] == place and runs[-1][2] + runs[-1][1] == code:
            runs[-1][1] += 1
        else:
            runs.append([place, 1, code])
    return runs


def multibyte_case(answers, name, out):
    rows = answers.native_weights[f"{name}_bin"]
    cased = sorted((key(text), key(row[1]), key(row[2])) for text, row in rows.items() if row[1] != text or row[2] != text)
    out.number(len(cased))
    last = 0
    for at, upper, lower in cased:
        out.difference(at - last)
        out.difference(upper - at)
        out.difference(lower - at)
        last = at


def multibyte_order(rows, out):
    for b in range(128):
        out.byte((rows[bytes([b])][0][0] - b) % 256)
    places = b"\x81\x30\x81\x30" in rows
    out.byte(places)
    other = sorted((key(text), len(row[0]), key(row[0])) for text, row in rows.items()
                   if len(text) > 1 and row[0] != (four_byte_weight(text) if places and len(text) == 4 else text))
    out.number(len(other))
    last_key, last_weight = 0, 0
    for at, size, weight in other:
        out.difference(at - last_key)
        out.byte(size)
        out.difference(weight - last_weight)
        last_key, last_weight = at, weight


def four_byte_weight(text):
    return (0xFF000000 + linear(text)).to_bytes(4, "big")


def single_byte(answers):
    out = Stream()
    single_maps(answers, out)
    single_collations(answers, out)
    passes(answers, out)
    return bytes(out.out)


def multibyte(answers):
    out = Stream()
    for name in MULTIBYTE:
        part = Stream()
        multibyte_map(answers, name, part)
        multibyte_case(answers, name, part)
        out.text(name)
        out.text(bytes(part.out))
    found = {name: rows for name, rows in answers.native_weights.items()
             if name.split("_")[0] in MULTIBYTE and not name.endswith("_bin") and "unicode" not in name}
    out.number(len(found))
    for name, rows in found.items():
        part = Stream()
        multibyte_order(rows, part)
        out.text(name)
        out.text(bytes(part.out))
    return bytes(out.out)
