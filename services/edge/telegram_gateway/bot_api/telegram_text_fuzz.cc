// Whatever a model or a person wrote reaches Telegram whole, in pieces that Telegram takes.

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/text/html.h"
#include "services/edge/telegram_gateway/bot_api/telegram_text.h"
#include "testing/fuzz.h"

namespace selfology::telegram_gateway {
namespace {

std::string WithoutSpace(std::string_view text) {
  std::string rest;
  for (const char c : text) {
    if (!absl::ascii_isspace(static_cast<unsigned char>(c))) rest += c;
  }
  return rest;
}

std::string Joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return WithoutSpace(text);
}

void Check(std::string_view text, int max_units) {
  const std::vector<std::string> plain = SplitPlain(text, max_units);
  MUST(Joined(plain) == WithoutSpace(text));
  for (const std::string& piece : plain) {
    MUST(!WithoutSpace(piece).empty() && Utf16Units(piece) <= max_units);
  }
  // As HTML a text is cut where it would be plain.
  const std::string html = text::EscapeHtml(text);
  MUST(Joined(SplitHtml(html, max_units)) == WithoutSpace(html));
  (void)SplitHtml(text, max_units);
  MUST(FaultInHtml(html).empty());
  MUST(FaultInHtml(WithoutTags(text)).empty());
}

}  // namespace
}  // namespace selfology::telegram_gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = selfology::testing::InputText(data, size);
  selfology::telegram_gateway::Check(text, 2);
  selfology::telegram_gateway::Check(text, 17);
  selfology::telegram_gateway::Check(text, selfology::telegram_gateway::kMaxMessageUnits);
  return 0;
}
