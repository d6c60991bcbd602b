"""Seeded questions about XML and geometries."""

NUMBERS = ["0", "1", "2", "3", "4", "-1", "2.5", "0.1", "10", "1e2"]
TAGS = ["a", "b", "c"]
TWO = ["contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches", "within"]
OVERLAYS = ["difference", "intersection", "symdifference", "union"]
STRATEGIES = ["'end_flat'", "'end_round', 4", "'end_round', 8", "'join_miter', 2", "'join_miter', 5", "'join_round', 4", "'join_round', 9", "'point_square'", "'point_circle', 4", "'point_circle', 7", "'point_square', 1", "'join_miter', 0", "'x'"]
BOXES = ["contains", "coveredby", "covers", "disjoint", "equals", "intersects", "overlaps", "touches", "within"]
RINGS = ["0 0,4 0,4 4,0 4,0 0", "0 0,0 4,4 4,4 0,0 0", "2 2,6 2,6 6,2 6,2 2", "4 0,8 0,8 4,4 0", "1 1,2 1,2 2,1 2,1 1", "0 0,4 4,4 0,0 4,0 0"]


def positions(random, count):
    return ",".join(f"{random.choice(NUMBERS)} {random.choice(NUMBERS)}" for _ in range(count))


def polygon(random):
    rings = [random.choice(RINGS)] + (["1 1,2 1,2 2,1 2,1 1"] if random.random() < 0.2 else [])
    return "(" + ",".join(f"({ring})" for ring in rings) + ")"


def text(random, depth=1, mixed=True):
    """A geometry as WKT; `mixed`: perhaps a collection, or one that is none."""
    several = lambda make: "(" + ",".join(make() for _ in range(random.choice([1, 1, 2, 3]))) + ")"
    line = lambda: "(" + positions(random, random.choice([2, 2, 3, 4])) + ")"
    made = [lambda: f"POINT({positions(random, 1)})", lambda: "LINESTRING" + line(), lambda: "POLYGON" + polygon(random), lambda: f"MULTIPOINT({positions(random, random.choice([1, 2, 3]))})",
            lambda: "MULTILINESTRING" + several(line), lambda: "MULTIPOLYGON" + several(lambda: polygon(random))]
    if mixed:
        made += [lambda: "GEOMETRYCOLLECTION EMPTY", lambda: random.choice(["POINT(1)", "LINESTRING(1 1)", "POLYGON((0 0,1 1,0 0))", "POINT(1 2) ", "point( 1  2)", "X(1 2)", "MULTIPOINT((1 2),3 4)"])]
        if depth > 0:
            made.append(lambda: "GEOMETRYCOLLECTION(" + ",".join(text(random, depth - 1) for _ in range(random.choice([1, 2]))) + ")")
    return random.choice(made)()


def geometry(random, mixed=True):
    return "NULL" if mixed and random.random() < 0.03 else f"st_geomfromtext('{text(random, 1, mixed)}')"


def parts(random):
    """A collection of single parts, in several dimensions."""
    return "GEOMETRYCOLLECTION(" + ",".join(random.choice([lambda: f"POINT({positions(random, 1)})", lambda: f"LINESTRING({positions(random, 2)})", lambda: f"POLYGON(({random.choice(RINGS)}))"])() for _ in range(random.choice([2, 3, 4]))) + ")"


def computed_case(random):
    """What makes geometries of others, and measures along them."""
    one, two = geometry(random), f"{geometry(random)}, {geometry(random)}"
    plain = f"{geometry(random, False)}, {geometry(random, False)}"
    line = lambda: f"st_geomfromtext('LINESTRING({positions(random, random.choice([2, 3, 4, 5]))})')"
    collected = lambda: ", ".join(random.sample([f"st_geomfromtext('{parts(random)}')", random.choice([geometry(random), f"st_geomfromtext('{parts(random)}')"])], 2))
    strategies = "".join(f", st_buffer_strategy({random.choice(STRATEGIES)})" for _ in range(random.choice([0, 1, 1, 2, 3])))
    distance = random.choice(["1", "0.5", "2", "0", "-1", "NULL", "1e1"])
    number = random.choice(["0", "0.1", "0.25", "0.3", "0.5", "1", "1.5", "-1", "3", "NULL", "'0.2x'"])
    return random.choice([
        lambda: ("st_overlay", f"st_astext(st_{random.choice(OVERLAYS)}({two}))"), lambda: ("st_overlay", f"st_astext(st_{random.choice(OVERLAYS)}({plain}))"), lambda: ("st_overlay", f"st_{random.choice(OVERLAYS)}({plain})"),
        lambda: ("st_overlay of collections", f"st_astext(st_{random.choice(OVERLAYS)}({collected()}))"), lambda: ("relation of collections", f"st_{random.choice(TWO)}({collected()})"),
        lambda: ("st_simplify", f"st_astext(st_simplify({random.choice([one, line()])}, {number}))"), lambda: ("st_validate", f"st_astext(st_validate({one}))"),
        lambda: ("st_buffer", f"st_astext(st_buffer({one}, {distance}{strategies}))"), lambda: ("st_buffer_strategy", f"st_buffer_strategy({random.choice(STRATEGIES)})"),
        lambda: ("st_frechetdistance", f"st_frechetdistance({random.choice([two, line() + ', ' + line()])})"), lambda: ("st_hausdorffdistance", f"st_hausdorffdistance({random.choice([two, line() + ', ' + line()])})"),
        lambda: ("st_along", f"st_astext(st_{random.choice(['lineinterpolatepoint', 'lineinterpolatepoints', 'pointatdistance'])}({random.choice([one, line(), line()])}, {number}))"),
        lambda: ("st_transform", f"st_transform({one}, {random.choice(['0', '4326', 'NULL', '-1'])})"),
    ])()


