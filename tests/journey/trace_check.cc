#include "tests/journey/trace_check.h"

#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace selfology::journey {
namespace {

using testing::CollectedSpan;

std::string NameOf(const CollectedSpan& span) {
  return absl::StrCat(span.service, " \"", span.span.name(), "\" ",
                      absl::BytesToHexString(span.span.span_id()));
}

// Whether its parents lead to the trace's beginning.
bool LeadsToARoot(const CollectedSpan& span,
                  const std::map<std::string, const CollectedSpan*>& by_id) {
  const CollectedSpan* at = &span;
  for (size_t steps = 0; steps <= by_id.size(); ++steps) {
    if (at->span.parent_span_id().empty()) return true;
    const auto parent = by_id.find(at->span.parent_span_id());
    if (parent == by_id.end()) return true;  // An orphan, which is another finding.
    at = parent->second;
  }
  return false;
}

}  // namespace

std::vector<CollectedSpan> SpansOf(const std::vector<CollectedSpan>& spans,
                                   std::string_view trace_id) {
  std::vector<CollectedSpan> of_trace;
  for (const CollectedSpan& span : spans) {
    if (absl::BytesToHexString(span.span.trace_id()) == trace_id) of_trace.push_back(span);
  }
  return of_trace;
}

std::vector<std::string> CheckTrace(const std::vector<CollectedSpan>& spans,
                                    std::string_view trace_id,
                                    const TraceExpectation& expectation) {
  const std::vector<CollectedSpan> of_trace = SpansOf(spans, trace_id);
  std::vector<std::string> findings;
  std::map<std::string, const CollectedSpan*> by_id;
  std::set<std::string> services;
  int roots = 0;
  for (const CollectedSpan& span : of_trace) {
    services.insert(span.service);
    if (span.span.parent_span_id().empty()) ++roots;
    if (span.span.span_id().size() != 8) {
      findings.push_back(absl::StrCat("malformed id: ", NameOf(span)));
    }
    if (!by_id.emplace(span.span.span_id(), &span).second) {
      findings.push_back(absl::StrCat("twice: ", NameOf(span)));
    }
    if (span.span.end_time_unix_nano() < span.span.start_time_unix_nano()) {
      findings.push_back(absl::StrCat("ends before it begins: ", NameOf(span)));
    }
  }
  for (const CollectedSpan& span : of_trace) {
    const std::string& parent = span.span.parent_span_id();
    if (!parent.empty() && !by_id.contains(parent)) {
      findings.push_back(
          absl::StrCat("orphan: ", NameOf(span), " of ", absl::BytesToHexString(parent)));
    } else if (!LeadsToARoot(span, by_id)) {
      findings.push_back(absl::StrCat("circle: ", NameOf(span)));
    }
  }
  if (roots != 1) findings.push_back(absl::StrCat("beginnings: ", roots));
  if (of_trace.size() < expectation.spans) {
    findings.push_back(
        absl::StrCat("spans: ", of_trace.size(), ", at least ", expectation.spans, " expected"));
  }
  if (services.size() < expectation.services) {
    findings.push_back(absl::StrCat("services: ", absl::StrJoin(services, ", "), "; at least ",
                                    expectation.services, " expected"));
  }
  for (const std::string& service : expectation.of) {
    if (!services.contains(service)) findings.push_back(absl::StrCat("missing service: ", service));
  }
  return findings;
}

}  // namespace selfology::journey
