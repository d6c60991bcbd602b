#pragma once
// What texts and numbers have in common on their way to temporal values.
#include "values/temporal.h"

namespace sluice::detail {

// Of a date that is not zero, with a month of at most 12 and a day of at most 31.
bool exists(const Date& date, const DateRules& rules);

// With the nanoseconds below the microsecond (0 to 999) and to the precision.
TemporalReading<DateTime> finished(TemporalReading<DateTime> reading, std::uint32_t nanos,
                                   int precision, bool truncate);
// The same of a DATETIME: no second is the next one where month or day are zero, and the answer is
// NULL without a warning.
TemporalReading<DateTime> finished_moment(const TemporalReading<DateTime>& reading,
                                          std::uint32_t nanos, int precision, bool truncate);
TemporalReading<Time> finished(TemporalReading<Time> reading, std::uint32_t nanos, int precision,
                               bool truncate);

TemporalReading<Date> date_only(const TemporalReading<DateTime>& reading);

}  // namespace sluice::detail
