#include "services/growth/gamification/ledger/requests.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace selfology::gamification {
namespace {

constexpr int kMaxTransfers = 1000;
constexpr absl::Duration kShortest = absl::Seconds(1);
constexpr absl::Duration kLongest = absl::Hours(24 * 400);

bool IsWord(std::string_view text, size_t max, std::string_view more) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_islower(c) || more.find(c) != std::string_view::npos;
  });
}

class Reader {
 public:
  Reader(std::string_view trace_id, bool quiet) : trace_(ReadTrace(trace_id)), quiet_(quiet) {}

  Wanted Read(const v1::NewTransfer& transfer, int index) {
    Wanted wanted;
    const auto field = [&](std::string_view name) {
      return absl::StrCat("transfers[", index, "].", name);
    };
    wanted.quiet = quiet_;
    wanted.code = transfer.code();
    CheckCode(wanted.code, field("code"), bad_);
    Order& order = wanted.order;
    if (const auto id = ReadId(transfer.transfer_id(), field("transfer_id"), bad_)) order.id = *id;
    order.linked = transfer.linked();
    order.amount = transfer.amount();
    order.kind = transfer.kind() == v1::TRANSFER_KIND_UNSPECIFIED ? v1::TRANSFER_KIND_POSTED
                                                                  : transfer.kind();
    switch (order.kind) {
      case v1::TRANSFER_KIND_POSTED:
      case v1::TRANSFER_KIND_PENDING:
        ReadNew(transfer, field, wanted);
        break;
      case v1::TRANSFER_KIND_POST:
      case v1::TRANSFER_KIND_VOID:
        ReadResolving(transfer, field, wanted);
        break;
      default:
        bad_.Add(field("kind"), "must be POSTED, PENDING, POST or VOID");
    }
    ReadCause(transfer.cause(), field("cause"), wanted);
    return wanted;
  }

  absl::Status ToStatus() const { return bad_.ToStatus(); }

 private:
  template <typename Field>
  void ReadNew(const v1::NewTransfer& transfer, const Field& field, Wanted& wanted) {
    wanted.debit = ReadAccount(transfer.debit(), field("debit"), bad_);
    wanted.credit = ReadAccount(transfer.credit(), field("credit"), bad_);
    if (wanted.debit.currency != wanted.credit.currency) {
      bad_.Add(field("credit.currency"), "must be that of the other account");
    } else if (wanted.debit == wanted.credit) {
      bad_.Add(field("credit"), "must be another account");
    }
    if (transfer.amount() < 1 || transfer.amount() > kMaxAmount) {
      bad_.Add(field("amount"), absl::StrCat("must be 1 to ", kMaxAmount));
    }
    if (!transfer.pending_transfer_id().empty()) {
      bad_.Add(field("pending_transfer_id"), "must be empty");
    }
    if (!transfer.has_timeout()) return;
    wanted.order.timeout =
        absl::Seconds(transfer.timeout().seconds()) + absl::Nanoseconds(transfer.timeout().nanos());
    if (wanted.order.kind != v1::TRANSFER_KIND_PENDING || wanted.order.timeout < kShortest ||
        wanted.order.timeout > kLongest) {
      bad_.Add(field("timeout"), "must be 1 s to 400 days, of PENDING only");
    }
  }

  template <typename Field>
  void ReadResolving(const v1::NewTransfer& transfer, const Field& field, Wanted& wanted) {
    const auto target = ReadId(transfer.pending_transfer_id(), field("pending_transfer_id"), bad_);
    if (target.has_value()) wanted.order.target = *target;
    if (transfer.has_debit() || transfer.has_credit() || transfer.has_timeout()) {
      bad_.Add(field("debit"), "must be absent, as credit and timeout");
    }
    const int64_t most = wanted.order.kind == v1::TRANSFER_KIND_POST ? kMaxAmount : 0;
    if (transfer.amount() < 0 || transfer.amount() > most) {
      bad_.Add(field("amount"), absl::StrCat("must be 0 to ", most));
    }
  }

