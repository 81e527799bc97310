#include "services/edge/webhook/webhook_names.h"

#include <map>
#include <vector>

#include "common/events/catalogue.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"
#include "selfology/events/v1/webhook_names.pb.h"

namespace selfology::webhook {
namespace {

std::vector<std::string> NamesOf(const google::protobuf::Descriptor& event) {
  const auto& names = event.options().GetRepeatedExtension(events::v1::webhook_name);
  return {names.begin(), names.end()};
}

}  // namespace

std::string_view EventTypeOf(std::string_view name) {
  using Types = std::map<std::string, std::string, std::less<>>;
  static const Types& types = *[] {
    auto* const by_name = new Types;
    for (const auto& [type, descriptor] : events::Catalogue()) {
      for (std::string& own : NamesOf(*descriptor)) by_name->emplace(std::move(own), type);
    }
    return by_name;
  }();
  const auto found = types.find(name);
  return found == types.end() ? std::string_view() : found->second;
}

std::string TypeMeant(std::string_view word) {
  const std::string_view type = EventTypeOf(word);
  return std::string(type.empty() ? word : type);
}

std::string NameOf(std::string_view type, std::string_view payload) {
  const auto found = events::Catalogue().find(type);
  if (found == events::Catalogue().end()) return "";
  std::vector<std::string> names = NamesOf(*found->second);
  if (names.empty()) return "";
  if (names.size() == 1) return std::move(names.front());
  const auto json = nlohmann::json::parse(payload, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("kind") || !json["kind"].is_string()) return "";
  return json["kind"].get<std::string>();
}

}  // namespace selfology::webhook
