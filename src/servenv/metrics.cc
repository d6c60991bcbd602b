// Beside a request: what it leaves in /debug/vars and /metrics.
#include "servenv/metrics.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "async/loop.h"
#include "base/assert.h"
#include "servenv/json_text.h"

namespace sluice::servenv {
namespace {

std::string number_text(double value) {
    char digits[400];
    const bool whole = std::abs(value) < 1e15 && std::floor(value) == value;
    const auto end =
        whole ? std::to_chars(digits, digits + sizeof digits, static_cast<long long>(value)).ptr
              : std::to_chars(digits, digits + sizeof digits, value).ptr;
    return std::isfinite(value) ? std::string(digits, end) : std::string("0");
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

std::string prometheus_escape(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\\' || c == '"') result.push_back('\\');
        if (c == '\n') {
            result.append("\\n");
        } else {
            result.push_back(c);
        }
    }
    return result;
}

// {plan="Scatter",table="t"}; `extra` is a further label already written out.
std::string prometheus_labels(const std::vector<std::string>& names, std::string_view key,
                              const std::string& extra) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        // The last label takes what is left, dots included.
        const std::size_t dot = i + 1 < names.size() ? key.find('.') : key.npos;
        text += (text.empty() ? "" : ",") + names[i] + "=\"" +
                prometheus_escape(key.substr(0, dot)) + "\"";
        key = dot == key.npos ? std::string_view() : key.substr(dot + 1);
    }
    if (!extra.empty()) text += (text.empty() ? "" : ",") + extra;
    return text.empty() ? text : "{" + text + "}";
}

std::string_view bound_seconds(std::size_t index) {
    constexpr std::array<std::string_view, timing_bounds.size() + 1> texts = {
        "0.0005", "0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "5", "10", "+Inf"};
    return texts[index];
}

}  // namespace

std::size_t detail::current_shelf(std::size_t count) {
    const async::Loop* loop = async::Loop::current_or_null();
    return loop != nullptr && loop->index() + 1 < count ? loop->index() : count - 1;
}

LabelKey label_key(std::initializer_list<std::string_view> values) {
    LabelText key;
    for (const std::string_view value : values) key.add(value);
    return key.text();
}

void Distribution::add(const TimingCells& cells) {
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const std::uint64_t more = cells.buckets[i].get();
        buckets[i] += more;
        count += more;
    }
    nanoseconds += cells.nanoseconds.get();
}

