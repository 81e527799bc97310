#include "common/http/message.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace selfology::http {

void Headers::Add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

void Headers::Set(std::string_view name, std::string_view value) {
  std::erase_if(fields_,
                [&](const Field& field) { return absl::EqualsIgnoreCase(field.first, name); });
  Add(name, value);
}

std::optional<std::string_view> Headers::Get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (absl::EqualsIgnoreCase(field.first, name)) return field.second;
  }
  return std::nullopt;
}

}  // namespace selfology::http
