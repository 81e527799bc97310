#include "common/language/plural.h"

#include <cmath>

namespace selfology::language {
namespace {

// The rules ask no more of a whole number than whether it is 1 and what its last two digits are.
Plural OfWhole(Language language, bool is_one, int last_two) {
  if (language == Language::kEnglish) return is_one ? Plural::kOne : Plural::kOther;
  const int last = last_two % 10;
  const bool is_teen = last_two >= 11 && last_two <= 14;
  if (last == 1 && !is_teen) return Plural::kOne;
  if (last >= 2 && last <= 4 && !is_teen) return Plural::kFew;
  return Plural::kMany;
}

std::string_view Form(Plural plural, const PluralForms& forms) {
  switch (plural) {
    case Plural::kOne:
      return forms.one;
    case Plural::kFew:
      return forms.few;
    case Plural::kMany:
      return forms.many;
    case Plural::kOther:
      return forms.other;
  }
  return forms.other;
}

}  // namespace

Plural PluralOf(Language language, int64_t number) {
  // The smallest number has no positive counterpart.
  const uint64_t magnitude =
      number < 0 ? -static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
  return OfWhole(language, magnitude == 1, static_cast<int>(magnitude % 100));
}

Plural PluralOf(Language language, double number, int decimals) {
  if (decimals > 0 || !std::isfinite(number)) return Plural::kOther;
  const double magnitude = std::fabs(std::nearbyint(number));
  return OfWhole(language, magnitude == 1, static_cast<int>(std::fmod(magnitude, 100)));
}

std::string_view FormFor(Language language, int64_t number, const PluralForms& forms) {
  return Form(PluralOf(language, number), forms);
}

std::string_view FormFor(Language language, double number, int decimals, const PluralForms& forms) {
  return Form(PluralOf(language, number, decimals), forms);
}

}  // namespace selfology::language
