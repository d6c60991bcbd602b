// A number that is read prints as one that reads back the same, and sums can be undone.
#include "base/assert.h"
#include "values/decimal.h"
#include "values/number.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sluice;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const Decimal::Reading reading = Decimal::read(text);
    VT_ASSERT(reading.used <= size);
    const std::string printed = reading.value.text();
    const Decimal::Reading again = Decimal::read(printed);
    VT_ASSERT(again.used == printed.size() && again.value == reading.value);
    const std::string_view rest = text.substr(reading.used);
    const Decimal other = Decimal::read(rest).value;
    const auto sum = Decimal::add(reading.value, other);
    const auto reversed = Decimal::add(other, reading.value);
    VT_ASSERT(sum.has_value() == reversed.has_value() && (!sum || *sum == *reversed));
    if (const auto back = sum ? Decimal::subtract(*sum, other) : std::nullopt;
        back && sum->scale() >= std::max(reading.value.scale(), other.scale())) {
        VT_ASSERT(*back == reading.value);
    }
    (void)Decimal::multiply(reading.value, other);
    (void)Decimal::divide(reading.value, other, 4);
    (void)Decimal::remainder(reading.value, other);
    VT_ASSERT(read_integer(text).used <= size);
    const DoubleReading real = read_double(text);
    const DoubleReading real_again = read_double(double_text(real.value));
    VT_ASSERT(real_again.value == real.value);
    return 0;
}
