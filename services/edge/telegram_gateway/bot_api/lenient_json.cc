#include "services/edge/telegram_gateway/bot_api/lenient_json.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"

namespace selfology::telegram_gateway {
namespace {

// The UTF-16 unit of an escape such as \ud83d at the beginning of the text.
std::optional<uint32_t> EscapedUnit(std::string_view text) {
  uint32_t unit = 0;
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u' ||
      !absl::SimpleHexAtoi(text.substr(2, 4), &unit)) {
    return std::nullopt;
  }
  return unit;
}

bool IsHigh(std::optional<uint32_t> unit) { return unit >= 0xD800U && unit <= 0xDBFFU; }
bool IsLow(std::optional<uint32_t> unit) { return unit >= 0xDC00U && unit <= 0xDFFFU; }

// JSON whose escapes name whole characters only.
std::string PairSurrogates(std::string_view text) {
  constexpr size_t kEscape = 6;
  std::string fixed;
  fixed.reserve(text.size());
  while (!text.empty()) {
    size_t bytes = 1;
    const std::optional<uint32_t> unit = EscapedUnit(text);
    if (IsHigh(unit) && IsLow(EscapedUnit(text.substr(kEscape)))) {
      bytes = 2 * kEscape;
    } else if (IsHigh(unit) || IsLow(unit)) {
      fixed += "\\ufffd";
      text.remove_prefix(kEscape);
      continue;
    } else if (text[0] == '\\') {
      // "\\" must not be taken for the start of an escape.
      bytes = std::min<size_t>(2, text.size());
    }
    fixed.append(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return fixed;
}

// Discarded when it is no JSON. What is nested deeper than anything of Telegram's is left out: the
// library copies and writes values by recursion.
Json ParseShallow(std::string_view text) {
  constexpr int kMaxDepth = 64;
  constexpr bool kThrow = false;
  return Json::parse(
      text, [](int depth, Json::parse_event_t, Json&) { return depth <= kMaxDepth; }, kThrow);
}

const Json& Nothing() {
  static const Json& null = *new Json();
  return null;
}

}  // namespace

Json ParseLeniently(std::string_view text) {
  Json json = ParseShallow(text);
  if (json.is_discarded()) {
    // The library repairs what it writes; so have it write the text as a string.
    json = ParseShallow(PairSurrogates(Json::parse(Dump(Json(text))).get<std::string>()));
  }
  if (json.is_discarded()) return {};
  return json;
}

std::string Dump(const Json& json) {
  constexpr bool kAsciiOnly = false;
  return json.dump(-1, ' ', kAsciiOnly, Json::error_handler_t::replace);
}

const Json* Find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto field = object.find(name);
  return field == object.end() || field->is_null() ? nullptr : &*field;
}

const Json& ObjectIn(const Json& object, const char* name) {
  const Json* const field = Find(object, name);
  return field != nullptr && field->is_object() ? *field : Nothing();
}

int64_t IntegerIn(const Json& object, const char* name) {
  const Json* const field = Find(object, name);
  if (field == nullptr || !field->is_number_integer()) return 0;
  if (field->is_number_unsigned() &&
      field->get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return 0;
  }
  return field->get<int64_t>();
}

int64_t PositiveIn(const Json& object, const char* name) {
  return std::max<int64_t>(0, IntegerIn(object, name));
}

std::string TextIn(const Json& object, const char* name) {
  const Json* const field = Find(object, name);
  if (field == nullptr || !field->is_string()) return "";
  constexpr absl::string_view kNul("\0", 1);
  return absl::StrReplaceAll(field->get_ref<const std::string&>(), {{kNul, "\uFFFD"}});
}

bool FlagIn(const Json& object, const char* name) {
  const Json* const field = Find(object, name);
  return field != nullptr && field->is_boolean() && field->get<bool>();
}

}  // namespace selfology::telegram_gateway
