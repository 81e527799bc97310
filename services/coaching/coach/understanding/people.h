// Whom a message speaks of.
//
//   const People people(speech);   // The relations and names of one language.
//   people.Find(Utterance("I told my brother Sasha about Lena"))
//   // {relation "brother", name "Sasha"}, {name "Lena"}
//
// A name is in the form in which it is called: «с Сашей» gives «Саша». Names that the tables do not
// know are taken where the sentence says that they are names («моего брата зовут Рустам», "my
// sister Wanjiru"). Threads: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/coaching/coach/speech.pb.h"
#include "services/coaching/coach/understanding/pattern.h"

namespace selfology::coach {

struct PersonMention {
  WordRange words;
  std::string relation;  // "brother"; empty: not said.
  std::string name;      // "Sasha"; empty: not said.
};

class People {
 public:
  // `speech` must outlive it.
  explicit People(const Speech& speech);

  std::vector<PersonMention> Find(const Utterance& message) const;

 private:
  const Relation* RelationAt(const Utterance& message, int word) const;
  // Empty when it is none, or only could be one (`expected`).
  std::string NameAt(const Utterance& message, int word, bool expected, bool male) const;

  absl::flat_hash_map<std::string, const Relation*> relations_;
  absl::flat_hash_map<std::string, std::string> names_;  // By each form, in lower case.
};

}  // namespace selfology::coach
