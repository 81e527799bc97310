#include "services/platform/ai/json_fields.h"

#include <cstdint>
#include <limits>

namespace selfology::ai {

nlohmann::json ParseJson(std::string_view text) {
  nlohmann::json json = nlohmann::json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? nlohmann::json() : json;
}

const nlohmann::json* ValueAt(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json::json_pointer where(pointer);
  return json.contains(where) ? &json.at(where) : nullptr;
}

const std::string* StringAt(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json* value = ValueAt(json, pointer);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

int CountAt(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json* value = ValueAt(json, pointer);
  if (value == nullptr || !value->is_number_unsigned()) return 0;
  const uint64_t count = value->get<uint64_t>();
  return count > std::numeric_limits<int>::max() ? 0 : static_cast<int>(count);
}

void TakeCount(const nlohmann::json& json, const char* pointer, int& count) {
  if (const int found = CountAt(json, pointer)) count = found;
}

std::string Dump(const nlohmann::json& json) {
  return json.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false,
                   nlohmann::json::error_handler_t::replace);
}

}  // namespace selfology::ai