  void ReadCause(const v1::Cause& cause, const std::string& field, Wanted& wanted) {
    wanted.trace = trace_;
    if (!cause.trace_id().empty()) {
      wanted.trace = ReadTrace(cause.trace_id());
      if (!wanted.trace.has_value()) {
        bad_.Add(absl::StrCat(field, ".trace_id"), "must be 32 hexadecimal digits");
      }
    }
    if (cause.event_type().size() > 128) {
      bad_.Add(absl::StrCat(field, ".event_type"), "must be at most 128 characters");
    }
    if (cause.rule_id().size() > 64) {
      bad_.Add(absl::StrCat(field, ".rule_id"), "must be at most 64 characters");
    }
    wanted.cause = {.event_type = cause.event_type(),
                    .rule_id = cause.rule_id(),
                    .rule_version = cause.rule_version()};
    if (!cause.event_id().empty()) {
      wanted.cause.event_id = ReadId(cause.event_id(), absl::StrCat(field, ".event_id"), bad_);
    }
    if (wanted.cause.event_id.has_value() || !cause.rule_id().empty()) {
      wanted.cause.user_id = std::max(wanted.debit.user_id, wanted.credit.user_id);
    }
  }

  const std::optional<uuid::Uuid> trace_;
  const bool quiet_;
  status::FieldViolations bad_;
};

}  // namespace

AccountKey ReadAccount(const v1::AccountRef& account, std::string_view field,
                       status::FieldViolations& bad) {
  AccountKey key = {.user_id = account.user_id(),
                    .currency = account.currency(),
                    .code = account.code().empty() ? kWallet : account.code()};
  if (key.user_id < 0) bad.Add(absl::StrCat(field, ".user_id"), "must not be below 0");
  if (!IsWord(key.currency, 32, "_")) {
    bad.Add(absl::StrCat(field, ".currency"), "must be 1 to 32 of a-z and _");
  }
  if (!IsWord(key.code, 64, "0123456789_-:")) {
    bad.Add(absl::StrCat(field, ".code"), "must be 1 to 64 of a-z, 0-9, _, - and :");
  }
  return key;
}

absl::StatusOr<std::vector<Wanted>> ReadTransfers(
    const google::protobuf::RepeatedPtrField<v1::NewTransfer>& transfers, std::string_view trace_id,
    bool quiet) {
  if (transfers.empty() || transfers.size() > kMaxTransfers) {
    return status::InvalidField("transfers", absl::StrCat("must be 1 to ", kMaxTransfers));
  }
  Reader reader(trace_id, quiet);
  std::vector<Wanted> wanted;
  wanted.reserve(static_cast<size_t>(transfers.size()));
  for (int i = 0; i < transfers.size(); ++i) wanted.push_back(reader.Read(transfers[i], i));
  if (absl::Status status = reader.ToStatus(); !status.ok()) return status;
  if (wanted.back().order.linked) {
    return status::InvalidField(absl::StrCat("transfers[", transfers.size() - 1, "].linked"),
                                "must be false: a chain ends in its request");
  }
  return wanted;
}

absl::StatusOr<std::optional<uuid::Uuid>> ReadPlace(std::string_view after) {
  if (after.empty()) return std::nullopt;
  const absl::StatusOr<uuid::Uuid> id = uuid::Uuid::Parse(after);
  if (!id.ok()) {
    return status::InvalidField("page_token", "must be the next_page_token of a page");
  }
  return *id;
}

std::optional<uuid::Uuid> ReadTrace(std::string_view trace) {
  if (trace.size() != 32) return std::nullopt;
  const absl::StatusOr<uuid::Uuid> id = uuid::Uuid::Parse(
      absl::StrCat(trace.substr(0, 8), "-", trace.substr(8, 4), "-", trace.substr(12, 4), "-",
                   trace.substr(16, 4), "-", trace.substr(20)));
  return id.ok() ? std::optional(*id) : std::nullopt;
}

std::optional<uuid::Uuid> ReadId(std::string_view text, std::string_view field,
                                 status::FieldViolations& bad) {
  const absl::StatusOr<uuid::Uuid> id = uuid::Uuid::Parse(text);
  if (id.ok() && !id->nil()) return *id;
  bad.Add(field, "must be a UUID");
  return std::nullopt;
}

void CheckCode(std::string_view code, std::string_view field, status::FieldViolations& bad) {
  if (!IsWord(code, 64, "0123456789_.")) {
    bad.Add(field, "must be 1 to 64 of a-z, 0-9, _ and .");
  }
}

}  // namespace selfology::gamification
