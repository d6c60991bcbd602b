#pragma once
// Box<T>: a heap value that copies, compares and moves like the T it holds. Trees of variants are
// built from it.
#include <memory>
#include <utility>

#include "base/made_by.h"

namespace sluice {

template <class T>
class Box {
 public:
    Box() : value_(std::make_unique<T>()) {}
    // NOLINTBEGIN(google-explicit-constructor)
    Box(const T& value) : value_(std::make_unique<T>(value)) {}
    Box(T&& value) : value_(std::make_unique<T>(std::move(value))) {}
    // NOLINTEND(google-explicit-constructor)
    template <class Make>
    explicit Box(MadeBy<Make> value) : value_(std::make_unique<T>(value)) {}
    Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}
    Box(Box&& other) noexcept = default;
    Box& operator=(const Box& other) {
        if (this != &other) value_ = std::make_unique<T>(*other.value_);
        return *this;
    }
    Box& operator=(Box&& other) noexcept = default;
    ~Box() = default;
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

    bool operator==(const Box& other) const { return *value_ == *other.value_; }

 private:
    std::unique_ptr<T> value_;  // empty only after a move
};

}  // namespace sluice
