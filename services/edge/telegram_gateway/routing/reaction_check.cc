#include "services/edge/telegram_gateway/routing/reaction_check.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/edge/telegram_gateway/bot_api/telegram_text.h"

namespace selfology::telegram_gateway {
namespace {

using google::protobuf::RepeatedPtrField;
using status::FieldViolations;

// https://core.telegram.org/bots/api#inlinekeyboardbutton, and telegram.proto.
constexpr int kMostRows = 100;
constexpr int kMostInRow = 8;
constexpr int kLongestLabel = 64;
constexpr size_t kLongestData = 64;
constexpr int kLongestNotice = 200;
constexpr std::string_view kReplacementKind = "reply";

struct Checker {
  std::string_view dialog;
  const Directory& dialogs;
  FieldViolations& bad;

  bool IsGood(const v1::Button& button, const std::string& field) const {
    const int label = text::Characters(button.text());
    if (text::Trim(button.text()).empty() || label > kLongestLabel) {
      bad.Add(absl::StrCat(field, ".text"), "must be 1 to 64 characters");
      return false;
    }
    if (button.has_url()) {
      const bool opens = absl::StartsWithIgnoreCase(button.url(), "https://") ||
                         absl::StartsWithIgnoreCase(button.url(), "tg://");
      if (!opens) bad.Add(absl::StrCat(field, ".url"), "must begin with https:// or tg://");
      return opens;
    }
    const std::string& data = button.callback_data();
    if (data.empty() || data.size() > kLongestData) {
      bad.Add(absl::StrCat(field, ".callback_data"), "must be 1 to 64 bytes");
      return false;
    }
    const std::string_view action = std::string_view(data).substr(0, data.find(':'));
    if (action != kOpen && dialogs.OwnerOfButton(action) != dialog) {
      bad.Add(absl::StrCat(field, ".callback_data"),
              "must begin with one of the dialog's button_actions");
      return false;
    }
    return true;
  }

  void MendButtons(RepeatedPtrField<v1::ButtonRow>& rows, const std::string& field) const {
    RepeatedPtrField<v1::ButtonRow> good;
    if (rows.size() > kMostRows) bad.Add(field, "must be at most 100 rows");
    for (int i = 0; i < rows.size() && good.size() < kMostRows; ++i) {
      const std::string row_field = absl::StrCat(field, "[", i, "].buttons");
      if (rows[i].buttons_size() > kMostInRow) bad.Add(row_field, "must be at most 8");
      v1::ButtonRow row;
      for (int j = 0; j < rows[i].buttons_size() && row.buttons_size() < kMostInRow; ++j) {
        v1::Button& button = *rows[i].mutable_buttons(j);
        if (IsGood(button, absl::StrCat(row_field, "[", j, "]"))) {
          *row.add_buttons() = std::move(button);
        }
      }
      if (!row.buttons().empty()) *good.Add() = std::move(row);
    }
    rows = std::move(good);
  }

  void MendHtml(std::string& html, const std::string& field) const {
    const std::string fault = FaultInHtml(html);
    if (fault.empty()) return;
    bad.Add(field, absl::StrCat("must be Telegram's HTML: it ", fault));
    html = WithoutTags(html);
  }
};

std::string Cut(std::string_view words, int characters) {
  std::string cut;
  for (int i = 0; i < characters && !words.empty(); ++i) {
    text::AppendCharacter(text::TakeCharacter(words), cut);
  }
  return cut;
}

}  // namespace

absl::Status CorrectReaction(std::string_view dialog, const Directory& dialogs,
                             v1::DialogReaction& reaction) {
  FieldViolations bad;
  const Checker checker{.dialog = dialog, .dialogs = dialogs, .bad = bad};
  for (int i = 0; i < reaction.messages_size(); ++i) {
    v1::DialogMessage& message = *reaction.mutable_messages(i);
    const std::string field = absl::StrCat("messages[", i, "]");
    checker.MendButtons(*message.mutable_button_rows(), absl::StrCat(field, ".button_rows"));
    if (message.text_format() == v1::TEXT_FORMAT_HTML) {
      checker.MendHtml(*message.mutable_message_text(), absl::StrCat(field, ".message_text"));
    }
  }
  checker.MendHtml(*reaction.mutable_replacement(), "replacement");
  checker.MendButtons(*reaction.mutable_replacement_rows(), "replacement_rows");
  if (text::Characters(reaction.notice()) > kLongestNotice) {
    bad.Add("notice", "must be up to 200 characters");
    reaction.set_notice(Cut(reaction.notice(), kLongestNotice));
  }
  if (SplitHtml(reaction.replacement()).size() > 1) {
    bad.Add("replacement", "must not be longer than a message");
    // Before what is said besides, as it would have stood.
    v1::DialogReaction with;
    v1::DialogMessage& message = *with.add_messages();
    message.set_kind(std::string(kReplacementKind));
    message.set_message_text(std::move(*reaction.mutable_replacement()));
    message.set_text_format(v1::TEXT_FORMAT_HTML);
    message.set_keep_buttons(true);
    *message.mutable_button_rows() = std::move(*reaction.mutable_replacement_rows());
    for (v1::DialogMessage& other : *reaction.mutable_messages()) {
      *with.add_messages() = std::move(other);
    }
    reaction.mutable_messages()->Swap(with.mutable_messages());
    reaction.clear_replacement();
    reaction.clear_replacement_rows();
    reaction.set_remove_buttons(true);
  }
  return bad.ToStatus();
}

}  // namespace selfology::telegram_gateway
