// Step 10 of a statement on several shards: their ends and errors become one. Before: scatter.cc.
// After: the executor's answer to the client.
#include "gateway/detail/merge_ends.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/scatter.h"

namespace sluice::gateway {
namespace {

// Contract 4.3, from the mildest to the gravest.
constexpr std::array gravity{
    Code::ok,
    Code::canceled,
    Code::already_exists,
    Code::out_of_range,
    Code::unavailable,
    Code::deadline_exceeded,
    Code::aborted,
    Code::failed_precondition,
    Code::cluster_event,
    Code::resource_exhausted,
    Code::unknown,
    Code::unauthenticated,
    Code::permission_denied,
    Code::invalid_argument,
    Code::not_found,
    Code::unimplemented,
    Code::internal,
    Code::data_loss,
};

std::size_t gravity_of(Code code) {
    return static_cast<std::size_t>(std::ranges::find(gravity, code) - gravity.begin());
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The digits at the start of `text`, which is moved past them.
std::uint64_t take_number(std::string_view* text) {
    std::uint64_t number = 0;
    const auto end = std::from_chars(text->data(), text->data() + text->size(), number).ptr;
    text->remove_prefix(static_cast<std::size_t>(end - text->data()));
    return number;
}

}  // namespace

std::string sum_texts(std::string_view left, std::string_view right) {
    std::string sum;
    while (!left.empty() && !right.empty()) {
        if (is_digit(left[0]) && is_digit(right[0])) {
            sum += std::to_string(take_number(&left) + take_number(&right));
        } else if (left[0] == right[0]) {
            sum += left[0];
            left.remove_prefix(1);
            right.remove_prefix(1);
        } else {
            return {};
        }
    }
    return left.empty() && right.empty() ? sum : std::string();
}

void add_end(ResultEnd& sum, const ResultEnd& end, bool first) {
    if (first) {
        sum = end;
        return;
    }
    sum.affected_rows += end.affected_rows;
    sum.rows += end.rows;
    sum.warnings = static_cast<std::uint16_t>(std::min(sum.warnings + end.warnings, 0xffff));
    if (sum.insert_id == 0) sum.insert_id = end.insert_id;
    sum.text = sum_texts(sum.text, end.text);
}

Error aggregate(const std::vector<Error>& errors) {
    VT_ASSERT(!errors.empty());
    const Error* gravest = &errors.front();
    for (const Error& error : errors) {
        if (gravity_of(error.code) > gravity_of(gravest->code)) gravest = &error;
    }
    Error whole = *gravest;
    whole.text.clear();
    std::vector<std::string_view> texts;
    for (const Error& error : errors) {
        if (std::ranges::find(texts, std::string_view(error.text)) != texts.end()) continue;
        if (!texts.empty()) whole.text += '\n';
        texts.push_back(error.text);
        whole.text += error.text;
    }
    return whole;
}

}  // namespace sluice::gateway
