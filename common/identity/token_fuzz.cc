// Whatever somebody sends as a token: it is refused with one of two reasons, or was signed by the key.
// Its payload, which is checked apart as if it were signed, gives a caller who is somebody.
//
// Input: a token, or what might be a token's payload.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "common/identity/token_verifier.h"
#include "common/status/status.h"
#include "testing/fuzz.h"

namespace selfology::identity {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

const KeySet& Keys() {
  // Of RFC 7515, A.3; its private half is published, too, and no input has found its way to it.
  static const auto* const keys =
      new KeySet({JsonWebKey{.kty = "EC",
                             .crv = "P-256",
                             .x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                             .y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                             .alg = "ES256",
                             .use = "sig"}});
  return *keys;
}

void CheckToken(std::string_view token) {
  const auto payload = CheckSignature(token, Keys());
  if (!payload.ok()) {
    MUST(status::Reason(payload.status()) == "UNAUTHENTICATED" ||
         absl::IsNotFound(payload.status()));
    return;
  }
  // Only one token of this key is in the corpus, and it has one spelling.
  MUST(payload->find("http://example.com/is_root") != std::string::npos);
}

void CheckPayload(std::string_view payload) {
  const auto caller = ReadClaims(payload, {}, kNow);
  if (!caller.ok()) {
    MUST(status::Reason(caller.status()) == "UNAUTHENTICATED");
    return;
  }
  switch (caller->kind) {
    case Caller::Kind::kAnonymous:
      MUST(false);
      break;
    case Caller::Kind::kPerson:
      MUST(caller->user_id > 0 && caller->service.empty());
      break;
    case Caller::Kind::kMachine:
      MUST(caller->user_id == 0 && caller->service.empty() && !caller->client_id.empty());
      break;
    case Caller::Kind::kService:
      MUST(caller->user_id == 0 && !caller->service.empty() && caller->roles.empty());
      break;
  }
  MUST(!caller->token_id.empty());
  MUST(caller->expires_at > kNow - absl::Minutes(1));
}

}  // namespace
}  // namespace selfology::identity

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = selfology::testing::InputText(data, size);
  selfology::identity::CheckToken(text);
  selfology::identity::CheckPayload(text);
  return 0;
}
