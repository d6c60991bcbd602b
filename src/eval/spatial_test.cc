// Spatial functions; the answers are MySQL 9.7's.
#include <gtest/gtest.h>

#include "eval/detail/geometry.h"
#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

using testing::see;

struct Case {
    std::string text, value;
};
void expect_all(std::initializer_list<Case> cases) {
    for (const auto& [text, value] : cases) EXPECT_EQ(see(text).text, value) << text;
}
std::string wkt(const std::string& text) {
    return "st_geomfromtext('" + text + "')";
}

TEST(Spatial, TextsAndBytes) {
    for (const char* text :
         {"POINT(1 -0.5)", "LINESTRING(0 0,1 1)",
          "POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5))", "MULTIPOINT((1 2),(3 4))",
          "MULTILINESTRING((1 2,3 4),(5 6,7 8))",
          "MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((9 9,8 9,8 8,9 9)))", "GEOMETRYCOLLECTION EMPTY",
          "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION(LINESTRING(0 0,1 1)))"}) {
        EXPECT_EQ(see("st_astext(" + wkt(text) + ")").text, text);
        EXPECT_EQ(see("st_aswkt(st_geomfromwkb(st_asbinary(" + wkt(text) + ")))").text, text);
    }
    expect_all({
        {"hex(st_geomfromtext(' point ( 1 2 ) '))",
         "000000000101000000000000000000F03F0000000000000040"},
        {"hex(point(1, 2))", "000000000101000000000000000000F03F0000000000000040"},
        {"st_astext(st_geomfromtext('multipoint(1 2, 3 4)'))", "MULTIPOINT((1 2),(3 4))"},
        {"st_astext(st_geomfromtext('GEOMETRYCOLLECTION()'))", "GEOMETRYCOLLECTION EMPTY"},
        {"st_astext(st_geomfromwkb(x'00000000013FF00000000000004000000000000000'))", "POINT(1 2)"},
        {"st_astext(point(1e20, 1e-7))", "POINT(1e20 0.0000001)"},
        {"st_astext(st_geomfromtext(null))", "NULL"},
        {"st_astext(st_pointfromtext('POINT(1 2)'))", "POINT(1 2)"},
    });
    for (const char* text :
         {"", "POINT(1)", "POINT(1 2) x", "POINT(1,2)", "POINT EMPTY", "LINESTRING(0 0)",
          "POLYGON((0 0,1 0,1 1))", "POLYGON((0 0,1 0,0 0))", "multipoint((1 2),3 4)",
          "GEOMCOLLECTION(POINT(1 2))", "POINT(1e400 1)", "MULTIPOINT EMPTY"}) {
        EXPECT_EQ(see("st_astext(" + wkt(text) + ")").text, "error 3037") << text;
    }
    for (const char* bytes : {"", "00", "0000000001010000000000", "000000000108000000",
                              "0000000001020000000100000000000000000000000000000000000000",
                              "00000000010400000000000000", "0000000001040000FFFFFFFF"}) {
        EXPECT_EQ(see("st_astext(x'" + std::string(bytes) + "')").text, "error 3037") << bytes;
    }
    EXPECT_EQ(see("st_pointfromtext('LINESTRING(0 0,1 1)')").warnings,
              "WKT value is a geometry of unexpected type LINESTRING in st_pointfromtext.");
    EXPECT_FALSE(read_wkt(std::string(100000, '(')));
    std::string nested;
    for (int i = 0; i < 2000; ++i) nested += "GEOMETRYCOLLECTION(";
    EXPECT_FALSE(read_wkt(nested));
}

