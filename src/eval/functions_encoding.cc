// HEX, BASE64, CONV and their kin, CHAR, FORMAT.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/hex.h"
#include "collation/charset.h"
#include "eval/detail/registry.h"
#include "eval/detail/special.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

std::string in_base(std::uint64_t number, unsigned base) {
    static constexpr char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string out;
    do {
        out += digits[number % base];
        number /= base;
    } while (number != 0);
    std::ranges::reverse(out);
    return out;
}

// ---- HEX and UNHEX

Datum hex_of_number(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return in_base(operand.integer().bits, 16);
}
Datum hex_of_text(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    if (too_long(node, run, operand.text().size() * 2)) return {};
    return upper_hex(operand.text());
}
void give_hex(Node& node, const Environment& environment) {
    const FieldType& type = node.arguments[0].type;
    const bool number = class_of(type) != Class::text && (!type.is_bits || type.type == Type::bit);
    node.compute = number ? hex_of_number : hex_of_text;
    // MySQL counts in 32 bits.
    node.type = ascii_type(environment, number ? 16U : byte_length(type) * 2, true);
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
Datum unhex(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const std::string_view digits = operand.text();
    std::string out;
    int pending = 0;
    bool half = digits.size() % 2 != 0;
    for (const char c : digits) {
        const int digit = digit_of(c);
        if (digit < 0) {
            run.environment.warnings.add(
                1411, "Incorrect string value: ''" + std::string(digits) + "'' for function unhex");
            return {};
        }
        pending = pending * 16 + digit;
        if (half) {
            out += static_cast<char>(pending);
            pending = 0;
        }
        half = !half;
    }
    return out;
}
void give_unhex(Node& node, const Environment&) {
    const FieldType& type = node.arguments[0].type;
    node.type =
        binary_type(true, static_cast<std::uint32_t>((1 + std::uint64_t{byte_length(type)}) / 2));
}

// ---- base 64, in lines of 76

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Datum to_base64(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const std::string_view text = operand.text();
    const std::uint64_t digits = (text.size() + 2) / 3 * 4;
    if (too_long(node, run, digits + digits / 76)) return {};
    std::string out;
    std::size_t column = 0;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        if (column == 76) {
            out += '\n';
            column = 0;
        }
        column += 4;
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, text.size() - at);
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < count ? static_cast<std::uint8_t>(text[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= count ? base64_digits[group >> (18 - 6 * i) & 63] : '=';
    }
    return out;
}
void give_to_base64(Node& node, const Environment& environment) {
    const FieldType& from = node.arguments[0].type;
    const std::uint64_t bytes = from.is_zerofill ? text_length(from) : byte_length(from);
    const std::uint64_t digits = (bytes + 2) / 3 * 4;
    node.type =
        grown_type({connection_collation(environment), Coercibility::coercible, Repertoire::ascii},
                   digits + digits / 76, true);
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    std::uint32_t group = 0;
    int count = 0;
    int padding = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\v' || c == '\f') continue;
        if (c == '=') {
            if (count < 2 || ++padding > 2) return std::nullopt;
            group <<= 6;
        } else {
            const std::size_t digit = base64_digits.find(c);
            if (digit == std::string_view::npos || padding > 0) return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(digit);
        }
        if (++count < 4) continue;
        for (int i = 0; i < 3 - padding; ++i) out += static_cast<char>(group >> (16 - 8 * i) & 255);
        if (padding > 0) {
            const std::string_view rest = text.substr(at + 1);
            if (rest.find_first_not_of(" \n\r\t\v\f") != std::string_view::npos)
                return std::nullopt;
            return out;
        }
        group = 0;
        count = 0;
    }
    if (count != 0) return std::nullopt;
    return out;
}
Datum from_base64(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    auto out = decoded(operand.text());
    if (!out) return {};
    return std::move(*out);
}
void give_from_base64(Node& node, const Environment&) {
    node.type = grown_type({binary_collation(), Coercibility::coercible, Repertoire::unicode},
                           std::uint64_t{byte_length(node.arguments[0].type)} * 3 / 4, true);
}

// ---- CONV, BIN, OCT

