"""Random texts in a character set, of the kinds that collations treat apart."""
STRAY_CASE = ("gb18030_unicode_520_ci",)  # MySQL changes characters without a code, too
PYTHON = {"utf8mb4": "utf-8", "utf8mb3": "utf-8", "utf16": "utf-16-be", "utf16le": "utf-16-le", "utf32": "utf-32-be", "ucs2": "utf-16-be"}
BASIC = ("utf8mb3", "ucs2")
SPECIAL = ["ch", "CH", "Ch", "cH", "ll", "LL", "aa", "AA", "dz", "dzs", "DZS", "ddzs", "cs", "ccs", "gy", "lj", "nj", "d\u017e", "ss", "\u00df", "\u1e9e",
           "\u0307\u0300", "i\u0307\u0301", "m\u0300", "M\u0304", "n\u0304", "\u00e6", "\u0132", "\u0133", "\u01c4", "\ufb03", "\ufdfa", "\u0149"]
PIECES = [
    lambda chance: chance.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    lambda chance: chance.choice("abcABC \t0129-_.%\\~'\"@"),
    lambda chance: chr(chance.randrange(0xA0, 0x250)),
    lambda chance: chr(chance.randrange(0x300, 0x370)),
    lambda chance: chr(chance.randrange(0x370, 0x530)),
    lambda chance: chr(chance.randrange(0x530, 0x1200)),
    lambda chance: chr(chance.randrange(0x1E00, 0x2C00)),
    lambda chance: chr(chance.randrange(0x3041, 0x3100)),
    lambda chance: chance.choice("\u30fc\u309d\u309e\u30fd\u30fe\uff70\u304b\u30ab\uff76\u304c\u30ac"),
    lambda chance: chr(chance.randrange(0x3400, 0xA000)),
    lambda chance: chr(chance.randrange(0xAC00, 0xD7A4)),
    lambda chance: chr(chance.randrange(0xE000, 0x10000)),
    lambda chance: chr(chance.choice([0, 1, 8, 0x0E, 0x7F, 0xAD, 0x200D, 0x200B, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF])),
    lambda chance: chr(chance.randrange(0x10000, 0x110000)),
    lambda chance: chr(chance.choice([0x1D400, 0x1F600, 0x10400, 0x10428, 0x20000, 0x17000, 0x1B000]) + chance.randrange(64)),
    lambda chance: chance.choice(SPECIAL),
]


def characters(chance, charset):
    """Pieces of a text. A third is plain, so that texts often compare equal for a while."""
    size = chance.randrange(0, 9)
    if chance.random() < 0.35:
        return "".join(chance.choice("aAbBcC") for _ in range(size))
    pieces = chance.sample(PIECES, 3)
    joined = "".join(chance.choice(pieces)(chance) for _ in range(size))
    return "".join(c for c in joined if ord(c) < 0x10000) if charset in BASIC else joined


def text(chance, charset, basic=False):
    """basic: without characters beyond U+FFFF, which MySQL's conversion to tis620 takes for others."""
    if charset in PYTHON:
        letters = characters(chance, charset)
        encoded = "".join(c for c in letters if not basic or ord(c) < 0x10000).encode(PYTHON[charset])
    elif charset not in MULTIBYTE:
        most = 128 if charset == "ascii" else 256  # MySQL takes other bytes of ascii for broken
        encoded = bytes(chance.choice((chance.randrange(most), chance.choice(b"abAB _%\\"))) for _ in range(chance.randrange(9)))
    else:
        encoded = b"".join(multibyte(chance, charset) for _ in range(chance.randrange(7)))
    return encoded


# The bytes of characters: ranges of the first, the second ...
MULTIBYTE = {
    "big5": [((0xA1, 0xFA), (0x40, 0x7F)), ((0xA1, 0xFA), (0xA1, 0xFF))],
    "cp932": [((0x81, 0xA0), (0x40, 0x7F)), ((0xE0, 0xFD), (0x80, 0xFD)), ((0xA1, 0xE0),)],
    "sjis": [((0x81, 0xA0), (0x40, 0x7F)), ((0xE0, 0xFD), (0x80, 0xFD)), ((0xA1, 0xE0),)],
    "eucjpms": [((0xA1, 0xFF), (0xA1, 0xFF)), ((0x8E, 0x8F), (0xA1, 0xE0)), ((0x8F, 0x90), (0xA1, 0xFF), (0xA1, 0xFF))],
    "ujis": [((0xA1, 0xFF), (0xA1, 0xFF)), ((0x8E, 0x8F), (0xA1, 0xE0)), ((0x8F, 0x90), (0xA1, 0xFF), (0xA1, 0xFF))],
    "euckr": [((0x81, 0xFF), (0x41, 0x5B)), ((0x81, 0xFF), (0x61, 0x7B)), ((0x81, 0xFF), (0x81, 0xFF))],
    "gb2312": [((0xA1, 0xF8), (0xA1, 0xFF))],
    "gbk": [((0x81, 0xFF), (0x40, 0x7F)), ((0x81, 0xFF), (0x80, 0xFF))],
    "gb18030": [((0x81, 0xFF), (0x40, 0x7F)), ((0x81, 0xFF), (0x80, 0xFF)), ((0x81, 0xFF), (0x30, 0x3A), (0x81, 0xFF), (0x30, 0x3A))],
}


def multibyte(chance, charset):
    if chance.random() < 0.5:
        return bytes([chance.choice(b"abcABC _%\\~09")])
    return bytes(chance.randrange(first, last) for first, last in chance.choice(MULTIBYTE[charset]))


def pair(chance, charset):
    """Two texts; often one is made of the other, that they be near each other or match."""
    first = text(chance, charset)
    kind = chance.random()
    if kind < 0.3 or not first:
        return first, text(chance, charset)
    space, percent, one = (wide(charset, c) for c in " %_")
    if kind < 0.45:
        return first, first + space * chance.randrange(3)
    if kind < 0.7 and charset in PYTHON:
        return first, altered(chance, first.decode(PYTHON[charset])).encode(PYTHON[charset])
    if kind < 0.85 and charset in PYTHON:
        letters = first.decode(PYTHON[charset])
        cut = chance.randrange(len(letters) + 1)
        return first, letters[:cut].encode(PYTHON[charset]) + chance.choice((percent, one, percent + one))
    return first, chance.choice((first + percent, percent + first, first, percent, one * 3))


def wide(charset, c):
    return c.encode(PYTHON.get(charset, "latin-1"))


def altered(chance, letters):
    at = chance.randrange(len(letters)) if letters else 0
    c = letters[at:at + 1]
    other = chance.choice((c.upper(), c.lower(), "", c + "\u0301", c + "\0", "_"))
    return letters[:at] + other[:2] + letters[at + 1:]