TEST(Spatial, TheOrderOfAxes) {
    expect_all({
        {"hex(st_geomfromtext('POINT(10 20)', 4326))",
         "E6100000010100000000000000000034400000000000002440"},
        {"st_astext(st_geomfromtext('POINT(10 20)', 4326))", "POINT(10 20)"},
        {"st_astext(st_geomfromtext('POINT(1 2)', 4326, ' Axis-Order = LONG-LAT '))", "POINT(2 1)"},
        {"st_astext(st_geomfromtext('POINT(1 2)', 4326), 'axis-order=long-lat')", "POINT(2 1)"},
        {"st_astext(st_swapxy(st_geomfromtext('LINESTRING(1 2,3 4)')))", "LINESTRING(2 1,4 3)"},
        {"st_x(st_geomfromtext('POINT(1 2)', 4326))", "1"},
        {"st_latitude(st_geomfromtext('POINT(1 2)', 4326))", "1"},
        {"st_longitude(st_geomfromtext('POINT(1 2)', 4326))", "2"},
        {"st_latitude(point(1, 2))", "error 3726"},
        {"st_geomfromtext('POINT(100 2)', 4326)", "error 3617"},
        {"st_geomfromtext('POINT(2 200)', 4326)", "error 3616"},
        {"st_geomfromtext('POINT(1 2)', -1)", "error 1690"},
        {"st_geomfromtext('POINT(1 2)', 3857)", "error 1235"},
        {"st_geomfromtext('POINT(1 2)', 0, 'axis-order=x')", "error 3559"},
        {"st_geomfromtext('POINT(1 2)', 0, 'a=b')", "error 3558"},
        {"st_geomfromtext('POINT(1 2)', 0, 'a')", "error 3560"},
        {"st_geomfromtext('POINT(1 2)', 0, 'axis-order=long-lat,')", "error 3562"},
        {"st_srid(st_srid(point(1, 2), 4326))", "4326"},
        {"st_srid(linestring(point(1, 200), point(3, 4)), 4326)", "error 3732"},
    });
}

TEST(Spatial, MakingAndParts) {
    expect_all({
        {"st_astext(linestring(point(1, 2), point(3, 4)))", "LINESTRING(1 2,3 4)"},
        {"st_astext(polygon(linestring(point(0,0),point(1,0),point(1,1),point(0,0))))",
         "POLYGON((0 0,1 0,1 1,0 0))"},
        {"st_astext(geometrycollection())", "GEOMETRYCOLLECTION EMPTY"},
        {"point('a', 2) is null", "0"},
        {"point(null, 2)", "NULL"},
        {"linestring(point(1, 2))", "error 3037"},
        {"polygon(linestring(point(1, 2), point(3, 4)), point(1, 2))", "error 3037"},
        {"polygon(point(1, 2), linestring(point(1, 2), point(3, 4)))", "error 1210"},
        {"st_astext(st_geomcollfromtext('MULTIPOINT(1 2)'))", "MULTIPOINT((1 2))"},
        {"st_geomcollfromtext('POINT(1 2)')", "error 3516"},
        {"st_mpointfromtext('GEOMETRYCOLLECTION EMPTY')", "error 3516"},
        {"linestring(1, 2)", "error 1367"},
        {"linestring(multipoint(point(1, 2)), point(1, 2))", "error 1210"},
        {"st_x(point(1, 2))", "1"},
        {"st_astext(st_y(point(1, 2), 5))", "POINT(1 5)"},
        {"st_x(linestring(point(1, 2), point(3, 4)))", "error 3516"},
        {"st_numpoints(linestring(point(1, 2), point(3, 4)))", "2"},
        {"st_numpoints(point(1, 2))", "NULL"},
        {"st_astext(st_pointn(linestring(point(1, 2), point(3, 4)), 2))", "POINT(3 4)"},
        {"st_pointn(linestring(point(1, 2), point(3, 4)), 3)", "NULL"},
        {"st_astext(st_endpoint(linestring(point(1, 2), point(3, 4))))", "POINT(3 4)"},
        {"st_astext(st_interiorringn(" + wkt("POLYGON((0 0,4 0,4 4,0 0),(1 .5,2 .5,2 1,1 .5))") +
             ", 1))",
         "LINESTRING(1 0.5,2 0.5,2 1,1 0.5)"},
        {"st_numinteriorrings(" + wkt("POLYGON((0 0,4 0,4 4,0 0))") + ")", "0"},
        {"st_numgeometries(multipoint(point(1, 2), point(3, 4)))", "2"},
        {"st_numgeometries(point(1, 2))", "NULL"},
        {"st_astext(st_geometryn(multipoint(point(1, 2), point(3, 4)), 2))", "POINT(3 4)"},
        {"st_geometrytype(geometrycollection())", "GEOMCOLLECTION"},
        {"st_dimension(geometrycollection())", "NULL"},
        {"st_dimension(" + wkt("GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))") + ")", "1"},
        {"st_dimension(geometrycollection(point(1, 2), geometrycollection()))", "NULL"},
        {"st_isempty(geometrycollection())", "1"},
        {"st_isclosed(linestring(point(1, 2), point(3, 4), point(1, 2)))", "1"},
        {"st_isclosed(point(1, 2))", "NULL"},
    });
}

