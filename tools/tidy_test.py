"""Each check of tidy.py on a small tree that breaks its rule and on one that keeps it."""
import unittest

import cpp_shape
import tidy

ROOMS = {
    "src/base/CMakeLists.txt": "room(base)\n",
    "src/base/README.md": "base\nneeds nothing\nstart at error.h\n",
    "src/wire/CMakeLists.txt": "room(wire NEEDS base LIBS OpenSSL::SSL)\n",
    "src/wire/README.md": "wire\nneeds base\nstart at packet.h\n",
    "src/async/CMakeLists.txt": "room(async NEEDS base)\n",
    "src/async/README.md": "async\nneeds base\nstart at loop.h\n",
}


def findings(check, files):
    return [str(finding) for finding in check(tidy.Tree({**ROOMS, **files}))]


def body(lines):
    return "    step();\n" * lines


class Shape(unittest.TestCase):
    def names(self, text):
        return [(f.name, f.lines) for f in cpp_shape.functions(text)]

    def test_functions_of_all_kinds(self):
        text = """namespace sluice {
template <class T>
    requires std::integral<T>
T twice(T x) {
    return x + x;
}
struct A final : public B<int> {
    A() : a_{1}, b_(2) {}
    bool operator==(const A&) const { return true; }
    auto operator()(int x) const noexcept -> int {
        return x;
    }
    int a_{0};
};
const std::array<int, 2> table{{1, 2}};
const auto more = std::to_array<Entry>({
    {"a", [](int x) { return x; }},
});
enum class E : int { one, two };
TEST(A, B) { EXPECT_EQ("}{", "{"); }
}
"""
        self.assertEqual(self.names(text), [("twice", 5), ("A", 1), ("operator==", 1), ("operator()", 3), ("TEST", 1)])

    def test_strings_comments_and_raw_strings_hold_no_braces(self):
        text = 'void f() {\n    g("{", \'{\', R"x({ ")x");  // {\n    /* { */ int n = 1\'000;\n}\nvoid h() {}\n'
        self.assertEqual(self.names(text), [("f", 4), ("h", 1)])

    def test_lambdas_count_within_their_function(self):
        self.assertEqual(self.names("void f() {\n    auto g = [] {\n    };\n}\n"), [("f", 4)])

    def test_types(self):
        self.assertEqual(cpp_shape.type_names("struct Apple;\nenum class Pear { a };\nusing Fig = int;\n"), ["Apple", "Pear", "Fig"])


class Lengths(unittest.TestCase):
    def test_function(self):
        for lines, count in ((68, 0), (69, 1)):
            files = {"src/base/a.cc": "void f() {\n" + body(lines) + "}\n"}
            self.assertEqual(len(findings(tidy.check_function_length, files)), count, lines)

    def test_python_function(self):
        for lines, count in ((69, 0), (70, 1)):
            files = {"tools/a.py": "def f():\n" + "    pass\n" * lines}
            self.assertEqual(len(findings(tidy.check_function_length, files)), count, lines)

    def test_file(self):
        for lines, count in ((600, 0), (601, 1)):
            self.assertEqual(len(findings(tidy.check_file_length, {"src/base/a.cc": "\n" * lines})), count, lines)


class Rules(unittest.TestCase):
    def expect(self, check, files, words):
        found = findings(check, files)
        self.assertEqual(len(found), 1 if words else 0, found)
        if words:
            self.assertIn(words, found[0])

    def test_includes(self):
        exists = {"src/wire/packet.h": "", "src/wire/detail/x.h": "", "src/base/error.h": ""}
        for path, include, words in (
                ("src/wire/a.cc", "base/error.h", ""),
                ("src/wire/a.cc", "wire/detail/x.h", ""),
                ("src/base/a.cc", "wire/packet.h", "does not need wire"),
                ("src/wire/a.cc", "base/absent.h", "does not exist"),
                ("apps/vtgate/main.cc", "wire/detail/x.h", "private")):
            self.expect(tidy.check_includes, {**exists, path: f'#include "{include}"\n'}, words)
        rooms = {**exists, "src/async/CMakeLists.txt": "room(async NEEDS wire)\n", "src/async/a.cc": '#include "wire/detail/x.h"\n'}
        self.expect(tidy.check_includes, rooms, "private to wire")

    def test_pure_rooms(self):
        for path, text, words in (
                ("src/wire/a.cc", "#include <chrono>\n", ""),
                ("src/wire/a.cc", "#include <boost/asio/ip/tcp.hpp>\n", "pure"),
                ("src/wire/a.cc", '#include "query.pb.h"\n', "pure"),
                ("src/wire/a.cc", "auto now = std::chrono::steady_clock::now();\n", "argument"),
                ("src/wire/a.cc", "// steady_clock\n", ""),
                ("src/wire/a_test.cc", "#include <random>\n", ""),
                ("src/async/a.cc", "#include <thread>\n", "")):
            self.expect(tidy.check_pure_rooms, {path: text}, words)

    def test_names(self):
        self.expect(tidy.check_names, {"src/base/string_utils.h": ""}, "utils")
        self.expect(tidy.check_names, {"src/base/a.h": "class PoolManager {};\n"}, "PoolManager")
        self.expect(tidy.check_names, {"src/base/database.h": "struct Database {};\n"}, "")

    def test_dead_files(self):
        self.expect(tidy.check_dead_files, {"src/base/a.h": ""}, "nobody includes")
        self.expect(tidy.check_dead_files, {"src/base/a.h": "", "src/base/a.cc": '#include "base/a.h"\n'}, "")
        self.expect(tidy.check_dead_files, {"src/lost/a.cc": ""}, "no room")
        self.expect(tidy.check_dead_files, {"tools/a.sh": ""}, "nothing names")
        self.expect(tidy.check_dead_files, {"tools/a.sh": "", "Makefile": "\ttools/a.sh\n"}, "")

    def test_grammar_comments(self):
        text = "Result<Expr> parse_term(Cursor& cursor) {\n}\n"
        self.expect(tidy.check_grammar_comments, {"src/sql/a.cc": text}, "parse_term")
        self.expect(tidy.check_grammar_comments, {"src/sql/a.cc": "// term ::= factor { '*' factor }\n" + text}, "")

    def test_paths_in_docs(self):
        files = {"docs/adr/0001-compiler.md": "", "src/base/error.h": ""}
        for text, words in (
                ("see `docs/adr/0001-compiler.md` and [it](docs/adr/0001-compiler.md)", ""),
                ("`base/error.h` and `base/error` and `src/*/error.h`", ""),
                ("`docs/adr/0002-none.md`", "does not exist"), ("[x](nowhere.md)", "does not exist"),
                ("`base/gone.h`", "does not exist"), ("`build/release/bin/vtgate`", ""),
                ("```\nsrc/none.cc\n```", "")):
            self.expect(tidy.check_doc_paths, {**files, "README.md": text + "\n"}, words)

    def test_words_left_behind(self):
        mark = "TO" "DO"
        self.expect(tidy.check_unfinished, {"src/base/a.cc": f"// {mark} later\n"}, mark)
        self.expect(tidy.check_unfinished, {"src/base/a.cc": f"// {mark}(#12) later\n"}, "")
        self.expect(tidy.check_machine_text, {"a.txt": "/wo" "rk/x\n"}, "one machine")
        self.expect(tidy.check_openings, {"src/base/a.cc": "#include <x>\n"}, "opens with a comment")
        self.expect(tidy.check_openings, {"src/base/README.md": "one line\n"}, "three lines")


if __name__ == "__main__":
    unittest.main()
