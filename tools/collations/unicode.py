"""Packs what is about code points: weights by several levels, contractions, case, the simple weights of *_general_ci."""
from contractions import level_count, levels
from stream import Stream

PAGE, PAGES = 256, 0x1100
IMPLICIT = 255  # in place of a count of first weights: two weights made from the code point follow from one base
BASES = {"0900_as_cs": "utf8mb4_0900_as_cs", "ci": "utf8mb4_unicode_ci"}
FULL = ("utf8mb4_0900_as_cs", "utf8mb4_unicode_ci", "utf8mb4_unicode_520_ci", "utf8mb4_ja_0900_as_cs_ks")
SHORTER = {"utf8mb4_0900_ai_ci": "utf8mb4_0900_as_cs", "utf8mb4_0900_as_ci": "utf8mb4_0900_as_cs",
           "utf8mb4_ja_0900_as_cs": "utf8mb4_ja_0900_as_cs_ks"}
CONTEXT = ("utf8mb4_ja_0900_as_cs", "utf8mb4_ja_0900_as_cs_ks")  # marks there weigh by the character before them


class Pool:
    """Distinct lists of weights. A unit is (first weights, rest); `rest` are the further levels."""

    def __init__(self):
        self.units, self.rests = {}, {}

    def unit(self, first, rest):
        rest_number = self.rests.setdefault(rest, len(self.rests))
        return self.units.setdefault((first, rest_number), len(self.units))

    def of_point(self, point, weight, count):
        found = levels(weight, count)
        first, rest = tuple(found[0]), tuple(tuple(level) for level in found[1:])
        if len(first) == 2 and first[1] == (point & 0x7FFF | 0x8000) and first[0] >= 0x8000:
            return self.unit(("implicit", first[0] - (point >> 15)), rest)
        return self.unit(first, rest)

    def of_levels(self, found):
        return self.unit(tuple(found[0]), tuple(tuple(level) for level in found[1:]))

    def write(self, out):
        out.number(len(self.rests))
        for rest in self.rests:
            out.byte(len(rest))
            for level in rest:
                out.byte(len(level))
                for weight in level:
                    out.number(weight)
        out.number(len(self.units))
        for first, _ in self.units:
            out.byte(IMPLICIT if first and first[0] == "implicit" else len(first))
        for _, rest in self.units:
            out.number(rest)
        last = 0
        for first, _ in self.units:
            for weight in first[1:] if first and first[0] == "implicit" else first:
                out.difference(weight - last)
                last = weight


