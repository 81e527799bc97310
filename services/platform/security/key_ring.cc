#include "services/platform/security/key_ring.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/reseal.h"
#include "common/json/json.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/security/key_store.h"

namespace selfology::security {
namespace {

using postgres::Transaction;

constexpr std::string_view kPurpose = "signing key";
constexpr absl::Duration kFresh = absl::Minutes(1);
constexpr absl::Duration kClocksDiffer = absl::Minutes(5);

std::vector<KeyTimes> TimesOf(const std::vector<store::KeyRow>& rows) {
  std::vector<KeyTimes> times;
  for (const store::KeyRow& row : rows) times.push_back({row.kid, row.signs_from});
  return times;
}

absl::StatusOr<v1::JsonWebKey> PublicOf(const store::KeyRow& row) {
  v1::JsonWebKey key;
  RETURN_IF_ERROR(json::Parse(row.public_jwk, key));
  return key;
}

}  // namespace

KeyRing::KeyRing(postgres::Database& database, Clock clock, crypto::SealKeys seal_keys,
                 KeyRules rules)
    : database_(database),
      clock_(std::move(clock)),
      seal_key_(database, "security_seal_key", std::move(seal_keys)),
      rules_(rules) {}

absl::StatusOr<std::shared_ptr<const KeyRing::Keys>> KeyRing::Get(const Call& call) {
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = clock_();
    if (keys_ != nullptr && keys_->read_at <= now && now < keys_->read_at + kFresh) return keys_;
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const Keys> keys, Load(call));
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(keys);
  return keys_;
}

absl::StatusOr<std::shared_ptr<const KeyRing::Keys>> KeyRing::GetWithRsa(const Call& call) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Keys> keys, Get(call));
  if (keys->rsa.has_value()) return keys;
  RETURN_IF_ERROR(MakeNext(call, kRsa, keys->sealer));
  ASSIGN_OR_RETURN(keys, Load(call));
  if (!keys->rsa.has_value()) return absl::InternalError("no key of RSA signs");
  absl::MutexLock lock(&mutex_);
  keys_ = keys;
  return keys;
}

absl::Status KeyRing::Rotate(const Call& call) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  RETURN_IF_ERROR(MakeNext(call, kEc, sealer));
  ASSIGN_OR_RETURN(const std::vector<store::KeyRow> rsa, ReadRows(call, kRsa));
  if (!rsa.empty()) RETURN_IF_ERROR(MakeNext(call, kRsa, sealer));
  absl::MutexLock lock(&mutex_);
  keys_ = nullptr;
  return absl::OkStatus();
}

absl::Status KeyRing::Reseal(const Call& call) {
  constexpr crypto::SealedColumn kSealed[] = {
      {.table = "security_signing_keys", .column = "private_jwk", .purpose = "'signing key'"},
      {.table = "security_rsa_keys", .column = "private_jwk", .purpose = "'signing key'"}};
  return crypto::Reseal(call, database_, seal_key_, kSealed).status();
}

absl::StatusOr<std::vector<store::KeyRow>> KeyRing::ReadRows(const Call& call, const Kind& kind) {
  return database_.Read(call, [&](Transaction& tx) { return store::ReadKeys(tx, kind.table); },
                        {.newest = true});
}

absl::StatusOr<KeyRing::OfKind> KeyRing::Read(const Call& call, const Kind& kind,
                                              const crypto::Sealer& sealer, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<store::KeyRow> rows, ReadRows(call, kind));
  const std::vector<KeyTimes> times = TimesOf(rows);
  const KeyTimes* const signing = SigningAt(times, now);
  OfKind keys;
  for (const store::KeyRow& row : rows) {
    ASSIGN_OR_RETURN(const v1::JsonWebKey public_key, PublicOf(row));
    keys.all.push_back(public_key);
    if (signing != nullptr && row.kid == signing->kid) {
      if (!row.private_jwk.has_value()) return absl::InternalError("the key that signs is dropped");
      const absl::StatusOr<std::string> jwk = sealer.Open(kPurpose, *row.private_jwk);
      if (!jwk.ok()) {
        return absl::InternalError(absl::StrCat("signing key: ", jwk.status().message()));
      }
      ASSIGN_OR_RETURN(keys.signing, SigningKey::FromPrivateJwk(*jwk));
      keys.published.insert(keys.published.begin(), public_key);
    } else if (IsPublished(times, row.kid, now, rules_)) {
      keys.published.push_back(public_key);
    }
  }
  return keys;
}

absl::StatusOr<std::shared_ptr<const KeyRing::Keys>> KeyRing::Load(const Call& call) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  const absl::Time now = clock_();
  ASSIGN_OR_RETURN(OfKind ec, Read(call, kEc, sealer, now));
  if (!ec.signing.has_value()) {
    RETURN_IF_ERROR(MakeNext(call, kEc, sealer));
    ASSIGN_OR_RETURN(ec, Read(call, kEc, sealer, now));
  }
  if (!ec.signing.has_value()) return absl::InternalError("no key signs");
  ASSIGN_OR_RETURN(OfKind rsa, Read(call, kRsa, sealer, now));
  identity::KeySet verifying = ToKeySet(ec.published);
  std::vector<v1::JsonWebKey> published = std::move(ec.published);
  published.insert(published.end(), rsa.published.begin(), rsa.published.end());
  return std::make_shared<const Keys>(Keys{.sealer = sealer,
                                           .signing = *std::move(ec.signing),
                                           .published = std::move(published),
                                           .verifying = std::move(verifying),
                                           .all = ToKeySet(ec.all),
                                           .read_at = now,
                                           .rsa = std::move(rsa.signing)});
}

absl::Status KeyRing::MakeNext(const Call& call, const Kind& kind, const crypto::Sealer& sealer) {
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  // Made before the lock is taken: a key of RSA takes its time.
  ASSIGN_OR_RETURN(const std::vector<store::KeyRow> seen, ReadRows(call, kind));
  std::optional<SigningKey> next;
  std::string public_jwk, sealed;
  if (NextSignsFrom(TimesOf(seen), now, rules_).has_value()) {
    ASSIGN_OR_RETURN(next, kind.generate());
    ASSIGN_OR_RETURN(const std::string jwk, next->PrivateJwk());
    ASSIGN_OR_RETURN(public_jwk, json::Print(next->public_jwk()));
    sealed = sealer.Seal(kPurpose, jwk);
  }
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    store::LockKeys(tx, 0);
    ASSIGN_OR_RETURN(const std::vector<store::KeyRow> rows, store::ReadKeys(tx, kind.table));
    const std::vector<KeyTimes> times = TimesOf(rows);
    if (const KeyTimes* signing = SigningAt(times, now); signing != nullptr) {
      store::DropPrivateBefore(tx, kind.table, signing->signs_from);
    }
    std::optional<absl::Time> from = NextSignsFrom(times, now, rules_);
    // The first one signs at once, also for replicas whose clock is behind.
    if (from.has_value() && times.empty()) from = *from - kClocksDiffer;
    if (from.has_value() && next.has_value()) {
      store::InsertKey(tx, kind.table,
                       {.kid = next->kid(),
                        .private_jwk = sealed,
                        .public_jwk = public_jwk,
                        .signs_from = *from});
    }
    return absl::OkStatus();
  });
}

}  // namespace selfology::security
