#pragma once
// MadeBy{f}: what an emplace is given in place of a value, so that what `f` returns is made where
// it stays, without a move: items.emplace_back(MadeBy{[&] { return parse_item(); }}).
namespace sluice {

template <class Make>
class MadeBy {
 public:
    // `make` must outlive the call that it is given to.
    explicit MadeBy(const Make& make) : make_(make) {}
    operator decltype(auto)() const { return make_(); }  // NOLINT(google-explicit-constructor)

 private:
    const Make& make_;
};

}  // namespace sluice
