#pragma once
// Named<std::string, struct KeyspaceTag>: strings that mean different things have different types.
#include <compare>
#include <functional>
#include <utility>

namespace sluice {

template <class T, class Tag>
class Named {
 public:
    Named() = default;
    explicit Named(T value) : value_(std::move(value)) {}

    const T& get() const { return value_; }
    const T& operator*() const { return value_; }
    const T* operator->() const { return &value_; }
    auto operator<=>(const Named&) const = default;

 private:
    T value_{};
};

}  // namespace sluice

template <class T, class Tag>
struct std::hash<sluice::Named<T, Tag>> {
    std::size_t operator()(const sluice::Named<T, Tag>& name) const {
        return std::hash<T>{}(name.get());
    }
};
