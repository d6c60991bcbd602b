// Start of a process: the text of a configuration file. Before: servenv/config.cc.
#include "servenv/detail/config_document.h"

#include <sstream>

#include <boost/json.hpp>
#include <toml++/toml.h>
#include <yaml-cpp/yaml.h>

namespace sluice::servenv::detail {
namespace {

namespace json = boost::json;
constexpr int max_depth = 32;

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::string joined(std::string_view prefix, std::string_view name) {
    return prefix.empty() ? lower(name) : std::string(prefix) + "." + lower(name);
}

std::unexpected<Error> broken(std::string_view why) {
    return fail(Code::invalid_argument, "While parsing config: " + std::string(why));
}

// Adds an element to a list's text.
void add_element(std::string& list, std::string_view element) {
    if (!list.empty()) list.push_back(',');
    list.append(element);
}

Result<void> flatten(const YAML::Node& node, const std::string& key, ConfigValues& into,
                     int depth) {
    if (depth > max_depth) return broken("nested too deeply");
    if (node.IsMap()) {
        for (const auto& entry : node) {
            TRY(flatten(entry.second, joined(key, entry.first.Scalar()), into, depth + 1));
        }
    } else if (node.IsSequence()) {
        std::string& list = into[key];
        for (const auto& element : node) add_element(list, element.Scalar());
    } else if (node.IsScalar()) {
        if (key.empty()) return broken("not a map of keys");
        into[key] = node.Scalar();
    }
    return {};
}

std::string scalar(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

Result<void> flatten(const json::value& value, const std::string& key, ConfigValues& into,
                     int depth) {
    if (depth > max_depth) return broken("nested too deeply");
    if (const json::object* object = value.if_object()) {
        for (const auto& [name, inner] : *object) {
            TRY(flatten(inner, joined(key, name), into, depth + 1));
        }
    } else if (const json::array* array = value.if_array()) {
        std::string& list = into[key];
        for (const json::value& element : *array) add_element(list, scalar(element));
    } else if (!value.is_null()) {
        if (key.empty()) return broken("not a map of keys");
        into[key] = scalar(value);
    }
    return {};
}

std::string scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    std::ostringstream out;
    node.visit([&](const auto& value) {
        if constexpr (toml::is_value<decltype(value)>) out << value;
    });
    return out.str();
}

Result<void> flatten(const toml::node& node, const std::string& key, ConfigValues& into,
                     int depth) {
    if (depth > max_depth) return broken("nested too deeply");
    if (const toml::table* table = node.as_table()) {
        for (const auto& [name, inner] : *table) {
            TRY(flatten(inner, joined(key, name.str()), into, depth + 1));
        }
    } else if (const toml::array* array = node.as_array()) {
        std::string& list = into[key];
        for (const toml::node& element : *array) add_element(list, scalar(element));
    } else {
        into[key] = scalar(node);
    }
    return {};
}

std::vector<std::string> parts_of(std::string_view key) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t dot = key.find('.');
        parts.emplace_back(key.substr(0, dot));
        if (dot == key.npos) return parts;
        key.remove_prefix(dot + 1);
    }
}

// The name under which a map has a key: as it is spelled there.
std::string spelled(const YAML::Node& map, const std::string& name) {
    if (map.IsMap()) {
        for (const auto& entry : map) {
            if (lower(entry.first.Scalar()) == name) return entry.first.Scalar();
        }
    }
    return name;
}

std::string with_yaml(std::string_view text, const ConfigValues& values) {
    YAML::Node root = YAML::Load(std::string(text));
    for (const auto& [key, value] : values) {
        YAML::Node at = root;
        const std::vector<std::string> parts = parts_of(key);
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            YAML::Node inner = at[spelled(at, parts[i])];
            at.reset(inner);
        }
        at[spelled(at, parts.back())] = value;
    }
    YAML::Emitter out;
    out << root;
    return std::string(out.c_str()) + "\n";
}

std::string with_json(std::string_view text, const ConfigValues& values) {
    json::value root = json::parse(text);
    for (const auto& [key, value] : values) {
        json::value* at = &root;
        for (const std::string& part : parts_of(key)) {
            if (!at->is_object()) at->emplace_object();
            json::object& object = at->get_object();
            const auto* found = std::find_if(object.begin(), object.end(), [&](const auto& entry) {
                return lower(entry.key()) == part;
            });
            at = found == object.end() ? &object[part] : &object[found->key()];
        }
        at->emplace_string() = value;
    }
    return json::serialize(root) + "\n";
}

std::string with_toml(std::string_view text, const ConfigValues& values) {
    toml::table root = toml::parse(text);
    for (const auto& [key, value] : values) {
        toml::table* at = &root;
        const std::vector<std::string> parts = parts_of(key);
        const auto spelling = [&](const std::string& part) {
            for (const auto& [name, inner] : *at) {
                if (lower(name.str()) == part) return std::string(name.str());
            }
            return part;
        };
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            const std::string name = spelling(parts[i]);
            if ((*at)[name].as_table() == nullptr) at->insert_or_assign(name, toml::table{});
            at = (*at)[name].as_table();
        }
        at->insert_or_assign(spelling(parts.back()), value);
    }
    std::ostringstream out;
    out << root << "\n";
    return out.str();
}

}  // namespace

Result<ConfigFormat> config_format(std::string_view extension) {
    const std::string word = lower(extension);
    if (word == "yaml" || word == "yml") return ConfigFormat::yaml;
    if (word == "json") return ConfigFormat::json;
    if (word == "toml") return ConfigFormat::toml;
    return fail(Code::invalid_argument, "Unsupported Config Type \"" + std::string(extension) +
                                            "\": use yaml, json or toml");
}

// config = a document of the format; the libraries' own grammars
Result<ConfigValues> parse_config(ConfigFormat format, std::string_view text) {
    ConfigValues values;
    try {
        switch (format) {
            case ConfigFormat::yaml:
                TRY(flatten(YAML::Load(std::string(text)), "", values, 0));
                break;
            case ConfigFormat::json:
                TRY(flatten(json::parse(text), "", values, 0));
                break;
            case ConfigFormat::toml:
                TRY(flatten(toml::parse(text), "", values, 0));
                break;
        }
    } catch (const std::exception& exception) {
        return broken(exception.what());
    }
    return values;
}

Result<std::string> replace_values(ConfigFormat format, std::string_view text,
                                   const ConfigValues& values) {
    try {
        switch (format) {
            case ConfigFormat::yaml:
                return with_yaml(text, values);
            case ConfigFormat::json:
                return with_json(text, values);
            case ConfigFormat::toml:
                return with_toml(text, values);
        }
    } catch (const std::exception& exception) {
        return broken(exception.what());
    }
    return std::string(text);
}

}  // namespace sluice::servenv::detail
