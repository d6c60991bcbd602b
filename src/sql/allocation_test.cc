// How often a parse asks for memory: most of what a plan miss costs would be that.
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "sql/fingerprint.h"
#include "sql/parse.h"

namespace {
std::size_t allocations = 0;
}  // namespace

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#include <sanitizer/allocator_interface.h>

namespace {
void count_allocation(const volatile void*, std::size_t) {
    ++allocations;
}
void ignore_free(const volatile void*) {}
[[maybe_unused]] const int installed =
    __sanitizer_install_malloc_and_free_hooks(count_allocation, ignore_free);
}  // namespace
#else
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace sluice::sql {
namespace {

std::size_t allocations_of_parse(std::string_view text) {
    const std::size_t before = allocations;
    const Result<Statement> parsed = parse(text);
    EXPECT_TRUE(parsed) << text;
    return allocations - before;
}

TEST(Allocations, Parse) {
    const std::pair<std::string_view, std::size_t> cases[] = {
        {"SELECT c FROM sbtest1 WHERE id=5042", 6},  // tokens, items, tables, =, its two sides
        {"select 1", 2},
        {"insert into t (a, b) values (1, 2), (3, 4)", 9},
        {"begin", 1},
    };
    for (const auto& [text, most] : cases) {
        const std::size_t counted = allocations_of_parse(text);
        EXPECT_GT(counted, 0u) << text;
        EXPECT_LE(counted, most) << text;
    }
}

TEST(Allocations, FingerprintHasNone) {
    Fingerprint result;
    const std::string_view text = "SELECT c FROM sbtest1 WHERE id IN (5042, 7) AND k = 'x'";
    fingerprint(text, {}, {1, 2}, result);  // room for the slots
    const std::size_t before = allocations;
    fingerprint(text, {}, {1, 2}, result);
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace sluice::sql