class Tables:
    """For each collation a list of page numbers; pages are shared."""

    def __init__(self):
        self.pool, self.pages, self.tables = Pool(), {}, []

    def page(self, units):
        return self.pages.setdefault(tuple(units), len(self.pages))

    def full(self, weights, count):
        pages = []
        for start in range(0, 0x110000, PAGE):
            if 0xD800 <= start < 0xE000:  # only ucs2 has them as characters, and there they weigh as unassigned ones do
                units = [self.pool.of_point(n, weights.get(0xFFFF) and f"{0xFBC0 + (n >> 15):04X}{n & 0x7FFF | 0x8000:04X}"
                                            + weights[0xFFFF][8:], count) for n in range(start, start + PAGE)]
            else:
                units = [self.pool.of_point(n, weights[n], count) for n in range(start, start + PAGE)]
            pages.append(self.page(units))
        return pages

    def tailored(self, base, weights, count):
        pages = list(base)
        touched = {}
        for point, weight in weights.items():
            touched.setdefault(point // PAGE, []).append((point, weight))
        lists = list(self.pages)
        for number, changes in touched.items():
            units = list(lists[base[number]])
            for point, weight in changes:
                units[point % PAGE] = self.pool.of_point(point, weight, count)
            pages[number] = self.page(units)
        return pages

    def keep(self, pages):
        if pages not in self.tables:
            self.tables.append(pages)
        return self.tables.index(pages)

    def write(self, out):
        self.pool.write(out)
        out.number(len(self.pages))
        last = 0
        for units in self.pages:
            for unit in units:
                out.difference(unit - last - 1)
                last = unit
        out.number(len(self.tables))
        for pages in self.tables:
            at = 0
            while at < PAGES:
                end = at + 1
                while end < PAGES and pages[end] == pages[at]:
                    end += 1
                out.number(pages[at])
                out.number(end - at)
                at = end


def first_level(weight):
    at = next((at for at in range(0, len(weight), 4) if weight[at:at + 4] == "0000"), len(weight))
    return weight[:at]


def check_siblings(weights):
    """That *_ai_ci are the first levels of *_as_cs, and so on; else the packed tables would lie."""
    for short, full in SHORTER.items():
        count = level_count(short)
        for point, weight in weights[short].items():
            assert levels(weight, count) == levels(weights[full][point], level_count(full))[:count], (short, point)
    for name, found in weights.items():
        if not name.endswith("_0900_ai_ci"):
            continue
        sibling = weights[name.replace("ai_ci", "as_cs")]
        for point in found.keys() | sibling.keys():
            mine = found.get(point, weights["utf8mb4_0900_ai_ci"][point])
            other = sibling.get(point, weights["utf8mb4_0900_as_cs"][point])
            assert first_level(mine) == first_level(other), (name, point)


def uca(answers):
    out = Stream()
    weights, tables = answers.unicode_weights, Tables()
    check_siblings(weights)
    bases = {name: tables.full(weights[name], level_count(name)) for name in FULL}
    numbers = {name: tables.keep(pages) for name, pages in bases.items()}
    for name, found in weights.items():
        if name in numbers or "general" in name or name in SHORTER or name.endswith("_0900_ai_ci"):
            continue
        base = next(base for ending, base in BASES.items() if name.endswith(ending) and ("0900" in ending) == ("0900" in name))
        numbers[name] = tables.keep(tables.tailored(bases[base], found, level_count(name)))
    for name in weights:
        if "general" not in name:
            numbers.setdefault(name, numbers[SHORTER.get(name, name.replace("ai_ci", "as_cs"))])
    sets = {name: contraction_set(tables.pool, name, found) for name, found in answers.contractions.items()}
    tables.write(out)
    out.number(len(numbers))
    for name, number in numbers.items():
        out.text(name.removeprefix("utf8mb4_"))
        out.number(number)
        out.byte(level_count(name))
        out.byte(1 if name in CONTEXT else 0)
        chosen = sets.get(name, {})
        out.number(len(chosen))
        for text, unit in sorted(chosen.items()):
            out.byte(len(text))
            for c in text:
                out.number(ord(c))
            out.number(unit)
    print(f"{len(tables.pool.units)} units, {len(tables.pages)} pages, {len(tables.tables)} tables")
    return bytes(out.out)


def contraction_set(pool, name, found):
    """{text: unit}; where marks weigh by their predecessor the unit is that of the second character alone."""
    if name not in CONTEXT:
        return {text: pool.of_levels(weight) for text, weight in found.items()}
    return {text: pool.of_levels([level[len(before):] for level, before in zip(weight, of_first)])
            for text, (weight, of_first) in found.items()}


def cases(answers, out):
    families = []
    named = []
    for name, found in answers.unicode_cases.items():
        if found not in families:
            families.append(found)
        named.append((name, families.index(found)))
    common = families[0]
    out.number(len(families))
    for found in families:
        out.number(len(found))
        last = 0
        for point, (upper, lower) in sorted(found.items()):
            assert len(upper) == 1 and len(lower) == 1, point
            out.number(point - last)
            out.difference(ord(upper) - point)
            out.difference(ord(lower) - point)
            last = point
    others = [(name, number) for name, number in named if families[number] is not common]
    out.number(len(others))
    for name, number in others:
        out.text(name.removeprefix("utf8mb4_"))
        out.number(number)


def simple(answers, out):
    """general_ci: what a character of the basic plane weighs if not its code."""
    for name, found in (("general", answers.unicode_weights["utf8mb4_general_ci"]), ("tolower", answers.odd_weights["utf8mb3_tolower_ci"])):
        other = {n: int(weight, 16) for n, weight in found.items() if n < 0x10000 and int(weight, 16) != n}
        assert all(weight == "FFFD" for n, weight in found.items() if n > 0xFFFF), name
        out.number(len(other))
        last = 0
        for n, weight in sorted(other.items()):
            out.number(n - last)
            out.difference(weight - n)
            last = n


def letters(answers):
    out = Stream()
    simple(answers, out)
    cases(answers, out)
    return bytes(out.out)
