#include "services/edge/webhook/inbound/incoming.h"

#include "common/text/utf8.h"

namespace selfology::webhook {

bool IsText(std::string_view bytes) {
  while (!bytes.empty()) {
    if (text::TakeCharacter(bytes) == 0) return false;
  }
  return true;
}

std::string AsText(std::string_view bytes, int characters) {
  std::string text;
  for (int i = 0; i < characters && !bytes.empty(); ++i) {
    const char32_t character = text::TakeCharacter(bytes);
    text::AppendCharacter(character == 0 ? U'\uFFFD' : character, text);
  }
  return text;
}

}  // namespace selfology::webhook