TEST(Spatial, Bounds) {
    const std::string box = "linestring(point(0,0),point(4,4))";
    const std::string line = "linestring(point(0,0),point(0,4))";
    expect_all({
        {"st_astext(st_envelope(linestring(point(1,2),point(3,4))))",
         "POLYGON((1 2,3 2,3 4,1 4,1 2))"},
        {"st_astext(st_envelope(linestring(point(1,2),point(1,4))))", "LINESTRING(1 2,1 4)"},
        {"st_astext(st_envelope(geometrycollection()))", "GEOMETRYCOLLECTION EMPTY"},
        {"st_astext(st_makeenvelope(point(3,4),point(1,2)))", "POLYGON((1 2,3 2,3 4,1 4,1 2))"},
        {"mbrcontains(" + box + ",point(1,2))", "1"},
        {"mbrcontains(" + box + ",point(0,2))", "0"},
        {"mbrcontains(" + box + "," + line + ")", "0"},
        {"mbrcovers(" + box + "," + line + ")", "1"},
        {"mbrcontains(" + line + ",point(0,0))", "0"},
        {"mbrwithin(point(0,2)," + line + ")", "1"},
        {"mbrtouches(" + box + ",point(0,0))", "1"},
        {"mbrtouches(point(0,0),point(0,0))", "0"},
        {"mbroverlaps(" + line + ",linestring(point(-1,2),point(1,2)))", "1"},
        {"mbroverlaps(" + box + ",linestring(point(1,1),point(2,2)))", "0"},
        {"mbrdisjoint(point(1,2),point(1,3))", "1"},
        {"mbrintersects(point(1,2),geometrycollection())", "NULL"},
        {"mbrequals(point(1,2),geometrycollection())", "0"},
        {"mbrequals(null,1)", "NULL"},
        {"mbrequals(1,point(0,0))", "error 3037"},
        {"mbrequals(point(0,0),st_geomfromtext('POINT(1 2)',4326))", "error 3033"},
    });
}

