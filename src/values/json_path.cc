// Step 6 of a request with JSON paths: they are read, followed and written.
#include "values/json_path.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

#include "values/detail/json_step.h"

namespace sluice {

namespace {

using Kind = JsonPathLeg::Kind;

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A name that needs no quotes, as ECMAScript spells identifiers. Whatever is not ASCII counts as a
// letter.
bool is_identifier(std::string_view name) {
    if (name.empty() || is_digit(name.front())) return false;
    return std::ranges::all_of(name, [](char c) {
        const auto lower = static_cast<char>(c | 0x20);
        return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '$' || c == '_' ||
               static_cast<unsigned char>(c) >= 0x80;
    });
}

class PathParser {
 public:
    explicit PathParser(std::string_view text) : text_(text) {}

    std::expected<JsonPath, std::size_t> parse();

 private:
    bool at_end() const { return at_ == text_.size(); }
    bool follows(char c) const { return !at_end() && text_[at_] == c; }
    bool take(char c) {
        if (!follows(c)) return false;
        ++at_;
        return true;
    }
    // An error stands behind what is there instead.
    bool need(char c) {
        if (take(c)) return true;
        if (!at_end()) ++at_;
        return false;
    }
    void skip_spaces() {
        while (!at_end() && is_space(text_[at_])) ++at_;
    }
    bool leg();
    bool member();
    bool cell();
    bool ellipsis();
    bool index(JsonIndex& index);
    bool range_follows() const;

    std::string_view text_;
    std::size_t at_ = 0;
    JsonPath path_;
};

// path = "$" { leg }.
std::expected<JsonPath, std::size_t> PathParser::parse() {
    skip_spaces();
    bool good = need('$');
    skip_spaces();
    while (good && !at_end()) {
        good = leg();
        if (good) skip_spaces();
    }
    // Something must follow `**`.
    if (good && !path_.legs.empty() && path_.legs.back().kind == Kind::ellipsis) good = false;
    if (!good) return std::unexpected(at_);
    return std::move(path_);
}

// leg = "." ( "*" | name ) | "[" ( "*" | cells ) "]" | "**".
bool PathParser::leg() {
    if (take('.')) return member();
    if (take('[')) return cell();
    return take('*') && ellipsis();
}

bool PathParser::ellipsis() {
    if (!need('*') || at_end() || follows('*')) return false;
    path_.legs.push_back({.kind = Kind::ellipsis});
    return true;
}

// name = identifier | string; both may have JSON's escapes.
bool PathParser::member() {
    skip_spaces();
    if (at_end()) return false;
    if (take('*')) {
        path_.legs.push_back({.kind = Kind::any_member});
        return true;
    }
    const std::size_t start = at_;
    const bool quoted = take('"');
    if (quoted) {
        while (!at_end() && !follows('"'))
            at_ = std::min(at_ + (follows('\\') ? 2 : 1), text_.size());
        if (!take('"')) return false;
    } else {
        while (!at_end() && !is_space(text_[at_]) && !follows('.') && !follows('[') &&
               !follows('*')) {
            ++at_;
        }
    }
    std::string name(text_.substr(start, at_ - start));
    if (!quoted) name = "\"" + name + "\"";
    const std::expected<Json, JsonSyntax> parsed = parse_json(name);
    if (!parsed) return false;
    name = std::get<std::string>(parsed->node);
    if (!quoted && !is_identifier(name)) return false;
    path_.legs.push_back({.kind = Kind::member, .name = std::move(name)});
    return true;
}

// index = number | "last" [ "-" number ].
bool PathParser::index(JsonIndex& index) {
    constexpr std::string_view last = "last";
    if (text_.substr(at_).starts_with(last)) {
        at_ += last.size();
        index.from_last = true;
        skip_spaces();
        if (!take('-')) return true;
        skip_spaces();
    }
    if (at_end() || !is_digit(text_[at_])) return false;
    const char* const begin = text_.data() + at_;
    const auto read = std::from_chars(begin, text_.data() + text_.size(), index.number);
    if (read.ec != std::errc{}) return false;
    at_ += static_cast<std::size_t>(read.ptr - begin);
    return true;
}

bool PathParser::range_follows() const {
    const std::string_view rest = text_.substr(at_);
    return at_ > 0 && is_space(text_[at_ - 1]) && rest.size() > 2 && rest.starts_with("to") &&
           is_space(rest[2]);
}

// cells = index [ "to" index ], with spaces around "to".
bool PathParser::cell() {
    skip_spaces();
    if (take('*')) {
        path_.legs.push_back({.kind = Kind::any_cell});
    } else {
        JsonPathLeg leg{.kind = Kind::cell};
        if (!index(leg.from)) return false;
        skip_spaces();
        leg.to = leg.from;
        if (range_follows()) {
            leg.kind = Kind::range;
            at_ += 3;
            skip_spaces();
            leg.to = {};
            if (!index(leg.to)) return false;
            // Such a range is always empty.
            const bool backwards = leg.from.from_last ? leg.from.number < leg.to.number
                                                      : leg.from.number > leg.to.number;
            if (leg.from.from_last == leg.to.from_last && backwards) return false;
        }
        path_.legs.push_back(std::move(leg));
    }
    skip_spaces();
    return need(']');
}

void append_leg(std::string& out, const std::string& name) {
    out += '.';
    if (is_identifier(name)) {
        out += name;
    } else {
        append_json_quoted(out, name);
    }
}

std::string index_text(const JsonIndex& index) {
    if (!index.from_last) return std::to_string(index.number);
    return index.number == 0 ? "last" : "last-" + std::to_string(index.number);
}

// Follows a path; a value that several ways lead to is found once.
class Finder {
 public:
    // `wraps`: what is no array counts as an array of one.
    Finder(const JsonPath& path, bool only_first, bool wraps = true)
        : legs_(path.legs),
          only_first_(only_first),
          wraps_(wraps),
          twice_(std::ranges::any_of(
              legs_, [](const JsonPathLeg& leg) { return leg.kind == Kind::ellipsis; })) {}