READERS = ["point", "line", "linestring", "poly", "polygon", "mpoint", "multipoint", "mline", "multilinestring", "mpoly", "multipolygon", "geomcoll", "geometrycollection", "geometry", "geom"]
MAKERS = ["point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection"]
HASHES = ["'xbpbpbpbpb'", "'0'", "'s000000000'", "'ezs42'", "'a'", "''", "'EZS42'", "NULL", "5"]
DOCUMENTS = ['{"type": "Point", "coordinates": [1, 2.5]}', '{"type": "LineString", "coordinates": [[0, 1], [2, 3, 4]]}', '{"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 0]]]}',
             '{"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}', '{"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}', '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}',
             '{"type": "Point", "coordinates": [1]}', '{"type": "Pt", "coordinates": [1, 2]}', '{"type": "Point"}', "[]", "{", '{"type": "Feature", "geometry": null, "properties": null}', '{"type": "FeatureCollection", "features": []}']


def made_case(random):
    """What makes geometries of numbers, texts, bytes, documents and hashes, and back."""
    one, small = geometry(random), random.choice(["0", "1", "2", "5", "-1", "NULL", "100", "101"])
    point = f"point({random.choice(NUMBERS)}, {random.choice(NUMBERS)})"
    reader, maker = random.choice(READERS), random.choice(MAKERS)
    arguments = f"{random.choice(NUMBERS)}, {random.choice(NUMBERS)}" if maker == "point" else ", ".join(random.choice([one, point, geometry(random, False)]) for _ in range(random.choice([1, 2, 2, 4])))
    degrees = lambda: random.choice(["0", "1.5", "-45.25", "90", "-180", "180.5", "NULL", "'12x'"])
    return random.choice([
        lambda: ("st_from", f"st_astext(st_{reader}fromtext('{text(random)}'{random.choice(['', ', 0', ', 4326', ', NULL', ', -1'])}))"), lambda: ("st_from", f"st_astext(st_{reader}fromwkb(st_asbinary({one})))"),
        lambda: ("st_from", f"st_astext(st_geomcollfromtxt('{text(random)}'))"), lambda: ("st_make", f"st_astext({maker}({arguments}))"), lambda: ("st_make", f"st_astext(st_makeenvelope({random.choice([one, point])}, {point}))"),
        lambda: ("st_asgeojson", f"st_asgeojson({one}{random.choice(['', ', ' + small, ', 2, ' + small])})"), lambda: ("st_geomfromgeojson", f"st_astext(st_geomfromgeojson('{random.choice(DOCUMENTS)}'{random.choice(['', ', ' + small, ', 1, 0', ', 2, 4326'])}))"),
        lambda: ("geohash", f"st_geohash({random.choice([point, one, degrees() + ', ' + degrees()])}, {small})"), lambda: ("geohash", f"{random.choice(['st_latfromgeohash', 'st_longfromgeohash'])}({random.choice(HASHES)})"),
        lambda: ("geohash", f"st_astext(st_pointfromgeohash({random.choice(HASHES)}, {random.choice(['0', '4326', 'NULL', '-1'])}))"), lambda: ("st_as", f"hex({random.choice(['st_aswkb', 'st_asbinary', 'st_aswkt', 'st_astext'])}({one}{random.choice(['', ', ' + chr(39) + 'axis-order=lat-long' + chr(39)])}))"),
        lambda: ("st_count", f"st_numinteriorring({one})"),
    ])()


