// Step 10 of a request: where rows are compared by *_0900_*, *_unicode_* and the languages' orders.
#include "collation/detail/uca.h"

#include <algorithm>
#include <deque>

#include "base/assert.h"
#include "collation/detail/packed.h"

namespace sluice::collation::detail {
namespace {

constexpr Packed packed =
#include "collation/detail/uca_tables.inc"
    ;

constexpr std::uint8_t implicit_mark = 255;
constexpr std::size_t pages_of_unicode = 0x1100;

using Rest = std::vector<std::vector<std::uint16_t>>;  // the weights after the first level

std::vector<Rest> read_rests(Stream& in) {
    std::vector<Rest> rests(in.number());
    for (Rest& rest : rests) {
        rest.resize(in.byte());
        for (auto& level : rest) {
            level.resize(in.byte());
            for (std::uint16_t& weight : level) weight = static_cast<std::uint16_t>(in.number());
        }
    }
    return rests;
}

void read_units(Stream& in, UcaPages& pages) {
    const std::vector<Rest> rests = read_rests(in);
    pages.units.resize(in.number());
    for (Unit& unit : pages.units) {
        unit.count[0] = in.byte();
        unit.implicit = unit.count[0] == implicit_mark;
        if (unit.implicit) unit.count[0] = 1;
    }
    std::vector<std::uint32_t> rest_of(pages.units.size());
    for (std::uint32_t& rest : rest_of) rest = in.number();
    std::uint32_t weight = 0;
    for (std::size_t i = 0; i < pages.units.size(); ++i) {
        Unit& unit = pages.units[i];
        unit.at = static_cast<std::uint32_t>(pages.weights.size());
        for (unsigned left = unit.count[0]; left > 0; --left) {
            weight = in.near(weight);
            pages.weights.push_back(static_cast<std::uint16_t>(weight));
        }
        unsigned level = 0;
        for (const auto& weights : rests[rest_of[i]]) {
            unit.count[++level] = static_cast<std::uint8_t>(weights.size());
            pages.weights.insert(pages.weights.end(), weights.begin(), weights.end());
        }
    }
}

void read_pages(Stream& in, UcaPages& pages) {
    pages.pages.resize(in.number());
    std::uint32_t unit = 0;
    for (auto& page : pages.pages) {
        for (std::uint32_t& number : page) number = unit = in.near(unit) + 1;
    }
    pages.tables.resize(in.number());
    for (auto& table : pages.tables) {
        while (table.size() < pages_of_unicode) {
            const auto page = static_cast<std::uint16_t>(in.number());
            table.insert(table.end(), in.number(), page);
        }
    }
}

void read_contractions(Stream& in, Uca& uca) {
    for (std::uint32_t left = in.number(); left > 0; --left) {
        Contraction contraction;
        for (std::uint8_t size = in.byte(); size > 0; --size) {
            contraction.text.push_back(in.number());
        }
        contraction.unit = in.number();
        const char32_t head = contraction.text[uca.contextual ? 1 : 0];
        uca.heads[head & 0xFFF] = true;
        uca.ascii_heads = uca.ascii_heads || head < 0x80;
        uca.contractions.push_back(std::move(contraction));
    }
    std::ranges::sort(uca.contractions, {}, &Contraction::text);
}

struct Tables {
    UcaPages pages;
    std::deque<Uca> ucas;

    Tables() {
        const std::string bytes = unpacked(packed);
        Stream in(bytes);
        read_units(in, pages);
        read_pages(in, pages);
        for (std::uint32_t left = in.number(); left > 0; --left) {
            Uca& uca = ucas.emplace_back();
            uca.name = in.text();
            uca.pages = &pages;
            uca.table = pages.tables[in.number()].data();
            uca.levels = in.byte();
            uca.contextual = in.byte() != 0;
            read_contractions(in, uca);
            prepare_ascii(uca);
        }
        VT_ASSERT(in.empty());
    }