    std::vector<const Json*> find(const Json& json) {
        follow(json, 0);
        return std::move(found_);
    }

 private:
    bool done() const { return only_first_ && !found_.empty(); }
    void follow(const Json& json, std::size_t leg);
    void follow_all(const Json& json, std::size_t leg, bool members, bool cells);
    void follow_cells(const Json& json, std::size_t leg);

    std::span<const JsonPathLeg> legs_;
    bool only_first_;
    bool wraps_;
    bool twice_;
    std::set<std::pair<const Json*, std::size_t>> followed_;
    std::vector<const Json*> found_;
};

void Finder::follow_all(const Json& json, std::size_t leg, bool members, bool cells) {
    if (const auto* object = json.get_if<JsonObject>(); object != nullptr && members) {
        for (const JsonMember& member : *object) follow(member.value, leg);
    } else if (const auto* array = json.get_if<JsonArray>(); array != nullptr && cells) {
        for (const Json& element : *array) follow(element, leg);
    }
}

void Finder::follow_cells(const Json& json, std::size_t leg) {
    const auto* array = json.get_if<JsonArray>();
    if (array == nullptr && !wraps_) return;
    const std::size_t size = array != nullptr ? array->size() : 1;
    const detail::Cells cells = detail::cells_of(legs_[leg], size);
    for (std::size_t i = cells.begin; i < cells.end; ++i) {
        follow(array != nullptr ? (*array)[i] : json, leg + 1);
    }
}

void Finder::follow(const Json& json, std::size_t leg) {
    if (done()) return;
    // Without this, ways would multiply with each `**`.
    if (twice_ && !followed_.emplace(&json, leg).second) return;
    if (leg == legs_.size()) {
        found_.push_back(&json);
        return;
    }
    switch (legs_[leg].kind) {
        case Kind::member:
            if (const auto* object = json.get_if<JsonObject>()) {
                const Json* value = object->find(legs_[leg].name);
                if (value != nullptr) follow(*value, leg + 1);
            }
            return;
        case Kind::cell:
        case Kind::range:
            return follow_cells(json, leg);
        case Kind::any_member:
            return follow_all(json, leg + 1, true, false);
        case Kind::any_cell:
            return follow_all(json, leg + 1, false, true);
        case Kind::ellipsis:
            follow(json, leg + 1);
            return follow_all(json, leg, true, true);
    }
}

// The path of a value inside another, appended to `path`.
bool append_path_of(std::string& path, const Json& json, const Json* wanted) {
    if (&json == wanted) return true;
    const std::size_t length = path.size();
    const auto leads = [&](const Json& inner) {
        if (append_path_of(path, inner, wanted)) return true;
        path.resize(length);
        return false;
    };
    if (const auto* array = json.get_if<JsonArray>()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            path += "[" + std::to_string(i) + "]";
            if (leads((*array)[i])) return true;
        }
    } else if (const auto* object = json.get_if<JsonObject>()) {
        for (const JsonMember& member : *object) {
            append_leg(path, member.key);
            if (leads(member.value)) return true;
        }
    }
    return false;
}

// Collects the paths of strings.
class Searcher {
 public:
    Searcher(bool only_one, const std::function<bool(std::string_view)>& matches)
        : only_one_(only_one), matches_(matches) {}

