#include "common/relay/marker.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::relay {

std::vector<std::pair<std::string, std::string>> EncodeMarker(const Marker& marker,
                                                              absl::Span<const int> streams) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"lineage", marker.lineage},
      {"term", absl::StrCat(marker.term)},
      {"source", marker.source.ToString()},
      {"published", marker.published.ToString()},
      {"last", marker.last.ToString()}};
  for (const int stream : streams) {
    fields.emplace_back(absl::StrCat("stream.", stream), marker.streams[stream].ToString());
  }
  return fields;
}

absl::StatusOr<Marker> DecodeMarker(absl::Span<const std::string> fields, int partitions) {
  Marker marker;
  marker.streams.resize(partitions);
  int needed = 5;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    std::string_view name = fields[i];
    const std::string& value = fields[i + 1];
    if (name == "lineage") {
      marker.lineage = value;
      --needed;
    } else if (name == "term") {
      if (absl::SimpleAtoi(value, &marker.term)) --needed;
    } else if (name == "source") {
      ASSIGN_OR_RETURN(marker.source, events::EntryId::Parse(value));
      --needed;
    } else if (name == "published") {
      ASSIGN_OR_RETURN(marker.published, Snapshot::Parse(value));
      --needed;
    } else if (name == "last") {
      ASSIGN_OR_RETURN(marker.last, events::EntryId::Parse(value));
      --needed;
    } else if (int stream = 0; absl::StartsWith(name, "stream.") &&
                               absl::SimpleAtoi(name.substr(7), &stream) && stream >= 0 &&
                               stream < partitions) {
      ASSIGN_OR_RETURN(marker.streams[stream], events::EntryId::Parse(value));
    }
  }
  if (needed != 0) return absl::DataLossError("the relay's marker lacks fields");
  return marker;
}

}  // namespace selfology::relay