TEST(Spatial, RelationsAndMeasures) {
    const std::string square = wkt("POLYGON((0 0,4 0,4 4,0 4,0 0))");
    const std::string diagonal = "linestring(point(0,0),point(1,1))";
    expect_all({
        {"st_contains(" + square + ",point(1,1))", "1"},
        {"st_contains(" + square + ",point(0,1))", "0"},
        {"st_within(point(1,1)," + square + ")", "1"},
        {"st_contains(point(1,1),geometrycollection())", "NULL"},
        {"st_touches(point(1,1),point(1,1))", "NULL"},
        {"st_touches(point(0,0)," + diagonal + ")", "1"},
        {"st_crosses(" + square + "," + diagonal + ")", "NULL"},
        {"st_crosses(point(0,0),linestring(point(-1,-1),point(1,1)))", "0"},
        {"st_crosses(multipoint(point(0,0),point(9,9)),linestring(point(-1,-1),point(1,1)))", "1"},
        {"st_crosses(" + diagonal + ",linestring(point(0,1),point(1,0)))", "1"},
        {"st_overlaps(linestring(point(0,0),point(2,2)),linestring(point(1,1),point(3,3)))", "1"},
        {"st_overlaps(" + diagonal + ",linestring(point(0,1),point(1,0)))", "0"},
        {"st_overlaps(point(0,0)," + diagonal + ")", "NULL"},
        {"st_equals(point(1,1),multipoint(point(1,1)))", "1"},
        {"st_equals(geometrycollection(),geometrycollection())", "1"},
        {"st_equals(point(1,1),geometrycollection())", "0"},
        {"st_disjoint(point(1,1),point(1,2))", "1"},
        {"st_contains(point(1,1),null)", "NULL"},
        {"st_intersects(geometrycollection(point(9,1)," + diagonal + "),point(1,1))", "1"},
        {"st_contains(geometrycollection(point(9,1)," + diagonal + "),point(1,1))", "0"},
        {"st_contains(geometrycollection(point(9,1)," + diagonal +
             "),multipoint(point(1,1),point(9,1)))",
         "1"},
        {"st_touches(geometrycollection(point(9,1)," + diagonal + "),point(1,1))", "NULL"},
        {"st_overlaps(geometrycollection(point(9,1)," + diagonal + "),point(1,1))", "NULL"},
        {"st_crosses(geometrycollection(point(9,1)," + diagonal + ")," + square + ")", "1"},
        {"st_area(" + wkt("POLYGON((0 0,0 10,10 10,10 0,0 0),(2 2,2 4,4 4,4 2,2 2))") + ")", "96"},
        {"st_area(point(1,1))", "error 3516"},
        {"st_length(linestring(point(0,0),point(3,4)))", "5"},
        {"st_length(point(1,1))", "NULL"},
        {"st_length(" + diagonal + ",'metre')", "error 3882"},
        {"st_distance(multipoint(point(0,0),point(9,9)),linestring(point(3,4),point(10,4)))", "5"},
        {"st_distance(point(0,0),geometrycollection())", "NULL"},
        {"st_distance_sphere(point(0,0),point(3,4))", "555810.7203217451"},
        {"st_distance_sphere(point(0,0),point(300,4))", "error 3616"},
        {"st_distance_sphere(point(0,0),point(3,4),0)", "error 3706"},
        {"st_astext(st_centroid(" + wkt("POLYGON((0 0,4 0,4 4,0 0))") + "))",
         "POINT(2.6666666666666665 1.3333333333333333)"},
        {"st_astext(st_centroid(geometrycollection(point(5,5),linestring(point(0,0),point(3,4)))))",
         "POINT(1.5 2)"},
        {"st_astext(st_convexhull(multipoint(point(0,0),point(4,0),point(4,4),point(2,1))))",
         "POLYGON((0 0,4 0,4 4,0 0))"},
        {"st_astext(st_convexhull(linestring(point(0,0),point(3,3),point(1,1))))",
         "LINESTRING(0 0,3 3)"},
        {"st_astext(st_convexhull(multipoint(point(1,1),point(1,1))))", "POINT(1 1)"},
        {"st_isvalid(" + wkt("POLYGON((0 0,4 4,4 0,0 4,0 0))") + ")", "0"},
        {"st_isvalid(" + square + ")", "1"},
        {"st_isvalid(linestring(point(1,1),point(1,1)))", "0"},
        {"st_issimple(linestring(point(0,0),point(2,2),point(0,2),point(2,0)))", "0"},
        {"st_issimple(multipoint(point(1,1),point(1,1)))", "0"},
        {"st_isvalid(st_geomfromtext('POINT(1 2)', 4326))", "error 1235"},
    });
}

