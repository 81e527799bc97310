#include "common/rpc/edges.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::rpc {
namespace {

using ::testing::HasSubstr;

TEST(EdgesTest, AnEdgeHasADirection) {
  const Edges edges =
      Edges::Parse("# All of them.\n\na -> b  # Why.\ncoaching-dialog -> b\n").value();
  EXPECT_TRUE(edges.Allows("a", "b"));
  EXPECT_FALSE(edges.Allows("b", "a"));
  EXPECT_FALSE(edges.Allows("a", "a"));
  EXPECT_TRUE(edges.Allows("coaching_dialog", "b")) << "Kubernetes has hyphens, code underscores";
}

TEST(EdgesTest, WhatIsNoEdgeIsNamedByItsLine) {
  for (const char* line : {"a", "a -> ", "a -> b -> c", "a->b", "a -> b c", "* -> b"}) {
    const absl::Status status = Edges::Parse(std::string("x -> y\n") + line + "\n").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(status.message(), HasSubstr("line 2")) << line;
  }
  EXPECT_THAT(Edges::Read("/no/such/file").status().message(), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace selfology::rpc
