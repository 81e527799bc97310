#include "tools/telegram_emulator/json.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"

namespace selfology::telegram_emulator {

absl::StatusOr<Json> ParseJson(std::string_view text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return absl::InvalidArgumentError("not JSON");
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json* Field(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string StringOr(const Json& object, const char* name, std::string_view fallback) {
  const Json* field = Field(object, name);
  if (field == nullptr || !field->is_string()) return std::string(fallback);
  return field->get_ref<const std::string&>();
}

int64_t IntOr(const Json& object, const char* name, int64_t fallback) {
  const Json* field = Field(object, name);
  if (field == nullptr) return fallback;
  if (field->is_number_integer()) return field->get<int64_t>();
  int64_t number = 0;
  if (field->is_string() && absl::SimpleAtoi(field->get_ref<const std::string&>(), &number)) {
    return number;
  }
  return fallback;
}

bool BoolOr(const Json& object, const char* name, bool fallback) {
  const Json* field = Field(object, name);
  return field != nullptr && field->is_boolean() ? field->get<bool>() : fallback;
}

}  // namespace selfology::telegram_emulator
