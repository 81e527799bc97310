#include "services/edge/webhook/inbound/signature.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/crypto.h"
#include "services/edge/webhook/inbound/digests.h"

namespace selfology::webhook {
namespace {

using Json = nlohmann::json;
using crypto::SameBytes;

constexpr Verdict kGenuine = {.genuine = true};
constexpr Verdict kMissing = {.refusal = "SIGNATURE_MISSING"};
constexpr Verdict kMalformed = {.refusal = "SIGNATURE_MALFORMED"};
constexpr Verdict kMismatch = {.refusal = "SIGNATURE_MISMATCH"};
constexpr Verdict kTooOld = {.refusal = "TOO_OLD"};
constexpr Verdict kBadCertificate = {.refusal = "CERTIFICATE_UNUSABLE"};

constexpr std::string_view kPublicKey = "whpk_";
constexpr std::string_view kSecretKey = "whsec_";

std::string Sha256Hmac(std::string_view key, std::string_view data) {
  return Hmac(v1::HASH_ALGORITHM_SHA256, key, data);
}

bool IsHex(std::string_view text) {
  return text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

// Whether `fits` is true for one of the secrets. All are tried, so that the time tells nothing.
Verdict AnySecret(const Verification& verification,
                  const std::function<bool(std::string_view)>& fits) {
  bool any = false;
  for (const std::string& secret : verification.secrets) any |= fits(secret);
  return any ? kGenuine : kMismatch;
}

// Seconds since 1970 within the window.
bool IsFresh(std::string_view seconds, const Verification& verification, absl::Time now) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(seconds, &value)) return false;
  const absl::Duration apart = now - absl::FromUnixSeconds(value);
  return apart <= verification.window && apart >= -verification.window;
}

Verdict HexOfBody(const Verification& verification, std::string_view header,
                  std::string_view prefix, std::string_view signed_text) {
  if (header.empty()) return kMissing;
  if (!TakePrefix(header, prefix) || !IsHex(header)) return kMalformed;
  const std::string given = absl::HexStringToBytes(header);
  return AnySecret(verification, [&](std::string_view secret) {
    return SameBytes(Sha256Hmac(secret, signed_text), given);
  });
}

Verdict VerifyStripe(const Incoming& incoming, const Verification& verification, absl::Time now) {
  const std::string_view header = incoming.Header("stripe-signature");
  if (header.empty()) return kMissing;
  std::string_view time;
  std::vector<std::string> given;
  for (const std::string_view part : absl::StrSplit(header, ',')) {
    const std::pair<std::string_view, std::string_view> field =
        absl::StrSplit(absl::StripAsciiWhitespace(part), absl::MaxSplits('=', 1));
    if (field.first == "t") time = field.second;
    if (field.first == "v1" && IsHex(field.second)) {
      given.push_back(absl::HexStringToBytes(field.second));
    }
  }
  if (time.empty() || given.empty()) return kMalformed;
  const std::string text = absl::StrCat(time, ".", incoming.body);
  const Verdict verdict = AnySecret(verification, [&](std::string_view secret) {
    const std::string wanted = Sha256Hmac(secret, text);
    return std::any_of(given.begin(), given.end(),
                       [&](const std::string& one) { return SameBytes(wanted, one); });
  });
  if (verdict.genuine && !IsFresh(time, verification, now)) return kTooOld;
  return verdict;
}

Verdict VerifySlack(const Incoming& incoming, const Verification& verification, absl::Time now) {
  const std::string_view time = incoming.Header("x-slack-request-timestamp");
  const Verdict verdict = HexOfBody(verification, incoming.Header("x-slack-signature"),
                                    "v0=", absl::StrCat("v0:", time, ":", incoming.body));
  if (verdict.genuine && !IsFresh(time, verification, now)) return kTooOld;
  return verdict;
}

// A secret of Standard Webhooks fits a signature of its kind: v1 symmetric, v1a Ed25519.
bool StandardFits(std::string_view secret, std::string_view version, std::string_view signature,
                  std::string_view text) {
  std::string key;
  if (TakePrefix(secret, kPublicKey)) {
    return version == "v1a" && absl::Base64Unescape(secret, &key) &&
           VerifyEd25519(key, text, signature);
  }
  TakePrefix(secret, kSecretKey);
  return version == "v1" && absl::Base64Unescape(secret, &key) &&
         SameBytes(Sha256Hmac(key, text), signature);
}

Verdict VerifyStandard(const Incoming& incoming, const Verification& verification, absl::Time now) {
  const bool is_svix = incoming.Header("webhook-id").empty();
  const auto header = [&](std::string_view name) {
    return incoming.Header(absl::StrCat(is_svix ? "svix-" : "webhook-", name));
  };
  const std::string_view id = header("id"), time = header("timestamp"), sent = header("signature");
  if (id.empty() || time.empty() || sent.empty()) return kMissing;
  const std::string text = absl::StrCat(id, ".", time, ".", incoming.body);
  const Verdict verdict = AnySecret(verification, [&](std::string_view secret) {
    bool any = false;
    for (const std::string_view one : absl::StrSplit(sent, ' ')) {
      const std::pair<std::string_view, std::string_view> parts =
          absl::StrSplit(one, absl::MaxSplits(',', 1));
      std::string signature;
      any |= absl::Base64Unescape(parts.second, &signature) &&
             StandardFits(secret, parts.first, signature, text);
    }
    return any;
  });
  if (verdict.genuine && !IsFresh(time, verification, now)) return kTooOld;
  return verdict;
}

Verdict VerifyHmac(const Incoming& incoming, const Verification& verification, absl::Time now) {
  const v1::HmacScheme& scheme = verification.hmac;
  std::string_view sent = incoming.Header(absl::AsciiStrToLower(scheme.signature_header()));
  if (sent.empty()) return kMissing;
  if (!TakePrefix(sent, scheme.signature_prefix())) return kMalformed;
  std::string given;
  if (scheme.base64()) {
    if (!absl::Base64Unescape(sent, &given) && !absl::WebSafeBase64Unescape(sent, &given)) {
      return kMalformed;
    }
  } else {
    if (!IsHex(sent)) return kMalformed;
    given = absl::HexStringToBytes(sent);
  }
  const bool has_time = !scheme.timestamp_header().empty();
  const std::string_view time =
      has_time ? incoming.Header(absl::AsciiStrToLower(scheme.timestamp_header())) : "";
  if (has_time && time.empty()) return kMissing;
  const std::string text =
      scheme.signed_template().empty()
          ? incoming.body
          : absl::StrReplaceAll(scheme.signed_template(),
                                {{"{timestamp}", time}, {"{body}", incoming.body}});
  const Verdict verdict = AnySecret(verification, [&](std::string_view secret) {
    return SameBytes(Hmac(scheme.algorithm(), secret, text), given);
  });
  if (verdict.genuine && has_time && !IsFresh(time, verification, now)) return kTooOld;
  return verdict;
}

Verdict VerifyPaypal(const Incoming& incoming, const Verification& verification, absl::Time now) {
  const std::string_view id = incoming.Header("paypal-transmission-id");
  const std::string_view time = incoming.Header("paypal-transmission-time");
  const std::string_view sent = incoming.Header("paypal-transmission-sig");
  if (id.empty() || time.empty() || sent.empty()) return kMissing;
  std::string signature;
  absl::Time sent_at;
  if (!absl::Base64Unescape(sent, &signature) ||
      !absl::ParseTime(absl::RFC3339_full, time, &sent_at, nullptr)) {
    return kMalformed;
  }
  bool unusable = false;
  const uint32_t crc = Crc32(incoming.body);
  const Verdict verdict = AnySecret(verification, [&](std::string_view webhook_id) {
    const RsaResult result =
        VerifyRsaSha256(verification.certificate,
                        absl::StrCat(id, "|", time, "|", webhook_id, "|", crc), signature);
    unusable |= result == RsaResult::kUnusable;
    return result == RsaResult::kGood;
  });
  if (unusable) return kBadCertificate;
  const absl::Duration apart = now - sent_at;
  if (verdict.genuine && (apart > verification.window || apart < -verification.window)) {
    return kTooOld;
  }
  return verdict;
}

Verdict VerifyDiscord(const Incoming& incoming, const Verification& verification, absl::Time now) {
  const std::string_view sent = incoming.Header("x-signature-ed25519");
  const std::string_view time = incoming.Header("x-signature-timestamp");
  if (sent.empty() || time.empty()) return kMissing;
  if (!IsHex(sent)) return kMalformed;
  const std::string signature = absl::HexStringToBytes(sent);
  const Verdict verdict = AnySecret(verification, [&](std::string_view public_key) {
    return IsHex(public_key) && VerifyEd25519(absl::HexStringToBytes(public_key),
                                              absl::StrCat(time, incoming.body), signature);
  });
  if (verdict.genuine && !IsFresh(time, verification, now)) return kTooOld;
  return verdict;
}

Verdict VerifyX(const Incoming& incoming, const Verification& verification) {
  std::string_view sent = incoming.Header("x-twitter-webhooks-signature");
  if (sent.empty()) return kMissing;
  std::string given;
  if (!TakePrefix(sent, "sha256=") || !absl::Base64Unescape(sent, &given)) {
    return kMalformed;
  }
  return AnySecret(verification, [&](std::string_view secret) {
    return SameBytes(Sha256Hmac(secret, incoming.body), given);
  });
}

Verdict VerifySecret(const Incoming& incoming, const Verification& verification) {
  std::string_view given = incoming.Header("authorization");
  if (!TakePrefix(given, "Bearer ")) given = incoming.Header("x-webhook-secret");
  if (given.empty()) given = incoming.Query("secret");
  if (given.empty()) return kMissing;
  // Hashed first: comparing texts of different lengths would tell how long the secret is.
  const std::string digest = crypto::Sha256(given);
  return AnySecret(verification, [&](std::string_view secret) {
    return SameBytes(crypto::Sha256(secret), digest);
  });
}

}  // namespace

