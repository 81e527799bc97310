// The provider's pages, whole: one file each, without anything from elsewhere.
//
//   response.set_body(ConsentPage({.client_name = "Diary", .scope = "openid", .request = sealed}, nonce));
//
// The script of a page signs the person in at /api/auth/login and puts their token into the form; the
// token is sent with the answer and kept nowhere. `nonce` is the script's in the Content-Security-Policy.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace selfology::security {

struct ConsentFacts {
  std::string client_name = {};
  std::string scope = {};
  std::string request = {};  // Goes back with the answer.
};
std::string ConsentPage(const ConsentFacts& facts, std::string_view nonce);

// Where a code that a device shows is typed; `user_code` may be filled in already.
std::string DevicePage(std::string_view user_code, std::string_view nonce);

// Says something and asks nothing.
std::string MessagePage(std::string_view title, std::string_view text);

}  // namespace selfology::security
