#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {

Publishers::Publishers(http::Client& client, const PlatformAddresses& addresses) {
  publishers_.emplace_back(v1::PLATFORM_TELEGRAM, MakeTelegram(client, addresses));
  publishers_.emplace_back(v1::PLATFORM_MASTODON, MakeMastodon(client));
  publishers_.emplace_back(v1::PLATFORM_BLUESKY, MakeBluesky(client));
  publishers_.emplace_back(v1::PLATFORM_WORDPRESS, MakeWordPress(client));
  publishers_.emplace_back(v1::PLATFORM_X, MakeX(client));
  publishers_.emplace_back(v1::PLATFORM_LINKEDIN, MakeLinkedIn(client));
  publishers_.emplace_back(v1::PLATFORM_FACEBOOK, MakeFacebook(client));
  publishers_.emplace_back(v1::PLATFORM_INSTAGRAM, MakeInstagram(client));
}

Outcome Publisher::Edit(const Call&, const Login&, const Outgoing&) const {
  return {.kind = Outcome::Kind::kRefused,
          .reason = "the platform lets no app change a post: remove it and publish another one",
          .evidence = "not sent"};
}

absl::StatusOr<Hearing> Publisher::Hear(const Call&, const Login&, const std::string&) const {
  return absl::FailedPreconditionError("the platform tells nothing of what others write");
}

absl::StatusOr<Tokens> Publisher::Renew(const Call&, const Login&, const Renewal&) const {
  return absl::FailedPreconditionError("the platform renews no tokens");
}

const Publisher* Publishers::Of(v1::Platform platform) const {
  for (const auto& [known, publisher] : publishers_) {
    if (known == platform) return publisher.get();
  }
  return nullptr;
}

}  // namespace selfology::social
