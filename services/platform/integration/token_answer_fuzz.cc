// Whatever a provider answers: tokens that can be kept and read again, or an error.
#include <string>
#include <string_view>

#include "services/platform/integration/token_answer.h"
#include "testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::integration;  // NOLINT(google-build-using-namespace)
  const std::string_view text = selfology::testing::InputText(data, size);
  for (const int status : {200, 400, 500}) {
    const TokenAnswer answer = ReadTokenAnswer(status, text);
    MUST((answer.error == TokenError::kNone) == !answer.tokens.access.empty());
    if (answer.error != TokenError::kNone) continue;
    const auto again = DecodeTokens(EncodeTokens(answer.tokens));
    MUST(again.ok() && *again == answer.tokens);
    MUST(!answer.lasts.has_value() || *answer.lasts > absl::ZeroDuration());
  }
  (void)Member(text, "team.id");
  return 0;
}
