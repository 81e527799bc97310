#include "services/studio/social/platforms/bluesky_record.h"

#include "services/studio/social/limits.h"

namespace selfology::social {

std::string RecordKey(absl::Time created_at, int64_t publication_id) {
  constexpr char kDigits[] = "234567abcdefghijklmnopqrstuvwxyz";
  // 53 bits of microseconds, 10 bits that tell writers apart.
  uint64_t number =
      static_cast<uint64_t>(absl::ToUnixMicros(created_at)) & ((uint64_t{1} << 53) - 1);
  number = number << 10 | (static_cast<uint64_t>(publication_id) & 1023);
  std::string key(13, '2');
  for (int i = 12; i >= 0; --i, number >>= 5) key[i] = kDigits[number & 31];
  return key;
}

void SetWords(std::string_view text, nlohmann::json& record) {
  record["text"] = std::string(text);
  record.erase("facets");
  for (const Link& link : FindLinks(text)) {
    record["facets"].push_back(
        {{"index", {{"byteStart", link.begin}, {"byteEnd", link.end}}},
         {"features",
          {{{"$type", "app.bsky.richtext.facet#link"},
            {"uri", std::string(text.substr(link.begin, link.end - link.begin))}}}}});
  }
}

nlohmann::json PostRecord(std::string_view text, absl::Time created_at) {
  nlohmann::json record = {
      {"$type", "app.bsky.feed.post"},
      {"createdAt", absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", created_at, absl::UTCTimeZone())}};
  SetWords(text, record);
  return record;
}

}  // namespace selfology::social