TEST(Spatial, CollectionsAndExtremes) {
    expect_all({
        {"st_issimple(st_geomfromtext('GEOMETRYCOLLECTION(LINESTRING(0 0,2 2),POINT(1 1))'))", "0"},
        {"st_issimple(st_geomfromtext('GEOMETRYCOLLECTION(LINESTRING(0 0,2 2),POINT(2 2))'))", "1"},
        {"st_issimple(st_geomfromtext('GEOMETRYCOLLECTION(LINESTRING(0 0,2 2),LINESTRING(1 1,4 "
         "0))'))",
         "1"},
        {"st_issimple(st_geomfromtext('GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 1)),POINT(1 "
         "1))'))",
         "0"},
        {"st_area(st_geomfromtext('POLYGON((0 0,1e200 0,1e200 1e200,0 0))'))", "error 1690"},
        {"st_distance(point(1e200,0),point(-1e200,0))", "error 3037"},
        {"st_astext(st_convexhull(st_geomfromtext('POLYGON((2 2,6 2,6 6,2 6,2 2),(1 1,2 1,2 2,1 "
         "2,1 1))')))",
         "POLYGON((2 2,6 2,6 6,2 6,2 2))"},
    });
}

std::string overlaid(const std::string& function, const std::string& left,
                     const std::string& right) {
    return see("st_astext(st_" + function + "(" + wkt(left) + "," + wkt(right) + "))").text;
}

TEST(Spatial, Overlays) {
    const std::string nothing = "GEOMETRYCOLLECTION EMPTY";
    const std::string line = "LINESTRING(0 0,4 4)", other = "LINESTRING(0 4,4 0)";
    const std::string square = "POLYGON((2 0,4 0,4 4,2 4,2 0))";
    const std::string beside = "POLYGON((3 2,6 2,6 6,3 6,3 2))";
    const std::string crossed = "POLYGON((0 0,4 4,4 0,0 4,0 0))";
    struct Overlaid {
        std::string function, left, right, value;
    };
    for (const auto& [function, left, right, value] : {
             Overlaid{"union", "POINT(3 1)", "POINT(2 1)", "MULTIPOINT((3 1),(2 1))"},
             Overlaid{"union", "POINT(1 1)", line, line},
             Overlaid{"union", "POINT(1 5)", line, "GEOMETRYCOLLECTION(" + line + ",POINT(1 5))"},
             Overlaid{"union", line, other, "MULTILINESTRING((0 0,4 4),(0 4,4 0))"},
             Overlaid{"union", square, "POLYGON((5 0,6 0,6 4,5 4,5 0))",
                      "MULTIPOLYGON(((2 0,4 0,4 4,2 4,2 0)),((5 0,6 0,6 4,5 4,5 0)))"},
             Overlaid{"union", "POLYGON((0 0,0 4,4 4,4 0,0 0))", nothing,
                      "POLYGON((0 0,4 0,4 4,0 4,0 0))"},
             Overlaid{"union", crossed, "POLYGON((2 2,6 2,6 6,2 6,2 2))", "error 3037"},
             Overlaid{"intersection", line, other, "POINT(2 2)"},
             Overlaid{"intersection", "LINESTRING(0 0,2 2,4 0)", "LINESTRING(1 1,2 2,2 4,4 0)",
                      "GEOMETRYCOLLECTION(POINT(4 0),LINESTRING(1 1,2 2))"},
             Overlaid{"intersection", line, square, "LINESTRING(2 2,4 4)"},
             Overlaid{"intersection", "LINESTRING(-1 2,0 3)", "POLYGON((0 0,4 0,4 4,0 4,0 0))",
                      "POINT(0 3)"},
             Overlaid{"intersection", square, beside, "POLYGON((3 4,3 2,4 2,4 4,3 4))"},
             Overlaid{"intersection", square, "POLYGON((4 0,6 0,6 4,4 4,4 0))",
                      "LINESTRING(4 0,4 4)"},
             Overlaid{"intersection", "GEOMETRYCOLLECTION(POINT(9 9)," + line + ")", square,
                      "LINESTRING(2 2,4 4)"},
             Overlaid{"difference", line, line, nothing},
             Overlaid{"difference", line, square, "LINESTRING(0 0,2 2)"},
             Overlaid{"difference", square, line, square},
             Overlaid{"difference", "GEOMETRYCOLLECTION(POINT(1 1)," + line + ")", square,
                      "LINESTRING(0 0,2 2)"},
             Overlaid{"symdifference", line, "LINESTRING(1 1,3 3)",
                      "MULTILINESTRING((0 0,1 1),(3 3,4 4))"},
             Overlaid{"symdifference", "POINT(8 8)", "MULTIPOLYGON(((0 0,4 0,4 4,0 0)))",
                      "GEOMETRYCOLLECTION(MULTIPOLYGON(((0 0,4 0,4 4,0 0))),POINT(8 8))"},
             Overlaid{"symdifference", "GEOMETRYCOLLECTION(POINT(8 8))", "POINT(9 9)",
                      "MULTIPOINT((9 9),(8 8))"},
             // Areas that Boost loses.
             Overlaid{"difference", "POLYGON((0 0,0 4,4 4,4 0,0 0),(1 1,2 1,2 2,1 2,1 1))",
                      "POLYGON((2 2,6 2,6 6,2 6,2 2))", "error 1235"},
         }) {
        EXPECT_EQ(overlaid(function, left, right), value) << function << left << right;
    }
    EXPECT_EQ(see("st_union(null,2)").text, "NULL");
    EXPECT_EQ(see("st_union(2,null)").text, "NULL");
    EXPECT_EQ(see("st_union(2,3)").text, "error 3037");
}

