// What the documentation of X, LinkedIn, Facebook and Instagram says of their APIs, as data: one table
// for each with its calls, limits and errors, and the page that each row comes from.
//
//   const ApiTable& table = TableOf(v1::PLATFORM_X);
//   const ErrorRow* row = FindError(table, SaidOf(403, body));
//   row->verdict;   // kDuplicate
//   row->words;     // "X has a post with these words already: change them"
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "nlohmann/json.hpp"
#include "selfology/social/v1/social.pb.h"

namespace selfology::social {

// A page of a platform's documentation.
struct ApiPage {
  std::string_view name;
  std::string_view url;
  std::string_view dated;    // What the page says of its own age or version; empty: nothing.
  std::string_view read_on;  // The day on which it was read.
};

struct CallRow {
  std::string_view use;  // "publish", "look up" ...
  std::string_view method;
  std::string_view path;  // With {parts} to fill in.
  const ApiPage* page;
};

struct QuotaRow {
  std::string_view what;
  int calls;
  absl::Duration window;
  const ApiPage* page;
};

// What an error means for a call that publishes.
enum class Verdict {
  kRefused,       // It says no, and will again.
  kTokenRefused,  // The account has to be connected again.
  kDuplicate,     // It says that it has these words already; perhaps by an earlier call of ours.
  kLater,         // Nothing happened.
  kUnknown,       // It may have happened: it is read back.
};

// Matches where all that it names is so; the first row that matches counts.
struct ErrorRow {
  int status;             // Of HTTP; 0: any.
  int64_t code;           // 0: any.
  int64_t subcode;        // 0: any.
  std::string_view says;  // A part of what the answer says, in small letters; empty: anything.
  Verdict verdict;
  std::string_view words;  // For the person, with what to do.
  absl::Duration wait;     // Of kLater, where the answer names no time; 0: a minute.
  const ApiPage* page;
};

struct ApiTable {
  v1::Platform platform;
  std::string_view name;
  std::string_view server;
  absl::Span<const CallRow> calls;
  absl::Span<const QuotaRow> quotas;
  absl::Span<const ErrorRow> errors;
  std::string_view reset_header;  // Seconds since 1970 when calls are taken again; empty: none.
  // How long after a call its post may be missing from the account's newest posts.
  absl::Duration lag;
};

absl::Span<const ApiTable> ApiTables();
// The platform must have one.
const ApiTable& TableOf(v1::Platform platform);

// What an answer says of an error, whichever of the platforms it comes from.
struct Said {
  int status = 0;
  int64_t code = 0;
  int64_t subcode = 0;
  std::string words = {};  // In small letters. Never shown: it may hold words of the post.
};
Said SaidOf(int status, const nlohmann::json& body);

// Null: no row matches.
const ErrorRow* FindError(const ApiTable& table, const Said& said);

}  // namespace selfology::social
