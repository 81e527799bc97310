#include "tools/ctl/backup/sealed_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/ctl/backup/child.h"

namespace selfology::ctl {
namespace {

using ::testing::HasSubstr;

const crypto::Sealer& TheSealer() {
  static const crypto::Sealer sealer = *crypto::Sealer::Of(std::string(32, 'k'));
  return sealer;
}

class SealedFileTest : public ::testing::Test {
 protected:
  std::string Path() const { return absl::StrCat(::testing::TempDir(), "/sealed"); }

  Stored Write(const std::string& text, size_t at_once) {
    std::filesystem::remove(Path());
    const auto file = SealedWriter::Create(Path(), TheSealer(), "test");
    EXPECT_TRUE(file.ok()) << file.status();
    for (size_t i = 0; i < text.size(); i += at_once) {
      EXPECT_TRUE((*file)->Write(std::string_view(text).substr(i, at_once)).ok());
    }
    return *(*file)->Finish();
  }
  static absl::StatusOr<std::string> Read(const std::string& path, const crypto::Sealer& sealer,
                                          const std::string& purpose) {
    std::string text;
    const absl::Status read = ReadSealed(path, sealer, purpose, [&](std::string_view bytes) {
      text.append(bytes);
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    return text;
  }
  std::string Raw() const {
    std::ifstream file(Path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void WriteRaw(const std::string& bytes) const {
    std::ofstream(Path(), std::ios::binary) << bytes;
  }
};

TEST_F(SealedFileTest, GivesBackWhatWasWritten) {
  // Random bytes do not get shorter, so this is several pieces.
  const std::string noise = crypto::RandomBytes(5'000'000);
  for (const std::string& text :
       {std::string(), std::string("short"), noise, noise + std::string(10'000'000, 'a')}) {
    const Stored stored = Write(text, 300'000);
    EXPECT_EQ(stored.bytes, static_cast<int64_t>(text.size()));
    EXPECT_EQ(stored.stored_bytes, static_cast<int64_t>(std::filesystem::file_size(Path())));
    EXPECT_EQ(stored.sha256, *Sha256OfFile(Path()));
    EXPECT_TRUE(*Read(Path(), TheSealer(), "test") == text) << text.size();
  }
}

TEST_F(SealedFileTest, TellsNothingWithoutTheKey) {
  Write("a well-known secret", 100);
  EXPECT_EQ(Raw().find("secret"), std::string::npos);
  EXPECT_FALSE(Read(Path(), *crypto::Sealer::Of(std::string(32, 'l')), "test").ok());
  EXPECT_FALSE(Read(Path(), TheSealer(), "another").ok());
  EXPECT_EQ(std::filesystem::status(Path()).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SealedFileTest, NoticesEveryChange) {
  Write(crypto::RandomBytes(3'000'000), 1'000'000);
  const std::string raw = Raw();
  const size_t piece = 5 + (1 << 20) + TheSealer().Seal("", "").size();
  ASSERT_GT(raw.size(), 2 * piece);
  std::string changed = raw;
  changed[100] ^= 1;
  const std::pair<const char*, std::string> all[] = {
      {"changed", changed},
      {"cut within a piece", raw.substr(0, raw.size() - 1)},
      {"cut between pieces", raw.substr(0, 2 * piece)},
      {"swapped", raw.substr(piece, piece) + raw.substr(0, piece) + raw.substr(2 * piece)},
      {"left out", raw.substr(0, piece) + raw.substr(2 * piece)},
      {"longer", raw + "x"},
      {"empty", ""}};
  for (const auto& [what, bytes] : all) {
    WriteRaw(bytes);
    EXPECT_TRUE(absl::IsDataLoss(Read(Path(), TheSealer(), "test").status())) << what;
  }
}

TEST_F(SealedFileTest, IsNotWrittenOverAnother) {
  Write("first", 10);
  EXPECT_FALSE(SealedWriter::Create(Path(), TheSealer(), "test").ok());
}

TEST(ChildTest, ItsOutputAndItsInput) {
  std::string text;
  EXPECT_TRUE(ReadFrom({.argv = {"sh", "-c", "echo $WHO"}, .environment = {"WHO=ann"}},
                       [&](std::string_view bytes) {
                         text.append(bytes);
                         return absl::OkStatus();
                       })
                  .ok());
  EXPECT_EQ(text, "ann\n");
  const absl::Status counted =
      WriteTo({.argv = {"sh", "-c", "test $(wc -c) = 500000"}},
              [](Bytes write) { return write(std::string(500'000, 'a')); });
  EXPECT_TRUE(counted.ok()) << counted;
}

TEST(ChildTest, ItsFailureHasItsWords) {
  const auto nothing = [](std::string_view) { return absl::OkStatus(); };
  const absl::Status failed = ReadFrom({.argv = {"sh", "-c", "echo too bad >&2; exit 3"}}, nothing);
  EXPECT_TRUE(absl::IsFailedPrecondition(failed));
  EXPECT_THAT(std::string(failed.message()), HasSubstr("too bad"));
  EXPECT_TRUE(ReadFrom({.argv = {"sh", "-c", "exit 1"}, .also_good = 1}, nothing).ok());
  EXPECT_FALSE(ReadFrom({.argv = {"/no/such/program"}}, nothing).ok());
  // One that reads nothing ends neither us nor in silence.
  const absl::Status deaf =
      WriteTo({.argv = {"sh", "-c", "exec <&-; echo deaf >&2; exit 4"}}, [](Bytes write) {
        for (int i = 0; i < 100; ++i) {
          if (absl::Status sent = write(std::string(100'000, 'a')); !sent.ok()) return sent;
        }
        return absl::OkStatus();
      });
  EXPECT_THAT(std::string(deaf.message()), HasSubstr("deaf"));
}

TEST(ChildTest, WhatIsNotWholeIsNotTakenForWhole) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/done");
  std::filesystem::remove(path);
  const absl::Status broken =
      WriteTo({.argv = {"sh", "-c", "cat >/dev/null && touch " + path}}, [](Bytes write) {
        return write("half").ok() ? absl::DataLossError("the rest is missing") : absl::OkStatus();
      });
  EXPECT_TRUE(absl::IsDataLoss(broken));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace selfology::ctl
