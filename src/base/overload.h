#pragma once
// std::visit(Overload{[](const A&) {...}, [](const B&) {...}}, variant): every alternative by name,
// no default.
namespace sluice {

template <class... Functions>
struct Overload : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
Overload(Functions...) -> Overload<Functions...>;

}  // namespace sluice
