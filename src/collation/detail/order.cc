// Step 10 of a request: from a collation to its tables.
#include "collation/detail/order.h"

#include <array>
#include <atomic>
#include <memory>

#include "base/assert.h"

namespace sluice::collation::detail {
namespace {

constexpr std::size_t most_collations = 4096;

bool is_unicode(Encoding encoding) {
    return encoding != Encoding::bytes && encoding != Encoding::single_byte &&
           encoding != Encoding::multibyte;
}

Order of_points(const Collation& collation) {
    const Encoding encoding = collation.charset->encoding;
    Order order{.kind = Kind::points};
    if (!collation.is_binary) return order;
    const bool basic = encoding == Encoding::utf8_basic || encoding == Encoding::ucs2;
    order.weight_bytes = basic ? 2 : 3;
    order.by_bytes = encoding == Encoding::utf8 || encoding == Encoding::utf8_basic;
    return order;
}

Order of_unicode(const Collation& collation) {
    const std::string_view name = kind_name(collation);
    Order order;
    if (name == "0900_bin") {
        order = {.kind = Kind::bytes, .pads = false};
    } else if (collation.is_binary) {
        order = of_points(collation);
    } else if (name == "general_ci" || name == "general_mysql500_ci") {
        order = of_points(collation);
        order.weights = general_weights();
        order.sharp_s_apart = name != "general_ci";
    } else if (name == "tolower_ci") {
        order = of_points(collation);
        order.weights = tolower_weights();
    } else if ((order.uca = find_uca(name)) != nullptr) {
        order.kind = Kind::uca;
        order.pads = !name.contains("0900_");
    }
    order.cases = &case_table(name);
    return order;
}

Order made(const Collation& collation) {
    if (collation.mariadb) return {};
    const Encoding encoding = collation.charset->encoding;
    if (is_unicode(encoding)) return of_unicode(collation);
    if (encoding == Encoding::bytes) return {.kind = Kind::bytes, .pads = false};
    Order order;
    if (encoding == Encoding::single_byte) {
        order.single = single_byte_order(collation);
        order.passes = pass_order(collation);
        if (order.single != nullptr) order.kind = collation.is_binary ? Kind::bytes : Kind::single;
        if (order.passes != nullptr) order.kind = Kind::passes;
    } else if (kind_name(collation) == "unicode_520_ci") {
        order = of_unicode(collation);
    } else {
        order.multibyte = multibyte_order(collation);
        order.codes_compared = collation.name == "big5_chinese_ci";
        order.kind = collation.is_binary ? Kind::bytes : Kind::multibyte;
    }
    return order;
}

}  // namespace

std::string_view kind_name(const Collation& collation) {
    const std::size_t prefix = collation.charset->name.size() + 1;
    return collation.name.size() > prefix ? collation.name.substr(prefix) : collation.name;
}

const Order& order_of(const Collation& collation) {
    static std::array<std::atomic<const Order*>, most_collations> known{};
    VT_ASSERT(collation.id < most_collations);
    std::atomic<const Order*>& place = known[collation.id];
    if (const Order* const found = place.load(std::memory_order_acquire)) return *found;
    auto order = std::make_unique<const Order>(made(collation));
    const Order* expected = nullptr;
    if (place.compare_exchange_strong(expected, order.get(), std::memory_order_acq_rel)) {
        return *order.release();  // for the life of the process
    }
    return *expected;
}

}  // namespace sluice::collation::detail
