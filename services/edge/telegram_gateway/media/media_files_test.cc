#include "services/edge/telegram_gateway/media/media_files.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/binaries.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class MediaFilesTest : public ::testing::Test {
 protected:
  const servers::ScratchFolder scratch_ = *servers::ScratchFolder::Make();
  const std::string folder_ = scratch_.path() + "/state/media";
  const MediaFiles files_{folder_};
};

TEST_F(MediaFilesTest, MakesTheFolderWhenItIsNeeded) {
  EXPECT_THAT(*files_.List(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder_));
  ASSERT_EQ(files_.Write("m_1", 0, "bytes"), absl::OkStatus());
  EXPECT_THAT(*files_.List(), UnorderedElementsAre("m_1"));
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(MediaFilesTest, WritesPieceByPieceWithoutGaps) {
  ASSERT_EQ(files_.Write("m_1", 0, "hello "), absl::OkStatus());
  ASSERT_EQ(files_.Write("m_1", 6, "world"), absl::OkStatus());
  ASSERT_EQ(files_.Write("m_1", 6, "world"), absl::OkStatus());
  EXPECT_EQ(*files_.Read("m_1", 0, 100), "hello world");
  EXPECT_EQ(*files_.Read("m_1", 6, 3), "wor");
  EXPECT_EQ(*files_.Read("m_1", 11, 3), "");
  EXPECT_EQ(files_.Size("m_1"), 11);
  EXPECT_TRUE(absl::IsOutOfRange(files_.Write("m_1", 12, "x")));
}

TEST_F(MediaFilesTest, NoNameLeadsOutOfTheFolder) {
  for (const std::string name : {"", "..", "../m_1", "a/b", "A", "m.part", "m 1"}) {
    EXPECT_FALSE(IsMediaId(name)) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(files_.Write(name, 0, "x"))) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(files_.Read(name, 0, 1).status())) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(files_.Receive(name).status())) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(files_.Remove(name))) << name;
  }
  EXPECT_FALSE(IsMediaId(std::string(65, 'a')));
  EXPECT_TRUE(IsMediaId(std::string(64, 'a')));
}

TEST_F(MediaFilesTest, WhatComesInIsThereAsAWholeOrNot) {
  {
    auto file = files_.Receive("t_1");
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_EQ(file->Add("half"), absl::OkStatus());
    EXPECT_THAT(*files_.List(), IsEmpty());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  auto file = files_.Receive("t_1");
  ASSERT_EQ(file->Add("all "), absl::OkStatus());
  ASSERT_EQ(file->Add("of it"), absl::OkStatus());
  EXPECT_EQ(file->size(), 9);
  ASSERT_EQ(file->Finish(), absl::OkStatus());
  EXPECT_EQ(*files_.Read("t_1", 0, 100), "all of it");
}

TEST_F(MediaFilesTest, RemovesWhatAProcessLeftUnfinished) {
  ASSERT_EQ(files_.Write("m_1", 0, "x"), absl::OkStatus());
  std::ofstream(folder_ + "/t_1.77.1.part") << "half";
  ASSERT_EQ(files_.RemoveUnfinished(absl::Hours(1)), absl::OkStatus());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/t_1.77.1.part"));
  ASSERT_EQ(files_.RemoveUnfinished(absl::ZeroDuration()), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/t_1.77.1.part"));
  EXPECT_EQ(files_.Size("m_1"), 1);
  EXPECT_EQ(files_.Remove("m_1"), absl::OkStatus());
  EXPECT_EQ(files_.Remove("m_1"), absl::OkStatus());
  EXPECT_TRUE(absl::IsNotFound(files_.Read("m_1", 0, 1).status()));
}

}  // namespace
}  // namespace selfology::telegram_gateway
