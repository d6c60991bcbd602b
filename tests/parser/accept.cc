// For compare_mysql.py: reads statements from stdin, each as a line with its length in bytes and
// then the bytes, and writes a line for each: "yes", or the error's text.
#include <iostream>
#include <string>

#include "sql/parse.h"

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        std::string text(std::stoul(line), '\0');
        if (!std::cin.read(text.data(), static_cast<std::streamsize>(text.size()))) return 1;
        const auto parsed = sluice::sql::parse(text);
        std::string answer = "yes";
        if (!parsed)
            answer = parsed.error().text;
        else if (const auto limits = sluice::sql::check_limits(*parsed); !limits)
            answer = limits.error().text;
        for (char& c : answer) {
            if (c == '\n') c = ' ';
        }
        std::cout << answer << '\n';
    }
    return 0;
}
