// Where a person's words are still to be found after they have been erased.
//
//   const Leftovers leftovers({"zbrkvornelia"});      // Words that are in no other text.
//   EXPECT_THAT(leftovers.Tables(database), IsEmpty());
//   EXPECT_THAT(leftovers.Keys(redis), IsEmpty());
//   EXPECT_THAT(leftovers.Files(folder), IsEmpty());
//
// Upper and lower case count as the same. Threads: thread-compatible.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/postgres/database.h"
#include "common/redis/client.h"

namespace selfology::testing {

class Leftovers {
 public:
  explicit Leftovers(std::vector<std::string> words);

  // Tables ("selfology.tasks") with one of the words in any column, as text or as bytes. Fails the
  // test if the database cannot be asked, as the others do without Redis or the folder.
  std::set<std::string> Tables(postgres::Database& database) const;
  // Redis's keys with one in their name or value.
  std::set<std::string> Keys(redis::Client& redis) const;
  // Paths of the files below the folder with one in their bytes.
  std::set<std::string> Files(const std::string& folder) const;

 private:
  bool In(std::string_view text) const;

  std::vector<std::string> words_;  // Lower case.
};

}  // namespace selfology::testing
