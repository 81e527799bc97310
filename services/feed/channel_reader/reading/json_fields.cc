#include "services/feed/channel_reader/reading/json_fields.h"

#include <algorithm>

namespace selfology::channel_reader {
namespace {

const Json* Find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

Json ReadJson(std::string_view text) {
  // nlohmann's parser keeps its own stack of open values, but destroys and copies by recursion.
  int depth = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') {
      if (++depth > 10'000) return nullptr;
    }
    if (c == ']' || c == '}') depth = std::max(0, depth - 1);
  }
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? Json(nullptr) : value;
}

const Json& ObjectAt(const Json& object, const char* name) {
  static const Json& none = *new Json(nullptr);
  const Json* const found = Find(object, name);
  return found != nullptr && found->is_object() ? *found : none;
}

const Json& ListAt(const Json& object, const char* name) {
  static const Json& none = *new Json(Json::array());
  const Json* const found = Find(object, name);
  return found != nullptr && found->is_array() ? *found : none;
}

std::string TextAt(const Json& object, const char* name) {
  const Json* const found = Find(object, name);
  if (found == nullptr || !found->is_string()) return "";
  std::string text = found->get<std::string>();
  text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
  return text;
}

int64_t CountAt(const Json& object, const char* name) {
  const Json* const found = Find(object, name);
  if (found == nullptr || !found->is_number_integer()) return 0;
  if (found->is_number_unsigned()) {
    return static_cast<int64_t>(std::min<uint64_t>(found->get<uint64_t>(), INT64_MAX));
  }
  return std::max<int64_t>(found->get<int64_t>(), 0);
}

double NumberAt(const Json& object, const char* name) {
  const Json* const found = Find(object, name);
  return found != nullptr && found->is_number() ? found->get<double>() : 0;
}

}  // namespace selfology::channel_reader