TEST(Spatial, Buffers) {
    const std::string line = "linestring(point(0,0),point(4,0),point(4,4))";
    const std::string flat = "st_buffer_strategy('end_flat')";
    expect_all({
        {"hex(st_buffer_strategy('point_circle',32))", "050000000000000000004040"},
        {"hex(st_buffer_strategy('END_flat'))", "020000000000000000000000"},
        {"st_buffer_strategy('end_flat',1)", "error 1210"},
        {"st_buffer_strategy('join_round',0)", "error 1210"},
        {"st_buffer_strategy('join_round',65537)", "error 3134"},
        {"st_buffer_strategy(null,1)", "NULL"},
        {"st_astext(st_buffer(point(0,0),1,st_buffer_strategy('point_square')))",
         "POLYGON((-1 -1,1 -1,1 1,-1 1,-1 -1))"},
        {"st_astext(st_buffer(" + line + ",1," + flat + ",st_buffer_strategy('join_miter',5)))",
         "POLYGON((3 1,0 1,0 -1,4 -1,5 -1,5 0,5 4,3 4,3 1))"},
        {"st_astext(st_buffer(" + wkt("POLYGON((0 0,4 0,4 4,0 4,0 0))") + ",-1))",
         "POLYGON((3 1,3 3,1 3,1 1,3 1))"},
        {"st_astext(st_buffer(" + wkt("POLYGON((0 0,4 0,4 4,0 4,0 0))") + ",-5))",
         "GEOMETRYCOLLECTION EMPTY"},
        {"st_astext(st_buffer(" + line + ",0,'x'))", "LINESTRING(0 0,4 0,4 4)"},
        {"st_astext(st_buffer(" + line + ",-1e-11))", "LINESTRING(0 0,4 0,4 4)"},
        {"st_buffer(linestring(point(0,0),point(1,1)),1e308," + flat + ")", "error 3035"},
        {"st_buffer(" + line + ",-1)", "error 1210"},
        {"st_buffer(" + line + ",1,'x')", "error 1210"},
        {"st_buffer(" + line + ",1," + flat + "," + flat + ")", "error 1210"},
        {"st_buffer(point(0,0),1," + flat + ")", "error 1210"},
        {"st_buffer(" + line + ",null,'x')", "NULL"},
        {"st_buffer(1,1)", "error 3037"},
    });
}

