#include "base/made_by.h"

#include <optional>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/box.h"

namespace sluice {
namespace {

// Knows where it was made. Not trivial, or it would travel in a register.
struct Placed {
    Placed() : made_at(this) {}
    Placed(const Placed& other) : made_at(other.made_at) {}
    Placed& operator=(const Placed&) = delete;
    ~Placed() = default;
    bool stays() const { return made_at == this; }

    const Placed* made_at;
};

Placed make() {
    Placed placed;
    return placed;
}

TEST(MadeBy, NothingIsMoved) {
    std::vector<Placed> items;
    items.emplace_back(MadeBy{[] { return make(); }});
    EXPECT_TRUE(items.front().stays());
    const Box<Placed> box(MadeBy{[] { return make(); }});
    EXPECT_TRUE(box->stays());
    std::variant<int, Placed> either;
    EXPECT_TRUE(either.emplace<Placed>(MadeBy{[] { return make(); }}).stays());
    std::optional<Placed> perhaps;
    EXPECT_TRUE(perhaps.emplace(MadeBy{[] { return make(); }}).stays());
    items.push_back(make());  // moves
    EXPECT_FALSE(items.back().stays());
}

}  // namespace
}  // namespace sluice
