// Whether an incoming request is from whom it says, by the rules of each provider.
//
//   const Verdict verdict = Verify(incoming, {.provider = v1::PROVIDER_GITHUB, .secrets = {secret}}, now);
//   if (!verdict.genuine) Refuse(verdict.refusal);
//
//   const std::optional<Answer> answer = AnswerChallenge(incoming, verification);   // A GET.
//
// Signatures are over the body as it came, and are compared in constant time. Where a provider signs
// a time, a request is refused as TOO_OLD when that is further from now than the window.
//
// Threads: pure functions.
// Sources: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries,
// https://docs.stripe.com/webhooks#verify-manually,
// https://api.slack.com/authentication/verifying-requests-from-slack,
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started,
// https://www.standardwebhooks.com, https://developer.paypal.com/api/rest/webhooks/rest/,
// https://discord.com/developers/docs/interactions/overview,
// https://docs.x.com/x-api/webhooks/quickstart,
// https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/webhook/v1/source.pb.h"
#include "services/edge/webhook/inbound/incoming.h"

namespace selfology::webhook {

// What a source's requests are checked against.
struct Verification {
  v1::Provider provider = v1::PROVIDER_UNSPECIFIED;
  std::vector<std::string> secrets = {};  // One of them must fit.
  std::string verify_token = {};
  v1::HmacScheme hmac = {};
  absl::Duration window = absl::Minutes(5);
  // PROVIDER_PAYPAL only: the certificate of its cert URL, PEM.
  std::string certificate = {};
};

struct Verdict {
  bool genuine = false;
  // Why not: "SIGNATURE_MISSING", "SIGNATURE_MALFORMED", "SIGNATURE_MISMATCH", "TOO_OLD",
  // "CERTIFICATE_UNUSABLE".
  std::string_view refusal = {};
};

Verdict Verify(const Incoming& incoming, const Verification& verification, absl::Time now);

struct Answer {
  std::string body = {};
  bool json = false;  // Else plain text.
};

// What a provider that asks by GET whether we are there is told; nullopt: the request proves nothing, or
// the provider does not ask.
std::optional<Answer> AnswerChallenge(const Incoming& incoming, const Verification& verification);

// What a genuine POST is answered with besides 200, where a provider wants to hear something: Slack's
// URL verification, Discord's ping.
std::optional<Answer> AnswerPing(const Incoming& incoming, v1::Provider provider);

// "" or the place of PayPal's certificate: an https URL on a host of paypal.com.
std::string_view PaypalCertificateUrl(const Incoming& incoming);

// What is wrong with a secret for this provider; empty: nothing.
std::string_view WhatIsWrongWithSecret(v1::Provider provider, std::string_view secret);

}  // namespace selfology::webhook