TEST(Spatial, AlongLines) {
    const std::string line = wkt("LINESTRING(0 0,3 4,6 8)");
    const std::string bent = wkt("LINESTRING(0 0,1 0.1,2 0,3 2,4 0)");
    const std::string pair = "linestring(point(0,0),point(1,1))";
    expect_all({
        {"st_astext(st_simplify(" + bent + ",0.5))", "LINESTRING(0 0,2 0,3 2,4 0)"},
        {"st_simplify(" + wkt("POLYGON((0 0,4 0,4 4,0 4,0 0))") + ",10)", "NULL"},
        {"st_simplify(" + bent + ",0)", "error 1210"},
        {"st_validate(" + wkt("POLYGON((0 0,4 4,4 0,0 4,0 0))") + ")", "NULL"},
        {"st_astext(st_validate(" + bent + "))", "LINESTRING(0 0,1 0.1,2 0,3 2,4 0)"},
        {"st_frechetdistance(" + pair + "," + wkt("LINESTRING(0 1,1 2,3 3)") + ")",
         "2.8284271247461903"},
        {"st_frechetdistance(" + pair + ",point(0,1))", "error 3704"},
        {"st_frechetdistance(" + pair + "," + pair + ",'metre')", "error 3882"},
        {"st_hausdorffdistance(" + pair + "," + wkt("LINESTRING(0 1,1 2,3 3)") + ")", "1"},
        {"st_hausdorffdistance(" + wkt("LINESTRING(0 1,1 2,3 3)") + "," + pair + ")",
         "2.8284271247461903"},
        {"st_hausdorffdistance(point(0,0),point(0,1))", "error 3704"},
        {"st_hausdorffdistance(" + pair + ",geometrycollection())", "NULL"},
        {"st_astext(st_lineinterpolatepoint(" + line + ",0.3))", "POINT(1.7999999999999998 2.4)"},
        {"st_astext(st_lineinterpolatepoints(" + line + ",0.25))",
         "MULTIPOINT((1.5 2),(3 4),(4.5 6),(6 8))"},
        {"st_lineinterpolatepoints(" + line + ",1e-9)", "error 1235"},
        {"st_lineinterpolatepoint(" + line + ",1.1)", "error 1690"},
        {"st_astext(st_lineinterpolatepoint(linestring(point(2,1),point(2,1)),3))", "POINT(2 1)"},
        {"st_pointatdistance(linestring(point(2,1),point(2,1)),3)", "error 1690"},
        {"st_lineinterpolatepoint(point(0,0),1)", "error 3516"},
        {"st_astext(st_pointatdistance(" + line + ",7))", "POINT(4.2 5.6)"},
        {"st_pointatdistance(" + line + ",11)", "error 1690"},
        {"st_astext(st_transform(point(1,1),0))", "POINT(1 1)"},
        {"st_transform(point(1,1),4326)", "error 3741"},
        {"st_transform(st_srid(point(1,1),4326),0)", "error 3742"},
        {"st_astext(point(1.2345678901234567e-12,1.2e-12))",
         "POINT(1.2345678901234567e-12 0.0000000000012)"},
    });
}