std::string snake_name(std::string_view camel) {
    std::string result;
    for (std::size_t i = 0; i < camel.size(); ++i) {
        const char c = camel[i];
        const bool after_word = i > 0 && !is_upper(camel[i - 1]) && camel[i - 1] != '_';
        const bool before_word =
            i > 0 && camel[i - 1] != '_' && i + 1 < camel.size() && is_lower(camel[i + 1]);
        if (is_upper(c) && (after_word || before_word)) result.push_back('_');
        result.push_back(is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return result;
}

void Counter::add(std::uint64_t by) {
    const std::size_t index = detail::current_shelf(cells_.size());
    if (index + 1 == cells_.size()) {  // threads without a loop share this one
        cells_[index].value.fetch_add(by, std::memory_order_relaxed);
    } else {
        cells_[index].add(by);
    }
}

std::uint64_t Counter::total() const {
    std::uint64_t sum = 0;
    for (const Padded& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
}

std::map<LabelKey, double> LabelledCounter::totals() {
    std::map<LabelKey, double> sums;
    shelves_.for_each([&](const std::string& key, detail::Cell& cell) {
        sums[key] += static_cast<double>(cell.value.load(std::memory_order_relaxed));
    });
    return sums;
}

void Timings::add(std::string_view key, std::chrono::nanoseconds duration) {
    shelves_.use(key, [&](TimingCells& cells) { cells.add(duration); });
}

std::map<LabelKey, Distribution> Timings::totals() {
    std::map<LabelKey, Distribution> sums;
    shelves_.for_each([&](const std::string& key, TimingCells& cells) { sums[key].add(cells); });
    return sums;
}

// One name with one way to read it.
struct Metrics::Family {
    Kind kind = Kind::counter;
    Name name;
    std::function<double()> read_one;
    std::function<std::map<LabelKey, double>()> read_many;
    std::function<std::map<LabelKey, Distribution>()> read_distributions;
    std::function<std::string()> read_json;
    std::shared_ptr<void> owner;  // the metric that is read

    std::string json() const;
    void prometheus(std::string_view prefix, std::string* out) const;
};

Metrics::Metrics(std::string prefix, std::size_t loops)
    : prefix_(std::move(prefix)), loops_(loops) {}

Metrics::Family& Metrics::add(Kind kind, Name name) {
    auto family = std::make_shared<Family>();
    family->kind = kind;
    family->name = std::move(name);
    const auto [at, added] = families_.emplace(family->name.variable, family);
    VT_ASSERT(added);
    return *family;
}

Counter& Metrics::counter(Name name) {
    auto metric = std::make_shared<Counter>(loops_);
    Family& family = add(Kind::counter, std::move(name));
    family.read_one = [raw = metric.get()] { return static_cast<double>(raw->total()); };
    family.owner = metric;
    return *metric;
}

LabelledCounter& Metrics::labelled_counter(Name name) {
    auto metric = std::make_shared<LabelledCounter>(loops_);
    Family& family = add(Kind::counter, std::move(name));
    family.read_many = [raw = metric.get()] { return raw->totals(); };
    family.owner = metric;
    return *metric;
}

Gauge& Metrics::gauge(Name name) {
    auto metric = std::make_shared<Gauge>();
    Family& family = add(Kind::gauge, std::move(name));
    family.read_one = [raw = metric.get()] { return raw->value(); };
    family.owner = metric;
    return *metric;
}

Timings& Metrics::timings(Name name) {
    auto metric = std::make_shared<Timings>(loops_);
    Family& family = add(Kind::counter, std::move(name));
    family.read_distributions = [raw = metric.get()] { return raw->totals(); };
    family.owner = metric;
    return *metric;
}

void Metrics::read(Kind kind, Name name, std::function<double()> read) {
    add(kind, std::move(name)).read_one = std::move(read);
}
void Metrics::read_labelled(Kind kind, Name name,
                            std::function<std::map<LabelKey, double>()> read) {
    add(kind, std::move(name)).read_many = std::move(read);
}
void Metrics::read_timings(Name name, std::function<std::map<LabelKey, Distribution>()> read) {
    add(Kind::counter, std::move(name)).read_distributions = std::move(read);
}
void Metrics::text(std::string variable, std::string value) {
    add(Kind::gauge, {std::move(variable), ""}).read_json = [value = std::move(value)] {
        return json_string(value);
    };
}
void Metrics::json(std::string variable, std::function<std::string()> read) {
    add(Kind::gauge, {std::move(variable), ""}).read_json = std::move(read);
}

namespace {

std::string distribution_json(const Distribution& one) {
    std::string text = "{";
    for (std::size_t i = 0; i < one.buckets.size(); ++i) {
        const std::string bound =
            i < timing_bounds.size() ? std::to_string(timing_bounds[i]) : "inf";
        text += "\"" + bound + "\":" + std::to_string(one.buckets[i]) + ",";
    }
    return text + "\"Count\":" + std::to_string(one.count) +
           ",\"Time\":" + std::to_string(one.nanoseconds) + "}";
}

std::string distributions_json(const std::map<LabelKey, Distribution>& all) {
    std::uint64_t count = 0;
    std::uint64_t nanoseconds = 0;
    std::string histograms;
    for (const auto& [key, one] : all) {
        count += one.count;
        nanoseconds += one.nanoseconds;
        histograms +=
            (histograms.empty() ? "" : ",") + json_string(key) + ":" + distribution_json(one);
    }
    return "{\"TotalCount\":" + std::to_string(count) +
           ",\"TotalTime\":" + std::to_string(nanoseconds) + ",\"Histograms\":{" + histograms +
           "}}";
}

void distribution_prometheus(const std::string& name, const std::vector<std::string>& labels,
                             std::string_view key, const Distribution& one, std::string* out) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < one.buckets.size(); ++i) {
        sum += one.buckets[i];
        const std::string bound = "le=\"" + std::string(bound_seconds(i)) + "\"";
        *out += name + "_bucket" + prometheus_labels(labels, key, bound) + " " +
                std::to_string(sum) + "\n";
    }
    const std::string plain = prometheus_labels(labels, key, "");
    *out += name + "_sum" + plain + " " + number_text(static_cast<double>(one.nanoseconds) / 1e9) +
            "\n";
    *out += name + "_count" + plain + " " + std::to_string(one.count) + "\n";
}

}  // namespace

std::string Metrics::Family::json() const {
    if (read_json) return read_json();
    if (read_one) return number_text(read_one());
    if (read_distributions) return distributions_json(read_distributions());
    std::string text;
    for (const auto& [key, value] : read_many()) {
        text += (text.empty() ? "" : ", ") + json_string(key) + ": " + number_text(value);
    }
    return "{" + text + "}";
}

void Metrics::Family::prometheus(std::string_view prefix, std::string* out) const {
    if (read_json) return;
    std::string full = name.prometheus;
    if (full.empty()) {
        full = snake_name(name.variable);
        const std::string start = std::string(prefix) + "_";
        if (!full.starts_with(start)) full = start + full;
    }
    const char* type = kind == Kind::counter ? "counter" : "gauge";
    if (read_distributions) type = "histogram";
    *out += "# HELP " + full + " " + name.help + "\n# TYPE " + full + " " + type + "\n";
    if (read_one) {
        *out += full + " " + number_text(read_one()) + "\n";
    } else if (read_distributions) {
        for (const auto& [key, one] : read_distributions()) {
            distribution_prometheus(full, name.labels, key, one, out);
        }
    } else {
        for (const auto& [key, value] : read_many()) {
            *out +=
                full + prometheus_labels(name.labels, key, "") + " " + number_text(value) + "\n";
        }
    }
}

std::string Metrics::debug_vars() const {
    std::string text;
    for (const auto& [variable, family] : families_) {
        text += (text.empty() ? "" : ",\n") + json_string(variable) + ": " + family->json();
    }
    return "{\n" + text + "\n}\n";
}

std::string Metrics::prometheus() const {
    std::string text;
    for (const auto& [variable, family] : families_) family->prometheus(prefix_, &text);
    return text;
}

}  // namespace sluice::servenv
