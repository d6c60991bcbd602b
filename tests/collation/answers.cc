// Answers what compare.py also asks a server. Each line of the input is a question: a word, a
// collation and texts in hex; "-" is the empty text. The answer is one line.
#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "base/hex.h"
#include "collation/case.h"
#include "collation/charset.h"
#include "collation/compare.h"
#include "collation/like.h"

namespace {

namespace collation = sluice::collation;
using sluice::upper_hex;

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::string sign(std::weak_ordering order) {
    return order < 0 ? "-1" : order > 0 ? "1" : "0";
}

// `find` counts in characters from 1, as INSTR does.
std::string place(const collation::Collation& by, const std::string& text,
                  const std::string& needle) {
    const std::size_t found = collation::find(by, text, needle);
    if (found == std::string::npos) return "0";
    return std::to_string(collation::characters(*by.charset, text.substr(0, found)) + 1);
}

std::string answer(const std::string& word, const std::string& name,
                   const std::vector<std::string>& texts) {
    if (word == "convert") {
        const std::size_t slash = name.find('/');
        return upper_hex(collation::convert(*collation::find_charset(name.substr(0, slash)),
                                            *collation::find_charset(name.substr(slash + 1)),
                                            texts[0])
                             .text);
    }
    const collation::Collation* const by = collation::find_collation(name);
    if (by == nullptr || !collation::implemented(*by)) return "refused";
    if (word == "weight") {
        std::string out;
        collation::append_weights(out, *by, texts[0]);
        return upper_hex(out);
    }
    if (word == "upper") return upper_hex(collation::upper(*by, texts[0]));
    if (word == "lower") return upper_hex(collation::lower(*by, texts[0]));
    if (word == "length") return std::to_string(collation::characters(*by->charset, texts[0]));
    if (word == "instr") return place(*by, texts[0], texts[1]);
    if (word == "like") return collation::like(*by, texts[0], texts[1]) ? "1" : "0";
    const auto order = collation::compare(*by, texts[0], texts[1]);
    const bool hashes =
        order != 0 || collation::hash(*by, texts[0], 7) == collation::hash(*by, texts[1], 7);
    return hashes ? sign(order) : "equal texts hash differently";
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string word, name;
        words >> word >> name;
        std::vector<std::string> texts;
        for (std::string hex; words >> hex;) texts.push_back(hex == "-" ? "" : from_hex(hex));
        texts.resize(std::max<std::size_t>(texts.size(), 2));
        std::cout << answer(word, name, texts) << "\n";
    }
}