// A number in `base` at the text's start; beyond 64 bits it is the largest.
struct ConvReading {
    std::uint64_t bits = 0;
    bool overflow = false;
    bool any = false;
};
ConvReading read_in_base(std::string_view text, unsigned base, bool is_signed) {
    const std::size_t start = text.find_first_not_of(" \t\n\v\f\r");
    text.remove_prefix(start == std::string_view::npos ? text.size() : start);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    ConvReading reading;
    unsigned __int128 number = 0;
    for (const char c : text) {
        const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                               : c >= 'a' && c <= 'z' ? static_cast<unsigned>(c - 'a') + 10
                               : c >= 'A' && c <= 'Z' ? static_cast<unsigned>(c - 'A') + 10
                                                      : 99;
        if (digit >= base) break;
        reading.any = true;
        if (number <= UINT64_MAX) number = number * base + digit;
    }
    const unsigned __int128 limit = !is_signed ? UINT64_MAX
                                    : negative ? std::uint64_t{1} << 63
                                               : INT64_MAX;
    if (number > limit) {
        reading.overflow = true;
        number = limit;
    }
    reading.bits = static_cast<std::uint64_t>(number);
    if (negative)
        reading.bits = reading.overflow ? (is_signed ? reading.bits : 0) : 0 - reading.bits;
    return reading;
}

std::optional<std::string> converted_base(std::uint64_t bits, std::int64_t to) {
    const bool negative = to < 0 && static_cast<std::int64_t>(bits) < 0;
    std::string out = in_base(negative ? 0 - bits : bits, static_cast<unsigned>(std::abs(to)));
    return negative ? "-" + out : out;
}
bool is_base(std::int64_t base) {
    return (base >= 2 && base <= 36) || (base <= -2 && base >= -36);
}

Datum conv_text(Operand& operand, std::int64_t from, std::int64_t to, Run& run) {
    if (!is_base(from) || !is_base(to)) return {};
    const std::string_view text = operand.text();
    if (text.empty()) return {};
    ConvReading reading;
    if (operand.type().is_bits) {
        reading.bits = operand.integer().bits;
    } else {
        reading = read_in_base(text, static_cast<unsigned>(std::abs(from)), from < 0);
        if (reading.overflow || !reading.any) warn_truncated(run.environment, "DECIMAL", text);
    }
    return *converted_base(reading.bits, to);
}
Datum conv(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    Operand from(node.arguments[1], run);
    Operand to(node.arguments[2], run);
    if (operand.is_null() || from.is_null() || to.is_null()) return {};
    return conv_text(operand, from.integer().clipped(), to.integer().clipped(), run);
}
void give_conv(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, 65, true);
}
// BIN and OCT; number: the base.
Datum in_fixed_base(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return conv_text(operand, 10, node.number, run);
}
void give_bin(Node& node, const Environment& environment) {
    give_conv(node, environment);
    node.number = 2;
}
void give_oct(Node& node, const Environment& environment) {
    give_conv(node, environment);
    node.number = 8;
}

// ---- FORMAT

// How a locale writes numbers; `names` are separated by spaces, as MySQL 9.7 knows them.
struct NumberStyle {
    std::string_view separator;
    char point;
    int groups;  // digits of all groups but the last
    std::string_view names;
};
constexpr NumberStyle styles[] = {
    {",", '.', 3,
     "en_us ar_ae ar_bh ar_dz ar_eg ar_in ar_iq ar_jo ar_kw ar_lb ar_ly ar_ma ar_om ar_qa ar_sd "
     "ar_sy ar_tn ar_ye en_au en_ca en_gb en_nz "
     "en_ph en_za en_zw es_do es_gt es_hn es_mx es_ni es_pa es_pe es_pr es_sv es_us gu_in he_il "
     "hi_in ja_jp ko_kr ms_my th_th ur_pk zh_cn zh_hk zh_tw"},
    {"", '.', 3, "ar_sa sr_rs"},
    {".", ',', 3,
     "be_by da_dk de_be de_de de_lu es_ar es_bo es_cl es_co es_ec es_es es_py es_uy es_ve fo_fo "
     "hu_hu id_id is_is lt_lt mn_mn nb_no no_no ro_ro ru_ua sq_al tr_tr uk_ua vi_vn"},
    {std::string_view("\0", 1), ',', 3, "bg_bg"},
    {"", ',', 3,
     "ca_es de_at el_gr eu_es fr_be fr_ca fr_ch fr_fr fr_lu gl_es hr_hr it_it nl_be nl_nl pl_pl "
     "pt_br pt_pt sl_si"},
    {" ", ',', 3, "cs_cz es_cr et_ee fi_fi lv_lv mk_mk ru_ru sk_sk sv_fi sv_se"},
    {"'", '.', 3, "de_ch"},
    {",", '.', 2, "en_in ta_in te_in"},
    {"'", ',', 3, "it_ch rm_ch"},
};

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}
const NumberStyle& style_of(std::string_view locale, Environment& environment) {
    const std::string name = sql::lower_case(locale);
    for (const NumberStyle& style : styles) {
        if (has_word(style.names, name)) return style;
    }
    environment.warnings.add(1649, "Unknown locale: '" + std::string(locale) + "'");
    return styles[0];
}