Verdict Verify(const Incoming& incoming, const Verification& verification, absl::Time now) {
  switch (verification.provider) {
    case v1::PROVIDER_GITHUB:
    case v1::PROVIDER_FACEBOOK:
    case v1::PROVIDER_INSTAGRAM:
      return HexOfBody(verification, incoming.Header("x-hub-signature-256"),
                       "sha256=", incoming.body);
    case v1::PROVIDER_STRIPE:
      return VerifyStripe(incoming, verification, now);
    case v1::PROVIDER_SLACK:
      return VerifySlack(incoming, verification, now);
    case v1::PROVIDER_STANDARD:
      return VerifyStandard(incoming, verification, now);
    case v1::PROVIDER_HMAC:
      return VerifyHmac(incoming, verification, now);
    case v1::PROVIDER_PAYPAL:
      return VerifyPaypal(incoming, verification, now);
    case v1::PROVIDER_DISCORD:
      return VerifyDiscord(incoming, verification, now);
    case v1::PROVIDER_X:
      return VerifyX(incoming, verification);
    case v1::PROVIDER_LINKEDIN: {
      // LinkedIn signs its own prefix with the body, and some of its products send it, too.
      std::string_view sent = incoming.Header("x-li-signature");
      TakePrefix(sent, "hmacsha256=");
      return HexOfBody(verification, sent, "", absl::StrCat("hmacsha256=", incoming.body));
    }
    case v1::PROVIDER_ZAPIER:
    case v1::PROVIDER_IFTTT:
      return VerifySecret(incoming, verification);
    default:
      return kMissing;
  }
}