TEST(Spatial, GeoJson) {
    const auto json = [](const std::string& text) { return "st_geomfromgeojson('" + text + "'"; };
    expect_all({
        {"st_asgeojson(point(1,2))", R"({"type": "Point", "coordinates": [1.0, 2.0]})"},
        {"st_asgeojson(point(1.23456,2),2,3)",
         R"({"crs": {"type": "name", "properties": {"name": "MySQL:0"}}, )"
         R"("bbox": [1.23, 2.0, 1.23, 2.0], "type": "Point", "coordinates": [1.23, 2.0]})"},
        {"st_asgeojson(st_geomfromtext('POINT(1 2)',4326),5,4)",
         R"({"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}, )"
         R"("type": "Point", "coordinates": [2.0, 1.0]})"},
        {"st_asgeojson(geometrycollection(point(1,2)))",
         R"({"type": "GeometryCollection", "geometries": [{"type": "Point", )"
         R"("coordinates": [1.0, 2.0]}]})"},
        {"st_asgeojson(1)", "error 3064"},
        {"st_asgeojson(point(1,2),-1)", "error 1411"},
        {"st_asgeojson(point(1,2),5,8)", "error 1411"},
        {"st_astext(" + json(R"({"type":"Point","coordinates":[1,2]})") + "))", "POINT(2 1)"},
        {"st_astext(" + json(R"({"type":"Point","coordinates":[1,2]})") + ",1,0))", "POINT(1 2)"},
        {"st_astext(" + json(R"({"type":"Point","coordinates":[1,2,3]})") + ",2))", "POINT(2 1)"},
        {json(R"({"type":"Point","coordinates":[1,2,3]})") + ")", "error 3073"},
        {"st_astext(" +
             json(R"({"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]})") +
             ",1,0))",
         "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"},
        {"st_astext(" +
             json(R"({"type":"FeatureCollection","features":[{"type":"Feature","geometry":)"
                  R"({"type":"Point","coordinates":[1,2]},"properties":{}}]})") +
             "))",
         "GEOMETRYCOLLECTION(POINT(2 1))"},
        {json(R"({"type":"Feature","geometry":null,"properties":{}})") + ")", "NULL"},
        {json(R"({"type":"Feature","geometry":null})") + ")", "error 3070"},
        {json(R"({"type":5,"coordinates":[1,2]})") + ")", "error 3071"},
        {json(R"({"type":"Foo","coordinates":[1,2]})") + ")", "error 3072"},
        {json(R"({"type":"Point","coordinates":[1,"a"]})") + ")", "error 3071"},
        {json(R"({"type":"Point","coordinates":[1,200]})") + ")", "error 3617"},
        {json(R"({"type":"Point","coordinates":[1,2],"crs":{"type":"name","properties":)"
              R"({"name":"x"}}})") +
             ")",
         "error 3072"},
        {json("abc") + ")", "error 3141"},
        {json("null") + ")", "NULL"},
        {json("abc") + ",-1)", "error 1411"},
        {json("abc") + ",1,NULL)", "NULL"},
        {"st_asgeojson(st_geomfromtext('bad'),-1)", "error 1411"},
        {"st_asgeojson(st_geomfromtext('bad'),NULL)", "NULL"},
    });
}

TEST(Spatial, GeoHashes) {
    expect_all({
        {"st_geohash(1,2,5)", "s02eq"},
        {"st_geohash(point(1,2),5)", "s02eq"},
        {"st_geohash(st_geomfromtext('POINT(1 2)',4326),5)", "s01mt"},
        {"st_geohash(1,2,100)", "s02equ04ven09qv80meqh1e1g"},
        {"st_geohash(180,90,10)", "zzzzzzzzzz"},
        {"st_geohash(181,0,5)", "error 1690"},
        {"st_geohash(181,0,NULL)", "NULL"},
        {"st_geohash(linestring(point(1,2),point(3,4)),NULL)", "NULL"},
        {"st_pointfromgeohash(NULL,-1)", "NULL"},
        {"st_pointfromgeohash('a',-1)", "error 1690"},
        {"st_geohash(0,0,101)", "error 1690"},
        {"st_geohash(linestring(point(1,2),point(3,4)),5)", "error 3064"},
        {"st_latfromgeohash('ezs42')", "42.6"},
        {"st_longfromgeohash('9q8yyk8ytpxr')", "-122.4194"},
        {"st_latfromgeohash('0')", "-68"},
        {"st_latfromgeohash('zzzzzzzzzzzz')", "90"},
        {"st_latfromgeohash('a')", "error 1411"},
        {"st_latfromgeohash('')", "error 1411"},
        {"st_latfromgeohash(5)", "error 3064"},
        {"st_astext(st_pointfromgeohash('u4pr', 4326))", "POINT(57.6 10.4)"},
        {"st_pointfromgeohash('u4pr', -1)", "error 1690"},
    });
}

}  // namespace
}  // namespace sluice::eval
