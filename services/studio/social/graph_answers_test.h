// How Meta's Graph API answers (https://developers.facebook.com/docs/graph-api/overview): the fields
// that were asked for, pages with cursors, and errors. Judged by PyPI's facebook-sdk:
// tests/peers/studio_servers.py
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/http/server.h"
#include "common/http/url.h"
#include "nlohmann/json.hpp"

namespace selfology::social {

inline http::Response GraphError(const char* type, const char* message, int code, int subcode) {
  const nlohmann::json error = {{"message", message},
                                {"type", type},
                                {"code", code},
                                {"error_subcode", subcode},
                                {"fbtrace_id", "A1b2C3"}};
  return http::Response::Json(nlohmann::json{{"error", error}}.dump(), 400);
}

// The fields that were asked for, as "id,likes.limit(0).summary(true)"; an id is always there.
inline nlohmann::json WithFields(const nlohmann::json& all, std::string_view fields) {
  nlohmann::json some = {{"id", all["id"]}};
  int depth = 0;
  std::string name;
  bool in_name = true;
  for (const char c : absl::StrCat(fields, ",")) {
    depth += c == '(' || c == '{' ? 1 : c == ')' || c == '}' ? -1 : 0;
    if (c == ',' && depth == 0) {
      if (all.contains(name)) some[name] = all[name];
      name.clear();
      in_name = true;
    } else if (in_name && (c == '.' || c == '(' || c == '{')) {
      in_name = false;
    } else if (in_name) {
      name += c;
    }
  }
  return some;
}

// 25 posts, or as many as asked for, but never more than 100; those after a cursor.
inline http::Response GraphPage(const http::Request& request, http::Response all) {
  if (all.status != 200) return all;
  const nlohmann::json listed =
      nlohmann::json::parse(all.body, nullptr, /*allow_exceptions=*/false);
  if (!listed.contains("data")) return all;
  size_t limit = 25;
  if (const auto given = request.Parameter("limit")) (void)absl::SimpleAtoi(*given, &limit);
  limit = std::min<size_t>(limit, 100);
  const auto after = request.Parameter("after");
  bool begun = !after.has_value();
  nlohmann::json page = nlohmann::json::array();
  bool more = false;
  for (const nlohmann::json& post : listed["data"]) {
    if (begun && page.size() == limit) more = true;
    if (begun && !more) page.push_back(post);
    if (after == post["id"].get<std::string>()) begun = true;
  }
  nlohmann::json answer = {{"data", page}};
  if (!page.empty()) {
    answer["paging"]["cursors"] = {{"before", page.front()["id"]}, {"after", page.back()["id"]}};
    if (more) {
      http::Parameters next = {{"access_token", "good-facebook"}};
      for (const auto& [name, value] : request.query) {
        if (name != "access_token" && name != "after") next.emplace_back(name, value);
      }
      next.emplace_back("after", page.back()["id"]);
      answer["paging"]["next"] =
          absl::StrCat("https://graph.facebook.com", request.path, "?", http::EncodeQuery(next));
    }
  }
  return http::Response::Json(answer.dump());
}

}  // namespace selfology::social