std::optional<Answer> AnswerChallenge(const Incoming& incoming, const Verification& verification) {
  if (verification.secrets.empty()) return std::nullopt;
  const std::string& secret = verification.secrets.front();
  switch (verification.provider) {
    case v1::PROVIDER_FACEBOOK:
    case v1::PROVIDER_INSTAGRAM:
      if (incoming.Query("hub.mode") != "subscribe" || verification.verify_token.empty() ||
          !SameBytes(crypto::Sha256(incoming.Query("hub.verify_token")),
                     crypto::Sha256(verification.verify_token))) {
        return std::nullopt;
      }
      return Answer{.body = std::string(incoming.Query("hub.challenge"))};
    case v1::PROVIDER_X: {
      const std::string_view token = incoming.Query("crc_token");
      if (token.empty()) return std::nullopt;
      const Json answer = {{"response_token", absl::StrCat("sha256=", absl::Base64Escape(Sha256Hmac(
                                                                          secret, token)))}};
      return Answer{.body = answer.dump(), .json = true};
    }
    case v1::PROVIDER_LINKEDIN: {
      const std::string code(incoming.Query("challengeCode"));
      if (code.empty()) return std::nullopt;
      const Json answer = {{"challengeCode", code},
                           {"challengeResponse", absl::BytesToHexString(Sha256Hmac(secret, code))}};
      return Answer{.body = answer.dump(-1, ' ', false, Json::error_handler_t::replace),
                    .json = true};
    }
    default:
      return std::nullopt;
  }
}

std::optional<Answer> AnswerPing(const Incoming& incoming, v1::Provider provider) {
  if (provider != v1::PROVIDER_SLACK && provider != v1::PROVIDER_DISCORD) return std::nullopt;
  const Json body = Json::parse(incoming.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object() || !body.contains("type")) return std::nullopt;
  const Json& type = body["type"];
  if (provider == v1::PROVIDER_DISCORD) {
    if (type != 1) return std::nullopt;
    return Answer{.body = R"({"type":1})", .json = true};
  }
  const auto challenge = body.find("challenge");
  if (type != "url_verification" || challenge == body.end() || !challenge->is_string()) {
    return std::nullopt;
  }
  return Answer{.body = challenge->get<std::string>()};
}

std::string_view PaypalCertificateUrl(const Incoming& incoming) {
  const std::string_view url = incoming.Header("paypal-cert-url");
  std::string_view rest = url;
  if (!TakePrefix(rest, "https://")) return "";
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  const bool is_plain = std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-';
  });
  return is_plain && absl::EndsWith(host, ".paypal.com") ? url : "";
}

std::string_view WhatIsWrongWithSecret(v1::Provider provider, std::string_view secret) {
  std::string key;
  if (secret.empty() || secret.size() > 512) return "must be 1 to 512 characters";
  if (provider == v1::PROVIDER_STANDARD) {
    if (TakePrefix(secret, kPublicKey)) {
      const bool is_key = absl::Base64Unescape(secret, &key) && key.size() == 32;
      return is_key ? "" : "must be \"whpk_\" and base64 of 32 bytes";
    }
    const bool is_key =
        TakePrefix(secret, kSecretKey) && absl::Base64Unescape(secret, &key) && !key.empty();
    return is_key ? "" : "must be \"whsec_\" and base64, or \"whpk_\" and base64";
  }
  if (provider == v1::PROVIDER_DISCORD && (secret.size() != 64 || !IsHex(secret))) {
    return "must be 64 hexadecimal digits";
  }
  return "";
}

}  // namespace selfology::webhook
