// Read when a VSchema is built: the JSON objects {"name": number, ...} that numeric_static_map and
// region_json take.
#include <charconv>

#include "vindex/detail/go_text.h"
#include "vindex/detail/makers.h"

namespace sluice::vindex {

namespace {

// A reader of just this form of JSON, whose failures are told in the words of Go's encoding/json.
class NumberMapReader {
 public:
    explicit NumberMapReader(std::string_view text) : rest_(text) {}

    // map = "{" [ string ":" number *( "," string ":" number ) ] "}" / "null"
    Result<std::vector<std::pair<std::string, std::uint64_t>>> read() {
        std::vector<std::pair<std::string, std::uint64_t>> entries;
        skip_spaces();
        if (rest_.starts_with("null")) {
            rest_.remove_prefix(4);
            return TRY(finish()), entries;
        }
        if (rest_.starts_with('"') || rest_.starts_with('[') ||
            (!rest_.empty() && is_number_start(rest_[0]))) {
            const std::string_view kind = rest_[0] == '"'   ? "string"
                                          : rest_[0] == '[' ? "array"
                                                            : "number";
            return failed("json: cannot unmarshal " + std::string(kind) +
                          " into Go value of type map[string]uint64");
        }
        TRY(expect('{', "looking for beginning of value"));
        skip_spaces();
        if (rest_.starts_with('}')) {
            rest_.remove_prefix(1);
            return TRY(finish()), entries;
        }
        for (;;) {
            skip_spaces();
            TRY(expect('"', "looking for beginning of object key string"));
            std::string key = TRY(read_string());
            skip_spaces();
            TRY(expect(':', "after object key"));
            skip_spaces();
            entries.emplace_back(std::move(key), TRY(read_number()));
            skip_spaces();
            if (rest_.starts_with(',')) {
                rest_.remove_prefix(1);
                continue;
            }
            TRY(expect('}', "after object key:value pair"));
            return TRY(finish()), entries;
        }
    }

 private:
    static bool is_number_start(char c) { return c == '-' || (c >= '0' && c <= '9'); }
    static std::unexpected<Error> failed(std::string text) {
        return fail(Code::invalid_argument, std::move(text));
    }

    void skip_spaces() {
        while (!rest_.empty() &&
               (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n' || rest_[0] == '\r')) {
            rest_.remove_prefix(1);
        }
    }

    std::unexpected<Error> unexpected_character(std::string_view where) const {
        if (rest_.empty()) return failed("unexpected end of JSON input");
        std::string shown =
            quoted(rest_.substr(0, std::max<std::size_t>(1, decode_utf8(rest_).length)));
        shown.front() = shown.back() = '\'';
        if (shown == "'\\\"'") shown = "'\"'";
        return failed("invalid character " + shown + " " + std::string(where));
    }

    Result<void> expect(char c, std::string_view where) {
        if (!rest_.starts_with(c)) return unexpected_character(where);
        rest_.remove_prefix(1);
        return {};
    }

    Result<void> finish() {
        skip_spaces();
        if (!rest_.empty()) return unexpected_character("after top-level value");
        return {};
    }

    // string = '"' *( character / escape ) '"' ; the first quote is already read
    Result<std::string> read_string() {
        std::string text;
        while (!rest_.empty() && rest_[0] != '"') {
            if (static_cast<unsigned char>(rest_[0]) < 0x20)
                return unexpected_character("in string literal");
            if (rest_[0] == '\\') {
                rest_.remove_prefix(1);
                TRY(read_escape(text));
            } else {
                text += rest_[0];
                rest_.remove_prefix(1);
            }
        }
        TRY(expect('"', "in string literal"));
        return text;
    }

    Result<void> read_escape(std::string& text) {
        constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        if (rest_.empty()) return unexpected_character("");
        if (const std::size_t at = letters.find(rest_[0]); at != std::string_view::npos) {
            text += meanings[at];
            rest_.remove_prefix(1);
            return {};
        }
        if (rest_[0] != 'u') return unexpected_character("in string escape code");
        rest_.remove_prefix(1);
        char32_t character = TRY(read_code_unit());
        if (character >= 0xd800 && character < 0xdc00 && rest_.starts_with("\\u")) {
            const std::string_view before = rest_;
            rest_.remove_prefix(2);
            const char32_t low = TRY(read_code_unit());
            if (low >= 0xdc00 && low < 0xe000) {
                character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
            } else {
                rest_ = before;
            }
        }
        const bool lone = character >= 0xd800 && character < 0xe000;
        append_utf8(text, lone ? 0xfffd : character);
        return {};
    }

    Result<char32_t> read_code_unit() {
        std::uint32_t unit = 0;
        for (int i = 0; i < 4; ++i) {
            std::uint32_t digit = 0;
            if (rest_.empty() ||
                std::from_chars(rest_.data(), rest_.data() + 1, digit, 16).ec != std::errc()) {
                return unexpected_character("in \\u hexadecimal character escape");
            }
            unit = unit << 4 | digit;
            rest_.remove_prefix(1);
        }
        return unit;
    }

    // number = 1*DIGIT, fitting into 64 bits
    Result<std::uint64_t> read_number() {
        constexpr std::string_view into = " into Go value of type uint64";
        if (rest_.starts_with('"')) {
            rest_.remove_prefix(1);
            TRY(read_string());
            return failed("json: cannot unmarshal string" + std::string(into));
        }
        const auto rejected = [&](std::string_view kind) {
            return failed("json: cannot unmarshal " + std::string(kind) + std::string(into));
        };
        if (rest_.starts_with('{')) return rejected("object");
        if (rest_.starts_with('[')) return rejected("array");
        if (rest_.starts_with("true") || rest_.starts_with("false")) return rejected("bool");
        if (rest_.starts_with("null")) {
            rest_.remove_prefix(4);
            return 0;
        }
        if (rest_.empty() || !is_number_start(rest_[0]))
            return unexpected_character("looking for beginning of value");
        const std::string_view word = rest_.substr(0, rest_.find_first_not_of("+-.0123456789eE"));
        std::uint64_t number = 0;
        const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (problem != std::errc() || end != word.data() + word.size()) {
            return rejected("number " + std::string(word));
        }
        rest_.remove_prefix(word.size());
        return number;
    }

    std::string_view rest_;
};

}  // namespace

Result<std::vector<std::pair<std::string, std::uint64_t>>> parse_number_map(std::string_view json) {
    return NumberMapReader(json).read();
}

}  // namespace sluice::vindex
