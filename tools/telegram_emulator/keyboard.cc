#include "tools/telegram_emulator/keyboard.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

constexpr const char* kInline = "inline_keyboard";
constexpr int kMaxButtons = 100;
constexpr size_t kMaxMarkupBytes = 10'000;

absl::Status Bad(const auto&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

absl::Status CheckUrl(const std::string& url) {
  const bool known = absl::StartsWithIgnoreCase(url, "http://") ||
                     absl::StartsWithIgnoreCase(url, "https://") ||
                     absl::StartsWithIgnoreCase(url, "tg://") || url.find('.') != std::string::npos;
  if (known && url.find(' ') == std::string::npos) return absl::OkStatus();
  return Bad("inline keyboard button URL '", url, "' is invalid: Wrong HTTP URL");
}

absl::Status CheckInlineButton(const Json& button) {
  constexpr std::string_view kContext = "can't parse inline keyboard button: ";
  if (!button.is_object()) return Bad(kContext, "InlineKeyboardButton must be an Object");
  const Json* text = Field(button, "text");
  if (text == nullptr) return Bad(kContext, "Can't find field \"text\"");
  if (!text->is_string()) return Bad(kContext, "Field \"text\" must be of type String");
  if (StringOr(button, "text").empty()) return Bad("inline keyboard button text must be non-empty");
  if (const std::string url = StringOr(button, "url"); !url.empty()) return CheckUrl(url);
  if (const std::string data = StringOr(button, "callback_data"); !data.empty()) {
    return data.size() <= kMaxCallbackDataBytes ? absl::OkStatus() : Bad("BUTTON_DATA_INVALID");
  }
  for (const char* kind :
       {"web_app", "switch_inline_query", "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat", "copy_text", "login_url", "pay", "callback_game"}) {
    if (button.contains(kind)) return absl::OkStatus();
  }
  return Bad(kContext, "Text buttons are unallowed in the inline keyboard");
}

absl::Status CheckReplyButton(const Json& button) {
  constexpr std::string_view kContext = "can't parse keyboard button: ";
  if (button.is_string()) return absl::OkStatus();
  if (!button.is_object()) return Bad(kContext, "KeyboardButton must be a String or an Object");
  if (!button.contains("text")) return Bad(kContext, "Can't find field \"text\"");
  if (StringOr(button, "text").empty()) return Bad("keyboard button text must be non-empty");
  return absl::OkStatus();
}

// How many buttons there are.
absl::StatusOr<int> CheckRows(const Json& rows, std::string_view not_rows, auto check_button) {
  int buttons = 0;
  for (const Json& row : rows) {
    if (!row.is_array()) return Bad(not_rows);
    for (const Json& button : row) {
      RETURN_IF_ERROR(check_button(button));
      ++buttons;
    }
  }
  if (buttons > kMaxButtons) return Bad("reply markup is too long");
  return buttons;
}

// Buttons may be bare strings; later readers want objects.
Json WithObjects(Json rows) {
  for (Json& row : rows) {
    for (Json& button : row) {
      if (button.is_string()) button = Json{{"text", button}};
    }
  }
  return rows;
}

}  // namespace

absl::StatusOr<Json> ParseKeyboard(std::string_view json) {
  if (json.empty() || json == "null") return Json(nullptr);
  absl::StatusOr<Json> parsed = ParseJson(json);
  if (!parsed.ok()) return Bad("can't parse reply keyboard markup JSON object");
  if (!parsed->is_object()) return Bad("object expected as reply markup");
  if (json.size() > kMaxMarkupBytes) return Bad("reply markup is too long");
  if (const Json* rows = Field(*parsed, "keyboard"); rows != nullptr) {
    if (!rows->is_array()) return Bad("field \"keyboard\" must be of type Array");
    ASSIGN_OR_RETURN(
        const int buttons,
        CheckRows(*rows, "field \"keyboard\" must be an Array of Arrays", CheckReplyButton));
    if (buttons > 0) {
      (*parsed)["keyboard"] = WithObjects(*rows);
      return parsed;
    }
  }
  if (const Json* rows = Field(*parsed, kInline); rows != nullptr) {
    if (!rows->is_array()) return Bad("field \"inline_keyboard\" must be of type Array");
    ASSIGN_OR_RETURN(
        const int buttons,
        CheckRows(
            *rows,
            "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
            CheckInlineButton));
    if (buttons > 0) return Json{{kInline, *rows}};
  }
  if (BoolOr(*parsed, "remove_keyboard")) return Json{{"remove_keyboard", true}};
  if (BoolOr(*parsed, "force_reply")) return parsed;
  return Json(nullptr);
}

bool IsInline(const Json& markup) { return Field(markup, kInline) != nullptr; }

const Json* FindButton(const Json& markup, std::string_view label_or_data) {
  const Json* rows = Field(markup, kInline);
  if (rows == nullptr) return nullptr;
  for (const char* field : {"text", "callback_data"}) {
    for (const Json& row : *rows) {
      for (const Json& button : row) {
        if (StringOr(button, field) == label_or_data) return &button;
      }
    }
  }
  return nullptr;
}

}  // namespace selfology::telegram_emulator