def spatial_case(random):
    pick = random.random()
    if pick < 0.65:
        name, expression = computed_case(random) if pick < 0.45 else made_case(random)
        return name, False, expression
    one, two = geometry(random), f"{geometry(random)}, {geometry(random)}"
    plain = f"{geometry(random, False)}, {geometry(random, False)}"
    number = random.choice(["0", "1", "2", "3", "-1", "NULL"])
    earth = f"st_geomfromtext('POINT({random.choice(NUMBERS)} {random.choice(NUMBERS)})', 4326{random.choice(['', chr(44) + chr(39) + 'axis-order=long-lat' + chr(39)])})"
    name, expression = random.choice([
        lambda: ("st_astext", f"st_astext({one})"), lambda: ("st_asbinary", f"hex(st_asbinary({one}))"), lambda: ("st_geomfromwkb", f"st_astext(st_geomfromwkb(st_asbinary({one})))"),
        lambda: ("st_axes", f"{random.choice(['st_x', 'st_y', 'st_latitude', 'st_longitude', 'st_srid', 'st_astext', 'hex'])}({random.choice([one, earth])})"),
        lambda: ("st_part", f"st_astext({random.choice(['st_pointn', 'st_geometryn', 'st_interiorringn'])}({one}, {number}))"),
        lambda: ("st_part", f"st_astext({random.choice(['st_startpoint', 'st_endpoint', 'st_exteriorring', 'st_envelope', 'st_swapxy'])}({one}))"),
        lambda: ("st_count", f"{random.choice(['st_numpoints', 'st_numgeometries', 'st_numinteriorrings', 'st_dimension', 'st_isempty', 'st_isclosed', 'st_geometrytype'])}({one})"),
        lambda: ("mbr", f"mbr{random.choice(BOXES)}({two})"), lambda: ("relation", f"st_{random.choice(TWO)}({two})"), lambda: ("relation", f"st_{random.choice(TWO)}({plain})"),
        lambda: ("st_distance", f"st_distance({two})"), lambda: ("st_measure", f"{random.choice(['st_area', 'st_length', 'st_isvalid', 'st_issimple'])}({one})"),
        lambda: ("st_shape", f"st_astext({random.choice(['st_centroid', 'st_convexhull'])}({one}))"),
        lambda: ("st_distance_sphere", f"st_distance_sphere(st_geomfromtext('POINT({positions(random, 1)})'), st_geomfromtext('MULTIPOINT({positions(random, 2)})'))"),
    ])()
    return name, False, expression


def element(random, depth):
    tag = random.choice(TAGS)
    attributes = "".join(f' {name}="{random.choice(["1", "2", "x"])}"' for name in ("k", "l") if random.random() < 0.3)
    if random.random() < 0.1:
        return f"<{tag}{attributes}/>"
    inner = "".join(element(random, depth - 1) if depth > 0 and random.random() < 0.6 else random.choice(["1", "2.5", "x", " ", "X y", "<!-- n -->"]) for _ in range(random.choice([0, 1, 2, 3])))
    return f"<{tag}{attributes}>{inner}</{random.choice([tag] * 12 + ['b', 'bb'])}>"


def path(random, depth=2):
    choose, tag = random.choice, lambda: random.choice(TAGS + ["*"])
    step = lambda: choose([tag, tag, tag, lambda: "@" + choose(["k", "l", "*"]), lambda: choose([".", "..", "text()", "node()"]),
                           lambda: choose(["child", "descendant", "descendant-or-self", "parent", "ancestor", "ancestor-or-self", "self", "attribute", "following", "preceding-sibling"]) + "::" + tag()])()
    predicate = lambda: choose(["[1]", "[2]", "[last()]", "[position()=2]", "[@k]", "[@k=1]", "[b]", "[.=2.5]", '[.="x"]', "[not(@k)]", "[count(b)=1]", "[text()]"]) if random.random() < 0.3 else ""
    steps = choose(["/", "//", "/", ""]) + choose(["/", "/", "//"]).join(step() + predicate() for _ in range(choose([1, 2, 3])))
    if depth == 0 or random.random() < 0.5:
        return steps
    inner, value = path(random, depth - 1), lambda: choose(["1", "2.5", '"x"', '"2"', "0", path(random, 0), "count(//b)", "sum(//b)"])
    return choose([f"count({inner})", f"sum({inner})", f"string-length({inner})", f"{inner} = {value()}", f"{value()} {choose(['+', '-', '*', 'div', 'mod'])} {value()}", f"{value()} {choose(['=', '!=', '<', '<=', '>', '>='])} {value()}",
                   f"{inner} and {value()}", f"{value()} or {value()}", f"not({value()})", f"boolean({value()})", f"number({value()})", f"round({value()})", f"concat({value()}, {value()})", f"contains({value()}, {value()})",
                   f"substring({value()}, {choose(['0', '1', '2', '-1'])})", f"{inner} | {steps}", f"({inner})", f"-{value()}", f"{steps}]", f"{steps}[", f"foo({inner})"])


def xml_case(random):
    xml = "".join(element(random, 3) for _ in range(random.choice([1, 1, 1, 2]))).replace("'", "''")
    xpath = path(random).replace("'", "''")
    if random.random() < 0.75:
        return "extractvalue", False, f"extractvalue('{xml}', '{xpath}')"
    return "updatexml", False, f"updatexml('{xml}', '{xpath}', '<n>new</n>')"
