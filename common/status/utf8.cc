#include "common/status/utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace selfology::status_internal {

std::string ValidUtf8(std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return std::string(text);
  // The JSON library knows how; errors are rare enough for the detour.
  using Json = nlohmann::json;
  constexpr bool kAsciiOnly = false;
  return Json::parse(Json(text).dump(-1, ' ', kAsciiOnly, Json::error_handler_t::replace))
      .get<std::string>();
}

}  // namespace selfology::status_internal
