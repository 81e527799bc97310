// The kinds of webhooks that are known by name, and which of them a provider's event is. Which event
// of the mesh each is, its contract says (webhook_names.h).
//
//   KindOf(v1::PROVIDER_STRIPE, "invoice.payment_failed", body)   // "payment_failed"
//
// Threads: pure functions.
// Requirement: R004 (the sixteen kinds of the webhook service).
#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "nlohmann/json.hpp"
#include "selfology/webhook/v1/source.pb.h"
#include "services/edge/webhook/inbound/incoming.h"

namespace selfology::webhook {

struct KnownKind {
  std::string_view kind;
  // Of what comes in: who sends it. Empty: it goes out.
  absl::Span<const v1::Provider> providers;
  std::string_view example;  // JSON.
};

absl::Span<const KnownKind> KnownKinds();

// Empty: none of them.
std::string_view KindOf(v1::Provider provider, std::string_view event_kind,
                        const nlohmann::json& body);

// What a genuine request says of itself.
struct Said {
  std::string event_id = {};    // "sha256:..." of the body where the provider gives none.
  std::string event_kind = {};  // The provider's word; may be empty.
  std::string_view kind = {};   // Of KnownKinds; may be empty.
};
// body: as ReadBody (facts.h) gives it.
Said WhatItSays(v1::Provider provider, const v1::HmacScheme& hmac, const Incoming& incoming,
                const nlohmann::json& body);

// "github" and back; UNSPECIFIED: none of that name.
std::string ProviderWord(v1::Provider provider);
v1::Provider ProviderOfWord(std::string_view word);

}  // namespace selfology::webhook
