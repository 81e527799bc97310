#include "services/studio/social/platforms/plain_html.h"

#include "gtest/gtest.h"

namespace selfology::social {
namespace {

TEST(PlainHtmlTest, ParagraphsAndBreaksAreLines) {
  EXPECT_EQ(PlainOfHtml("<p>Hello <span><a href=\"https://a\">@<b>me</b></a></span>,<br>well &amp; "
                        "good</p><p>Bye</p>"),
            "Hello @me,\nwell & good\n\nBye");
}

TEST(PlainHtmlTest, WhatIsNotShownIsLeftOut) {
  EXPECT_EQ(PlainOfHtml("a<script>alert(1)</script><style>b</style><!-- c -->d"), "ad");
  EXPECT_EQ(PlainOfHtml(""), "");
  EXPECT_EQ(PlainOfHtml("1 < 2"), "1 < 2");
}

}  // namespace
}  // namespace selfology::social
