#pragma once
// For tests: reads a corpus of JSON lines, counts what passes, prints the one line that acceptance
// reads.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "values/value.h"

namespace sluice::vindex::corpus {

namespace json = boost::json;

inline std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// `check` gives what is wrong with a case, nullopt if nothing is. Shows the first few that fail.
inline void run(std::string_view name,
                const std::function<std::optional<std::string>(const json::object&)>& check,
                double floor_percent = 100) {
    const char* const folder = std::getenv("SLUICE_CORPORA");
    const std::filesystem::path path =
        std::filesystem::path(folder ? folder : "") / (std::string(name) + ".jsonl");
    if (!folder || !std::filesystem::exists(path)) {
        std::cout << "corpus " << name << ": absent" << std::endl;
        GTEST_SKIP();
    }
    constexpr int most_shown = 8;
    int passed = 0, total = 0, shown = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.empty()) continue;
        ++total;
        const std::optional<std::string> wrong = check(json::parse(line).as_object());
        if (!wrong) {
            ++passed;
        } else if (shown++ < most_shown) {
            std::cout << "  " << *wrong << "\n    " << line.substr(0, 400) << "\n";
        }
    }
    std::cout << "corpus " << name << ": " << passed << " of " << total << std::endl;
    EXPECT_GE(100.0 * passed, floor_percent * total);
}

inline std::string text_of(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

inline std::string unhex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

// {"type", "value" or "hex"}
inline Value value_of(const json::object& object) {
    Value value{type_of_name(text_of(object, "type")).value(), text_of(object, "value")};
    if (object.contains("hex")) value.bytes = unhex(text_of(object, "hex"));
    return value;
}

}  // namespace sluice::vindex::corpus
