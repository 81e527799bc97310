// What is wrong with a trace, as a collector got it. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "testing/otlp/collector.h"

namespace selfology::journey {

struct TraceExpectation {
  size_t spans = 25;              // At least.
  size_t services = 8;            // At least.
  std::set<std::string> of = {};  // Services that must be among them.
};

// One trace's spans; ids are lower-case hex digits.
std::vector<testing::CollectedSpan> SpansOf(const std::vector<testing::CollectedSpan>& spans,
                                            std::string_view trace_id);

// One finding a line, for example "orphan: ...": a span whose parent is not there; also spans of one
// id, several beginnings or none, a parent of itself, times in the wrong order, and what is missing of
// what is expected. Empty: all is well.
std::vector<std::string> CheckTrace(const std::vector<testing::CollectedSpan>& spans,
                                    std::string_view trace_id,
                                    const TraceExpectation& expectation = {});

}  // namespace selfology::journey
