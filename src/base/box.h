#pragma once
// Box<T>: a heap value that copies, compares and moves like the T it holds. Trees of variants are
// built from it.
#include <memory>
#include <utility>

namespace sluice {

template <class T>
class Box {
 public:
    Box() : value_(std::make_unique<T>()) {}
    // NOLINTBEGIN(google-explicit-constructor)
    Box(const T& value) : value_(std::make_unique<T>(value)) {}
    Box(T&& value) : value_(std::make_unique<T>(std::move(value))) {}
    // NOLINTEND(google-explicit-constructor)
    Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}
    Box(Box&& other) noexcept = default;
    Box& operator=(const Box& other) {
        if (this != &other) value_ = std::make_unique<T>(*other.value_);
        return *this;
    }
    Box& operator=(Box&& other) noexcept = default;
    ~Box() = default;
    // Of what `make` returns, which is made where it stays.
    template <class Make>
    static Box made_by(const Make& make) {
        return Box(std::unique_ptr<T>(new T(make())));
    }

    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

    bool operator==(const Box& other) const { return *value_ == *other.value_; }

 private:
    explicit Box(std::unique_ptr<T> value) : value_(std::move(value)) {}

    std::unique_ptr<T> value_;  // empty only after a move
};

}  // namespace sluice