std::string grouped(std::string_view digits, const NumberStyle& style) {
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const std::size_t point = digits.find('.');
    const std::string_view whole = digits.substr(0, point);
    std::string out = negative ? "-" : "";
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const std::size_t left = whole.size() - i;
        const bool boundary =
            left == 3 || (left > 3 && (left - 3) % static_cast<std::size_t>(style.groups) == 0);
        if (i > 0 && boundary) out += style.separator;
        out += whole[i];
    }
    if (point != std::string_view::npos) {
        out += style.point;
        out += digits.substr(point + 1);
    }
    return out;
}
// The digits that tell a double from all others, and zeros for those behind them.
std::string plain_text(double number, int decimals) {
    if (number == 0) return fixed_text(number, decimals);
    if (const auto exact = Decimal::of(number)) return exact->with_scale(decimals).text();
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
    const std::string_view written(buffer, static_cast<std::size_t>(end.ptr - buffer));
    const std::size_t e = written.find("e+");
    if (e == std::string_view::npos) return fixed_text(number, decimals);
    std::size_t missing = 0;
    std::from_chars(buffer + e + 2, end.ptr, missing);
    std::string out;
    for (const char c : written.substr(0, e)) {
        const bool is_digit = c >= '0' && c <= '9';
        if (is_digit && out.find_first_of("0123456789") != std::string::npos) --missing;
        if (c != '.') out += c;
    }
    out.append(missing, '0');
    if (decimals > 0) out += "." + std::string(static_cast<std::size_t>(decimals), '0');
    return out;
}

Datum format(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    Operand digits(node.arguments[1], run);
    if (operand.is_null() || digits.is_null()) return {};
    const int decimals =
        static_cast<int>(std::clamp<std::int64_t>(digits.integer().clipped(), 0, 30));
    const NumberStyle* style = &styles[0];
    if (node.arguments.size() > 2) {
        Operand locale(node.arguments[2], run);
        if (!locale.is_null()) style = &style_of(locale.text(), run.environment);
    }
    const Class own = class_of(operand.type());
    if (own == Class::integer || own == Class::decimal)
        return grouped(operand.decimal().with_scale(decimals).text(), *style);
    const double number = rounded(operand.real(), decimals, false);
    return grouped(plain_text(number, decimals), *style);
}
void give_format(Node& node, const Environment& environment) {
    const std::uint64_t length = text_length(node.arguments[0].type);
    node.type = ascii_type(environment, length + length / 3 + 32, true);
}

// ---- CHAR

Datum char_function(const Node& node, Run& run) {
    std::string out;
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        if (operand.is_null()) continue;
        const std::uint64_t number = operand.integer().bits;
        const auto code = static_cast<std::uint32_t>(number);
        for (int shift = 24; shift > 0; shift -= 8) {
            if (code >> shift != 0) out += static_cast<char>(code >> shift & 255);
        }
        out += static_cast<char>(code & 255);
    }
    const collation::Charset& charset = *node.type.collation->charset;
    if (charset.name != "binary" && !collation::valid(charset, out)) {
        run.environment.warnings.add(
            1300, "Invalid " + std::string(charset.name) + " character string: '" +
                      upper_hex(out.substr(collation::valid_prefix(charset, out), 6)) + "'");
        return {};
    }
    return out;
}

}  // namespace

Node char_node(std::vector<Node> arguments, std::string_view charset, const Environment&) {
    for (const Node& argument : arguments) refuse_tuple(argument);
    const collation::Collation* to =
        charset.empty() ? binary_collation() : collation::default_collation(charset);
    if (to == nullptr)
        raise(er::unknown_character_set, "Unknown character set: '" + std::string(charset) + "'");
    const std::uint64_t length = arguments.size() * 4;
    Node node = node_of("char", Print::call, char_function,
                        text_type({to, Coercibility::coercible, Repertoire::unicode}, length, true),
                        std::move(arguments));
    return node;
}

std::span<const Function> encoding_functions() {
    static constexpr Function functions[] = {
        {"bin", 1, 1, give_bin, in_fixed_base},
        {"conv", 3, 3, give_conv, conv},
        {"format", 2, 3, give_format, format},
        {"from_base64", 1, 1, give_from_base64, from_base64},
        {"hex", 1, 1, give_hex, nullptr},
        {"oct", 1, 1, give_oct, in_fixed_base},
        {"to_base64", 1, 1, give_to_base64, to_base64},
        {"unhex", 1, 1, give_unhex, unhex},
    };
    return functions;
}

}  // namespace sluice::eval
