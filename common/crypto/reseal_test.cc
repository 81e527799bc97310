#include "common/crypto/reseal.h"

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::crypto {
namespace {

constexpr SealedColumn kColumns[] = {
    {.table = "notes", .column = "secret", .purpose = "'note ' || id", .plain_bytes = 5}};

class ResealTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    auto opened = postgres::Database::Open({.url = url(), .min_connections = 1});
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
    Run([](postgres::Transaction& tx) {
      tx.Queue("CREATE TABLE notes (id bigint PRIMARY KEY, secret bytea)");
      tx.Queue(
          "CREATE TABLE notes_seal_key (one boolean PRIMARY KEY DEFAULT true CHECK (one),"
          " key bytea NOT NULL)");
      return absl::OkStatus();
    });
  }

  static Call InTime() { return Call::Background(absl::Seconds(60)); }

  template <typename Work>
  void Run(Work work) {
    const absl::Status done = database_->Write(InTime(), work);
    ASSERT_TRUE(done.ok()) << done;
  }

  void Put(int64_t id, const std::string& sealed) {
    Run([&](postgres::Transaction& tx) {
      tx.Queue("INSERT INTO notes VALUES ($1, $2)", id, postgres::BytesView{sealed});
      return absl::OkStatus();
    });
  }

  std::string SealedOf(int64_t id) {
    const auto row = database_->Read(InTime(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<postgres::Bytes>("SELECT secret FROM notes WHERE id = $1", id);
    });
    return row.ok() && row->has_value() ? std::get<0>(**row).value : "";
  }

  std::unique_ptr<postgres::Database> database_;
};

TEST_F(ResealTest, BringsEveryRowToTheNewestKeyOnce) {
  const std::string old_key(32, 'k'), new_key(32, 'l');
  const Sealer old_sealer = *Sealer::Of(old_key);
  constexpr int64_t kMany = 250;  // More than one transaction's.
  for (int64_t id = 1; id <= kMany; ++id) {
    Put(id, old_sealer.Seal(absl::StrCat("note ", id), absl::StrCat("secret ", id)));
  }
  Put(kMany + 1, "plain");
  SealKey both(*database_, "notes_seal_key", {new_key, old_key});
  EXPECT_EQ(*Reseal(InTime(), *database_, both, kColumns), kMany + 1);
  EXPECT_EQ(*Reseal(InTime(), *database_, both, kColumns), 0);
  const Sealer newest = *Sealer::Of(new_key);
  for (int64_t id = 1; id <= kMany; ++id) {
    EXPECT_EQ(*newest.Open(absl::StrCat("note ", id), SealedOf(id)), absl::StrCat("secret ", id));
  }
  EXPECT_EQ(*newest.Open(absl::StrCat("note ", kMany + 1), SealedOf(kMany + 1)), "plain");
}

TEST_F(ResealTest, AKeyFileTakesOverFromTheKeyInTheDatabase) {
  SealKey in_database(*database_, "notes_seal_key", {});
  Put(1, in_database.Get(InTime())->Seal("note 1", "secret"));
  SealKey in_file(*database_, "notes_seal_key", {std::string(32, 'l')});
  EXPECT_EQ(*in_file.Get(InTime())->Open("note 1", SealedOf(1)), "secret");
  EXPECT_EQ(*Reseal(InTime(), *database_, in_file, kColumns), 1);
  EXPECT_EQ(*Sealer::Of(std::string(32, 'l'))->Open("note 1", SealedOf(1)), "secret");
}

TEST_F(ResealTest, WhatDoesNotOpenStaysAsItIsAndStopsNobody) {
  Put(1, Sealer::Of(std::string(32, 'x'))->Seal("note 1", "secret"));
  Put(2, Sealer::Of(std::string(32, 'k'))->Seal("note 2", "secret"));
  const std::string before = SealedOf(1);
  SealKey seal(*database_, "notes_seal_key", {std::string(32, 'l'), std::string(32, 'k')});
  EXPECT_EQ(*Reseal(InTime(), *database_, seal, kColumns), 1);
  EXPECT_EQ(SealedOf(1), before);
}

}  // namespace
}  // namespace selfology::crypto
