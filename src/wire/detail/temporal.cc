// Step 10 of a request: dates and times in binary rows and parameters. Before: binary_value.cc.
#include "wire/detail/temporal.h"

#include "wire/detail/fields.h"

namespace sluice::wire::detail {
namespace {

void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

void append_fraction(std::string& out, std::uint32_t micros, std::uint8_t decimals) {
    if (decimals > 6) decimals = micros == 0 ? 0 : 6;
    if (decimals == 0) return;
    std::string digits;
    append_padded(digits, micros, 6);
    out.append(".").append(digits, 0, decimals);
}

void append_clock(std::string& out, std::uint64_t hours, std::uint8_t minutes,
                  std::uint8_t seconds) {
    append_padded(out, hours, 2);
    out += ':';
    append_padded(out, minutes, 2);
    out += ':';
    append_padded(out, seconds, 2);
}

// Reads text from left to right; after a mismatch nothing fits any more.
class Scanner {
 public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool ok() const { return ok_; }
    bool at_end() const { return text_.empty(); }
    bool take(char want) {
        if (text_.empty() || text_.front() != want) return false;
        text_.remove_prefix(1);
        return true;
    }
    void need(char want) { ok_ = take(want) && ok_; }
    // A number of one to `most` digits.
    std::uint32_t number(std::size_t most) {
        std::uint32_t value = 0;
        std::size_t count = 0;
        while (count < most && !text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
            value = value * 10 + static_cast<std::uint32_t>(text_.front() - '0');
            text_.remove_prefix(1);
            ++count;
        }
        if (count == 0) ok_ = false;
        return value;
    }
    // What follows the point, in millionths; further digits are cut off.
    std::uint32_t fraction() {
        if (!take('.')) return 0;
        const std::size_t before = text_.size();
        std::uint32_t value = number(6);
        for (std::size_t digits = before - text_.size(); digits < 6; ++digits) value *= 10;
        while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9')
            text_.remove_prefix(1);
        return value;
    }

 private:
    std::string_view text_;
    bool ok_ = true;
};

}  // namespace

// Grammar: nothing, or year(2) month(1) day(1) [hour(1) minute(1) second(1) [micros(4)]].
bool append_date_text(std::string& out, bool only_date, std::uint8_t decimals, ByteView raw) {
    if (raw.size() != 0 && raw.size() != 4 && raw.size() != 7 && raw.size() != 11) return false;
    std::uint8_t parts[11] = {};
    if (!raw.empty()) std::memcpy(parts, raw.data(), raw.size());
    const auto micros = load<std::uint32_t>(parts + 7);
    if (micros > 999'999) return false;
    append_padded(out, load<std::uint16_t>(parts), 4);
    out += '-';
    append_padded(out, parts[2], 2);
    out += '-';
    append_padded(out, parts[3], 2);
    if (only_date) return true;
    out += ' ';
    append_clock(out, parts[4], parts[5], parts[6]);
    append_fraction(out, micros, decimals);
    return true;
}

// Grammar: nothing, or negative(1) days(4) hours(1) minutes(1) seconds(1) [micros(4)].
bool append_time_text(std::string& out, std::uint8_t decimals, ByteView raw) {
    if (raw.size() != 0 && raw.size() != 8 && raw.size() != 12) return false;
    std::uint8_t parts[12] = {};
    if (!raw.empty()) std::memcpy(parts, raw.data(), raw.size());
    const auto micros = load<std::uint32_t>(parts + 8);
    if (micros > 999'999) return false;
    if (parts[0] != 0) out += '-';
    append_clock(out, std::uint64_t{load<std::uint32_t>(parts + 1)} * 24 + parts[5], parts[6],
                 parts[7]);
    append_fraction(out, micros, decimals);
    return true;
}

// Grammar: year "-" month "-" day [(" " | "T") hour ":" minute ":" second ["." fraction]].
bool put_date(Bytes& out, std::string_view text) {
    Scanner scan(text);
    const std::uint32_t year = scan.number(4);
    scan.need('-');
    const std::uint32_t month = scan.number(2);
    scan.need('-');
    const std::uint32_t day = scan.number(2);
    std::uint32_t hour = 0, minute = 0, second = 0, micros = 0;
    if (scan.take(' ') || scan.take('T')) {
        hour = scan.number(2);
        scan.need(':');
        minute = scan.number(2);
        scan.need(':');
        second = scan.number(2);
        micros = scan.fraction();
    }
    if (!scan.ok() || !scan.at_end()) return false;
    const bool clock = (hour | minute | second) != 0;
    const bool date = (year | month | day) != 0;
    const std::uint8_t size = micros != 0 ? 11 : clock ? 7 : date ? 4 : 0;
    out.push(size);
    if (size == 0) return true;
    put_uint(out, year, 2);
    put_uint(out, month | day << 8, 2);
    if (size >= 7) put_uint(out, hour | minute << 8 | second << 16, 3);
    if (size == 11) put_uint(out, micros, 4);
    return true;
}

// Grammar: ["-"] hours ":" minutes [":" seconds ["." fraction]].
bool put_time(Bytes& out, std::string_view text) {
    Scanner scan(text);
    const bool negative = scan.take('-');
    const std::uint32_t hours = scan.number(9);
    scan.need(':');
    const std::uint32_t minutes = scan.number(2);
    const std::uint32_t seconds = scan.take(':') ? scan.number(2) : 0;
    const std::uint32_t micros = scan.fraction();
    if (!scan.ok() || !scan.at_end()) return false;
    const std::uint8_t size = micros != 0 ? 12 : (hours | minutes | seconds) != 0 ? 8 : 0;
    out.push(size);
    if (size == 0) return true;
    out.push(negative ? 1 : 0);
    put_uint(out, hours / 24, 4);
    put_uint(out, hours % 24 | minutes << 8 | seconds << 16, 3);
    if (size == 12) put_uint(out, micros, 4);
    return true;
}

}  // namespace sluice::wire::detail
