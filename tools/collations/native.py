"""Packs what is about bytes: the single-byte and the multi-byte character sets with their collations and case."""
from harvest import EIGHT_BIT, MULTIBYTE
from stream import Stream

UNMAPPED = 0x110000
SEVERAL_PASSES = ("latin2_czech_cs", "cp1250_czech_cs", "tis620_thai_ci")  # not packed: they are refused


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
    found = {name: rows for name, rows in answers.native_weights.items() if name.split("_")[0] in EIGHT_BIT and name not in SEVERAL_PASSES}
    out.number(len(found))
    for name, rows in found.items():
        out.text(name)
        ordered = [rows[bytes([b])] for b in range(256)]
        for b, (weight, _, _) in enumerate(ordered):
            out.byte((weight[0] - b) % 256)
        for weight, _, _ in ordered:  # the second weight of German's expansions
            out.byte(weight[1] if len(weight) > 1 else 0)
        for column in (1, 2):
            for b, row in enumerate(ordered):
                out.byte((row[column][0] - b) % 256)


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
