#pragma once
// How computing with geometries fails: by an exception, from wherever in Boost.Geometry it happens.
#include <exception>

namespace sluice::eval {

// A geometry crosses itself. So do Boost's own exceptions say.
struct Crossing : std::exception {};
// What Boost makes of it cannot be, or is not what MySQL does; an assertion of Boost's fails.
struct Contradiction : std::exception {};

}  // namespace sluice::eval