    void prepare_ascii(Uca& uca) const {
        for (char32_t code = 0; code < 0x80; ++code) {
            const Unit& unit = uca.unit(code);
            if (unit.implicit || uca.heads[code]) continue;
            std::uint32_t at = unit.at;
            for (unsigned level = 0; level < uca.levels; at += unit.count[level++]) {
                if (unit.count[level] == 1) uca.ascii[level][code] = pages.weights[at];
            }
        }
        uca.space = pages.weights[uca.unit(' ').at];
        uca.basic = !uca.unit(0x10FFFF).implicit;
    }
};

const Tables& tables() {
    static const Tables all;
    return all;
}

const Contraction* find_contraction(const Uca& uca, std::u32string_view text) {
    const auto at = std::ranges::lower_bound(uca.contractions, text, {}, [](const Contraction& c) {
        return std::u32string_view(c.text);
    });
    return at == uca.contractions.end() || at->text != text ? nullptr : &*at;
}

constexpr std::size_t longest_contraction = 6;

}  // namespace

const Uca* find_uca(std::string_view name) {
    for (const Uca& uca : tables().ucas) {
        if (uca.name == name) return &uca;
    }
    return nullptr;
}

std::array<std::uint16_t, 2> implicit_weights(std::uint16_t base, char32_t code) {
    return {static_cast<std::uint16_t>(base + (code >> 15)),
            static_cast<std::uint16_t>((code & 0x7FFF) | 0x8000)};
}

const Unit* Units::contracted(char32_t first) {
    std::u32string text(1, first);
    std::string_view ahead = rest_;
    const Contraction* longest = nullptr;
    std::size_t used = 0;
    while (text.size() < longest_contraction && !ahead.empty()) {
        const Char c = next_char(charset_, ahead);
        if (!c.valid) break;
        text.push_back(c.code);
        ahead.remove_prefix(c.bytes);
        if (const Contraction* const found = find_contraction(uca_, text)) {
            longest = found;
            used = rest_.size() - ahead.size();
        }
    }
    if (longest == nullptr) return nullptr;
    rest_.remove_prefix(used);
    characters_ += longest->text.size() - 1;
    return &uca_.pages->units[longest->unit];
}

const Unit* Units::contextual(char32_t before, char32_t code) const {
    const char32_t pair[] = {before, code};
    const Contraction* const found = find_contraction(uca_, std::u32string_view(pair, 2));
    return found == nullptr ? nullptr : &uca_.pages->units[found->unit];
}

void Units::begin_after_last() {
    if (rest_.empty()) return;
    std::string_view text = rest_;
    Char c = next_char(charset_, text);
    if (!c.valid || !uca_.heads[c.code & 0xFFF]) return;
    for (; c.valid; c = next_char(charset_, text)) {
        code_ = c.code;
        text.remove_prefix(c.bytes);
        if (text.empty()) break;
    }
}

const Unit* Units::next() {
    if (rest_.empty()) return nullptr;
    const Char c = next_char(charset_, rest_);
    if (!c.valid) return nullptr;
    rest_.remove_prefix(c.bytes);
    ++characters_;
    const char32_t before = code_;
    code_ = c.code == no_code ? U'?' : c.code;
    if (uca_.heads[code_ & 0xFFF]) {
        const Unit* const found = uca_.contextual ? contextual(before, code_) : contracted(code_);
        if (found != nullptr) return found;
    }
    return &uca_.unit(code_);
}

bool LevelWeights::advance() {
    const Unit* const unit = units_.next();
    if (unit == nullptr) return false;
    left_ = unit->count[level_];
    std::uint32_t at = unit->at;
    for (unsigned level = 0; level < level_; ++level) at += unit->count[level];
    at_ = uca_.pages->weights.data() + at;
    if (level_ == 0 && unit->implicit) {
        implicit_ = implicit_weights(*at_, units_.code());
        at_ = implicit_.data();
        left_ = 2;
    }
    return true;
}

}  // namespace sluice::collation::detail
