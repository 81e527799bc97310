#include "common/text/html.h"

#include "gtest/gtest.h"

namespace selfology::text {
namespace {

TEST(EscapeHtmlTest, LeavesNothingToTelegramsParser) {
  EXPECT_EQ(EscapeHtml("a < b && \"c\" > d"), "a &lt; b &amp;&amp; &quot;c&quot; &gt; d");
  EXPECT_EQ(EscapeHtml("Привет"), "Привет");
}

}  // namespace
}  // namespace selfology::text
