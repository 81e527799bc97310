// What an operator can set of the AI router (the flags in module.cc), as values, so that tests can
// choose.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/service/module.h"

namespace selfology::ai {

struct Settings {
  // "provider,model,input price,output price,…" (ParseModel). Tiers, models and chain:
  // R000-10, R000-11.
  std::string premium = "anthropic,claude-sonnet-4-20250514,3,15";
  std::string standard = "openai,gpt-4o,2.50,10";
  std::string simple = "openai,gpt-4o-mini,0.15,0.60";
  std::string embedding = "openai,text-embedding-3-small,0.02,0";
  // Empty: as for completions, the address and the key.
  std::string embedding_base_url = {};
  std::string embedding_key = {};
  std::string embedding_width = "project";      // ParseWidthRule.
  std::vector<std::string> task_timeouts = {};  // ParseTaskTimeouts.
  absl::Duration local_reserve = absl::Seconds(1);
  std::string openai_base_url = {};  // Empty: OpenAI's own.
  std::string openai_key = {};
  std::string anthropic_base_url = "https://api.anthropic.com";
  std::string anthropic_key = {};
};

std::unique_ptr<service::Module> MakeModule(Settings settings);

}  // namespace selfology::ai