    bool done() const { return only_one_ && !found_.empty(); }
    void search(const Json& json, const std::string& path);
    std::optional<Json> result();

 private:
    bool only_one_;
    const std::function<bool(std::string_view)>& matches_;
    std::vector<std::string> found_;
};

void Searcher::search(const Json& json, const std::string& path) {
    if (done()) return;
    if (const auto* string = json.get_if<std::string>()) {
        const bool known = std::ranges::find(found_, path) != found_.end();
        if (!known && matches_(*string)) found_.push_back(path);
    } else if (const auto* array = json.get_if<JsonArray>()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            search((*array)[i], path + "[" + std::to_string(i) + "]");
        }
    } else if (const auto* object = json.get_if<JsonObject>()) {
        for (const JsonMember& member : *object) {
            std::string inner = path;
            append_leg(inner, member.key);
            search(member.value, inner);
        }
    }
}

std::optional<Json> Searcher::result() {
    if (found_.empty()) return std::nullopt;
    if (found_.size() == 1) return Json{std::move(found_.front())};
    JsonArray all;
    for (std::string& path : found_) all.push_back(Json{std::move(path)});
    return Json{std::move(all)};
}

}  // namespace

namespace detail {

Cells cells_of(const JsonPathLeg& leg, std::size_t size) {
    const auto place = [size](const JsonIndex& index) -> std::int64_t {
        const auto number = std::int64_t{index.number};
        return index.from_last ? static_cast<std::int64_t>(size) - 1 - number : number;
    };
    const std::int64_t first =
        std::max<std::int64_t>(place(leg.from), leg.kind == Kind::range ? 0 : -1);
    const std::int64_t last = std::min(place(leg.to), static_cast<std::int64_t>(size) - 1);
    if (first < 0 || first > last) return {};
    return {static_cast<std::size_t>(first), static_cast<std::size_t>(last) + 1};
}

}  // namespace detail

bool JsonPath::names_many() const {
    return std::ranges::any_of(legs, [](const JsonPathLeg& leg) {
        return leg.kind != Kind::member && leg.kind != Kind::cell;
    });
}

std::expected<JsonPath, std::size_t> parse_json_path(std::string_view text) {
    return PathParser(text).parse();
}

Error json_path_error(std::size_t position) {
    return make_error(Code::invalid_argument, 3143, "42000",
                      "Invalid JSON path expression. The error is around character position " +
                          std::to_string(position) + ".");
}

Error json_path_names_many_error() {
    return make_error(Code::invalid_argument, 3149, "42000",
                      "In this situation, path expressions may not contain the * and ** tokens or "
                      "an array range.");
}

std::string json_path_text(const JsonPath& path) {
    std::string out = "$";
    for (const JsonPathLeg& leg : path.legs) {
        switch (leg.kind) {
            case Kind::member:
                append_leg(out, leg.name);
                break;
            case Kind::cell:
                out += "[" + index_text(leg.from) + "]";
                break;
            case Kind::range:
                out += "[" + index_text(leg.from) + " to " + index_text(leg.to) + "]";
                break;
            case Kind::any_member:
                out += ".*";
                break;
            case Kind::any_cell:
                out += "[*]";
                break;
            case Kind::ellipsis:
                // Two must not become four asterisks, which are no leg.
                out += out.ends_with('*') && !out.ends_with(".*") ? " **" : "**";
                break;
        }
    }
    return out;
}

std::vector<const Json*> find_all(const Json& json, const JsonPath& path) {
    return Finder(path, false).find(json);
}

const Json* find_first(const Json& json, const JsonPath& path) {
    const std::vector<const Json*> found = Finder(path, true).find(json);
    return found.empty() ? nullptr : found.front();
}

std::optional<Json> json_extract(const Json& json, std::span<const JsonPath> paths) {
    if (paths.size() == 1 && !paths.front().names_many()) {
        const Json* found = find_first(json, paths.front());
        return found != nullptr ? std::optional(*found) : std::nullopt;
    }
    JsonArray all;
    for (const JsonPath& path : paths) {
        for (const Json* found : find_all(json, path)) all.push_back(*found);
    }
    if (all.empty()) return std::nullopt;
    return Json{std::move(all)};
}

std::optional<Json> json_search(const Json& json, bool only_one,
                                const std::function<bool(std::string_view)>& matches,
                                std::span<const JsonPath> paths) {
    Searcher searcher(only_one, matches);
    if (paths.empty()) searcher.search(json, "$");
    for (const JsonPath& path : paths) {
        for (const Json* place : Finder(path, false, false).find(json)) {
            std::string text = "$";
            append_path_of(text, json, place);
            searcher.search(*place, text);
        }
    }
    return searcher.result();
}

}  // namespace sluice
