#include "services/platform/security/oauth_pages.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(OAuthPagesTest, TheConsentPageSaysWhoWantsWhat) {
  const std::string page = ConsentPage(
      {.client_name = "Diary", .scope = "openid coaching.answers.read", .request = "sealed"}, "n0");
  EXPECT_THAT(page, AllOf(HasSubstr("<h1>Allow Diary?</h1>"), HasSubstr("know who you are"),
                          HasSubstr("coaching.answers.read"), HasSubstr("value=\"sealed\""),
                          HasSubstr("nonce=\"n0\"")));
}

TEST(OAuthPagesTest, WhatOthersWroteIsNoHtml) {
  const std::string evil = "\"><script>alert(1)</script>";
  for (const std::string& page :
       {ConsentPage({.client_name = evil, .scope = "openid", .request = evil}, "n"),
        DevicePage(evil, "n"), MessagePage(evil, evil)}) {
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  }
}

// What a reader of the screen needs: a language, a title, a label for each field, and errors that
// are said aloud.
TEST(OAuthPagesTest, CanBeUsedWithoutSeeing) {
  for (const std::string& page : {ConsentPage({}, "n"), DevicePage("", "n")}) {
    EXPECT_THAT(page, AllOf(HasSubstr("<html lang=\"en\">"), HasSubstr("<title>"),
                            HasSubstr("<main>"), HasSubstr("role=\"alert\"")));
    for (const char* field : {"email", "password", "code"}) {
      EXPECT_THAT(page, HasSubstr(std::string("<label for=\"") + field + "\">"));
    }
  }
}

TEST(OAuthPagesTest, AMessageHasNoScript) {
  EXPECT_THAT(MessagePage("Connected", "You can go back."), Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace selfology::security
